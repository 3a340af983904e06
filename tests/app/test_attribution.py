"""What the answer depends on: the section of the live pages, stopped and gone on with, and the finding on a card."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import dynviz
from app.attribution import section as attribution
from app.sheet.sheet import sheet
from app.strings import say
from dynviz import zoo
from dynviz.results.findings import AttributionUse
from tests.app.test_pages import image_page, opened
from tests.views.fragments import balanced, words


@pytest.fixture
def sheets(monkeypatch) -> dict[str, str]:
    shown: dict[str, str] = {}

    def note(html: str, *, key: str) -> None:
        shown[key] = html
        sheet(html, key=key)

    monkeypatch.setattr(attribution, "sheet", note)
    return shown


def showing(test, name, sample="cat"):
    test.query_params["model"], test.query_params["sample"], test.query_params["budget"] = name, sample, "0.5"
    test.session_state["image_attribution"] = True
    test.run()
    assert not test.exception
    return test


def told(test) -> str:
    return " ".join(element.value for element in test.markdown)


@pytest.fixture
def network() -> str:
    if "dynconv" not in [card.name for card in dynviz.models()]:
        pytest.skip("dynconv is not here")
    return "dynconv"


def test_both_maps_and_one_number(network, sheets, monkeypatch):
    asked = []
    monkeypatch.setattr(
        attribution, "attribute", lambda *a, **k: asked.append(a) or dynviz.attribution.attribute(*a, **k)
    )
    test = showing(opened(image_page), network)
    assert len(asked) == 1 and "of the places" in told(test)
    html = sheets["image_attribution_sheet"]
    assert balanced(html) and html.count("<figure>") == 2 and say("attribution.computed") in words(html)
    test.run()
    assert len(asked) == 1  # from memory
    test.segmented_control(key="image_attribution_method").set_value("grad-cam").run()
    assert len(asked) == 2 and asked[-1][2] == "grad-cam" and not test.error


def test_a_stopped_run_says_so_and_can_go_on(network, sheets, monkeypatch):
    test = opened(image_page)
    card = zoo.card(network)
    key = (test.session_state["inferences"] and next(iter(test.session_state["inferences"]))[0], network)
    key = (*key, card.sha256, "crop", "integrated-gradients")
    test.session_state["image_attribution_stopped"] = key
    showing(test, network)
    assert say("attribution.stopped") in [info.value for info in test.info] and not sheets
    test.button(key="image_attribution_again").click().run()
    assert "image_attribution_sheet" in sheets


def test_a_method_that_fails_is_one_sentence(network, sheets, monkeypatch):
    def broken(*args, **more):
        raise RuntimeError("inside")

    monkeypatch.setattr(attribution, "attribute", broken)
    test = showing(opened(image_page), network)
    assert [error.value for error in test.error] == [say("attribution.failed")] and not sheets


USE = AttributionUse(
    "integrated-gradients",
    (0.3, 1.0),
    (0.31, None),
    (0.2, None),
    (0.4, None),
    (0.42, None),
    (0.34, None),
    {"random": ((-0.05, 0.33), (None, None))},
    0.03,
    12,
)


def test_the_finding_names_its_rivals(network):
    card = zoo.card(network)
    html = attribution.attribution_card(card, USE, 0)
    told = words(html)
    assert balanced(html) and "+0.31" in told and "42 %" in told and "at random" in told and "−0.05" in told
    assert say("attribution.card.none", budget="100 %") in words(attribution.attribution_card(card, USE, 1))


def test_everything_nothing_and_no_places(network):
    from tests.attribution.test_attribution import masked, trace

    full, half = masked([[1, 1], [1, 1]], 400), masked([[0, 0], [0, 0]], 0)
    asked = dynviz.attribution.Attribution("occlusion", "cat", np.ones((8, 8)), 1.0, 1.0)
    assert attribution._line(asked, full, full) == say("attribution.everything")
    assert attribution._line(asked, half, full) == say("attribution.nothing")
    assert attribution._line(asked, trace("image"), trace("image")) == say("attribution.noplaces")
    assert attribution._line(replace(asked, values=np.zeros((8, 8))), half, full) == say("attribution.empty")
    left = masked([[1, 0], [1, 0]], 200)
    asked = replace(asked, values=np.eye(8), method="integrated-gradients", together=3.0)
    line = attribution._line(asked, left, full)
    assert "about what any other" in line and say("attribution.gap", gap="200 %") in line
