"""Places in a picture: pixel masks, ponder maps, deformable sampling and resolutions."""

from __future__ import annotations

import io
from functools import lru_cache

import numpy as np
from PIL import Image

from dynviz.decisions import PixelMask, PonderMap, Resolution, SamplingOffsets
from dynviz.trace import Trace
from dynviz.views.decisions import frames
from dynviz.views.decisions.drawer import Drawer, Group
from dynviz.views.decisions.maps import colour_bar, coloured, kept_map, maps, number_map, span
from dynviz.views.decisions.picks import by_hand, saving_line, stopping_line
from dynviz.views.decisions.rows import body, row, rows
from dynviz.views.style.shapes import Box, Cuts, Dots, Heat, Shape, Tag, Veil, mean_maps, stripes, sum_maps
from dynviz.views.style.svg import data_uri
from dynviz.views.style.words import counted, known, number, percent, text, unit_words

FEW_PLACES = ((0.2, 0.2), (0.8, 0.2), (0.5, 0.5), (0.2, 0.8), (0.8, 0.8))  # x, y: those of all only make a crowd


def seen_box(trace: Trace) -> Box:
    """What the network saw, in pixels of the original; the whole picture where the trace does not say."""
    x0, y0, x1, y1 = trace.media.box_px
    return (x0, y0, x1, y1) if x1 > x0 and y1 > y0 else (0, 0, trace.media.width_px, trace.media.height_px)


# --- pixel masks


def draw_masks(trace: Trace, decisions: Group) -> str:
    items = []
    for first, last in _same_masks(decisions):
        d, several = decisions[first], last > first
        places = (
            f"{first + 1} to {last + 1} · {unit_words(d.unit)} to {unit_words(decisions[last].unit)}"
            if several
            else None
        )
        detail = percent(float(np.mean(d.mask))) + by_hand(d) + (", one mask for all" if several else "")
        items.append(kept_map(d.mask, places or f"{first + 1} · {unit_words(d.unit)}", detail))
    note = '<p class="dv-note">filled: computed · hatched: left out · layers from input to answer</p>'
    return saving_line(masks_summary(trace, decisions), decisions) + maps(items) + note


def _same_masks(decisions: Group) -> list[tuple[int, int]]:
    """(first, last) of each run of layers that share a mask."""
    runs: list[tuple[int, int]] = []
    for i, d in enumerate(decisions):
        if runs and np.array_equal(decisions[runs[-1][1]].mask, d.mask) and decisions[runs[-1][1]].forced == d.forced:
            runs[-1] = runs[-1][0], i
        else:
            runs.append((i, i))
    return runs


def masks_summary(trace: Trace, decisions: Group) -> str:
    share = float(np.mean([np.mean(d.mask) for d in decisions]))
    return f"{percent(share)} of the positions computed in {counted(len(decisions), 'layer')}"


def mask_shapes(trace: Trace, decisions: Group) -> list[Shape]:
    return [Veil(1.0 - mean_maps([np.asarray(d.mask) for d in decisions]), seen_box(trace))]


def counted_layers(maps_of: list[np.ndarray], trace: Trace) -> list[Shape]:
    """How many layers computed each position, of maps that are 1 where a layer did."""
    return _told(coloured(sum_maps(maps_of), 0.0, float(len(maps_of))), trace)


def _told(rgb: np.ndarray, trace: Trace) -> list[Shape]:
    """Colours over the picture, and on it what they mean: the scale stands far from it on a narrow screen."""
    box = seen_box(trace)
    return [Heat(rgb, box), Tag("bright: many layers", box)]


def mask_sum(trace: Trace, decisions: Group) -> list[Shape]:
    return counted_layers([np.asarray(d.mask) for d in decisions], trace)


# --- ponder maps


def draw_ponder(trace: Trace, decisions: Group) -> str:
    low, high = span(np.concatenate([np.ravel(d.map) for d in decisions]))
    items = [
        number_map(
            d.map, low, high, f"{i + 1} · {unit_words(d.unit)}", f"{number(_mean(d.map))} of {number(d.most)} layers"
        )
        for i, d in enumerate(decisions)
    ]
    bar = colour_bar(low, high, "layers given to a position")
    return saving_line(ponder_summary(trace, decisions), decisions) + maps(items, wide=len(items) == 1) + bar


def ponder_summary(trace: Trace, decisions: Group) -> str:
    mean = _mean(np.concatenate([np.ravel(d.map) for d in decisions]))
    return f"{number(mean)} of {number(max(d.most for d in decisions))} layers for a position on average"


