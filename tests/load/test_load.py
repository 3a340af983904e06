"""A class that uploads all at once: how long everybody waits, and that nobody ever gets another's picture.

Six people unless DYNVIZ_LOAD says how many; DYNVIZ_LOAD=30 is a class.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from statistics import median

import numpy as np
import pytest
from PIL import Image

import dynviz
from tests.browser.driving import running_app
from tests.load.person import SECONDS, Person

PEOPLE = int(os.environ.get("DYNVIZ_LOAD", "6"))
PICTURES_EACH = 3
SECONDS_A_PERSON = 1.0  # at the 95th percentile, times the number of people: generous, as a test machine may be busy


def photo(pixels: np.ndarray, person: int, turn: int) -> bytes:
    """A JPEG as from a phone, of which no two are the same."""
    image = Image.fromarray(np.roll(pixels, 17 * person + 5 * turn, axis=1)).resize((1600, 1200))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def small(data: bytes) -> np.ndarray:
    """What a picture looks like from afar."""
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB").resize((64, 48)), dtype=float)


@pytest.mark.alone
def test_many_people_upload_at_once(pictures, record_property):
    if not [card for card in dynviz.models() if card.modality == "image"]:
        pytest.skip("no trained network is here")
    files = {
        (person, turn): (f"photo-of-{person:03d}-{turn}.jpg", photo(pictures[(person + turn) % 4], person, turn))
        for person in range(PEOPLE)
        for turn in range(PICTURES_EACH)
    }
    looks = {key: small(data) for key, (_, data) in files.items()}
    together = threading.Barrier(PEOPLE)

    def use(number: int, person: Person) -> list[float]:
        person.open()
        seconds = []
        for turn in range(PICTURES_EACH):
            name, data = files[number, turn]
            together.wait(SECONDS)
            view, took = person.upload(name, data)
            seconds.append(took)
            assert view["id"].startswith(hashlib.sha256(data).hexdigest()), f"{name}: the view is of another picture"
            shown = small(base64.b64decode(view["picture"]["src"].partition(",")[2]))
            assert min(looks, key=lambda key: np.abs(looks[key] - shown).mean()) == (number, turn), name
        return seconds

    with running_app() as address, ExitStack() as open_until_the_end:
        with Person(address) as first:  # torch and the networks are loaded now
            first.open()
            alone = median(first.upload(f"alone-{turn}.jpg", photo(pictures[0], PEOPLE, turn))[1] for turn in range(3))
        people = [open_until_the_end.enter_context(Person(address)) for _ in range(PEOPLE)]
        with ThreadPoolExecutor(PEOPLE) as pool:
            waited = [s for seconds in pool.map(use, range(PEOPLE), people) for s in seconds]
    for number, person in enumerate(people):
        for (owner, _), (name, data) in files.items():
            marks = (name.encode(), hashlib.sha256(data).hexdigest().encode())
            for mark in marks:
                assert (mark in person.received) == (owner == number), f"{name}, seen by person {number}"
    p50, p95 = np.percentile(waited, (50, 95))
    told = f"{PEOPLE} people, {len(waited)} uploads: p50 {p50:.2f} s, p95 {p95:.2f} s; one person alone {alone:.2f} s"
    record_property("upload_to_result", told)
    print(told)
    assert p95 < SECONDS_A_PERSON * PEOPLE
