"""Views: from a Trace alone to pictures, charts and HTML fragments. Nothing here knows of torch or of the app."""

from dynviz.views.charts import CurveChart, budget_curve
from dynviz.views.overlay import overlay
from dynviz.views.panels import Panel, card_html, panels
from dynviz.views.theme import COLOURS, css

__all__ = ["COLOURS", "CurveChart", "Panel", "budget_curve", "card_html", "css", "overlay", "panels"]