def _mean(values: np.ndarray) -> float:
    """The mean of the finite values; 0 where there is none."""
    finite = np.asarray(values, dtype=float)[np.isfinite(values)]
    return float(finite.mean()) if finite.size else 0.0


def ponder_shapes(trace: Trace, decisions: Group) -> list[Shape]:
    mean = mean_maps([np.nan_to_num(d.map) for d in decisions])
    return _told(coloured(mean, *span(mean)), trace)


def ponder_sum(trace: Trace, decisions: Group) -> list[Shape]:
    total = sum_maps([np.nan_to_num(d.map) for d in decisions])
    return _told(coloured(total, *span(total)), trace)


# --- sampling offsets


def draw_sampling(trace: Trace, decisions: Group) -> str:
    items = []
    for i, d in enumerate(decisions):
        points = np.asarray(d.points_px, dtype=float)
        reach = np.linalg.norm(points - points.mean(axis=1, keepdims=True), axis=2).mean() if points.size else 0.0
        items.append(
            row(
                body(f"{counted(points.shape[0], 'place')}, {counted(points.shape[1], 'sample')} each"),
                f"reach {number(float(reach))} px",
                f"layer {d.layer + 1}" if d.layer is not None else unit_words(d.unit),
                disc=i + 1,
            )
        )
    note = (
        '<p class="dv-note">dots on the picture: where the last of these layers looked from five places, instead of '
        "at a square of nine cells around each; whoever points at a place sees its own, of all these layers · reach: "
        "mean distance from the middle of the samples, in pixels of the picture</p>"
    )
    return saving_line(sampling_summary(trace, decisions), decisions) + rows(items) + note


def sampling_summary(trace: Trace, decisions: Group) -> str:
    return f"{counted(sum(int(np.prod(np.shape(d.points_px)[:2])) for d in decisions), 'sampling point')} moved"


def sampling_shapes(trace: Trace, decisions: Group) -> list[Shape]:
    """Of a few places of the last layer: lines from it to where it looked. The grid is square, as the view is."""
    points = np.asarray(decisions[-1].points_px, dtype=float)
    side = round(len(points) ** 0.5)
    if not points.size or side * side != len(points):
        return [Dots(points.reshape(-1, 2))]
    x0, y0, x1, y1 = seen_box(trace)
    cells = [(min(int(x * side), side - 1), min(int(y * side), side - 1)) for x, y in FEW_PLACES]
    looked = np.stack([points[row * side + column] for column, row in dict.fromkeys(cells)])
    middles = np.array([(c + 0.5, r + 0.5) for c, r in dict.fromkeys(cells)]) / side * (x1 - x0, y1 - y0) + (x0, y0)
    lines = np.concatenate([np.broadcast_to(middles[:, None], looked.shape), looked], axis=2)
    return [Cuts(lines.reshape(-1, 4)), Dots(looked.reshape(-1, 2))]


# --- resolutions


def draw_resolutions(trace: Trace, decisions: Group) -> str:
    """The options as squares drawn to one scale: filled the chosen one, hatched those not used."""
    if frames.chooses_by_frame(decisions):
        return frames.draw_resolutions(trace, decisions)
    items = []
    for i, d in enumerate(decisions):
        options = sorted({int(o) for o in d.options_px} | {int(d.side_px)})
        items.append(
            f'<figure class="dv-map dv-sizes">{_squares(options, int(d.side_px), d, trace)}'
            f"<figcaption><b>{text(f'{d.side_px} px')}</b> of up to {options[-1]} px{_frame_words(d)}{by_hand(d)}"
            f"</figcaption></figure>"
        )
        if i == 5 and len(decisions) > 6:
            items.append(f'<p class="dv-note">and {len(decisions) - 6} more</p>')
            break
    told = ["filled: what it was given", "hatched: sizes it could have chosen"]
    if any(d.scores is not None for d in decisions):
        told.append("percent: how good it thought each size would be")
    note = f'<p class="dv-note">{" · ".join(told)}</p>'
    lead = stopping_line(trace, resolutions_summary(trace, decisions), decisions)
    return lead + maps(items, wide=len(items) == 1) + note


def _frame_words(decision: Resolution) -> str:
    return f", frame {decision.frame}" if decision.frame is not None else ""


