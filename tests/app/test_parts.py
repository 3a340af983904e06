"""The parts of the app that need no browser: turns, links, samples, strings, themes, and the frames that are sent."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import threading
import time
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import dynviz
from app import budgets
from app.budgets import ANYTIME, BUDGETED
from app.image.samples import SAMPLES, sample_bytes, sample_names
from app.inference_queue import InferenceQueue
from app.live.view.fragments import Fragments
from app.live.view.frames import frames
from app.live.view.photo import picture
from app.strings import PAGES, TEXT, say
from dynviz.decisions import Exit
from dynviz.media.image import read_image
from dynviz.recorder import Stage
from dynviz.trace import Prediction, Trace
from dynviz.trace.anytime import caps
from dynviz.views.charts.budget_curve import budget_curve
from dynviz.views.examples.made_up import example_cards
from dynviz.views.style.theme import COLOURS, FONT
from tests.sample import one_of_each

ROOT = Path(__file__).resolve().parents[2]
LABELS = ("cat", "dog", "sea")
COSTS = (10, 20, 30)
SAID = ((0.5, 0.3, 0.2), (0.2, 0.7, 0.1), (0.05, 0.9, 0.05))


def exits_trace(last: int, **changes: object) -> Trace:
    """Three exits of 10, 20 and 30 MACs; exit number ``last`` (from 0) answered."""
    decisions, stages = [], [Stage("stem", 5, 5)]
    for k, (cost, said) in enumerate(zip(COSTS, SAID, strict=True)):
        ran = k <= last
        choice = "not reached" if not ran else "exit" if k == last else "continue"
        more = {"probabilities": np.array(said), "score": max(said), "threshold": 0.6} if ran else {}
        macs = cost if ran else 0
        decisions.append(Exit(unit=f"e{k}", order=k, choice=choice, executed=ran, macs=macs, macs_static=cost, **more))
        stages.append(Stage(f"e{k}", macs, cost, ran))
    media = read_image(np.full((60, 90, 3), 99, np.uint8))
    content = {
        "model": "tiny",
        "title": "Tiny",
        "labels": LABELS,
        "prediction": Prediction.from_probabilities(np.array(SAID[last]), LABELS),
        "decisions": tuple(decisions),
        "stages": tuple(stages),
        "media": media.media(media.view(30)[1]),
        "macs_ideal": 5 + sum(COSTS[: last + 1]),
    }
    return Trace(**{**content, **changes})


FULL = exits_trace(2, counterfactual=True)


def test_caps_are_the_cumulative_costs_of_the_exits():
    assert caps(FULL) == (15, 35, 65)


def test_equal_fragments_are_sent_once():
    fragments = Fragments()
    traces = (exits_trace(0, budget=0.2), exits_trace(0, budget=0.2), exits_trace(1, budget=0.6))
    sent = frames(fragments, traces, (0.2, 0.4, 0.6), mode=BUDGETED, full=FULL)
    assert sent["slots"]["decisions"][0] == sent["slots"]["decisions"][1] != sent["slots"]["decisions"][2]
    assert len(fragments.pieces) == len(set(fragments.pieces))
    for name, places in sent["slots"].items():
        assert len(places) == 3 and all(0 <= place < len(fragments.pieces) for place in places), name
    assert {len(sent[column]) for column in ("budgets", "says", "words", "steps")} == {3}
    json.dumps(sent)


def test_what_fragments_share_is_sent_once_and_nothing_is_lost():
    fragments = Fragments()
    frames(fragments, (exits_trace(0), exits_trace(1), exits_trace(2)), (0.2, 0.6, 1.0), mode=BUDGETED, full=FULL)
    for html in ("", "data:image/png;base64,AA==", 'One. Two. <b title="1. 2">x < y</b>'):
        fragments.add(html)
    sent = json.loads(json.dumps(fragments.sent()))
    assert ["".join(sent["snippets"][at] for at in piece) for piece in sent["pieces"]] == fragments.pieces
    assert len(sent["snippets"]) == len(set(sent["snippets"])) < sum(map(len, sent["pieces"])) / 2
    before = len(json.dumps(sent))
    again = next(piece for piece in fragments.pieces if "dv-pick" in piece)  # another point with one score changed
    fragments.add(again.replace("50 %", "51 %"))
    assert len(json.dumps(fragments.sent())) - before < len(again) / 2


def test_steps_add_up_to_what_was_spent():
    sent = frames(Fragments(), (exits_trace(1),), (0.5,), mode=BUDGETED)
    assert sent["steps"] == [[round(15 / 65, 4), round(35 / 65, 4)]]


def test_what_later_exits_would_have_said_is_there_and_marked():
    fragments = Fragments()
    sent = frames(fragments, (exits_trace(0), exits_trace(2)), (0.2, 1), mode=BUDGETED, full=FULL)
    early, late = (fragments.pieces[place] for place in sent["slots"]["whatif"])
    assert early.count("<li") == 2 and early.count("dv-off") == 2 and late == ""
    assert "70 %, not run" in early and "90 %, not run" in early and early.count("dog") >= 2
    twins = [fragments.pieces[place] for place in sent["slots"]["twin"]]
    assert "dog (90 %)" in twins[0] and twins[1] == say("twin.ran")


def test_a_single_point_has_no_comparison_with_itself():
    fragments = Fragments()
    sent = frames(fragments, (FULL,), (1.0,), mode=BUDGETED, full=FULL)
    assert fragments.pieces[sent["slots"]["twin"][0]] == ""
    assert fragments.pieces[sent["slots"]["line"][0]] == say("scrubber.single.line")


def test_text_from_outside_is_escaped():
    trace = exits_trace(2, labels=("<script>", "<img src=x>", "c"), title="<b>")
    trace = exits_trace(2, labels=trace.labels, prediction=Prediction("<img src=x>", 0.9, (("<img src=x>", 0.9),)))
    fragments = Fragments()
    frames(fragments, (trace,), (1.0,), mode=ANYTIME, full=trace)
    assert not [piece for piece in fragments.pieces if "<img" in piece or "<script" in piece]


def test_the_caption_says_what_was_not_seen():
    sent = picture(replace(FULL, media=replace(FULL.media, notes=("A note.",))), "name.png")
    assert sent["caption"] == f"name.png · 90 × 60 px · {say('picture.seen', share='33 %')} · A note."
    assert sent["ratio"] == 1.5 and sent["src"].startswith("data:image/")


def test_no_more_are_inside_than_there_are_places():
    gate, inside, most, told = InferenceQueue(2), [], [], []

    def person() -> None:
        with gate.turn(told.append):
            inside.append(1)
            most.append(len(inside))
            time.sleep(0.02)
            inside.pop()

    people = [threading.Thread(target=person) for _ in range(8)]
    for one in people:
        one.start()
    for one in people:
        one.join(timeout=600)
    assert len(most) == 8 and max(most) == 2
    assert max(told) >= 2 and min(told) >= 1


def test_whoever_leaves_the_queue_does_not_block_it():
    gate = InferenceQueue(1)

    def leave(place: int) -> None:
        raise KeyboardInterrupt

    with gate.turn(), pytest.raises(KeyboardInterrupt), gate.turn(leave):
        pass
    with gate.turn(leave):  # the gate is free: nobody is told to wait
        pass


def test_a_failure_inside_gives_the_turn_back():
    gate = InferenceQueue(1)
    for _ in range(3):
        with pytest.raises(ValueError), gate.turn():
            raise ValueError


def test_samples_come_from_the_wheel():
    assert sample_names() == list(SAMPLES)
    for name in sample_names():
        assert min(read_image(sample_bytes(name)).image.size) >= 128  # what most networks look at
    with pytest.raises(KeyError):
        sample_bytes("../secret")
    code = "import sys, app.image.samples as s; [s.sample_bytes(n) for n in s.SAMPLES]"
    code += "; print('skimage.data' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("asked", "budget"),
    [("0.3", 0.3), (None, None), ("nan", None), ("inf", None), ("-1", 0.0), ("99", 2.0), ("x", None)],
)
def test_a_budget_from_a_link_is_bounded(asked, budget):
    assert budgets.parsed(asked) == budget


def test_every_sentence_that_is_asked_for_exists():
    asked = set()
    for path in (ROOT / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("say", "_head") and node.args:
                asked |= {node.args[0].value} if isinstance(node.args[0], ast.Constant) else set()
    assert len(asked) > 40 and asked <= set(TEXT)


def test_a_sentence_stands_in_one_file():
    assert len(TEXT) == sum(len(page.TEXT) for page in PAGES)


def test_streamlit_wears_the_colours_of_the_views():
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    for dress in ("light", "dark"):
        theme, colours = settings["theme"][dress], COLOURS[dress]
        assert theme["primaryColor"] == colours["spent"] and theme["textColor"] == colours["ink"]
        assert theme["backgroundColor"] == colours["page"] and theme["borderColor"] == colours["line"]
    assert settings["theme"]["font"] == FONT
    assert settings["server"]["enableXsrfProtection"] and not settings["browser"]["gatherUsageStats"]
    assert settings["client"]["showErrorDetails"] == "none"


def test_every_kind_of_network_has_its_frames(pictures):
    networks = [card for card in dynviz.models() if card.modality == "image"]
    if not networks:
        pytest.skip("no trained network is here")
    for card in one_of_each(networks):
        swept = dynviz.sweep(card.name, pictures[0])
        fragments = Fragments()
        sent = frames(fragments, swept.traces, swept.budgets, mode=BUDGETED, card=card, full=swept.full)
        assert len(sent["says"]) == len(card.operating_points)
        assert len(json.dumps([fragments.sent(), sent])) < 300_000, card.name


def test_a_budget_stands_on_the_bar_at_its_share_of_the_network_s_own_static_path():
    cards = {card.name: card for card in dynviz.models()}
    dearer = [c for c in cards.values() if c.parent in cards and c.static_macs > 1.1 * cards[c.parent].static_macs]
    if not dearer:
        pytest.skip("no trained network here has a static path that costs more than its parent")
    card, parent = dearer[0], cards[dearer[0].parent]
    trace = exits_trace(0, stages=(Stage("stem", 1, 10),))
    fragments = Fragments()
    sent = frames(fragments, (trace, trace), (0.5, 2.0), mode=BUDGETED, card=card, places=(0, 0))
    assert sent["stands"] == [pytest.approx(0.5 * parent.static_macs / card.static_macs, abs=1e-3), 1.0]
    assert parent.title in fragments.pieces[sent["slots"]["line"][0]]


def test_the_marker_stays_on_the_chart_with_a_hard_cap():
    card = example_cards()[-1]
    trace = exits_trace(0, stages=(Stage("stem", 10_000_000, card.static_macs),))
    fixed = replace(card, curves={"same exit for all": ((trace.macs, 0.8),)})
    chart = budget_curve(fixed, [])
    sent = frames(Fragments(), (trace, trace), (0.1, 0.2), mode=ANYTIME, card=fixed, chart=chart)
    assert sent["marks"][0] == (*chart.place(trace.macs, 0.8, "")[:2], "cap 10 %: 80.0 %")


def test_the_line_compares_the_picture_with_the_average_one():
    networks = [card for card in dynviz.models() if card.anytime and len(card.operating_points) > 1]
    if not networks:
        pytest.skip("no trained network with several operating points is here")
    card, point = networks[0], networks[0].operating_points[0]
    wanted = (("less", 0.5), ("usual", 1.0), ("more", 2.0))
    for word, share in wanted:
        for size in (1, 0.2):  # a small input costs little, and may still take a large share of what it could cost
            stage = Stage("stem", round(point.macs * share * size), round(card.static_macs * size))
            trace = exits_trace(0, stages=(stage,))
            fragments = Fragments()
            sent = frames(fragments, (trace, trace), (0.1, 0.2), mode=BUDGETED, card=card, places=(0, 0))
            assert say(f"scrubber.budgeted.{word}") in fragments.pieces[sent["slots"]["line"][0]]
