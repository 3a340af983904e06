"""Several networks on one video: a line of its candidate frames for each, all on one scale of time."""

from __future__ import annotations

from collections.abc import Sequence

from dynviz.trace import Trace
from dynviz.views.comparing.staves import MOST_READERS, ROWS, reader
from dynviz.views.decisions.frame_states import clock, shots
from dynviz.views.decisions.frames import strip
from dynviz.views.style.svg import data_uri
from dynviz.views.style.words import text

RULER = 16  # frames that are shown above the lines


def timelines(traces: Sequence[Trace], points: Sequence[str]) -> str:
    """At most MOST_READERS traces of one video, one under the other. points: in words, at which budget each ran."""
    traces = traces[:MOST_READERS]
    lines = "".join(
        f'<ol class="dv-rows dv-staves">{reader(i, trace, point)}</ol>{strip(shots(trace))}'
        for i, (trace, point) in enumerate(zip(traces, points, strict=False))
    )
    return f"<style>{ROWS}</style>{_ruler(traces[0])}{lines}" if traces else ""


def _ruler(trace: Trace) -> str:
    """Some of the frames, each above the part of the lines that it stands for, with its time."""
    found, pictures = shots(trace), trace.media.thumbnails
    if not pictures:
        return ""
    count = min(RULER, len(pictures))
    chosen = [int((i + 0.5) * len(pictures) / count) for i in range(count)]
    cells = "".join(
        f'<figure style="flex:1 1 0;min-width:0;margin:0"><img src="{data_uri(pictures[i])}" alt="" '
        'style="display:block;width:100%;aspect-ratio:16/10;object-fit:cover">'
        f'<figcaption class="dv-note" style="white-space:nowrap;width:0">'
        f"{text(clock(found[i].second, i)) if place % 4 == 0 else '&nbsp;'}</figcaption></figure>"
        for place, i in enumerate(chosen)
    )
    return f'<div style="display:flex;gap:1px" aria-hidden="true">{cells}</div>'
