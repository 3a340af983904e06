"""The Text page: samples, typing, files of every kind, bad input, links, other readers, traces, the packed frames."""

from __future__ import annotations

import base64
import zlib
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import dynviz
from app.live.view.words import NOTHING, reading
from app.strings import say
from app.text.samples import BANK, BY_NAME, NEWS, REVIEW, kind_of, texts_for
from dynviz.media.errors import MediaError
from dynviz.media.table import read_table
from dynviz.trace.file import trace_bytes
from dynviz.views.decisions.step_states import STATES
from dynviz.views.examples.traces import examples
from tests.app.opening import open_page, uploaded
from tests.patience import PAGE_SECONDS
from tests.views.media.test_texts import steps, text_trace


def text_page() -> None:
    from app.text import page as text

    text.page()


def image_page() -> None:
    from app.image import page as image

    image.page()


def opened(page=text_page, **asked: str) -> AppTest:
    return open_page(page, **asked)


def typed(test: AppTest, text: str) -> AppTest:
    test.text_area(key="text_box").set_value(text)
    test.button(key="text_look").click().run()
    assert not test.exception
    return test


def shown(test: AppTest) -> str:
    return test.session_state.text_good["text"].name


@pytest.fixture(scope="module")
def readers() -> list[dynviz.ModelCard]:
    found = [card for card in dynviz.models() if card.modality == "text"]
    if not found:
        pytest.skip("no trained reader is here")
    return found


def test_the_page_opens_with_a_sample_that_fits(readers):
    test = opened()
    state = test.session_state
    card = next(card for card in readers if card.name == state.text_model)
    assert state.text_sample == shown(test) == next(iter(texts_for(card.data)))
    assert not test.error and test.title[0].value == say("text.title", title=card.title)
    assert dict(test.query_params) == {
        "model": card.name,
        "sample": state.text_sample,
        "mode": "budgeted",
        "budget": "0.400",
    }
    assert state.text_payload[1]["reading"]["text"] == BY_NAME[state.text_sample].text


def test_what_is_typed_is_read_and_never_goes_into_the_address(readers):
    test = typed(opened(), "Secret: the film was dreadful.")
    assert shown(test) == say("text.typed") and test.session_state.text_sample is None
    assert "sample" not in test.query_params and "Secret" not in str(test.query_params)
    assert test.session_state.text_payload[1]["reading"]["text"].startswith("Secret")


def test_nothing_that_has_words_breaks_the_page(readers):
    test = opened()
    for text in ("no", "שלום עולם", "我喜欢这部电影", "😀👍🏽", "a" * 3000, "<b>{x}</b> $a$ `c`", "0" * 50):
        typed(test, text)
        assert not test.error and test.session_state.text_payload[1]["reading"]["text"] == text


def test_bad_input_gets_one_sentence_and_the_page_lives_on(readers):
    test = opened()
    first = shown(test)
    assert len(typed(test, " \n ").error) == 1 and shown(test) == first
    for name, data in {
        "empty.txt": b"",
        "photo.txt": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4,
        "paper.docx": b"PK\x05\x06" + bytes(18),
        "empty.csv": b"\n\n",
        "noise.csv": bytes(range(256)) * 40,
    }.items():
        uploaded(test, name, data)
        [error] = test.error
        assert error.value.startswith(name.split(".")[0]) and shown(test) == first
    assert not uploaded(test, "good.txt", b"A fine film.").error and shown(test) == "good.txt"


def test_files_of_any_encoding(readers):
    test = opened()
    for encoding in ("utf-8", "utf-16", "cp1252"):
        uploaded(test, f"{encoding}.md", "A café of a film — “fine”.".encode(encoding))
        assert not test.error and test.session_state.text_good["text"].text.text == "A café of a film — “fine”."


def test_a_row_of_a_table_is_read(readers):
    test = uploaded(opened(), "reviews.csv", b"id;review\n1;A fine film, really.\n2;A bad one.\n")
    assert test.selectbox[0].value == 1 and test.session_state.text_good["text"].text.text == "A fine film, really."
    test.number_input[0].set_value(2).run()
    assert test.session_state.text_good["text"].text.text == "A bad one." and not test.error


def test_a_link_is_followed_and_what_is_unknown_in_it_is_left_out(readers):
    card = next(card for card in readers if kind_of(card.data) == REVIEW)
    test = opened(model=card.name, sample="damning review", budget="0.7")
    assert (test.session_state.text_model, shown(test)) == (card.name, "damning review")
    assert test.session_state.budget == 0.7
    odd = opened(model="nobody", sample="<script>", budget="nan")
    assert not odd.error and odd.session_state.budget == 0.4


