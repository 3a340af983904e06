"""The record is the truth: what every shipped network says was skipped has no influence, and what was used has.

A new network is tested here without a line changed; see ``DynamicNetwork.governs`` for what it has to say.
"""

from __future__ import annotations

from dynviz import zoo
from dynviz.decisions import (
    DECISION_TYPES,
    Exit,
    FrameChoice,
    Region,
    Route,
    SamplingOffsets,
    StepUpdate,
    TokenSelection,
)
from tests.checks.given import check_frames, check_regions, check_steps
from tests.checks.inputs import each, prepared, settings, sources, together
from tests.checks.outputs import MASKS, check_masks
from tests.checks.passing import PASSING, check_passing, check_tokens
from tests.checks.records import Tally, check_answer, check_part_leaves, recorded, splitting

CHECKED = {*MASKS, *PASSING, FrameChoice, Region, StepUpdate, TokenSelection}
NOTHING_TO_CHANGE = {
    SamplingOffsets: "everything is used",
    Route: "an edge that is not executed must not be called",
}
READS_ALL = ("skimming", "learned boundaries")  # every step is read by some layer, if only the smallest

CARDS = [card for card in sorted(zoo.models(), key=lambda card: card.data) if card.family != "static"]


@each(CARDS)
def test_what_was_skipped_has_no_influence_and_what_was_used_has(card, pictures):
    network, given, at = zoo.load(card.name), sources(card, pictures), settings(card)
    x, tally = together(card, given), Tally()
    kinds = {type(decision) for setting in at for row in recorded(network, x, setting)[1] for decision in row}
    apart = list(splitting(network, x))[:3] if Exit in kinds else []
    for source in given:
        if kinds & set(MASKS):
            check_masks(network, prepared(card, source), [*at[::2], *apart], tally)
        if kinds & set(PASSING):
            check_passing(network, prepared(card, source), at[::2], tally)
        if FrameChoice in kinds:
            check_frames(network, prepared(card, source), at, tally)
        elif Region in kinds:
            check_regions(network, prepared(card, source), at, tally)
        if StepUpdate in kinds:
            check_steps(network, prepared(card, source), at, tally)
        if TokenSelection in kinds:
            check_tokens(network, prepared(card, source), at, tally)
    if Exit in kinds:
        check_answer(network, x, at)
        check_part_leaves(network, x)
    tally.close()
    assert kinds <= CHECKED | NOTHING_TO_CHANGE.keys(), "no test changes what such a decision says was skipped"
    if kinds & CHECKED - {Region}:  # a region with an affine map is sampled from a view that is seen as a whole
        assert tally.used
    if tally.used and len(card.operating_points) > 1 and card.mechanism not in READS_ALL:
        assert tally.skipped.total(), "at none of its operating points did it skip anything"


def test_every_kind_of_decision_is_checked_or_there_is_a_reason_why_not():
    assert CHECKED | NOTHING_TO_CHANGE.keys() == set(DECISION_TYPES.values())
    assert not CHECKED & NOTHING_TO_CHANGE.keys()
