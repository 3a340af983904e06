"""Large uploads lie on disk, and no page promises to take more than the server does."""

from __future__ import annotations

import asyncio
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from starlette import formparsers
from starlette.requests import Request

from app.batch.page import MOST_MB
from app.inputs import PAGES
from app.live import on_disk
from app.live.on_disk import IN_MEMORY, OnDisk

ROOT = Path(__file__).resolve().parents[2]


def received(data: bytes, monkeypatch) -> bytes:
    """What the route for uploads is handed of a file, sent as a browser sends it."""
    monkeypatch.setattr(formparsers, "UploadFile", formparsers.UploadFile)  # as it was, afterwards
    on_disk.install()
    head = b'--edge\r\nContent-Disposition: form-data; name="a"; filename="a.mp4"\r\n\r\n'
    body = [head + data + b"\r\n--edge--\r\n"]

    async def receive() -> dict:
        return {"type": "http.request", "body": body.pop(), "more_body": False}

    async def read() -> bytes:
        headers = [(b"content-type", b"multipart/form-data; boundary=edge")]
        request = Request({"type": "http", "method": "PUT", "headers": headers}, receive)
        async with request.form() as form:
            return await form["a"].read()

    with ThreadPoolExecutor(1) as aside:  # a browser test on the same worker has a loop of its own running
        return aside.submit(asyncio.run, read()).result()


def test_a_large_upload_is_never_whole_in_memory(monkeypatch):
    data = bytes(range(256)) * (IN_MEMORY // 256 + 1)
    found = received(data, monkeypatch)
    assert isinstance(found, OnDisk) and len(found) == len(data)
    assert bytes(memoryview(found)) == b""
    assert len(found.spool) == len(data) and found.spool.read_at(len(data) - 300, 300) == data[-300:]


def test_a_small_one_is_as_it_was(monkeypatch):
    found = received(b"a picture", monkeypatch)
    assert found == b"a picture" and not isinstance(found, OnDisk)


def test_no_page_promises_more_than_the_server_takes():
    """A file above the server's own limit is refused before any page hears of it."""
    server = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["server"]["maxUploadSize"]
    assert server >= max(MOST_MB, *(page.most_mb for page in PAGES.values())) >= PAGES["video"].most_mb >= 200


def test_an_upload_on_disk_reaches_its_page(monkeypatch):
    from streamlit.runtime import scriptrunner
    from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
    from streamlit.runtime.uploaded_file_manager import UploadedFileRec

    from dynviz.media.spool import Spool

    manager = MemoryUploadedFileManager("/up")
    with tempfile.TemporaryFile() as file:
        file.write(b"x" * 1000)
        file.seek(0)
        manager.add_file("s", UploadedFileRec("large", "a.mp4", "", OnDisk(Spool.of(file))))
    manager.add_file("s", UploadedFileRec("small", "b.mp4", "", b"small"))

    class Context:
        session_id, uploaded_file_mgr = "s", manager

    class Upload:
        def __init__(self, file_id: str):
            self.file_id = file_id

        def getvalue(self) -> bytes:
            return b"small"

    monkeypatch.setattr(scriptrunner, "get_script_run_ctx", Context)
    large = on_disk.data_of(Upload("large"))
    assert isinstance(large, Spool) and bytes(large) == b"x" * 1000
    assert on_disk.data_of(Upload("small")) == b"small"
