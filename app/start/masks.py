"""The first picture of the Start page: the places that a network leaves out of a photo, at a few budgets; and the same
small, where the family that decides about places is offered.
"""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path

from PIL import Image

from app.sheet.sheet import style
from app.start.example import BUDGETS, FIRST, Masks
from app.strings import say
from dynviz import ModelCard
from dynviz.views.decisions.panels import share_spent
from dynviz.views.media.overlay import overlay
from dynviz.views.style.svg import data_uri
from dynviz.views.style.words import percent, text, width

STYLE = Path(__file__).parent / "masks.css"
SMALL_PX = 160  # side of the photo where it is small


def masks_sheet(card: ModelCard, masks: Masks | None) -> str:
    """The photo, a choice of budgets, and of each what was answered and spent. Without ``masks`` the place for them."""
    photo, overlays, figures = "", "", ""
    if masks is not None:
        alt = text(say("start.masks.alt", name=masks.name, title=card.title))
        photo = f'<img src="{data_uri(masks.traces[0].media.preview)}" alt="{alt}">'
    for k in range(len(BUDGETS)):
        trace = masks.traces[k] if masks is not None else None
        overlays += f'<div class="st-at" data-at="{k}">{overlay(trace) if trace else ""}</div>'
        said = trace.prediction.label if trace else "…"
        sure = percent(trace.prediction.confidence) if trace else "…"
        spent = share_spent(trace) if trace else 1.0
        figures += (
            f'<div class="st-at" data-at="{k}"><p class="st-answer"><strong>{text(said)}</strong> {text(sure)}</p>'
            f'<p class="st-share"><b>{text(percent(spent) if trace else "…")}</b> {text(say("start.masks.share"))}</p>'
            f'<div class="dv-bar"><i style="width:{width(min(1.0, spent) if trace else 0.0)}"></i></div></div>'
        )
    choices = "".join(
        f'<label><input type="radio" name="st-budget" value="{k}"{" checked" * (k == FIRST)}'
        f"{' disabled' * (masks is None)}><span>{text(percent(budget))}</span></label>"
        for k, budget in enumerate(BUDGETS)
    )
    line = text(say("start.masks", title=card.title))
    return (
        f'{style(STYLE)}<figure class="st-masks dv-card"{"" if masks else " data-pending"}>'
        f'<div class="dv-picture">{photo}{overlays}</div>'
        f'<div class="st-beside"><h2>{text(say("start.masks.title"))}</h2>'
        f'<p class="st-line">{line}</p>'
        f"<fieldset><legend>{text(say('start.masks.budget'))}</legend>{choices}</fieldset>{figures}</div></figure>"
    )


def family_sheet(card: ModelCard, masks: Masks | None) -> str:
    """The family of ``card`` in a line beside its small picture, or the place for that."""
    picture = small_picture(masks) if masks is not None else '<div class="dv-picture dv-small"></div>'
    words = f"<h2>{text(card.family.capitalize())}</h2><p>{text(say('start.masks.family', title=card.title))}</p>"
    return f'{style(STYLE)}<figure class="st-family">{picture}<figcaption>{words}</figcaption></figure>'


@lru_cache(maxsize=8)
def small_picture(masks: Masks) -> str:
    """The photo with its mask at the budget that is seen first, a few kilobytes, for where a family is offered."""
    trace = masks.traces[FIRST]
    with Image.open(io.BytesIO(trace.media.preview)) as photo:
        small = photo.convert("RGB").resize((SMALL_PX, SMALL_PX), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    small.save(buffer, "WEBP", quality=70)
    alt = text(say("start.masks.alt", name=masks.name, title=trace.title))
    return (
        f'<div class="dv-picture dv-small"><img src="{data_uri(buffer.getvalue())}" alt="{alt}">{overlay(trace)}</div>'
    )
