"""What each drawer says of its decisions, computed by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dynviz import decisions as kinds
from dynviz.decisions import STEP_ACTIONS
from dynviz.recorder import Stage
from dynviz.trace.steps import read_steps
from dynviz.views.decisions.panels import panels
from dynviz.views.decisions.spatial import sampling_shapes
from dynviz.views.examples.mechanisms import mechanisms
from dynviz.views.examples.traces import examples
from tests.views.fragments import of_class, read, words

ACTION = {name: i for i, name in enumerate(STEP_ACTIONS)}


def drawn(decisions, like: str | None = None, **media) -> str:
    """The decisions panel of an example trace with these decisions instead of its own."""
    decisions = tuple(replace(d, order=i) for i, d in enumerate(decisions))
    trace = next(t for t in examples() if t.decisions[0].kind == (like or decisions[0].kind))
    trace = replace(trace, decisions=decisions, media=replace(trace.media, **media))
    return next(panel.html for panel in panels(trace) if panel.name == "decisions")


def steps(*names: str, targets: dict[int, int] | None = None) -> kinds.StepUpdate:
    landing = np.full(len(names), -1)
    for start, end in (targets or {}).items():
        landing[start] = end
    return kinds.StepUpdate(unit="r", actions=np.array([ACTION[n] for n in names], np.int8), targets=landing)


def panel_of(trace) -> str:
    return next(panel.html for panel in panels(trace) if panel.name == "decisions")


def picked(html: str) -> list[dict[str, str]]:
    return of_class(html, "dv-pick")


def test_blocks():
    html = drawn(
        [
            kinds.LayerSkip(unit="a", executed=True, score=0.75, threshold=0.5, macs=5, macs_static=5),
            kinds.LayerSkip(unit="b", executed=False, score=0.2, threshold=0.5, macs=1_000, macs_static=3_001_000),
        ]
    )  # fmt: skip
    assert "1 of 2 blocks ran · saves 3.0 M" in words(html)
    first, second = of_class(html, "dv-block")
    assert "dv-off" not in first["class"] and "dv-off" in second["class"]
    assert first["title"] == "Block 1 ran: score 75 % ≥ 50 %"
    assert second["title"] == "Block 2 skipped: score 20 % < 50 %"
    heights = [a["style"] for tag, a in read(html).elements if tag == "i" and "height" in a.get("style", "")]
    assert heights == ["height:75%", "height:20%"]
    assert [a["style"] for a in of_class(html, "dv-tick")] == ["bottom:50%"] * 2
    first, second = picked(html)
    assert (first["data-unit"], first["data-other"], first["data-turn"]) == ("a", "skip", "Skip it by hand")
    assert second["data-other"] == "run" and "Saves 3.0 M multiply-adds" in second["data-says"]


def test_blocks_that_always_run_stand_among_the_others():
    trace = next(t for t in examples() if t.decisions[0].kind == "layer-skip")
    decisions = trace.decisions[1:3]
    fixed = Stage("blocks.0", 7_000_000, 7_000_000)
    other = Stage("head.0", 5, 5)  # not of the same name
    stages = (Stage("stem", 9, 9), fixed, *map(Stage.of, decisions), Stage("blocks.norm", 3, 3), other)
    html = panel_of(replace(trace, decisions=decisions, stages=stages))
    blocks = of_class(html, "dv-block")
    assert [("dv-fixed" in a["class"], "dv-off" in a["class"]) for a in blocks] == [
        (True, False), (False, False), (False, True)
    ]  # fmt: skip
    assert blocks[0]["title"] == "block 1 always runs, for 7.0 M multiply-adds" and len(picked(html)) == 2


def test_a_policy_is_one_string_of_bits():
    html = panel_of(mechanisms()[0])
    (bits,) = of_class(html, "dv-bits")
    assert bits["aria-label"] == "1101010101" and "at once, before the first block ran, for 900 k" in words(html)


def test_halting_scores_add_up_to_one_in_each_stage():
    html = panel_of(mechanisms()[1])
    assert "stage 1: 3 of 4 blocks" in words(html) and "stage 3: 4 of 4 blocks" in words(html)
    own = [a["style"] for tag, a in read(html).elements if tag == "i" and "bottom" in a.get("style", "")]
    shares = [float(style.split("height:")[1].rstrip("%")) for style in own if "height" in style]
    # stage 1: 20, 35 and the remaining 45; stage 2: 40 and 60; stage 3: 10, 20, 30 and 40
    assert shares == [20, 35, 45, 40, 60, 10, 20, 30, 40]
    assert len(of_class(html, "dv-rest")) == 3 and len(of_class(html, "dv-fixed")) == 3
    told = [a["title"] for a in of_class(html, "dv-block")]
    assert told[1] == "Block 2 ran: adds 35 %, 55 % so far" and told[2] == "Block 3 ran: counts 45 %, the remainder"


def test_what_was_decided_by_hand_says_so():
    skipped = kinds.LayerSkip(unit="a", choice="skip", executed=False, score=0.9, threshold=0.5, forced=True)
    html = drawn([skipped])
    (one,) = picked(html)
    assert "dv-forced" in one["class"] and "data-hand" in one and "Skipped by hand" in one["data-says"]
    assert "by hand" in words(html) and len(of_class(html, "dv-key-hand")) == 1


def test_channel_groups():
    html = drawn([kinds.ChannelSelection(unit="c", kept=np.array([True, True, False, False]))])
    assert "2 of 4" in words(html) and len(of_class(html, "dv-off")) == 2
    told = [(a.get("data-part"), a.get("data-other")) for a in picked(html)]
    assert told == [("1", "1 of 4 groups"), ("2", "1 of 4 groups"), ("3", "3 of 4 groups"), ("4", "4 of 4 groups")]
    only = drawn([kinds.ChannelSelection(unit="c", kept=np.array([True, False]))])
    assert "data-other" not in picked(only)[0]  # one group has to stay
    many = drawn([kinds.ChannelSelection(unit="c", kept=np.arange(1000) % 2 == 0)])
    assert "500 of 1000" in words(many) and many.count("<i></i>") == 64


def test_experts():
    one = kinds.ExpertChoice(unit="e", chosen=np.array([2]), weights=np.array([0.1, 0.2, 0.7]), threshold=0.4)
    html = drawn([one])
    assert "1 of 3 experts ran" in words(html) and "3 of 3" in words(html) and len(of_class(html, "dv-off")) == 2
    assert [a["data-other"] for a in picked(html)] == ["1", "2", "none"]
    two = drawn([replace(one, chosen=np.array([0, 2]))])
    assert [a["data-other"] for a in picked(two)] == ["3", "2", "1"] and "1+3 of 3" in words(two)
    none = drawn([replace(one, chosen=np.zeros(0, dtype=int), executed=False)])
    assert "none of 3" in words(none) and [a["data-other"] for a in picked(none)] == ["1", "2", "3"]


def test_mixtures():
    html = drawn([kinds.KernelMixture(unit="k", weights=np.array([3.0, 1.0]), macs=7, macs_static=7)])
    assert "saves nothing" in words(html) and "flex:0.7500 0 0" in html and "most: no. 1, 75 %" in words(html)
    strip = drawn([kinds.KernelMixture(unit="k", weights=np.linspace(0.1, 0.9, 40), macs=7, macs_static=7)])
    assert "channels weighed" in words(strip) and "10 % … 90 %" in words(strip)
    assert len(of_class(strip, "dv-strip")) == 1


def test_routes_without_places_are_listed():
    route = kinds.Route(unit="n", edges=("up", "on"), weights=np.array([0.3, 0.7]), ran=np.array([False, True]))
    html = drawn([route])
    assert "1 of 2 ways taken at 1 node" in words(html) and len(of_class(html, "dv-edge")) == 2
    assert [a["class"] for a in of_class(html, "dv-edge")] == ["dv-edge dv-off", "dv-edge"]


def test_routes_are_a_graph():
    def route(layer, scale, edges, ran, choice):
        return kinds.Route(
            unit=f"cells.{layer}.{scale}", layer=layer, edges=edges, weights=np.where(ran, 0.8, 0.1),
            ran=np.array(ran), choice=choice, executed=any(ran),
        )  # fmt: skip

    html = drawn(
        [
            route(0, 0, ("keep", "down"), [False, True], "down"),
            route(1, 0, ("keep", "down"), [False, False], "not reached"),
            route(1, 1, ("up", "keep"), [True, True], "up+keep"),
        ]
    )
    ways = picked(html)
    assert len(ways) == 6 and sum("dv-off" in a["class"] for a in ways) == 3
    toggled = {(a["data-unit"], a["data-part"]): a.get("data-other") for a in ways}
    assert toggled[("cells.0.0", "keep")] == "keep+down" and toggled[("cells.0.0", "down")] == "none"
    assert toggled[("cells.1.1", "up")] == "keep" and toggled[("cells.1.0", "keep")] is None  # nobody is there
    # two layers of two scales, and two ends; all but the cell that was not reached are lit
    assert len(of_class(html, "dv-cell-off")) == 1 and len(of_class(html, "dv-cell-on")) == 4


def test_masks_and_resolutions():
    html = drawn([kinds.PixelMask(unit="p", mask=np.array([[True, False], [False, False]]))])
    assert "25 % of the positions computed in 1 layer" in words(html) and len(of_class(html, "dv-mask-fill")) == 1
    html = drawn([kinds.Resolution(unit="r", side_px=96, options_px=(64, 96))])
    assert "seen at 96 px" in words(html) and len(of_class(html, "dv-cell")) == 1 and len(of_class(html, "dv-rim")) == 1


def test_sampling_points_of_a_few_places_are_drawn_from_each_place():
    """An 8 x 8 grid over a square of 80 px: the middles of cells are 5, 15 ... 75; each looks 1 px to its right."""
    trace = next(trace for trace in examples() if trace.decisions[0].kind == "sampling-offsets")
    middles = np.stack(np.meshgrid(np.arange(8) * 10 + 5.0, np.arange(8) * 10 + 5.0), axis=2).reshape(-1, 2)
    points = np.repeat(middles[:, None], 9, axis=1) + np.array([1.0, 0.0])
    media = replace(trace.media, width_px=80, height_px=80, box_px=(0.0, 0.0, 80.0, 80.0))
    cuts, dots = sampling_shapes(replace(trace, media=media), [kinds.SamplingOffsets(unit="a", points_px=points)])
    assert dots.points_px.shape == (5 * 9, 2) and cuts.lines_px.shape == (5 * 9, 4)
    np.testing.assert_allclose(cuts.lines_px[:, 2:], dots.points_px)
    np.testing.assert_allclose(dots.points_px - cuts.lines_px[:, :2], np.tile((1.0, 0.0), (45, 1)))
    assert {tuple(start) for start in cuts.lines_px[:, :2].tolist()} == {
        (15.0, 15.0), (65.0, 15.0), (45.0, 45.0), (15.0, 65.0), (65.0, 65.0)
    }  # fmt: skip


def test_steps_become_states():
    found = read_steps(
        steps("update", "skim", "jump", "update", "update", "copy", "flush", "stop", "update", targets={2: 5})
    )
    assert found.states == ("update", "skim", "update", "jumped", "jumped", "jumped", "flush", "update", "unread")
    assert found.jumps == ((2, 5),) and found.stop == 7
    assert found.runs()[2] == ("update", 2, 3)


def test_jumps_that_do_not_land_or_land_beyond_the_end():
    assert read_steps(steps("update", "jump", "update")).states == ("update", "jumped", "update")
    beyond = read_steps(steps("update", "jump", "update", "update", targets={1: 99}))
    assert beyond.states == ("update", "update", "jumped", "jumped") and beyond.jumps == ((1, 4),)


def test_a_text_has_a_timeline_of_its_words():
    decision = steps("update", "skim", "jump", "copy", "stop", "update", targets={2: 4})
    html = drawn([decision], "step-update", text="one two three four five six")
    assert "read 3 and skimmed 1 of 6 words, stopped after 5" in words(html) and "three" not in words(html)
    assert len(of_class(html, "dv-jump")) == 1 and len(of_class(html, "dv-halt")) == 1
