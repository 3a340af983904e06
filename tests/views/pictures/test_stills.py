"""Stills, animations and the contact sheet."""

from __future__ import annotations

import io
import subprocess
import sys
from html import escape

import numpy as np
import pytest
from PIL import Image

from dynviz.decisions import DECISION_TYPES
from dynviz.views.examples.gallery import LINES, gallery_html, write_gallery
from dynviz.views.examples.traces import examples, series_example
from dynviz.views.pictures.raster import rgba
from dynviz.views.pictures.stills import WIDTH, animation, caption, png, still, webp
from tests.views.fragments import balanced

TRACES = [*examples(), series_example()]


@pytest.mark.parametrize("trace", TRACES, ids=[t.title for t in TRACES])
def test_every_trace_becomes_a_picture(trace):
    with Image.open(io.BytesIO(png(trace))) as picture:
        assert picture.format == "PNG" and picture.width == WIDTH and picture.height > 150
        pixels = np.asarray(picture.convert("RGB"))
    bar = pixels[-28, 20 : WIDTH - 20]  # through the middle of the account's bar
    filled = (bar == np.array(rgba("spent", "light")[:3])).all(axis=1).mean()
    assert filled == pytest.approx(min(trace.macs / trace.macs_static, 1), abs=0.01)


def test_dark_and_webp():
    exits = TRACES[0]
    dark = np.asarray(still(exits, "dark"))
    assert tuple(dark[-3, 3]) == rgba("card", "dark")[:3]
    with Image.open(io.BytesIO(webp(exits))) as picture:
        assert picture.format == "WEBP" and picture.width == WIDTH


def test_the_animation_takes_the_decisions_one_by_one():
    with Image.open(io.BytesIO(animation(TRACES[0]))) as moving:
        assert moving.format == "WEBP" and moving.n_frames == 4  # three exits were asked, then the still
        sizes, fills = set(), []
        for k in range(moving.n_frames):
            moving.seek(k)
            sizes.add(moving.size)
            bar = np.asarray(moving.convert("RGB"))[-28, 20 : WIDTH - 20].astype(int)
            fills.append((np.abs(bar - rgba("spent", "light")[:3]).sum(axis=1) < 40).mean())
    assert len(sizes) == 1 and fills[0] < fills[1] < fills[2]
    assert fills[-1] == pytest.approx(TRACES[0].macs / TRACES[0].macs_static, abs=0.02)


def test_a_text_is_animated_in_parts():
    text = next(t for t in TRACES if t.media.modality == "text")
    with Image.open(io.BytesIO(animation(text))) as moving:
        assert moving.n_frames == 12


def test_captions():
    first = TRACES[0].decisions[0]
    assert caption(TRACES[0], first, 1) == "exit 1: kite, 46 % < 88 %, continue"


def test_the_contact_sheet_is_whole_and_needs_nothing_else(tmp_path):
    page = write_gallery(tmp_path / "sheet.html").read_text(encoding="utf-8")
    assert page == gallery_html()
    body = page[page.index("<body>") : page.index("</body>") + len("</body>")]
    assert balanced(body) and "<script" not in page and "could not be drawn" not in page
    assert page.count('data-theme="light"') == page.count('data-theme="dark"') >= len(DECISION_TYPES) + 2
    for kind in DECISION_TYPES:
        assert page.count(f"<p>{escape(LINES[kind])}</p>") >= 2  # light and dark
    assert 'src="http' not in page and 'href="http' not in page and "@import" not in page


def test_views_need_neither_torch_nor_the_app():
    code = (
        "import sys, dynviz.views.examples.gallery as g; g.gallery_html(); "
        "print({'torch', 'streamlit', 'plotly'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=600)
    assert done.stdout.strip() == "set()"
