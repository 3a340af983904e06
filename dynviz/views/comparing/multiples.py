"""Small multiples: many networks on one picture at one budget, each with its decisions over the picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dynviz.trace import Trace
from dynviz.views.decisions.panels import answer_line, share_spent
from dynviz.views.decisions.registry import drawer, groups
from dynviz.views.media.overlay import overlay, preview_size, spatial_shapes
from dynviz.views.style.shapes import Heat
from dynviz.views.style.svg import data_uri
from dynviz.views.style.words import macs_words, percent, text, width


def multiples(traces: Sequence[Trace]) -> str:
    """HTML of a figure for each trace; all must be of one input. The picture is in it once, however many there are.

    Large: what was answered and which share of its own static path that took. Filled: spent; hatched: not run.
    """
    if not traces:
        return ""
    media = traces[0].media
    wide, high = preview_size(media)
    picture = f"<style>.dv-multiples .dv-base {{ background-image: url({data_uri(media.preview)}); }}</style>"
    figures = "".join(_figure(trace, wide / high) for trace in traces)
    return f'{picture}<div class="dv-multiples">{figures}</div>'


def strip(trace: Trace) -> str:
    """What ran of everything that the network chose among, in order: a column per decision, filled or hatched.

    Nothing for decisions that lie over the picture, and where nothing is decided.
    """
    columns = []
    for kind, decisions in groups(trace):
        if drawer(kind).shapes is not None:
            continue
        for d in decisions:
            found = kind.parts(lambda name, d=d: np.asarray([getattr(d, name)]))
            parts = np.array([True]) if found is None else found[1][0]
            cells = "".join("<i></i>" if on and d.executed else '<i class="dv-off"></i>' for on in parts)
            columns.append(f"<span>{cells}</span>")
    return f'<div class="dv-strips" aria-hidden="true">{"".join(columns)}</div>' if columns else ""


def _figure(trace: Trace, ratio: float) -> str:
    said, sure = text(trace.prediction.label), text(percent(trace.prediction.confidence))
    share = text(percent(share_spent(trace)))
    alt = f"{trace.title}: {trace.prediction.label}, {percent(share_spent(trace))} of its full compute"
    return (
        f'<figure><div class="dv-picture" role="img" aria-label="{text(alt)}" style="aspect-ratio:{ratio:.5f}">'
        f'<div class="dv-base"></div>{overlay(trace)}</div>{strip(trace)}<figcaption><b>{text(trace.title)}</b>'
        f"<span>{said} <small>{sure}</small></span><small>{text(answer_line(trace))}</small>{_colours(trace)}"
        f'<div class="dv-bar"><i style="width:{width(min(1.0, share_spent(trace)))}"></i></div>'
        f"<small>{text(macs_words(trace.macs))} multiply-adds · {share} of its full compute</small>"
        f"</figcaption></figure>"
    )


def _colours(trace: Trace) -> str:
    """What colours over the picture mean, where there are some: nobody has a legend at hand in the back row."""
    if not any(isinstance(shape, Heat) for shape in spatial_shapes(trace)):
        return ""
    return '<div class="dv-colourbar"><span>few</span><i></i><span>many layers</span></div>'
