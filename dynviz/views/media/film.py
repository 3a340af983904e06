"""Videos: the candidate frames as a film strip, each by what happened to it, its regions and the answer after it."""

from __future__ import annotations

from dynviz.trace import Trace
from dynviz.views.decisions.frame_states import LOOKED, STATES, WORDS_FOR, Shot, clock, shots
from dynviz.views.media.overlay import overlay
from dynviz.views.style.svg import data_uri
from dynviz.views.style.words import known, percent, text


def film(trace: Trace) -> str:
    """A picture of every candidate in order of time, numbered by when it was looked at. Empty without thumbnails."""
    found = shots(trace)[: len(trace.media.thumbnails)]
    if not found:
        return ""
    wide, high = max(trace.media.width_px, 1), max(trace.media.height_px, 1)
    drawn = "".join(_shot(trace, shot, f"{wide}/{high}") for shot in found)
    return f'<ol class="dv-film">{drawn}</ol><p class="dv-note">{text(legend(found))}</p>'


def legend(found: list[Shot]) -> str:
    """'number: … · hatched: 40 frames never put through the network'. Plain text."""
    told = ["number: the order in which it looked"]
    for state in STATES[1:]:
        if count := sum(shot.state == state for shot in found):
            told.append(f"hatched: {count:,} frame{'s' if count > 1 else ''} {WORDS_FOR[state]}")
    return " · ".join(told)


def words(shot: Shot) -> str:
    """What happened to a frame, in plain text: 'looked at as number 3, at 96 px; then: dog 87 %'."""
    if shot.state != LOOKED:
        return WORDS_FOR[shot.state]
    told = f"looked at as number {shot.turn}" + (f", at {shot.side_px} px" if shot.side_px else "")
    return told + (f"; then: {shot.label} {percent(shot.sure)}" if known(shot.sure) else "")


def _shot(trace: Trace, shot: Shot, ratio: str) -> str:
    looked = shot.state == LOOKED
    image = f'<img src="{data_uri(trace.media.thumbnails[shot.index])}" alt="{text(words(shot))}">'
    laid = overlay(trace, shot.index) if looked and shot.boxes else ""
    disc = f'<span class="dv-disc"><i>{shot.turn}</i></span>' if looked else ""
    told = [f"{shot.side_px} px" if shot.side_px else "", f"{shot.label} {percent(shot.sure)}" if shot.label else ""]
    said = " · ".join(part for part in told if part) if looked else "not run"
    return (
        f'<li class="dv-shot{"" if looked else " dv-off"}"><figure><span class="dv-still" style="aspect-ratio:{ratio}">'
        f"{image}{laid}{disc}</span><figcaption><b>{text(clock(shot.second, shot.index))}</b> {text(said)}</figcaption>"
        "</figure></li>"
    )
