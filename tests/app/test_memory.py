"""Memory stays bounded, however much one session uploads (500 files) and looks at, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import dynviz

ROOT = Path(__file__).resolve().parents[2]
DAMAGED, PICTURES = 300, 200
GROWTH_MB = 40  # keeping every picture would take more than 280 MB, every result more than 100

SESSION = f"""
import gc, io, json, resource, sys
from types import SimpleNamespace
import numpy as np
from PIL import Image
import dynviz
from app import inference_cache
from app.image.page import ImagePage
from app.live import bringing
from app.live.own import OWN, Own
from dynviz.trace.file import trace_bytes
from tests.media.samples import encoded, valid_files
from tests.trace.samples import make_trace

state = SimpleNamespace(session_state={{}})  # one session, without a server
inference_cache.st = bringing.st = state
bringing.person = lambda: "somebody"
page, draw = ImagePage(), np.random.default_rng(0)
card = [card for card in dynviz.models() if card.modality == "image"][-1]
good = [*valid_files().values(), trace_bytes(make_trace())]
count = dict.fromkeys(("refused", "read"), 0)

def damage(data):
    data = bytearray(data)
    for _ in range(draw.integers(1, 8)):
        data[draw.integers(0, len(data))] = draw.integers(0, 256)
    return bytes(data[: len(data) if draw.integers(0, 2) else draw.integers(1, len(data))])

def upload_damaged(number):
    own = Own(f"damaged {{number}}", "image", "upload", damage(good[number % len(good)]))
    OWN.add("somebody", own)
    count["read" if page._check(own, card) else "refused"] += 1

def look_at(number):
    noise = Image.fromarray(draw.integers(0, 256, (75, 100, 3), dtype=np.uint8)).resize((800, 600))
    own = Own(f"photo {{number}}", "image", "photo", encoded(noise, "JPEG"))
    OWN.add("somebody", own)
    inference_cache.infer(page._ready(own, card), card, "crop", print)

def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)

for number in range(2 * len(good)):
    upload_damaged(number)
for number in range(10):
    look_at(number)
gc.collect()
gc.freeze()  # as app/warm.py does; after this nobody asks for a collection, as the server is set up
before = peak_mb()
for number in range({DAMAGED}):
    upload_damaged(number + 1000)
for number in range({PICTURES}):
    look_at(number + 1000)
print(json.dumps(count | {{"growth_mb": peak_mb() - before}}))
"""


@pytest.mark.slow
def test_memory_is_bounded():
    if sys.platform == "win32":
        pytest.skip("Windows does not tell a process its peak in this way")
    if not dynviz.models():
        pytest.skip("no trained network is here")
    environment = dict(os.environ, OMP_NUM_THREADS="1", PYTHONPATH=str(ROOT))
    done = subprocess.run([sys.executable, "-c", SESSION], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout.splitlines()[-1])
    print(told)
    assert min(told["refused"], told["read"]) > 50  # both ways were taken
    assert told["growth_mb"] < GROWTH_MB
