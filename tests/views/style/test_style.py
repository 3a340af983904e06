"""Numbers as people read them, and colours that everyone can read."""

from __future__ import annotations

import re

import numpy as np
import pytest

from dynviz.views.style.theme import COLOURS, PROJECTOR, css, scale_rgb
from dynviz.views.style.words import compared, counted, known, macs_words, ms_words, number, percent, text, width


@pytest.mark.parametrize(
    ("macs", "words"),
    [
        (0, "0"), (950, "950"), (1_000, "1.0 k"), (21_400, "21 k"), (999_400, "999 k"), (999_600, "1.0 M"),
        (2_140_000, "2.1 M"), (9_949_000, "9.9 M"), (9_960_000, "10 M"), (31_200_000, "31 M"), (118_400_000, "118 M"),
        (999_700_000, "1.0 G"), (4_100_000_000, "4.1 G"), (2.5e12, "2.5 T"), (float("nan"), "?"),
    ],
)  # fmt: skip
def test_macs(macs, words):
    assert macs_words(macs) == words


@pytest.mark.parametrize(
    ("share", "digits", "words"),
    [
        (0, 0, "0 %"), (0.26, 0, "26 %"), (0.004, 0, "< 1 %"), (0.997, 0, "> 99 %"), (1, 0, "100 %"),
        (1.25, 0, "125 %"), (0.8889, 1, "88.9 %"), (0.0004, 1, "< 0.1 %"), (float("inf"), 0, "?"),
    ],
)  # fmt: skip
def test_percent(share, digits, words):
    assert percent(share, digits) == words


def test_milliseconds():
    assert [ms_words(v) for v in (0.437, 0.996, 5.91, 17.2, 99.6, 312.4, 1234)] == [
        "0.44 ms", "1.0 ms", "5.9 ms", "17.2 ms", "100 ms", "312 ms", "1.2 s",
    ]  # fmt: skip


def test_comparisons_never_read_as_a_contradiction():
    assert compared(0.46, 0.88) == ("46 %", "<", "88 %")
    assert compared(0.876, 0.882) == ("87.6 %", "<", "88.2 %")
    assert compared(0.997, 0.84) == ("99.7 %", "≥", "84.0 %")
    assert compared(0.5, 0.5) == ("50.000 %", "≥", "50.000 %")


def test_numbers_on_a_scale():
    assert [number(v) for v in (0, 1, 1.756, 0.00123, 42.71, 1234, 2_000_000)] == [
        "0", "1", "1.76", "0.00123", "42.7", "1234", "2.0 M",
    ]  # fmt: skip


def test_small_helpers():
    assert counted(1, "exit") == "1 exit" and counted(2, "exit") == "2 exits"
    assert width(0.4567) == "45.67%" and width(1.7) == "100%" and width(-1) == "0%" and width(float("nan")) == "0%"
    assert text("<b a='\"'>&") == "&lt;b a=&#x27;&quot;&#x27;&gt;&amp;"
    assert not known(None) and not known(float("nan")) and known(0.0)


def luminance(colour: str) -> float:
    values = np.array(list(bytes.fromhex(colour[1:]))) / 255
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def contrast(a: str, b: str) -> float:
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_contrast_formula_itself():
    assert contrast("#000000", "#ffffff") == pytest.approx(21) and contrast("#777777", "#ffffff") == pytest.approx(
        4.48, abs=0.01
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("projector", [False, True])
def test_text_is_readable(theme, projector):
    colours = {**COLOURS[theme], **(PROJECTOR[theme] if projector else {})}
    for ink in ("ink", "muted", "spent"):
        for ground in ("page", "card", "soft"):
            assert contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)
    assert contrast(colours["on-spent"], colours["spent"]) >= 4.5
    assert contrast(colours["spent"], colours["track"]) >= 3  # graphics need 3
    assert contrast(colours["tick"], colours["card"]) >= 3


def test_the_themes_hold_the_same_names_and_all_are_in_the_stylesheet():
    assert COLOURS["light"].keys() == COLOURS["dark"].keys()
    assert PROJECTOR["light"].keys() == PROJECTOR["dark"].keys() <= COLOURS["dark"].keys()  # or one would leak
    sheet = css()
    used = set(re.findall(r"var\(--dv-([a-z-]+)\)", sheet))
    local = {"line-on"}  # set where it is used
    assert used <= {*COLOURS["light"], *local, "hatch", "font", "reading", "viridis"}
    assert "prefers-reduced-motion" in sheet and "[data-projector]" in sheet and sheet.count("{") == sheet.count("}")
    assert "http://" not in sheet.replace("http%3A//www.w3.org", "").replace("http://www.w3.org", "")


def test_colour_scale_ends_and_middle():
    assert scale_rgb(0) == (0x44, 0x01, 0x54) and scale_rgb(1) == scale_rgb(7) == (0xFD, 0xE7, 0x25)
    assert scale_rgb(float("nan")) == scale_rgb(0)
    assert scale_rgb(0.5) == (34, 144, 140)  # half-way from 26828e (38, 130, 142) to 1f9e89 (31, 158, 137)


def test_the_stylesheet_travels_with_the_package():
    import tomllib
    from pathlib import Path

    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())
    assert "*.css" in project["tool"]["setuptools"]["package-data"]["dynviz.views.style"]
