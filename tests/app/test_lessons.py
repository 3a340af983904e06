"""Lessons: files with mistakes, every step of one, what is not installed, the link for a class, the sheet to print."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

import dynviz
from app.lessons import page as lessons_room
from app.lessons.lesson import FOLDER, LessonError, lessons, read_lesson
from app.strings import say
from tests.app.opening import open_page
from tests.app.test_harder import address
from tests.views.fragments import balanced

GOOD = (FOLDER / "early-exit.toml").read_text()


def lessons_page() -> None:
    from app.lessons import page as lessons

    lessons.page()


def opened(**asked: str) -> AppTest:
    return open_page(lessons_page, **asked)


def installed(name: str) -> bool:
    return name in [card.name for card in dynviz.models()]


def test_every_lesson_can_be_read_and_has_a_name_of_its_own():
    found, problems = lessons()
    assert not problems and len(found) >= 25
    assert len({lesson.title for lesson in found}) == len(found)
    for lesson in found:
        assert [lesson.right(choice.up_to) for choice in lesson.choices] == list(range(len(lesson.choices)))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("[predict]", "[predict", "is no TOML file"),
        ('title = "Early exit"', "", "does not say 'title'"),
        ('title = "Early exit"', "title = 3", "title = 3, which is of the wrong kind"),
        ('measure = "units"', 'measure = "joy"', "says measure = 'joy'; known are spent"),
        ("up_to = 0.5", "up_to = 2.0", "up_to rise"),
        ("budget = 0.4", "budget = 7", "says budget = 7, which is no share"),
        ("place = 1", 'place = 1\ncolour = "red"', "says 'colour', which no lesson has"),
        ("[try]", "[tries]", "which no lesson has"),
        ('knob = "blur"', 'knob = "smell"', "says knob = 'smell'"),
    ],
)
def test_a_mistake_is_one_sentence_that_names_the_file(old, new, words):
    assert old in GOOD
    with pytest.raises(LessonError, match="The lesson mine") as caught:
        read_lesson("mine", GOOD.replace(old, new, 1).encode())
    assert words in str(caught.value) and str(caught.value).endswith(".")


def test_a_file_with_a_mistake_costs_no_other(tmp_path, monkeypatch):
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe")
    (tmp_path / "good.toml").write_text(GOOD)
    found, problems = lessons(tmp_path)
    assert [lesson.name for lesson in found] == ["good"] and len(problems) == 1
    monkeypatch.setattr(lessons_room, "lessons", lambda: (found, problems))
    test = opened()
    assert len(test.error) == 1 and "bad" in test.error[0].value


def test_a_lesson_whose_network_is_gone_is_left_out_and_says_so_under_its_link(monkeypatch):
    monkeypatch.setattr(dynviz, "models", lambda: [])
    test = opened()
    assert not [b for b in test.button if b.key and b.key.startswith("lesson ")]
    test = opened(lesson="early-exit")
    assert [info.value for info in test.info] == [say("lessons.missing", network="msdnet")]


def test_an_unknown_lesson_shows_the_list():
    test = opened(lesson="no-such-lesson")
    assert [warning.value for warning in test.warning] == [say("lessons.none")]


def test_predict_see_why_try():
    if not installed("msdnet"):
        pytest.skip("msdnet is not here")
    test = opened(lesson="early-exit")
    test.radio[0].set_value(2).run()
    test.button(key="lesson_next").click().run()
    assert not test.exception and address(test)["step"] == "2"
    told = [element.value for kind in (test.success, test.warning) for element in kind]
    assert len(told) == 1 and "exits ran" in told[0]
    test.button(key="lesson_next").click().run()
    assert len([m for m in test.markdown if len(m.value) > 40]) >= 3 and not test.exception
    test.button(key="lesson_next").click().run()
    assert not test.exception and test.button(key="lesson_next").disabled
    test.select_slider[0].set_value(0.03).run()
    assert not test.exception and not test.error
    test.button(key="lesson_back").click().run()
    assert address(test)["step"] == "3"


def test_an_advantage_shows_its_lines_and_a_verdict(monkeypatch):
    from app.lessons import experiment as room
    from dynviz.results.promises import Evidence

    if not installed("cascade"):
        pytest.skip("cascade is not here")
    line = Evidence("A network", 0.4, 0.3, 0.5, True, "detail")
    monkeypatch.setattr(room, "_evidence", lambda name, weights: (line,))
    shown = {}
    monkeypatch.setattr(room, "sheet", lambda html, *, key: shown.setdefault(key, html))
    test = opened(lesson="advantage-efficiency", step="2")
    assert "A network" in shown["experiment_efficiency"]
    assert any("1 of 1" in info.value for info in test.info)


def test_the_link_for_a_class_hides_the_way_out():
    if not installed("msdnet"):
        pytest.skip("msdnet is not here")
    test = opened(lesson="early-exit", alone="1")
    assert not [b for b in test.button if b.key == "lessons_all"]
    test.button(key="lesson_next").click().run()
    assert address(test)["alone"] == "1"


def test_the_printed_sheet_asks_before_it_answers():
    if not installed("msdnet"):
        pytest.skip("msdnet is not here")
    from app.lessons.demonstration import sample_of
    from app.lessons.lesson import Choice
    from app.lessons.measures import MEASURES
    from app.lessons.printed import printed
    from app.lessons.shown import Shown
    from dynviz import zoo

    (lesson,) = [lesson for lesson in lessons()[0] if lesson.name == "early-exit"]
    card = zoo.card("msdnet")
    chosen = sample_of(lesson, card)
    swept = dynviz.sweep("msdnet", chosen.media)
    from app.inference_cache import Inference

    shown = Shown(card, chosen, Inference(("", "", "", ""), swept.budgets, swept.traces, swept.full), 3)
    value = MEASURES["units"].value(shown)
    html = printed(lesson, shown, "<p>input</p>", lesson.right(value), MEASURES["units"].words(shown, value), "<i></i>")
    assert html.startswith("<!doctype html>") and "<script" not in html
    assert html.index(lesson.question) < html.index('le-break"') < html.index(lesson.explain[0])
    assert isinstance(lesson.choices[0], Choice) and 0 < value <= 1


def test_curves_before_and_after_are_drawn_for_what_was_measured(monkeypatch):
    from types import SimpleNamespace

    from app.lessons import compressed
    from dynviz.results.findings import CompatibilityUse, Findings

    names, lost = ("as it is", "pruned", "low rank", "int8"), ((0.0, 0.0, 0.0),) * 4
    accuracy = ((0.7, 0.9), (0.6, 0.8), (0.65, 0.85), (0.7, 0.89))
    use = CompatibilityUse((0.2, 1.0), names, accuracy, lost, (100, 75, 60, 30), (2.0, 1.5, 1.9, 1.2), 200)
    monkeypatch.setattr(compressed.dynviz, "models", lambda: (SimpleNamespace(title="A <b>", data_name="d"),) * 2)
    known = iter([Findings("x", compatibility=use), None])
    monkeypatch.setattr(compressed, "known_findings", lambda card: next(known))
    html = compressed.compressed_sheet()
    assert balanced(html) and html.count("<polyline") == 4 and html.count("<section") == 1
    assert "A &lt;b&gt;" in html and "30 %" in html and "NaN" not in html