def _squares(options: list[int], chosen: int, decision: Resolution, trace: Trace) -> str:
    """Squares side by side on one base line, with side and, where known, score under each; in the chosen one what the
    network was given."""
    largest, gap, tall, foot, slot = options[-1], 12.0, 104.0, 40.0, 52.0
    sides = [max(tall * option / largest, 6.0) for option in options]
    places = np.cumsum([0.0] + [max(side, slot) + gap for side in sides])
    known_scores = np.ravel(decision.scores) if decision.scores is not None else ()
    scores = dict(zip(map(int, decision.options_px), known_scores, strict=False))
    parts = []
    for option, side, x in zip(options, sides, places, strict=False):
        middle = x + max(side, slot) / 2
        box = f'x="{middle - side / 2:.1f}" y="{tall - side:.1f}" width="{side:.1f}" height="{side:.1f}" rx="2"'
        if option == chosen:
            parts.append(f'<rect class="dv-cell" {box}/>' + _given(trace, decision, option, (middle, side, tall)))
        else:
            drawn = stripes(middle - side / 2, tall - side, middle + side / 2, tall, 6)
            parts.append(f'<path class="dv-stripes" d="{drawn}" stroke-width=".8"/><rect class="dv-rim" {box}/>')
        bold = ' class="dv-strong"' if option == chosen else ""
        at = f'x="{middle:.1f}" text-anchor="middle" font-size="14"'
        parts.append(f'<text{bold} {at} y="{tall + 18}">{option} px</text>')
        if known(scores.get(option)):
            parts.append(f'<text{bold} {at} y="{tall + 35}">{text(percent(float(scores[option])))}</text>')
    box = f'viewBox="0 0 {places[-1] - gap:.0f} {tall + foot:.0f}"'
    return f'<svg class="dv-line" {box} aria-hidden="true">{"".join(parts)}</svg>'


def _given(trace: Trace, decision: Resolution, side_px: int, place: tuple[float, float, float]) -> str:
    """The seen square at ``side_px``, its pixels as they are. place: middle, side and base line of its square."""
    if not trace.media.preview or decision.frame is not None:
        return ""
    box = seen_box(trace)
    scale = (trace.media.width_px or 1, trace.media.height_px or 1)
    shown = _scaled(trace.media.preview, tuple(edge / scale[i % 2] for i, edge in enumerate(box)), side_px)
    middle, side, tall = place
    inner = side - 4
    return (
        f'<image href="{data_uri(shown)}" x="{middle - inner / 2:.1f}" y="{tall - side + 2:.1f}" width="{inner:.1f}" '
        f'height="{inner:.1f}" preserveAspectRatio="none" style="image-rendering:pixelated"/>'
    )


@lru_cache(maxsize=32)
def _scaled(preview: bytes, box: tuple[float, ...], side_px: int) -> bytes:
    """``box`` of the picture, in shares of it, as a WebP of side_px x side_px."""
    with Image.open(io.BytesIO(preview)) as picture:
        edges = [edge * picture.size[i % 2] for i, edge in enumerate(box)]
        whole = picture.convert("RGB")
        side = min(side_px, 256)  # more pixels than the square on a page has
        if min(edges[0], edges[1]) < 0 or edges[2] > whole.width or edges[3] > whole.height:  # fitted: a margin around
            shown = whole.crop(tuple(round(edge) for edge in edges)).resize((side, side), Image.Resampling.BILINEAR)
        else:
            shown = whole.resize((side, side), Image.Resampling.BILINEAR, box=tuple(edges))
        buffer = io.BytesIO()
        shown.save(buffer, "WEBP", quality=75)
    return buffer.getvalue()


def resolutions_summary(trace: Trace, decisions: Group) -> str:
    if frames.chooses_by_frame(decisions):
        return frames.resolutions_summary(decisions)
    sides = list(dict.fromkeys(d.side_px for d in decisions))
    return "seen at " + ", ".join(str(side) for side in sides[:4]) + (" px" if len(sides) <= 4 else " … px")


def resolution_shapes(trace: Trace, decisions: Group) -> list[Shape]:
    return [Tag(f"seen at {decisions[-1].side_px} px", seen_box(trace))]


DRAWERS = {
    PixelMask: Drawer("Positions computed", draw_masks, masks_summary, mask_shapes, mask_sum),
    PonderMap: Drawer("Layers given to each position", draw_ponder, ponder_summary, ponder_shapes, ponder_sum),
    SamplingOffsets: Drawer("Where it sampled", draw_sampling, sampling_summary, sampling_shapes),
    Resolution: Drawer("Resolution", draw_resolutions, resolutions_summary, resolution_shapes),
}
