"""The two kinds of budget that the app knows, and budgets as addresses give them."""

from __future__ import annotations

import math

BUDGETED, ANYTIME = "budgeted", "anytime"  # an average over inputs; a hard cap for this one
DEFAULT = 0.4
MOST = 2.0  # that an address can ask for


def parsed(asked: str | None) -> float | None:
    """A budget (share of the parent's compute) from an address, within 0..MOST; None for what is no number."""
    try:
        value = float(asked or "")
    except ValueError:
        return None
    return min(max(value, 0.0), MOST) if math.isfinite(value) else None
