"""Tokens of a vision transformer (or of a text): which went on, which were merged into one."""

from __future__ import annotations

import numpy as np

from dynviz.decisions import Decision, TokenMerge, TokenSelection
from dynviz.trace import Trace
from dynviz.views.decisions.drawer import Drawer, Group
from dynviz.views.decisions.maps import colour_bar, kept_map, maps, number_map
from dynviz.views.decisions.picks import by_hand, saving_line
from dynviz.views.decisions.rows import body, meter, row, rows
from dynviz.views.decisions.spatial import counted_layers, seen_box
from dynviz.views.style.shapes import Box, Cuts, Shape, Veil, mean_maps
from dynviz.views.style.words import counted, percent, unit_words

MOST_CELLS = 64  # more tokens than this without a grid are told by their share


def on_grid(values: np.ndarray, grid: tuple[int, int] | None) -> np.ndarray | None:
    """(tokens,) as (rows, columns); leading extra tokens (a class token) are left off. None where there is no grid."""
    if grid is None or grid[0] * grid[1] > np.size(values) or not grid[0] * grid[1]:
        return None
    return np.asarray(values)[-grid[0] * grid[1] :].reshape(grid)


def draw_selection(trace: Trace, decisions: Group) -> str:
    """A small map per layer for picture tokens, a row of cells per layer for others."""
    items, plain = [], []
    for i, d in enumerate(decisions):
        kept, grid = np.asarray(d.kept, dtype=bool), on_grid(np.asarray(d.kept, dtype=bool), d.grid)
        words = f"{int(kept.sum())} of {kept.size}{by_hand(d)}"
        if grid is not None:
            items.append(kept_map(grid, f"{i + 1} · {unit_words(d.unit)}", words))
        elif kept.size > MOST_CELLS:
            plain.append(row(meter(kept.mean()), words, unit_words(d.unit), disc=i + 1))
        else:
            cells = "".join("<i></i>" if k else '<i class="dv-off"></i>' for k in kept)
            drawn = f'<span class="dv-cells" aria-hidden="true">{cells}</span>'
            plain.append(row(body(drawn), words, unit_words(d.unit), disc=i + 1))
    drawn = (maps(items) if items else "") + (rows(plain) if plain else "")
    note = '<p class="dv-note">filled: the token goes on · hatched: dropped there and in all later layers</p>'
    return saving_line(selection_summary(trace, decisions), decisions) + drawn + note


def selection_summary(trace: Trace, decisions: Group) -> str:
    return f"{int(np.sum(decisions[-1].kept))} of {counted(np.size(decisions[0].kept), 'token')} left at the end"


def _kept_grids(decisions: Group) -> list[np.ndarray]:
    return [g for d in decisions if (g := on_grid(np.asarray(d.kept, dtype=float), d.grid)) is not None]


def selection_shapes(trace: Trace, decisions: Group) -> list[Shape]:
    grids = _kept_grids(decisions)
    return [Veil(1.0 - mean_maps(grids), seen_box(trace))] if grids else []


def selection_sum(trace: Trace, decisions: Group) -> list[Shape]:
    grids = _kept_grids(decisions)
    return counted_layers(grids, trace) if grids else []


def group_sizes(source: np.ndarray) -> np.ndarray:
    """(tokens,) -> (tokens,) how many tokens were merged into the one that each belongs to."""
    _, inverse, counts = np.unique(np.asarray(source), return_inverse=True, return_counts=True)
    return counts[inverse]


def draw_merges(trace: Trace, decisions: Group) -> str:
    """A small map per layer, coloured by how many tokens share one."""
    drawn = [(d, on_grid(group_sizes(d.source), d.grid)) for d in decisions]
    high = max((float(g.max()) for _, g in drawn if g is not None), default=1.0)
    items, plain = [], []
    for i, (d, grid) in enumerate(drawn):
        left = len(np.unique(d.source))
        words = f"{left} of {np.size(d.source)} left{by_hand(d)}"
        if grid is not None:
            items.append(number_map(grid, 1.0, high, f"{i + 1} · {unit_words(d.unit)}", words))
        else:
            plain.append(
                row(body(""), percent(left / max(np.size(d.source), 1)) + " left", unit_words(d.unit), disc=i + 1)
            )
    drawn_maps = maps(items) + colour_bar(1.0, high, "tokens merged into one") if items else ""
    return saving_line(merges_summary(trace, decisions), decisions) + drawn_maps + (rows(plain) if plain else "")


def merges_summary(trace: Trace, decisions: Group) -> str:
    last = decisions[-1]
    return f"{counted(np.size(decisions[0].source), 'token')} merged into {len(np.unique(last.source))}"


def _shared_grids(decisions: Group) -> list[np.ndarray]:
    """Of each layer, the part of a token's work that was done for each patch."""
    return [1 / grid for d in decisions if (grid := on_grid(group_sizes(d.source), d.grid)) is not None]


def merge_shapes(trace: Trace, decisions: Group) -> list[Shape]:
    """Pale where patches shared their tokens; lines between tokens that are not one, as the last layer left them."""
    last = next((d for d in reversed(decisions) if on_grid(d.source, d.grid) is not None), None)
    if last is None:
        return []
    box = seen_box(trace)
    return [Veil(1.0 - mean_maps(_shared_grids(decisions)), box), Cuts(_borders(last, box))]


def merge_sum(trace: Trace, decisions: Group) -> list[Shape]:
    grids = _shared_grids(decisions)
    return counted_layers(grids, trace) if grids else []


def _borders(decision: Decision, box: Box) -> np.ndarray:
    """(lines, 4) borders between neighbouring cells of different groups; runs along a line are joined."""
    cells = on_grid(decision.source, decision.grid)
    height, width = cells.shape
    x0, y0, x1, y1 = box
    wide, tall = (x1 - x0) / width, (y1 - y0) / height
    lines = []
    for r, differs in enumerate(cells[1:] != cells[:-1], start=1):
        lines += [(x0 + a * wide, y0 + r * tall, x0 + b * wide, y0 + r * tall) for a, b in _runs(differs)]
    for c, differs in enumerate((cells[:, 1:] != cells[:, :-1]).T, start=1):
        lines += [(x0 + c * wide, y0 + a * tall, x0 + c * wide, y0 + b * tall) for a, b in _runs(differs)]
    return np.array(lines, dtype=float).reshape(-1, 4)


def _runs(flags: np.ndarray) -> list[tuple[int, int]]:
    """(start, end) of each run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


DRAWERS = {
    TokenSelection: Drawer("Tokens that went on", draw_selection, selection_summary, selection_shapes, selection_sum),
    TokenMerge: Drawer("Tokens merged", draw_merges, merges_summary, merge_shapes, merge_sum),
}
