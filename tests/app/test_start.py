"""The Start page: its words at once and without torch, its live picture from real runs, its ways to the other pages."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import dynviz
from app.start import example
from app.start.example import (
    BUDGETS,
    EXAMPLES,
    FIRST,
    MASKS,
    Examples,
    Masks,
    Pair,
    choose,
    example_network,
    find,
    find_masks,
    places_network,
)
from app.start.masks import family_sheet, masks_sheet
from app.start.pair import pair_sheet, pending_sheet
from app.strings import say
from dynviz import Prediction, Stage, Sweep, Trace, zoo
from dynviz.views.media.overlay import overlay, unseen
from dynviz.views.style.words import percent
from tests.hand_made import write_zoo
from tests.patience import PAGE_SECONDS
from tests.trace.samples import make_trace
from tests.views.fragments import balanced, read

ROOT = Path(__file__).resolve().parents[2]
MAIN = str(ROOT / "app" / "script.py")
LABELS = ("cat", "dog")
PLACE = 'class="dv-picture dv-small"'


def start_page() -> None:
    from app.start import page as start

    start.page()


def ran(macs: int, sure: float) -> Trace:
    prediction = Prediction.from_probabilities(np.array([sure, 1 - sure], np.float32), LABELS)
    return make_trace(labels=LABELS, prediction=prediction, stages=(Stage("stem", macs, 100),), ms=None)


def swept(*points: tuple[int, float]) -> Sweep:
    """A sweep over points of (MACs, how sure)."""
    traces = tuple(ran(*point) for point in points)
    return Sweep("tiny", tuple((i + 1) / len(points) for i in range(len(points))), traces, traces[-1])


@pytest.fixture
def exits(tmp_path, monkeypatch) -> dynviz.ModelCard:
    """A dynamic network and two static ones, of which only the cards exist."""
    write_zoo(tmp_path)
    monkeypatch.setenv("DYNVIZ_PRETRAINED", str(tmp_path))
    return zoo.card("exits")


@pytest.fixture
def pending(monkeypatch) -> Future:
    """What the page is given for its live picture instead of a search."""
    future: Future = Future()
    monkeypatch.setattr(EXAMPLES, "ask", lambda card: future)
    monkeypatch.setattr(EXAMPLES, "is_done", lambda card: future.done())
    return future


def buttons(test: AppTest) -> dict[str, str]:
    return {button.key: button.label for button in test.button}


def test_the_budget_is_where_the_harder_picture_costs_most_more():
    easy = swept((10, 0.9), (20, 0.9), (30, 0.9), (90, 0.9))
    hard = swept((10, 0.9), (60, 0.9), (90, 0.9), (90, 0.9))
    assert choose(easy, hard) == 0.75
    level = swept((10, 0.9), (80, 0.9), (90, 0.9), (100, 0.9))  # 60 more at two budgets: the nearer the middle
    assert choose(easy, level) == 0.5


def test_there_is_no_pair_where_the_harder_picture_costs_no_more():
    same = swept((10, 0.9), (20, 0.9))
    assert choose(same, same) is None
    assert choose(swept((10, 0.9), (20, 0.9)), swept((10, 0.9), (10, 0.9))) is None


def test_the_pair_as_html_is_whole_and_says_what_is_seen(exits):
    cheap, dear = ran(20, 0.9), ran(90, 0.8)
    html = pair_sheet("<cat>", (cheap, dear), 0.5)
    assert balanced(html)
    alts = [attributes["alt"] for name, attributes in read(html).elements if name == "img"]
    assert alts == [say("start.alt", name="<cat>")] * 2
    assert {percent(0.2), percent(0.9), say("start.budget", budget=percent(0.5))} <= set(read(html).words)
    kept = pending_sheet(exits)
    assert balanced(kept)
    rows = [a for name, a in read(kept).elements if name == "li"]
    assert len(rows) == 2 * len(exits.operating_points[0].thresholds)


def test_the_words_are_there_before_the_live_picture(exits, pending):
    test = AppTest.from_function(start_page, default_timeout=PAGE_SECONDS).run()
    assert not test.exception and not test.error
    assert test.title[0].value == say("start.title")
    assert test.markdown[0].value == say("start.lead")
    assert buttons(test)["start_try"] == say("start.try")
    pending.set_result(Pair("cat", 0.5, (ran(20, 0.9), ran(90, 0.8))))
    test.run()
    assert not test.exception and not test.error


def masks() -> Masks:
    return Masks("cat", tuple(ran(90 - 20 * k, 0.9 - 0.1 * k) for k in range(len(BUDGETS))))


def test_the_first_picture_has_its_place_before_it_has_its_mask(exits):
    kept, shown = masks_sheet(exits, None), masks_sheet(exits, masks())
    assert balanced(kept) and balanced(shown)
    assert "<img" not in kept and shown.count("dv-overlay") == len(BUDGETS)
    alts = [attributes["alt"] for name, attributes in read(shown).elements if name == "img"]
    assert alts == [say("start.masks.alt", name="cat", title=exits.title)]
    assert {percent(0.9), percent(0.7), percent(0.5), percent(0.3)} <= set(read(shown).words)
    for html in (kept, shown):
        radios = [a for name, a in read(html).elements if name == "input"]
        assert [radio["value"] for radio in radios if "checked" in radio] == [str(FIRST)] and len(radios) == len(
            BUDGETS
        )


def test_every_budget_of_the_first_picture_can_be_shown_alone():
    rules = (ROOT / "app" / "start" / "masks.css").read_text(encoding="utf-8")
    for k in range(len(BUDGETS)):
        assert f':has(input[value="{k}"]:checked) .st-at:not([data-at="{k}"])' in rules


def test_a_family_is_known_by_its_small_picture(exits):
    kept, shown = family_sheet(exits, None), family_sheet(exits, masks())
    assert balanced(kept) and balanced(shown) and all(html.count(PLACE) == 1 for html in (kept, shown))
    assert "<img" not in kept and "dv-overlay" in shown and len(shown) < 20_000


def test_the_first_picture_is_really_run_and_shows_only_what_the_network_sees():
    card = places_network(dynviz.models())
    if card is None:
        pytest.skip("no trained network that decides about places is here")
    own = Examples(find_masks)  # the app's may have been asked by a page whose networks are gone
    found = own.ask(card).result(timeout=PAGE_SECONDS)
    assert own.found(card) is found and len(found.traces) == len(BUDGETS)
    spent = [trace.macs for trace in found.traces]
    assert spent == sorted(spent, reverse=True) and spent[-1] < 0.6 * spent[0]
    for trace in found.traces:
        assert not trace.counterfactual and not unseen(trace.media)
    assert "dv-veil" in overlay(found.traces[FIRST])


def test_a_first_picture_that_fails_leaves_the_page(exits, pending, monkeypatch):
    failed: Future = Future()
    failed.set_exception(RuntimeError("no"))
    monkeypatch.setattr(MASKS, "ask", lambda card: failed)
    monkeypatch.setattr(MASKS, "is_done", lambda card: True)
    monkeypatch.setattr("app.start.page.places_network", lambda cards: exits)
    test = AppTest.from_function(start_page, default_timeout=PAGE_SECONDS).run()
    assert not test.exception and "start_try" in buttons(test)


def test_only_families_that_have_a_network_are_shown(exits, pending):
    test = AppTest.from_function(start_page, default_timeout=PAGE_SECONDS).run()
    shown = " ".join(element.value for element in test.markdown)
    assert say("start.sample-wise") in shown
    assert say("start.spatial-wise") not in shown and say("start.temporal-wise") not in shown
    assert [key for key in buttons(test) if key.startswith("start_network")] == ["start_network exits"]


def test_a_network_that_fails_is_told_and_the_rest_of_the_page_lives(exits, pending):
    pending.set_exception(dynviz.CheckpointError("its weights are damaged"))
    test = AppTest.from_function(start_page, default_timeout=PAGE_SECONDS).run()
    assert not test.exception
    assert len(test.error) == 1 and "its weights are damaged" in test.error[0].value
    assert "start_try" in buttons(test)


def test_static_networks_alone_have_no_example(exits):
    static = [card for card in dynviz.models() if card.family == "static"]
    assert static and example_network(static) is None
    assert example_network(dynviz.models()) == exits


@pytest.mark.parametrize("query", [{"model": "exits"}, {"sample": "coffee"}, {"budget": "0.4", "utm": "x"}])
def test_a_link_to_a_picture_at_the_root_reaches_the_image_page(exits, pending, query):
    test = AppTest.from_file(MAIN, default_timeout=PAGE_SECONDS)
    for name, value in query.items():
        test.query_params[name] = value
    test.run()
    assert not test.exception
    assert test.title[0].value.startswith("How does")


def test_ways_lead_to_the_image_page_and_to_the_accuracy_page(exits, pending):
    for key, title in (("start_try", "How does"), ("start_network exits", "How does"), ("start_accuracy", "What does")):
        test = AppTest.from_file(MAIN, default_timeout=PAGE_SECONDS).run()
        next(button for button in test.button if button.key == key).click().run()
        assert not test.exception
        assert test.title[0].value.startswith(title)


def test_texts_and_recordings_have_a_way_of_their_own_where_a_network_takes_them(exits, pending, monkeypatch):
    known = dynviz.models()
    assert not {"start_text", "start_series"} & set(
        buttons(AppTest.from_function(start_page, default_timeout=PAGE_SECONDS).run())
    )
    reader = replace(known[0], name="reader", modality="text", family="static")
    monkeypatch.setattr(dynviz, "models", lambda: [*known, reader])
    shown = buttons(AppTest.from_function(start_page, default_timeout=PAGE_SECONDS).run())
    assert shown["start_text"] == say("start.text") and "start_series" not in shown


def test_both_are_really_run():
    card = example_network([card for card in dynviz.models() if card.modality == "image"])
    if card is None:
        pytest.skip("no trained dynamic network is here")
    pair = Examples(find).ask(card).result(timeout=PAGE_SECONDS)
    assert pair is not None
    easy, hard = pair.traces
    assert easy.macs < hard.macs and not easy.counterfactual and not hard.counterfactual
    again = dynviz.run(card.name, example.sample_bytes(pair.name), budget=pair.budget)
    assert again.macs == easy.macs and again.prediction.label == easy.prediction.label


def test_the_page_comes_without_torch(tmp_path, exits):
    script = tmp_path / "check.py"
    script.write_text(
        "import sys\n"
        "from concurrent.futures import Future\n"
        "from streamlit.testing.v1 import AppTest\n"
        "from app.start.example import EXAMPLES, MASKS\n"
        "EXAMPLES.ask = MASKS.ask = lambda card: Future()\n"  # what comes after the first paint, in a thread
        "def page():\n"
        "    from app.start import page as start\n"
        "    start.page()\n"
        "test = AppTest.from_function(page, default_timeout=600).run()\n"
        "assert not test.exception and test.title\n"
        "print('torch' in sys.modules, 'app.start.page' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["False", "True"]
