"""The chart of accuracy against compute on the page: the figure, a ring around the chosen point, clicks, the legend."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from app import projector
from app.accuracy.sheets import legend
from app.sheet.sheet import sheet
from dynviz import ModelCard
from dynviz.results.published import Published
from dynviz.views.charts.plot_layout import PROJECTOR, SCREEN, Frame

if TYPE_CHECKING:
    from dynviz.views.charts.plots import CurvePlot

CHART = "accuracy_chart"
RING_PX = 22
STYLE = """<style>
.st-key-accuracy_curves { gap: 0 !important; } /* the ring counts on it */
.st-key-accuracy_curves text { fill: currentColor !important; } /* Streamlit's own grey is too pale to read afar */
</style>"""


def chart(
    cards: Sequence[ModelCard],
    references: tuple[Published, ...],
    baselines: bool,
    chosen: tuple[float, float],
    on_choice: Callable[[str, int], None],
) -> None:
    """Draw ``cards``. chosen: (mean MACs, accuracy) to ring. on_choice: told of a click as (network, point's index)."""
    frame = PROJECTOR if projector.is_on() else SCREEN
    key = (frame, baselines, len(references), *((card.name, card.sha256, card.operating_points) for card in cards))
    plot = _plot(key, cards, references, baselines, frame)
    st.html(STYLE)
    with st.container(key="accuracy_curves"):
        st.html(_ring(plot, chosen))
        st.plotly_chart(
            plot.figure,
            key=CHART,
            on_select=lambda: _clicked(on_choice),
            selection_mode="points",
            config={"displayModeBar": False, "doubleClick": False},
            alt=plot.summary,
        )
    sheet(legend(plot.keys), key="accuracy_legend")


@st.cache_resource(max_entries=32, show_spinner=False)
def _plot(
    key: tuple, _cards: Sequence[ModelCard], _references: tuple[Published, ...], baselines: bool, frame: Frame
) -> CurvePlot:
    from dynviz.views.charts.plots import accuracy_compute  # Plotly takes half a second to import

    return accuracy_compute(_cards, references=_references, baselines=baselines, frame=frame)


def _clicked(on_choice: Callable[[str, int], None]) -> None:
    """A point was clicked, or the one chosen last was clicked again, which Plotly calls an empty selection."""
    state = st.session_state
    points = state[CHART]["selection"]["points"]
    if points and points[0].get("customdata"):
        state.accuracy_clicked = tuple(points[0]["customdata"])
    elif points or "accuracy_clicked" not in state:
        return
    on_choice(*state.accuracy_clicked)


def _ring(plot: CurvePlot, chosen: tuple[float, float]) -> str:
    """A ring laid over the figure. The figure itself stays as it is: with other data it would be drawn anew."""
    across, down = plot.place(*chosen)
    frame = plot.frame
    left = f"calc({frame.left}px + (100% - {frame.left + frame.right}px) * {across:.4f} - {RING_PX / 2}px)"
    top = frame.top + down * (frame.height - frame.top - frame.bottom) - RING_PX / 2
    return (
        '<div aria-hidden="true" class="accuracy-ring" style="position:absolute;z-index:2;pointer-events:none;'
        f"left:{left};top:{top:.1f}px;width:{RING_PX}px;height:{RING_PX}px;"
        'border:2.5px solid currentColor;border-radius:50%;box-sizing:border-box"></div>'
    )
