"""Make it harder: the page, its links, and what a session keeps of them."""

from __future__ import annotations

import io
from collections import Counter
from concurrent.futures import Future

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest
from streamlit.util import AttributeDictionary

import dynviz
from app import export
from app.image import harder
from app.image.harder_sheet import curve_sheet, summary
from app.image.page import _sample
from app.image.samples import sample_bytes
from app.inference_cache import Inference, Timings, run_again
from app.live import showing
from app.sheet.sheet import sheet
from app.strings import say
from dynviz.inference import run_harder
from dynviz.measuring.timing import TimingError
from dynviz.media.difficulty import KNOBS
from dynviz.media.image import read_image
from dynviz.trace import Trace
from dynviz.trace.file import trace_bytes
from tests.app.test_pages import image_page, opened, pills
from tests.patience import PAGE_SECONDS
from tests.views.comparing.test_difficulty import run as exits_run
from tests.views.fragments import balanced, words

BLUR = KNOBS["blur"]


@pytest.fixture
def networks() -> list[dynviz.ModelCard]:
    """Those for pictures of one data set: only they can stand beside one another."""
    found = [card for card in dynviz.models() if card.modality == "image"]
    counts = Counter(card.data for card in found)
    found = [card for card in found if card.data == max(counts, key=counts.__getitem__)]
    if len(found) < 2 or all(card.family == "static" for card in found):
        pytest.skip("no trained networks are here")
    return found


@pytest.fixture
def sheets(monkeypatch) -> dict[str, str]:
    """The HTML of each sheet of the last run; the test harness does not show components."""
    shown: dict[str, str] = {}

    def note(html: str, *, key: str) -> None:
        shown[key] = html
        sheet(html, key=key)

    monkeypatch.setattr(harder, "sheet", note)
    return shown


def linked(**asked: str) -> AppTest:
    test = AppTest.from_function(image_page, default_timeout=PAGE_SECONDS)
    for name, value in asked.items():
        test.query_params[name] = value
    test.run()
    assert not test.exception and not test.error
    return test


def address(test: AppTest) -> dict[str, str]:
    return {name: values[0] if isinstance(values, list) else values for name, values in test.query_params.items()}


def strengths(test: AppTest):
    return next(slider for slider in test.select_slider if slider.key.startswith("harder "))


def test_nothing_is_run_before_the_section_is_opened(networks, sheets, monkeypatch):
    calls = []
    monkeypatch.setattr(harder, "run_harder", lambda *args, **more: calls.append(args) or run_harder(*args, **more))
    test = opened(image_page)
    assert not calls and not sheets and "knob" not in address(test)
    test.session_state[harder.BOX] = True
    test.run()
    assert len(calls) == 1 and {"harder_curve", "harder_now"} <= set(sheets)
    test.run()
    assert len(calls) == 1  # from memory


def test_a_knob_changes_the_picture_of_the_whole_page(networks, sheets):
    test = linked(sample="cat", knob="blur", strength="0.0")
    plain = test.session_state.view_identity
    test.session_state[harder.BOX] = True
    test.run()
    assert strengths(test).value == 0.0
    strengths(test).set_value(0.03).run()
    assert not test.exception and not test.error
    photo = read_image(sample_bytes("cat"))
    assert test.session_state.view_identity.startswith(f"{photo.digest}-blur-0.03|")
    assert (address(test)["knob"], address(test)["strength"]) == ("blur", "0.03")
    assert "3 %" in words(sheets["harder_curve"])
    pills(test, "knob").set_value("noise").run()
    assert test.session_state.view_identity == plain and "knob" not in address(test)  # one thing at a time
    strengths(test).set_value(0.2).run()
    assert address(test)["knob"] == "noise"
    next(button for button in test.button if button.key == "harder_reset").click().run()
    assert test.session_state.view_identity == plain and "knob" not in address(test)
    assert strengths(test).value == 0.0


def test_a_link_opens_the_harder_picture(networks, sheets):
    card = next(card for card in networks if card.family != "static")
    test = linked(model=card.name, sample="coffee", knob="rotation", strength="46")
    assert "-rotation-45|" in test.session_state.view_identity  # the nearest there is
    assert "harder_curve" in sheets and strengths(test).value == 45.0


@pytest.mark.parametrize("asked", [{"knob": "magic", "strength": "1"}, {"knob": "blur", "strength": "nan"}])
def test_nonsense_in_a_link_is_left_out(networks, asked):
    test = linked(sample="cat", **asked)
    digest = read_image(sample_bytes("cat")).digest
    assert test.session_state.view_identity.startswith(f"{digest}|")


def test_the_curve_follows_the_released_budget(networks, sheets):
    card = next(card for card in networks if card.anytime and len(card.operating_points) > 2)
    low, high = card.operating_points[0].budget, card.operating_points[-1].budget
    found = []
    for budget in (low, high):
        linked(model=card.name, sample="cat", knob="blur", strength="0.02", budget=f"{budget:.3f}")
        found.append(words(sheets["harder_curve"]))
    assert found[0] != found[1]


