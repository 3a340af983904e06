"""The style and the script of the frame stand in every HTML page of the server, and in nothing else."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from app.frame import Frame, frame

PAGE = b"<html><head><title>x</title></head><body></body></html>"


def answered(kind: bytes, *bodies: bytes, accept: bytes = b"text/html,*/*") -> tuple[dict, bytes, dict]:
    """What comes through the middleware of an answer in these parts, and what was asked behind it."""
    sent, asked = [], {}

    async def server(scope, receive, send):
        asked.update(scope["headers"])
        size = str(sum(map(len, bodies))).encode()
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [(b"content-type", kind), (b"content-length", size)],
            }
        )
        for i, body in enumerate(bodies):
            await send({"type": "http.response.body", "body": body, "more_body": i + 1 < len(bodies)})

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "GET", "headers": [(b"accept", accept), (b"accept-encoding", b"gzip")]}
    with ThreadPoolExecutor(1) as aside:  # a browser test before this one may have left its loop running here
        aside.submit(asyncio.run, Frame(server)(scope, None, send)).result()
    return dict(sent[0]["headers"]), b"".join(message["body"] for message in sent[1:]), asked


def test_a_page_carries_the_style_and_the_script():
    headers, body, asked = answered(b"text/html; charset=utf-8", PAGE[:30], PAGE[30:])
    assert body == PAGE.replace(b"</body>", frame() + b"</body>") and b"<style>" in frame() and b"<script>" in frame()
    assert int(headers[b"content-length"]) == len(body)
    assert b"accept-encoding" not in asked  # packed, it could not be written into


def test_other_files_go_through_as_they_are():
    headers, body, asked = answered(b"text/javascript", b"'</body>'", accept=b"*/*")
    assert body == b"'</body>'" and int(headers[b"content-length"]) == len(body)
    assert asked[b"accept-encoding"] == b"gzip"
