"""Dynamic width: which channel groups of each layer ran, and which experts, as lanes from layer to layer."""

from __future__ import annotations

import numpy as np

from dynviz.decisions import ChannelSelection, ExpertChoice, joined
from dynviz.trace import Trace
from dynviz.views.decisions.drawer import Drawer, Group
from dynviz.views.decisions.picks import by_hand, cost, forced, hand_note, note, pick, saving_line, scored
from dynviz.views.decisions.rows import body, row, rows
from dynviz.views.style.words import counted, known, text, unit_words, width

MOST_CELLS = 64  # more channel groups than this are drawn together, several to a cell
FEW_CELLS = 16  # as many as can be told apart, and picked


# --- channel groups


def draw_channels(trace: Trace, decisions: Group) -> str:
    """One row per layer, one cell per channel group: filled where it ran, hatched where not."""
    items = []
    for i, d in enumerate(decisions):
        kept = np.asarray(d.kept, dtype=bool)
        cells = f'<span class="dv-cells dv-channels{forced(d)}">{_cells(d, kept, i + 1)}</span>'
        value = f"{kept.sum()} of {kept.size}{by_hand(d)}"
        items.append(row(body(cells), text(value), unit_words(d.unit), disc=i + 1, off=not kept.any()))
    told = note("each cell: a group of the layer's channels", hand_note(decisions))
    return saving_line(channels_summary(trace, decisions), decisions) + rows(items) + told


def _cells(decision: ChannelSelection, kept: np.ndarray, place: int) -> str:
    if len(kept) > FEW_CELLS:
        parts = np.array_split(kept, min(len(kept), MOST_CELLS))
        return "".join("<i></i>" if part.any() else '<i class="dv-off"></i>' for part in parts)
    return "".join(_cell(decision, bool(on), place, k) for k, on in enumerate(kept))


def _cell(decision: ChannelSelection, on: bool, place: int, k: int) -> str:
    groups, width_now = len(decision.kept), int(np.sum(decision.kept))
    score = None if decision.scores is None else float(decision.scores[k])
    said = f"score {score:.2f}" if known(score) else ""
    if said and known(decision.threshold):
        said += f" {'>' if score > decision.threshold else '≤'} {decision.threshold:.2f}"
    # a network drops channels from the last on: switching a group off ends the layer in front of it
    wanted = max(1, k) if on else k + 1
    other = "" if wanted == width_now else f"{wanted} of {groups} groups"
    ran = f"ran{' by hand' if decision.forced else ''}" if on else f"left out{' by hand' if decision.forced else ''}"
    told = (ran, said, f"with {width_now} of {groups} groups the layer {cost(decision)}")
    attributes = pick(
        decision,
        f"Layer {place}, channel group {k + 1}",
        told,
        part=str(k + 1),
        other=other,
        turn=f"Use {wanted} of {groups} groups by hand",
    )
    return f'<i class="dv-pick{"" if on else " dv-off"}"{attributes}></i>'


def channels_summary(trace: Trace, decisions: Group) -> str:
    kept, total = sum(int(np.sum(d.kept)) for d in decisions), sum(int(np.size(d.kept)) for d in decisions)
    return f"{kept} of {counted(total, 'channel group')} ran"


# --- experts


def draw_experts(trace: Trace, decisions: Group) -> str:
    """Lanes: a column per expert, a row per layer; a well is as high as the router's weight, hatched where not run."""
    most = max((len(d.weights) for d in decisions), default=0)
    heads = "".join(f"<i>{k + 1}</i>" for k in range(most))
    items = [
        f'<li class="dv-row dv-lane-head" aria-hidden="true"><span></span><span class="dv-name">expert</span>'
        f'<span class="dv-body"><span class="dv-experts">{heads}</span></span><span class="dv-value"></span></li>'
    ]
    for i, d in enumerate(decisions):
        chosen = sorted(int(k) for k in np.atleast_1d(d.chosen))
        weights = np.nan_to_num(np.asarray(d.weights, dtype=float))
        wells = "".join(_expert(d, weights, chosen, i + 1, k) for k in range(len(weights)))
        names = f"<b>{text(joined(str(k + 1) for k in chosen))}</b> of {len(weights)}{by_hand(d)}"
        items.append(
            row(
                body(f'<span class="dv-experts{forced(d)}">{wells}</span>'),
                names,
                unit_words(d.unit),
                disc=i + 1,
                off=not chosen,
            )
        )
    key = '<i class="dv-key"></i>needed to run' if any(known(d.threshold) for d in decisions) else ""
    height = "height: how strongly the router leans to each expert; only the filled ones ran"
    told = note(key, height, hand_note(decisions))
    return saving_line(experts_summary(trace, decisions), decisions) + rows(items, "dv-lanes") + told


def _expert(decision: ExpertChoice, weights: np.ndarray, chosen: list[int], place: int, k: int) -> str:
    on, limit = k in chosen, decision.threshold
    # one that ran is left out; one that did not runs alone, so that its own answer is seen
    wanted = [other for other in chosen if other != k] if on else [k]
    turn = f"Leave expert {k + 1} out by hand" if on else f"Run expert {k + 1} alone by hand"
    ran = f"{'ran' if on else 'not run'}{' by hand' if decision.forced else ''}"
    said = scored(float(weights[k]), limit)
    if known(limit) and weights[k] >= limit and not on and not decision.forced:
        said += ", but others score higher"
    told = (ran, said, f"its layer {cost(decision)}")
    attributes = pick(
        decision,
        f"Layer {place}, expert {k + 1}",
        told,
        part=str(k + 1),
        other=joined(str(other + 1) for other in wanted),
        turn=turn,
    )
    tick = f'<i class="dv-tick" style="bottom:{width(limit)}"></i>' if known(limit) else ""
    filled = f'<i style="height:{width(float(weights[k]))}"></i>{tick}'
    return f'<i class="dv-pick{"" if on else " dv-off"}"{attributes}>{filled}</i>'


def experts_summary(trace: Trace, decisions: Group) -> str:
    ran, total = sum(np.size(d.chosen) for d in decisions), sum(np.size(d.weights) for d in decisions)
    return f"{ran} of {counted(total, 'expert')} ran"


DRAWERS = {
    ChannelSelection: Drawer("Channel groups", draw_channels, channels_summary),
    ExpertChoice: Drawer("Experts", draw_experts, experts_summary),
}