def test_curves_and_pictures_are_bounded(networks):
    test = linked(sample="cat", knob="blur", strength="0.005")
    for knob in ("blur", "noise", "zoom"):
        pills(test, "knob").set_value(knob).run()
        for strength in KNOBS[knob].strengths[-3:]:
            strengths(test).set_value(strength).run()
    assert len(test.session_state.harder_pictures) == harder.KEPT_PICTURES
    for sample in ("coffee", "rocket", "astronaut"):
        pills(test, "image_sample").set_value(sample).run()
        for knob in ("blur", "noise", "zoom"):
            pills(test, "knob").set_value(knob).run()
    assert len(test.session_state.harder_curves) == harder.KEPT_CURVES


def test_a_static_network_says_that_nothing_changes(networks, sheets):
    card = next(card for card in networks if card.family == "static")
    linked(model=card.name, sample="cat", knob="blur", strength="0.02")
    assert "Nothing changes in compute: a static network spends" in words(sheets["harder_curve"])


def test_a_failure_leaves_the_page(networks, monkeypatch):
    def fail(*args, **more):
        raise RuntimeError("boom")

    monkeypatch.setattr(harder, "run_harder", fail)
    test = opened(image_page)
    test.session_state[harder.BOX] = True
    test.run()
    assert [error.value for error in test.error] == [say("error.failed")] and not test.exception


def test_what_is_saved_and_timed_is_the_harder_picture(networks, monkeypatch):
    card = next(card for card in networks if card.anytime and len(card.operating_points) > 1)
    taken, timed = [], []
    monkeypatch.setattr(export, "live", lambda *args: taken.append(args))
    monkeypatch.setattr(showing.TIMINGS, "ask", lambda key, data: timed.append((key, data)) or Future())
    linked(model=card.name, sample="cat", knob="blur", strength="0.03")
    plain = read_image(sample_bytes("cat"))
    harder_one = BLUR.turn(plain, 0.03)
    chosen, _, _, framing, found = taken[-1]
    saved = Trace.load(trace_bytes(run_again(chosen, found, card, framing, "budgeted", 0)))
    assert saved.media.digest == harder_one.digest == timed[-1][0][0]
    shown = np.asarray(Image.open(io.BytesIO(saved.media.preview)), dtype=float)
    assert np.abs(shown - np.asarray(harder_one.image)).mean() < 3 < np.abs(shown - np.asarray(plain.image)).mean()
    assert np.array_equal(np.asarray(read_image(timed[-1][1]).image), np.asarray(harder_one.image))


def test_a_measurement_that_nobody_waits_for_is_given_up():
    found = [Inference((name, "", "", ""), (), (), exits_run(0), (), ()) for name in "ab"]
    one, two = Future(), Future()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(showing.TIMINGS, "ask", lambda key, data: {"a": one, "b": two}[key[0]])
        patch.setattr(showing.st, "session_state", AttributeDictionary())
        for look in (found[0], found[0], found[1]):
            showing.timing_of(look, _sample("cat"))
    assert one.cancelled() and not two.cancelled()


def test_a_measurement_that_was_given_up_can_be_asked_for_again():
    timings = Timings()
    key = ("d", "no-such-network", "crop", "s")
    timings._known[key] = Future()
    timings._known[key].cancel()
    again = timings.ask(key, b"")
    assert not again.cancelled()
    with pytest.raises(TimingError):
        again.result(timeout=PAGE_SECONDS)


def test_the_sentences_say_what_the_runs_did():
    def say_of(*runs, **why) -> list[str]:
        kept = {"static": False, "capped": False, **why}
        return summary(BLUR, list(zip(BLUR.strengths, runs, strict=False)), **kept)

    dearer = say_of(exits_run(0), exits_run(1), exits_run(2))
    assert dearer == [
        "As it is, this picture costs 20 M multiply-adds; at 1 % it costs 100 M, 5.0 times as much.",
        "It says cat at every strength.",
    ]
    cheaper = say_of(exits_run(1), exits_run(0, "dog"), exits_run(1))
    assert cheaper == [
        "Nothing here costs more than the picture as it is (50 M multiply-adds). At 0.5 % it costs 20 M.",
        "It says something else than cat at 1 of 3 strengths, first at 0.5 %.",
        "At 0.5 % it says dog (80 %) after only 20 M: being sure is not being right.",
    ]
    assert say_of(exits_run(0), exits_run(0))[0] == "It spends 20 M multiply-adds at every strength."
    static = say_of(exits_run(None), exits_run(None, "dog"), static=True)
    assert static[0].startswith("Nothing changes in compute: a static network spends 100 M") and len(static) == 2
    assert "hard cap" in say_of(exits_run(1), exits_run(1), capped=True)[0]


def test_the_curve_is_whole_for_every_knob(pictures, networks):
    card = next(card for card in networks if card.family != "static")
    for knob in KNOBS.values():
        runs = run_harder(card.name, pictures[1], knob, budget=0.3)
        html = curve_sheet(knob, runs, knob.neutral, static=False, capped=False)
        assert balanced(html) and len(html) < 150_000
