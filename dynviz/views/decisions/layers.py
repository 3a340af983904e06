"""Depth, width and parameters: blocks skipped, channel groups, experts, kernel mixtures and routes of a supernet."""

from __future__ import annotations

import numpy as np

from dynviz.decisions import ChannelSelection, ExpertChoice, KernelMixture, LayerSkip, Route
from dynviz.trace import Trace
from dynviz.views.decisions.drawer import Drawer, Group
from dynviz.views.decisions.rows import body, meter, row, rows
from dynviz.views.style.words import compared, counted, known, macs_words, percent, text, width

MOST_CELLS = 64  # more channel groups than this are drawn together, several to a cell


def saved(decisions: Group) -> int:
    """MACs that the decisions did not spend of what the static path spends at their units."""
    return sum(d.macs_static - d.macs for d in decisions)


def saving_line(lead: str, decisions: Group) -> str:
    """'<b>12 of 18 blocks ran</b> · saves 54 M', as HTML; it says so when nothing is saved."""
    less = saved(decisions)
    rest = f"saves {macs_words(less)}" if less > 0 else "saves nothing"
    return f'<p class="dv-sum"><b>{text(lead)}</b> · <span class="dv-num">{text(rest)}</span></p>'


def by_hand(decision: object) -> str:
    """A suffix for decisions that a person took."""
    return " · by hand" if getattr(decision, "forced", False) else ""


# --- blocks


def draw_blocks(trace: Trace, decisions: Group) -> str:
    """One well per block: filled to the score, a tick at the threshold, hatched if the block was skipped."""
    blocks = "".join(_block(d, i + 1) for i, d in enumerate(decisions))
    names = dict.fromkeys(getattr(d, "mechanism", "gate") for d in decisions)
    ticked = any(known(d.threshold) for d in decisions)
    key = '<i class="dv-key"></i>needed to run · ' if ticked else ""
    note = f'<p class="dv-note">{key}height: {text(" and ".join(names))} of each block, from the input on the left</p>'
    return saving_line(blocks_summary(trace, decisions), decisions) + f'<ol class="dv-blocks">{blocks}</ol>{note}'


def _block(decision: LayerSkip, place: int) -> str:
    ran = decision.executed
    score = decision.score if known(decision.score) else (1.0 if ran else 0.0)
    tick = f'<i class="dv-tick" style="bottom:{width(decision.threshold)}"></i>' if known(decision.threshold) else ""
    why = "ran" if ran else "skipped"
    if known(decision.score) and known(decision.threshold):
        why += ": " + " ".join(compared(decision.score, decision.threshold))
    title = text(f"{decision.unit} {why}{by_hand(decision)}")
    return (
        f'<li class="dv-block{"" if ran else " dv-off"}" title="{title}"><span class="dv-well" aria-hidden="true">'
        f'<i style="height:{width(score)}"></i>{tick}</span><span class="dv-foot">{place}</span></li>'
    )


def blocks_summary(trace: Trace, decisions: Group) -> str:
    return f"{sum(d.executed for d in decisions)} of {counted(len(decisions), 'block')} ran"


# --- channel groups


def draw_channels(trace: Trace, decisions: Group) -> str:
    """One row per layer, one cell per channel group: filled where it ran, hatched where not."""
    items = []
    for i, d in enumerate(decisions):
        kept = np.asarray(d.kept, dtype=bool)
        value = f"{kept.sum()} of {kept.size}{by_hand(d)}"
        cells = f'<span class="dv-cells" aria-hidden="true">{_cells(kept)}</span>'
        items.append(row(body(cells), text(value), d.unit, disc=i + 1, off=not kept.any()))
    return saving_line(channels_summary(trace, decisions), decisions) + rows(items)


def _cells(kept: np.ndarray) -> str:
    parts = np.array_split(kept, min(len(kept), MOST_CELLS)) if len(kept) else []
    return "".join("<i></i>" if part.any() else '<i class="dv-off"></i>' for part in parts)


def channels_summary(trace: Trace, decisions: Group) -> str:
    kept, total = sum(int(np.sum(d.kept)) for d in decisions), sum(int(np.size(d.kept)) for d in decisions)
    return f"{kept} of {counted(total, 'channel group')} ran"


# --- experts


