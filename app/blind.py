"""What a network's decisions are worth against blind ones, in a sentence for every page that asks whether it pays."""

from __future__ import annotations

from app.strings import say
from dynviz import ModelCard
from dynviz.results.advantage import against_blind
from dynviz.views.style.words import macs_words, points_words


def blind_line(card: ModelCard) -> str:
    """Whether its decisions are better than blind ones, at half its compute; empty where nothing is known of that."""
    found = against_blind(card)
    if found is None:
        return ""
    verdict = "same" if abs(found.gain) <= found.noise else "above" if found.gain > 0 else "below"
    gain = points_words(-found.gain if verdict == "below" else found.gain)
    n = f"{card.operating_points[0].n:,}"
    return say(f"blind.{verdict}", name=found.name, macs=macs_words(found.macs), gain=gain, n=n)
