"""What was measured of a network beside its curve, as a card of a sheet: a lead, a table of shares, how it was done."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.live.uploads import literal
from app.strings import say
from dynviz import CheckpointError, ModelCard
from dynviz.results.findings import Findings, read_findings
from dynviz.views.decisions.rows import meter
from dynviz.views.style.words import percent, text


def known_findings(card: ModelCard) -> Findings | None:
    """The findings of ``card``; None where there are none, or where they are damaged, which is then said."""
    try:
        return read_findings(card)
    except CheckpointError as error:
        st.error(say("error.network", title=literal(card.title), reason=literal(str(error))))
        return None


def finding(title: str, lead: str, inner: str, note: str) -> str:
    """title: the key of a string. inner: finished HTML; the rest is plain text."""
    return (
        f'<section class="dv-card dv-view"><h3 class="dv-title">{text(say(title))}</h3><p>{text(lead)}</p>{inner}'
        f'<p class="dv-note">{text(note)}</p></section>'
    )


def shares_table(lines: Sequence[tuple[str, float]], what: str, share: str) -> str:
    """A table of (words, share in 0..1) with a bar each. what, share: the heads of its columns."""
    heads = f'<th scope="col">{text(what)}</th><th scope="col" class="num">{text(share)}</th><th class="bar"></th>'
    rows = "".join(
        f'<tr><td>{text(words)}</td><td class="num">{text(percent(part))}</td><td class="bar">{meter(part)}</td></tr>'
        for words, part in lines
    )
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
