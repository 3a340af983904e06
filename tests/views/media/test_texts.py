"""A text with its states: every character stays, each word is marked by what happened to it, whatever decided it."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import numpy as np
import pytest

from dynviz.decisions import STEP_ACTIONS, Exit, StepUpdate, TokenSelection
from dynviz.media.text import read_text
from dynviz.trace import Media, Trace
from dynviz.views.decisions.panels import panels
from dynviz.views.decisions.step_states import STATES, beyond_from, word_states
from dynviz.views.examples.traces import examples
from dynviz.views.export.formats import FORMATS, Context
from dynviz.views.export.report import report
from dynviz.views.media.texts import annotated
from dynviz.views.pictures.stills import WIDTH, still
from dynviz.views.pictures.text_layout import lay_out
from tests.views.fragments import balanced, of_class, read, words

ACTION = {name: i for i, name in enumerate(STEP_ACTIONS)}
WILD = {
    "plain": "It was, in short, a fine film.\n\n  And then… it ended!",
    "right to left": "שלום עולם, זה סרט טוב (2023).\nمرحبا بالعالم",
    "no spaces": "我喜欢这部电影。很好看",
    "emoji": "😀 so good 👩‍👩‍👧 — really 🇫🇮!",
    "one word": "no",
    "markup": "<b>bold</b> & \"quoted\" 'words' </span>",
    "one long word": "a" * 3000,
}


def text_trace(text: str, decisions=(), **changes) -> Trace:
    found = read_text(text)
    like = next(t for t in examples() if t.media.modality == "text")
    ordered = tuple(replace(d, order=i) for i, d in enumerate(decisions))
    return replace(like, media=found.media(), decisions=ordered, **changes)


def steps(names: str, **fields) -> StepUpdate:
    """One letter a word: u(pdate) c(opy) s(kim) f(lush) j(ump) . (stop)."""
    letters = {"u": "update", "c": "copy", "s": "skim", "f": "flush", "j": "jump", ".": "stop"}
    return StepUpdate(unit="r", actions=np.array([ACTION[letters[n]] for n in names], np.int8), **fields)


def states(trace: Trace) -> list[str]:
    return [STATES[code] for code in word_states(trace).codes]


@pytest.mark.parametrize("name", WILD)
def test_every_character_stays_where_it_was(name):
    trace = text_trace(WILD[name])
    count = len(trace.media.spans)
    marked = replace(trace, decisions=(steps("ucsf"[: count or 1] * count + "u" * 4),))
    html = annotated(marked)
    drawn = html[html.index("<p") : html.index("</p>")]
    assert balanced(html) and "".join(read(drawn).words) == WILD[name]
    assert still(marked).width == WIDTH and "could not be drawn" not in report(marked)


def test_a_reader_that_skims_jumps_and_stops():
    targets = np.array([-1, -1, 4, -1, -1, -1, -1])
    trace = text_trace("one two three four five six seven", [steps("usju.uu", targets=targets)])
    assert states(trace) == ["update", "skim", "update", "jumped", "update", "unread", "unread"]
    html = annotated(trace)
    kinds = [a["class"].removeprefix("dv-") for _, a in read(html).elements if a.get("class", "").startswith("dv-")]
    assert kinds[:8] == ["text", "update", "skim", "update", "leap", "jumped", "update", "stop"]
    assert "3 read" in words(html) and "2 never reached" in words(html) and "stops here" in words(html)


def test_words_behind_the_end_of_the_arrays_are_beyond_reach_and_not_skipped():
    trace = text_trace("one two three four", [steps("uc")])
    assert states(trace) == ["update", "jumped", "beyond", "beyond"]
    assert beyond_from(trace, word_states(trace)) == len("one two ")
    assert "2 beyond its reach" in words(annotated(trace))


def test_a_text_that_goes_on_behind_the_last_word_is_beyond_reach_too():
    trace = text_trace("one two three four", [Exit(unit="e", choice="exit"), Exit(unit="f", executed=False)])
    trace = replace(trace, media=replace(trace.media, spans=trace.media.spans[:2]))
    html = annotated(trace)
    assert of_class(html, "dv-beyond") and words(html).startswith("one two three four")
    assert "2 read through 1 of 2 exits" in words(html)
    assert beyond_from(text_trace("one two \n"), word_states(text_trace("one two \n"))) is None


def test_tokens_tell_after_which_layer_they_were_dropped():
    def layer(*kept: int) -> TokenSelection:
        return TokenSelection(unit="l", kept=np.array(kept, bool), scores=np.arange(len(kept)) / 10)

    text = "one two three four five"
    whole = [layer(1, 0, 1, 1), layer(1, 0, 1, 1), layer(1, 0, 0, 1), layer(1, 0, 0, 0)]
    expected = ["update", "dropped-1", "dropped-2", "dropped-3", "beyond"]
    assert states(text_trace(text, whole)) == expected
    survivors = [layer(1, 0, 1, 1), layer(1, 1, 1), layer(1, 0, 1), layer(1, 0)]  # later layers list who is left
    assert states(text_trace(text, survivors)) == expected
    first = [TokenSelection(unit="l", kept=np.array([True, True, False, True]))]  # a class token before three words
    assert states(text_trace("one two three", first)) == ["update", "dropped-1", "update"]


def test_layers_add_up():
    found = states(text_trace("one two three four", [steps("uuuc"), steps("cuuc"), steps("ccuc")]))
    assert found == ["update", "layers-2", "layers-3", "jumped"]


@pytest.mark.parametrize(
    "spans",
    [np.zeros((2, 3)), np.array([[5, 1], [-4, 99]]), np.array([[np.nan, 1.0]]), np.zeros((0, 2)), np.arange(4)],
)
def test_places_from_a_hostile_file_draw_something(spans):
    trace = text_trace("one two three", [steps("uu")])
    trace = replace(trace, media=replace(trace.media, spans=spans))
    html = annotated(trace)
    assert balanced(html) and "".join(read(html[: html.index("</p>")]).words) == "one two three"
    assert still(trace).width == WIDTH


def test_without_places_the_text_is_shown_bare():
    trace = replace(text_trace("one <two>"), media=Media("text", "d", text="one <two>"), decisions=(steps("uu"),))
    assert annotated(trace) == '<p class="dv-text" dir="auto">one &lt;two&gt;</p>' and word_states(trace) is None


def test_twenty_thousand_words_stay_small():
    count = 20_000
    actions = np.tile(np.array([0, ACTION["skim"]], np.int8), count // 2)
    running = np.random.default_rng(0).random((count, 2)).astype(np.float32)
    trace = text_trace("well " * count, [StepUpdate(unit="r", actions=actions, running=running)])
    found = {panel.name: panel.html for panel in panels(trace)}
    assert len(found["decisions"]) < 8_000
    assert "read 10,000 and skimmed 10,000 of 20,000 words" in words(found["decisions"])
    states = word_states(trace)
    assert len(states.runs()) == count and len(still(trace).getbbox()) == 4 and still(trace).height < 6_000


def test_lines_begin_at_their_own_side_and_keep_within_the_page():
    text = "Left to right.\nשלום עולם\n" + "long " * 60 + "x" * 400
    spans = read_text(text).spans
    found = lay_out(text, spans, 500)
    assert found.shown >= len(text)
    assert all(piece.x >= 0 and piece.x + piece.wide <= 500 for piece in found.pieces)
    hebrew = [piece for piece in found.pieces if piece.from_right and not piece.words.isspace()]
    assert hebrew[0].x > hebrew[-1].x and {piece.word for piece in found.pieces} >= set(range(len(spans)))


def test_the_table_of_a_text_has_a_row_for_each_word():
    running = np.array([[0.9, 0.1], [0.2, 0.8], [0.2, 0.8]])
    trace = text_trace("=cmd well, done", [steps("us", scores=np.array([0.25, 0.5]), running=running[:2])])
    data = FORMATS["csv"].make(trace, Context()).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(data)))
    assert [row["text"] for row in rows] == ["'=", "cmd", "well", ",", "done"]
    assert [row["state"] for row in rows] == ["update", "skim", "beyond", "beyond", "beyond"]
    assert (rows[1]["score"], rows[1]["answer"], rows[1]["confidence"]) == ("0.5", trace.labels[1], "0.8")
    assert rows[2]["score"] == rows[2]["answer"] == ""


def test_words_that_the_network_does_not_know_are_marked_in_every_export():
    trace = text_trace("a zyx b", [steps("uss")])
    trace = replace(trace, media=replace(trace.media, unknown=np.array([False, True, False])))
    assert '<span class="dv-strange">zyx</span>' in annotated(trace)
    assert "1 not in its vocabulary" in words(annotated(trace))
    assert "1 not in its vocabulary" in FORMATS["svg"].make(trace, Context()).decode()
    rows = list(csv.DictReader(io.StringIO(FORMATS["csv"].make(trace, Context()).decode("utf-8-sig"))))
    assert [row["known"] for row in rows] == ["true", "false", "true"]
    bare = replace(trace, media=replace(trace.media, unknown=None))
    assert still(trace).tobytes() != still(bare).tobytes() and trace.digest != bare.digest
    assert "dv-strange" not in annotated(bare)
    long = replace(trace, media=replace(trace.media, unknown=np.ones(9, bool)))  # a file may say anything
    assert "3 not in its vocabulary" in words(annotated(long))


def test_an_svg_of_a_text_is_letters_and_lines():
    drawing = FORMATS["svg"].make(text_trace("well done, <you>", [steps("us.u")]), Context()).decode()
    assert "<image" not in drawing and ">done</text>" in drawing and "&lt;" in drawing
    assert "1 skimmed" in drawing and "1 never reached" in drawing  # the legend
