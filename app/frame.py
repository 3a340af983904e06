"""What every page brings along in its first bytes: the app's style, and the manners of the frame around the pages.

Sent as a part of the page, as Streamlit means it, both come after the first elements have been drawn without them, and
everything jumps. So they are put into the HTML itself.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from app.strings import say

HERE = Path(__file__).parent
END = b"</body>"  # after the style that Streamlit writes into the head, so that ours wins


@cache
def frame() -> bytes:
    """The style and the script."""
    words = {"app": say("app"), "drop": say("image.hint")}  # what only the stylesheet can put where it belongs
    rules = "".join(f"--{name}: {json.dumps(word, ensure_ascii=False)};" for name, word in words.items())
    style, script = ((HERE / name).read_text(encoding="utf-8") for name in ("style.css", "frame.js"))
    return f"<style>:root {{ {rules} }}\n{style}</style>\n<script>{script}</script>\n".encode()


def arrived(what: str) -> None:
    """Say that all that stands in the first screen has been sent: the script shows the page then. what: of the page."""
    with st.container(key=f"arrived_{what}"):
        st.markdown("·")  # a container of nothing never comes to the browser; the style hides it


class Frame:
    """ASGI middleware: puts ``frame`` into every HTML page that the server answers with."""

    def __init__(self, app: Any):
        self.app = app

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """As ASGI asks."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        # a page must be whole and unpacked to be written into; Streamlit's other files do without packing as well
        plain = [pair for pair in scope["headers"] if pair[0] not in (b"accept-encoding", b"range")]
        page: list[dict[str, Any]] = []

        async def written(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start" and _is_page(message):
                page.append(message)
            elif page and message["type"] == "http.response.body":
                page.append(message)
                if not message.get("more_body"):
                    start, body = page[0], b"".join(part.get("body", b"") for part in page[1:])
                    body = body.replace(END, frame() + END, 1)
                    kept = [pair for pair in start["headers"] if pair[0] not in (b"content-length", b"etag")]
                    await send(start | {"headers": [*kept, (b"content-length", str(len(body)).encode())]})
                    await send({"type": "http.response.body", "body": body})
            else:
                await send(message)

        asked = dict(scope["headers"])
        wants_page = b"text/html" in asked.get(b"accept", b"")
        await self.app(scope | {"headers": plain} if wants_page else scope, receive, written)


def _is_page(start: dict[str, Any]) -> bool:
    headers = {name.lower(): value for name, value in start["headers"]}
    return start["status"] == 200 and headers.get(b"content-type", b"").startswith(b"text/html")
