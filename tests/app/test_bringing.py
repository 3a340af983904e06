"""What people bring: kept for them alone; a sentence for what cannot be used; nothing else lost; names as they are."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

import dynviz
from app.live import own as own_inputs
from app.live.bringing import KEPT
from app.live.own import MOST, MOST_BYTES, Own, OwnInputs
from app.live.uploads import literal, read_run
from app.strings import say
from dynviz.trace.file import TraceFileError, trace_bytes
from tests.trace.samples import make_trace

SECONDS = 90


def encoded(kind: str = "PNG", size: tuple[int, int] = (40, 30), colour: str = "teal") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, kind)
    return buffer.getvalue()


BAD = {
    "words.jpg": b"no pixels here",
    "empty.png": b"",
    "half.jpg": encoded("JPEG", (300, 200))[:700],
    "plain.zip": b"PK\x05\x06" + bytes(18),
    "script.svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "dot.png": encoded(size=(1, 1)),
    "long.png": encoded(size=(1, 2000)),
    "trace.dynviz": b"PK\x03\x04" + bytes(100),
}


def image_page() -> None:
    from app.image import page as image

    image.page()


@pytest.fixture
def page() -> AppTest:
    if not any(card.modality == "image" for card in dynviz.models()):
        pytest.skip("no trained network is here")
    fresh = AppTest.from_function(image_page, default_timeout=SECONDS).run()
    assert not fresh.exception
    return fresh


def test_a_strangers_picture_is_looked_at_by_who_knows_most(page):
    found = [card for card in dynviz.models() if card.modality == "image" and card.family != "static"]
    most = max(len(card.labels) for card in found)
    before = dynviz.zoo.card(page.session_state.image_model)
    if len(before.labels) == most:
        pytest.skip("every network here knows as many things")
    bring(page, {"mine.png": encoded()})
    after = dynviz.zoo.card(page.session_state.image_model)
    assert len(after.labels) == most and after.family != "static"


def test_who_has_chosen_a_network_keeps_it(page):
    before = page.session_state.image_model
    page.session_state.image_picked = True
    bring(page, {"mine.png": encoded()})
    assert page.session_state.image_model == before


def bring(page: AppTest, files: dict[str, bytes]) -> AppTest:
    [box] = page.get("file_uploader")
    box.set_value([(name, data, "image/png") for name, data in files.items()]).run()
    assert not page.exception
    return page


def mine(page: AppTest) -> list[str]:
    return [own.name for own in own_inputs.OWN.of(page.session_state.person, "image")]


def shown(page: AppTest) -> str:
    return page.session_state.image_good["image"].name


def test_bad_files_get_a_sentence_each_and_the_first_good_one_is_shown(page):
    first = shown(page)
    bring(page, BAD)
    [error] = page.error
    lines = error.value.split("  \n")
    assert [line.startswith(literal(name)) for name, line in zip(BAD, lines, strict=True)] == [True] * len(BAD)
    assert all(len(line) > 40 and "Error" not in line and "Traceback" not in line for line in lines)
    assert shown(page) == first and mine(page) == []
    bring(page, {"a.png": BAD["words.jpg"], "good.png": encoded(), "b.zip": BAD["plain.zip"], "more.png": encoded()})
    assert shown(page) == "good.png" and mine(page) == ["good.png", "more.png"]
    assert "words" not in page.error[0].value and page.error[0].value.count("  \n") == 1  # old errors do not pile up
    assert not bring(page, {"fine.png": encoded()}).error and shown(page) == "fine.png"


def test_what_was_brought_is_still_there_after_a_sample_and_can_be_taken_away(page):
    bring(page, {"one.png": encoded(), "two.png": encoded(colour="red")})
    group = next(group for group in page.button_group if group.key == "image_sample")
    group.set_value("coffee").run()
    assert shown(page) == "coffee" and mine(page) == ["one.png", "two.png"]
    assert all(own.thumb.startswith("data:image/webp") for own in own_inputs.OWN.of(page.session_state.person, "image"))
    who = page.session_state.person
    again = AppTest.from_function(image_page, default_timeout=SECONDS)
    again.session_state.person = who  # the same browser after a reload
    again.run()
    assert not again.exception and shown(again) == "cat" and mine(again) == ["one.png", "two.png"]


def test_a_reload_shows_what_was_shown_last(page):
    bring(page, {"one.png": encoded()})
    again = AppTest.from_function(image_page, default_timeout=SECONDS)
    again.session_state.person = page.session_state.person
    again.run()
    assert shown(again) == "one.png"
    other = AppTest.from_function(image_page, default_timeout=SECONDS).run()
    assert shown(other) != "one.png" and mine(other) == []


def test_a_run_from_a_file_gives_way_when_a_network_is_picked(page):
    bring(page, {"holiday.jpg": trace_bytes(make_trace())})
    assert not page.error and page.caption[0].value == say("image.replayed", name=literal("holiday.jpg"))
    from app.image.page import PAGE

    assert PAGE.is_trace(own_inputs.OWN.shown(page.session_state.person, "image"))


def test_few_are_kept_ready(page):
    bring(page, {f"{i}.png": encoded(colour=f"#{i:02x}40a0") for i in range(8)})
    assert len(mine(page)) == 8 and len(page.session_state.image_ready) <= KEPT


def test_what_people_bring_is_bounded_and_goes_after_a_while():
    now = [0.0]
    everybody = OwnInputs(clock=lambda: now[0])
    for i in range(MOST):
        assert everybody.add("a", Own(str(i), "image", f"{i}.png", b"x")) == []
    assert everybody.add("a", Own("last", "image", "last.png", b"x")) == ["0.png"]
    assert len(everybody.of("a", "image")) == MOST and everybody.of("b", "image") == [] == everybody.of("a", "text")
    big = bytes(MOST_BYTES - 10)
    assert len(everybody.add("a", Own("big", "image", "big.png", big))) == MOST - 10
    assert everybody.add("b", Own("big", "image", "big.png", big)) == []  # nobody pays for another
    everybody.show("b", "image", "big")
    assert everybody.shown("b", "image").name == "big.png" and everybody.shown("a", "image") is None
    everybody.remove("b", "big")
    assert everybody.shown("b", "image") is None
    now[0] += own_inputs.GONE_AFTER_S + 1
    assert everybody.of("a", "image") == []


def test_a_zip_of_something_else_is_a_trace_file_error():
    with pytest.raises(TraceFileError):
        read_run("x.zip", BAD["plain.zip"])
    assert read_run("run.dynviz", trace_bytes(make_trace())).trace == make_trace()


def test_names_from_outside_are_taken_literally():
    assert literal("a*b_[x](javascript:1)<b>") == r"a\*b\_\[x\]\(javascript\:1\)\<b\>"
    assert say("files.bad", name=literal("$a$"), reason="no") == r"\$a\$: no"