def draw_experts(trace: Trace, decisions: Group) -> str:
    """One row per layer: a well per expert, as high as the router's weight; those not chosen are hatched."""
    items = []
    for i, d in enumerate(decisions):
        chosen, weights = {int(k) for k in np.atleast_1d(d.chosen)}, np.nan_to_num(np.asarray(d.weights, dtype=float))
        wells = "".join(
            f'<i class="{"" if k in chosen else "dv-off"}"><i style="height:{width(w)}"></i></i>'
            for k, w in enumerate(weights)
        )
        names = ", ".join(str(k + 1) for k in sorted(chosen))
        value = f"<b>{text(names)}</b> of {len(weights)}{by_hand(d)}"
        drawn = f'<span class="dv-experts" aria-hidden="true">{wells}</span>'
        items.append(row(body(drawn), value, d.unit, disc=i + 1))
    note = '<p class="dv-note">height: how strongly the router leans to each expert; only the filled ones ran</p>'
    return saving_line(experts_summary(trace, decisions), decisions) + rows(items) + note


def experts_summary(trace: Trace, decisions: Group) -> str:
    ran, total = sum(np.size(d.chosen) for d in decisions), sum(np.size(d.weights) for d in decisions)
    return f"{ran} of {counted(total, 'expert')} ran"


# --- kernel mixtures


def draw_mixtures(trace: Trace, decisions: Group) -> str:
    """One row per layer: a bar cut into the kernels' weights. All kernels take part, so all of it is filled."""
    items = []
    for i, d in enumerate(decisions):
        weights = np.clip(np.nan_to_num(np.asarray(d.weights, dtype=float)), 0, None)
        shares = weights / weights.sum() if weights.sum() > 0 else np.full(len(weights), 1 / max(len(weights), 1))
        cuts = "".join(
            f'<i style="flex:{share:.4f} 0 0" title="kernel {k + 1}: {text(percent(share))}">'
            f"{k + 1 if share >= 0.08 else ''}</i>"
            for k, share in enumerate(shares)
        )
        best = int(np.argmax(shares)) if len(shares) else 0
        value = f"most: no. {best + 1}, {text(percent(shares[best]))}" if len(shares) else ""
        items.append(row(body(f'<span class="dv-mix" aria-hidden="true">{cuts}</span>'), value, d.unit, disc=i + 1))
    note = (
        '<p class="dv-note">numbers: the kernels, as wide as their share · They are mixed into one before the layer '
        "runs, so each input gets parameters of its own and the layer costs what a plain one costs. This buys "
        "accuracy, not compute.</p>"
    )
    return saving_line(mixtures_summary(trace, decisions), decisions) + rows(items) + note


def mixtures_summary(trace: Trace, decisions: Group) -> str:
    return f"parameters mixed for this input in {counted(len(decisions), 'layer')}"


# --- routes


def draw_routes(trace: Trace, decisions: Group) -> str:
    """Per node of the supernet, its outgoing edges with their weights: filled where taken, hatched where not."""
    parts = []
    for i, d in enumerate(decisions):
        edges = "".join(
            f'<div class="dv-edge{"" if ran else " dv-off"}"><span class="dv-name">{text(name)}</span>'
            f'{meter(weight if ran else None)}<span class="dv-value">{text(percent(float(weight)))}</span></div>'
            for name, weight, ran in zip(d.edges, np.asarray(d.weights, dtype=float), np.asarray(d.ran), strict=True)
        )
        parts.append(
            f'<li class="dv-node"><span class="dv-disc"><i>{i + 1}</i></span><div><div class="dv-node-name">'
            f"{text(d.unit)}{by_hand(d)}</div>{edges}</div></li>"
        )
    note = '<p class="dv-note">percent: weight of each way out of a node; hatched ways were not run</p>'
    listed = f'<ol class="dv-nodes">{"".join(parts)}</ol>'
    return saving_line(routes_summary(trace, decisions), decisions) + listed + note


def routes_summary(trace: Trace, decisions: Group) -> str:
    ran, total = sum(int(np.sum(d.ran)) for d in decisions), sum(len(d.edges) for d in decisions)
    return f"{ran} of {counted(total, 'way')} taken at {counted(len(decisions), 'node')}"


DRAWERS = {
    LayerSkip: Drawer("Blocks", draw_blocks, blocks_summary),
    ChannelSelection: Drawer("Channel groups", draw_channels, channels_summary),
    ExpertChoice: Drawer("Experts", draw_experts, experts_summary),
    KernelMixture: Drawer("Kernels mixed for this input", draw_mixtures, mixtures_summary),
    Route: Drawer("Routes", draw_routes, routes_summary),
}
