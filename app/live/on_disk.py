"""Large uploads lie on disk from the moment they come: Streamlit would hold every one of them in memory, whole, until a
page takes it, and twenty videos at once are more than the machine has.

What it hands on of such an upload is empty bytes that say how long they are and know where the file is.
"""

from __future__ import annotations

from typing import IO, Any

from starlette import formparsers
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from dynviz.media.spool import Spool

IN_MEMORY = 4_000_000  # bytes; smaller ones stay as they are


class OnDisk(bytes):
    """Empty, but as long as its ``spool``."""

    spool: Spool

    def __new__(cls, spool: Spool) -> OnDisk:
        made = super().__new__(cls)
        made.spool = spool
        return made

    def __len__(self) -> int:
        return len(self.spool)


class _Upload(UploadFile):
    async def read(self, size: int = -1) -> bytes:
        if size != -1 or (self.size or 0) <= IN_MEMORY:
            return await super().read(size)
        return OnDisk(await run_in_threadpool(_spooled, self.file))


def _spooled(file: IO[bytes]) -> Spool:
    file.seek(0)
    return Spool.of(file)


def install() -> None:
    """Once, before the server takes uploads."""
    formparsers.UploadFile = _Upload


def data_of(upload: Any) -> bytes | Spool:
    """The bytes of one of ``st.file_uploader``'s files, on disk where they are many."""
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    if context := get_script_run_ctx():
        for record in context.uploaded_file_mgr.get_files(context.session_id, [upload.file_id]):
            if isinstance(record.data, OnDisk):
                return record.data.spool
    return upload.getvalue()
