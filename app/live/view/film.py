"""What the live view is sent of a video: its candidate frames once, then a few numbers a frame for each budget."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.strings import TEXT, say
from dynviz import Trace
from dynviz.views.decisions.frame_states import GLANCED, Shot, clock, shots
from dynviz.views.media.overlay import overlay
from dynviz.views.style.svg import data_uri
from dynviz.views.style.words import macs_words, number

TELL = ("looked", "side", "then", "price", "glanced", "skipped", "roll", "pause", "now")  # the browser fills their gaps


def film(modes: dict[str, tuple[Trace, ...]], name: str) -> dict[str, Any]:
    """modes: the traces of each mode, all on one video."""
    first = next(iter(modes.values()))[0]
    media, found = first.media, shots(first)
    pictures = [data_uri(picture) for picture in media.thumbnails]
    places = {label: place for place, label in enumerate(first.labels)}
    points = {mode: [shots(trace) for trace in traces] for mode, traces in modes.items()}
    answers = any(shot.label for own in points.values() for at in own for shot in at)
    costs = _Costs([shot for own in points.values() for at in own for shot in at])
    seconds = [shot.second if shot.second is not None else float(shot.index) for shot in found]
    return {
        "src": pictures,
        "width": media.width_px,
        "height": media.height_px,
        "ratio": round(media.width_px / max(media.height_px, 1), 5),
        "seconds": [round(second, 3) for second in seconds],
        "times": [clock(shot.second, shot.index) for shot in found],
        "base": overlay(replace(first, decisions=())),
        "labels": list(first.labels),
        "tell": {key: TEXT[f"video.film.{key}"] for key in TELL},
        "note": say("video.film.note" if answers else "video.film.note.once"),
        "label": say("video.film.label"),
        "caption": " · ".join(part for part in (name, _length(first, found), *media.notes) if part),
        "lanes": {"sure": say("video.film.lane.sure"), "cost": say("video.film.lane.cost")},
        "modes": {
            mode: [
                _point(own, places) | {"cost": [costs.place(shot) for shot in own], "spent": _spent(trace, own)}
                for trace, own in zip(modes[mode], points[mode], strict=True)
            ]
            for mode in modes
        },
        "costs": costs.sent,
        "largest": max((shot.most_px or 0 for own in points.values() for at in own for shot in at), default=0),
    }


class _Costs:
    """What frames cost, each once: [look, glance and deciding], in thousandths of the dearest, and all in words."""

    def __init__(self, found: list[Shot]) -> None:
        self._dearest = max((shot.macs for shot in found), default=0) or 1
        self._places: dict[tuple[int, int], int] = {}
        self.sent: list[list[Any]] = []

    def place(self, shot: Shot) -> int:
        key = (shot.macs, shot.glance_macs)
        if key not in self._places:
            self._places[key] = len(self.sent)
            parts = (round(1000 * macs / self._dearest) for macs in (shot.macs - shot.glance_macs, shot.glance_macs))
            self.sent.append([*parts, macs_words(shot.macs) if shot.macs else ""])
        return self._places[key]


def _spent(trace: Trace, found: list[Shot]) -> str:
    """'Multiply-adds: 105 M for 5 looks · 44 M for 64 glances and deciding · 0.1 M for the answer'."""
    looks, glances = sum(s.macs - s.glance_macs for s in found), sum(s.glance_macs for s in found)
    rest = trace.macs - looks - glances
    looked, glanced = sum(s.turn is not None for s in found), sum(s.glance_macs > 0 for s in found)
    parts = [say("video.film.spent.looks", macs=macs_words(looks), count=looked, whole=len(found))]
    if glances:
        parts.append(say("video.film.spent.glances", macs=macs_words(glances), count=glanced))
    if rest > 0:
        parts.append(say("video.film.spent.rest", macs=macs_words(rest)))
    return say("video.film.spent", parts=" · ".join(parts))


def _point(found: list[Shot], places: dict[str, int]) -> dict[str, Any]:
    """What happened to each frame at one operating point, as columns."""
    return {
        "turn": [shot.turn or 0 for shot in found],
        "side": [shot.side_px or 0 for shot in found],
        "glanced": [int(shot.state == GLANCED) for shot in found],
        "label": [places.get(shot.label, -1) for shot in found],
        "sure": [round((shot.sure or 0.0) * 100) for shot in found],
        "boxes": {shot.index: [[round(edge, 1) for edge in box] for box in shot.boxes] for shot in found if shot.boxes},
    }


def _length(trace: Trace, found: list[Shot]) -> str:
    """'1920 × 1080 px, 64 of its frames, up to 0:59.5'."""
    media = trace.media
    size = f"{media.width_px:,} × {media.height_px:,} px"
    last = found[-1].second if found else None
    if last is None:
        return say("video.length.untimed", size=size, frames=len(found))
    every = number(last / max(len(found) - 1, 1)) if len(found) > 1 else "0"
    return say("video.length", size=size, frames=len(found), last=clock(last, 0), every=every)
