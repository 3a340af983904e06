"""Views: from a Trace alone to pictures, charts and HTML fragments. Nothing here knows of torch or of the app."""

from dynviz.views.charts.budget_curve import CurveChart, budget_curve
from dynviz.views.decisions.panels import Panel, card_html, panels
from dynviz.views.media.overlay import overlay
from dynviz.views.style.theme import COLOURS, css

__all__ = ["COLOURS", "CurveChart", "Panel", "budget_curve", "card_html", "css", "overlay", "panels"]
