"""The contact sheet: every view over hand-made examples, light and dark side by side, in one self-contained file."""

from __future__ import annotations

from pathlib import Path

from dynviz.trace import Trace
from dynviz.views.charts.budget_curve import budget_curve
from dynviz.views.decisions.panels import card_html, panels
from dynviz.views.examples.made_up import example_cards
from dynviz.views.examples.mechanisms import mechanisms
from dynviz.views.examples.traces import examples, series_example
from dynviz.views.medium import medium_of
from dynviz.views.style.theme import css
from dynviz.views.style.words import LOW_CONFIDENCE, text

__all__ = ["examples", "gallery_html", "series_example", "write_gallery"]

LINES = {  # what is decided, by kind of decision
    "exit": "After each exit the network may answer and stop. What comes after the answer is never run.",
    "layer-skip": "Before each block the network decides whether to run it or to jump over it.",
    "channel-selection": "In each layer the network computes only the groups of channels that this input needs.",
    "expert-choice": "In each block a router sends the input to one of several experts. The others are not run.",
    "kernel-mixture": "Each layer mixes its parameters anew for this input. That buys accuracy, not compute.",
    "route": "At each node the network chooses ways through itself: up to a finer scale, on, or down to a coarser one.",
    "pixel-mask": "Each layer computes only the places that matter and leaves out the rest of the picture.",
    "ponder-map": "Each place is given as many layers as it needs: few for the sky, many for the hard parts.",
    "sampling-offsets": "The layer moves its sampling points to where the object is, instead of a fixed square grid.",
    "region": "It glances at the whole picture, then looks closely at a few regions, one after another.",
    "resolution": "Before it looks, the network decides how large the picture has to be.",
    "token-selection": "The picture is cut into tokens; layer by layer those that say little are dropped.",
    "token-merge": "The picture is cut into tokens; layer by layer those that look alike are merged into one.",
    "step-update": "Step by step the network decides whether to read on, to skim, to jump ahead or to stop.",
    "frame-choice": "The network looks at a few frames of the video, one after another, until it is sure.",
}
_PAGE = """
body { margin: 0; background: #fbfbf9; }
.sheet { padding: 28px 28px 40px; background: var(--dv-page); }
.sheet header { max-width: 46em; margin-bottom: 10px; }
.sheet h1 { font-size: 1.7em; font-weight: 680; letter-spacing: -.015em; line-height: 1.2; margin: 0 0 .25em; }
.sheet header p { color: var(--dv-muted); }
.sheet h2 { font-size: 1.27em; font-weight: 680; letter-spacing: -.01em; margin: 0 0 .3em; }
.sheet h2 + p { font-size: 1.07em; color: var(--dv-muted); margin: 0 0 .9em; max-width: 46em; }
.pair { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); }
.pair + .pair > .sheet { border-top: 1px solid var(--dv-line); }
.stack { display: grid; gap: 16px; }
@media (max-width: 900px) { .pair { grid-template-columns: minmax(0, 1fr); } .sheet { padding: 18px; } }
"""


def write_gallery(path: str | Path) -> Path:
    """Write the contact sheet to ``path`` and return it. The file needs no network and no other file."""
    path = Path(path)
    path.write_text(gallery_html(), encoding="utf-8")
    return path


def gallery_html() -> str:
    """The contact sheet as one HTML page."""
    traces = [*examples(), *mechanisms(), series_example()]
    pairs = "".join(_pair(_example(trace)) for trace in traces) + _pair(_curves())
    intro = (
        "<header><h1>dynviz: all views</h1><p>One picture per kind of decision. Filled: spent. Hatched and pale: "
        "skipped. Outline: the full compute. Every example here is made by hand; nothing was measured.</p></header>"
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>dynviz: all views</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{css()}{_PAGE}</style></head><body>{_pair(intro)}{pairs}</body></html>"
    )


def _pair(inner: str) -> str:
    sheets = "".join(f'<div class="dynviz sheet" data-theme="{theme}">{inner}</div>' for theme in ("light", "dark"))
    return f'<div class="pair">{sheets}</div>'


def _example(trace: Trace) -> str:
    found = {panel.name: panel for panel in panels(trace)}
    first = medium_of(trace.media).html(trace, found["answer"])
    names = ["decisions", "account"] + ["top5"] * (trace.prediction.confidence < LOW_CONFIDENCE)
    cards = "".join(card_html(found[name]) for name in names)
    line = f"<p>{text(LINES[trace.decisions[0].kind])}</p>"
    return f'<h2>{text(trace.title)}</h2>{line}<div class="stack">{first}{cards}</div>'


def _curves() -> str:
    cards = example_cards()
    chart = budget_curve(cards[-1], cards, at=6)
    return (
        '<h2>What a budget buys (hand-made example)</h2><section class="dv-card"><h3 class="dv-title">What this budget '
        f"buys</h3>{chart.svg}</section>"
    )
