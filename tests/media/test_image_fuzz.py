"""Damaged files of every kind: only MediaError may escape from ``read_image``, and soon.

About 1,500 files; DYNVIZ_FUZZ=10000 for more. ``tests/test_tracefile_bad.py`` does the same to trace files.
"""

from __future__ import annotations

import os
import time

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from dynviz.media import MediaError
from dynviz.media.image import MAX_PIXELS, PREVIEW_SIDE_PX, read_image
from tests.media.samples import valid_files

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL", "ignore::PIL.Image.DecompressionBombWarning")

FILES = valid_files()
EXAMPLES = int(os.environ.get("DYNVIZ_FUZZ", "0"))
SECONDS = 5


@st.composite
def damaged(draw: st.DrawFn, name: str) -> bytes:
    """One of ``FILES`` with bytes changed, cut, repeated, or crossed with another valid file."""
    base = FILES[name]
    data = bytearray(base)
    early = st.integers(0, min(len(data) - 1, 300))  # headers are where the damage matters
    for place, value in draw(
        st.lists(st.tuples(early | st.integers(0, len(data) - 1), st.integers(0, 255)), max_size=8)
    ):
        data[place] = value
    how = draw(st.sampled_from(["keep", "cut", "splice", "repeat", "insert"]))
    at = draw(st.integers(0, len(data)))
    if how == "cut":
        del data[at:]
    elif how == "splice":
        other = FILES[draw(st.sampled_from(list(FILES)))]
        data[at:] = other[draw(st.integers(0, len(other))) :]
    elif how == "repeat":
        data[at:at] = data[at : at + draw(st.integers(1, 400))] * draw(st.integers(1, 20))
    elif how == "insert":
        data[at:at] = draw(st.binary(max_size=64))
    assume(data != base)
    return bytes(data)


def read_or_refuse(data: bytes) -> None:
    started = time.process_time()
    try:
        picture = read_image(data)
    except MediaError as error:
        assert str(error).endswith(".") and "\n" not in str(error)
    else:
        assert picture.image.mode == "RGB" and max(picture.image.size) <= PREVIEW_SIDE_PX
        assert picture.width_px * picture.height_px <= MAX_PIXELS
        assert picture.view(32)[0].shape == (32, 32, 3)
    assert time.process_time() - started < SECONDS


@pytest.mark.parametrize("name", FILES)
def test_damaged_files(name: str) -> None:
    @settings(
        max_examples=max(60, EXAMPLES // len(FILES)),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(damaged(name))
    def check(data: bytes) -> None:
        read_or_refuse(data)

    check()


@settings(max_examples=max(250, EXAMPLES), deadline=None, database=None)
@given(st.sampled_from(list(FILES)), st.integers(2, 12), st.binary(max_size=300))
def test_a_true_start_and_then_anything(name: str, kept: int, rest: bytes) -> None:
    read_or_refuse(FILES[name][:kept] + rest)
