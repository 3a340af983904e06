"""Several networks on one input: what each spent, on one common scale."""

from __future__ import annotations

from collections.abc import Sequence

from dynviz.trace import Trace
from dynviz.views.decisions.panels import share_spent
from dynviz.views.style.words import macs_words, percent, text, width


def accounts(traces: Sequence[Trace]) -> list[str]:
    """HTML for each trace: executed MACs, their share of its own static path, and a bar on a scale common to all.

    Filled: spent. Hatched: not run. Outline: the network's own static path.
    """
    whole = max(1, *(max(trace.macs, trace.macs_static) for trace in traces))
    return [_account(trace, whole) for trace in traces]


def _account(trace: Trace, whole: int) -> str:
    own = max(trace.macs, trace.macs_static)
    spent = f"{macs_words(trace.macs)} of {macs_words(trace.macs_static)} multiply-adds ran"
    return (
        f'<div class="dv-view"><p class="dv-figures"><span><b>{text(macs_words(trace.macs))}</b> multiply-adds · '
        f'<span class="dv-num">{text(percent(share_spent(trace)))}</span> of its full compute '
        f'(<span class="dv-num">{text(macs_words(trace.macs_static))}</span>)</span></p>'
        f'<div class="dv-bar" role="img" aria-label="{text(spent)}" style="width:{width(own / whole)}">'
        f'<i style="width:{width(trace.macs / max(1, own))}"></i></div></div>'
    )
