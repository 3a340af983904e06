"""However many threads there are, they share the arenas of memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MANY = """
import ctypes, sys, threading
from app import allocator
if sys.argv[1] == "bounded":
    allocator.bound()
libc = ctypes.CDLL("libc.so.6")
libc.fopen.restype = ctypes.c_void_p
libc.malloc.restype = ctypes.c_void_p
together = threading.Barrier(8)
def take():
    together.wait()
    libc.malloc(1000)
    together.wait()
threads = [threading.Thread(target=take) for _ in range(8)]
[t.start() for t in threads]
[t.join() for t in threads]
out = libc.fopen(sys.argv[2].encode(), b"w")
libc.malloc_info(0, ctypes.c_void_p(out))
libc.fclose(ctypes.c_void_p(out))
"""


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="glibc's allocator is Linux's")
def test_eight_threads_share_two_arenas(tmp_path):
    def arenas(how: str) -> int:
        told = tmp_path / how
        subprocess.run([sys.executable, "-c", MANY, how, str(told)], check=True, cwd=ROOT)
        return told.read_text().count("<heap nr=")

    assert arenas("bounded") <= 2 < arenas("free")