def test_other_data_bring_other_samples(readers):
    by_kind = {kind_of(card.data): card for card in readers}
    if len(by_kind) < 2:
        pytest.skip("all readers here were trained on one kind of text")
    for kind, card in by_kind.items():
        test = opened(model=card.name)
        assert BY_NAME[test.session_state.text_sample].kind == kind


@pytest.mark.alone
def test_the_milliseconds_of_the_fused_twin_are_measured_beside_the_loop(readers):
    """Skim-RNN with every word read goes step by step; its pass without deciding is one call of the fused LSTM."""
    card = next((card for card in readers if card.mechanism == "skimming"), None)
    if card is None:
        pytest.skip("no Skim-RNN is here")
    timing = opened(model=card.name).session_state.timing.result(timeout=PAGE_SECONDS)
    assert timing.ms_plain is not None and timing.ms_plain < 0.8 * timing.ms_static


@pytest.mark.parametrize("page", [text_page, image_page])
def test_a_trace_of_a_text_is_replayed_wherever_it_is_dropped(readers, page):
    trace = next(trace for trace in examples() if trace.media.modality == "text")
    test = opened(page)
    value = ("run.dynviz", trace_bytes(trace), "application/zip")
    test.get("file_uploader")[0].set_value(value if page is text_page else [value]).run()
    assert not test.exception and not test.error
    assert test.title[0].value.startswith("What did Skim, jump and stop")


def test_without_readers_the_page_says_how_to_get_them(tmp_path, monkeypatch):
    monkeypatch.setenv("DYNVIZ_PRETRAINED", str(tmp_path))
    assert [info.value for info in opened().info] == [say("text.no_models")]


def test_every_sample_has_a_kind_and_every_kind_samples():
    assert {sample.kind for sample in BY_NAME.values()} == {REVIEW, NEWS, BANK}
    assert kind_of("Banking77 (questions to a bank)") == BANK and kind_of("IMDb (film reviews)") == REVIEW
    assert texts_for("something else") == BY_NAME
    assert 550 < len(BY_NAME["long review"].text.split()) < 700


def unpacked(packed: str, kind: str) -> np.ndarray:
    return np.frombuffer(zlib.decompress(base64.b64decode(packed)), kind)


def test_the_packed_frames_hold_states_scores_and_running_answers():
    running = np.array([[0.9, 0.1], [0.3, 0.7]])
    trace = text_trace("one 😀 two", [steps("us", scores=np.array([0.25, 7.0]), running=running, threshold=0.8)])
    trace = replace(trace, media=replace(trace.media, unknown=np.array([0, 1, 0], bool), notes=("a note",)))
    data = reading({"budgeted": (trace, replace(trace, decisions=()))}, "x")
    assert unpacked(data["cuts"], "<u4").tolist() == [0, 3, 1, 2, 1, 3]  # an emoji is two units to a browser
    assert unpacked(data["strange"], "u1").tolist() == [0, 1, 0]
    mode = data["modes"]["budgeted"]
    state, score, label, sure = unpacked(mode["planes"], "u1").reshape(4, 2, 3).tolist()
    assert [STATES[code] for code in state[0]] == ["update", "skim", "beyond"]
    assert score[0] == [25, NOTHING, NOTHING] and score[1] == [NOTHING] * 3
    assert label[0] == [0, 1, NOTHING] and sure[0] == [90, 70, NOTHING]
    assert mode["limits"] == [80, -1] and mode["stops"] == [-1, -1] and data["beyond"] == 7
    assert data["caption"] == "x · 2 words, 1 mark · 1 not in its vocabulary (dashed) · a note"


def test_tables():
    table = read_table("name\ttext\nA\tone, two\nB\tthree\tmore\n".encode("utf-16"))
    assert table.names == ("column 1", "column 2", "column 3") and table.rows[1] == ("A", "one, two", "")
    assert read_table(b"just one sentence that is much longer than any heading\nand another").names == ("column 1",)
    assert read_table(b'a,b\n1,"two\nlines, quoted"\n').column(1) == ["two\nlines, quoted"]
    for bad in (b"", b"\n \n", bytes(range(256)) * 40):
        with pytest.raises(MediaError):
            read_table(bad)
    many = read_table(b"a,b\n" + b"1,2\n" * 10_100)
    assert len(many.rows) == 10_000 and "10,000" in many.note
