"""What was measured of a network for pictures beside its curve: does it compute where the object is?"""

from __future__ import annotations

from app.attribution.section import attribution_card
from app.sheet.finding import finding, known_findings, shares_table
from app.sheet.sheet import sheet
from app.strings import say
from dynviz import ModelCard
from dynviz.evaluation.operating import best_point
from dynviz.results.findings import ObjectUse
from dynviz.views.style.words import percent

CLOSER = 0.03  # share of the compute; a smaller difference is none


def section(card: ModelCard, budget: float) -> None:
    """The findings of ``card`` at the operating point of ``budget``; nothing where there are none."""
    found = known_findings(card)
    parts = []
    if found is not None and found.objects is not None:
        parts.append(objects_card(found.objects, best_point(card, budget)))
    if found is not None and found.attribution is not None:
        parts.append(attribution_card(card, found.attribution, best_point(card, budget)))
    if parts:
        sheet("".join(parts), key="image_findings")


def objects_card(use: ObjectUse, at: int) -> str:
    """Where the compute fell at operating point ``at``."""
    budget, share, hit = percent(use.budgets[at]), use.on_object[at], use.pointing[at]
    note = say("image.objects.note", people=use.people, fruits=use.fruits, photos=use.people + use.fruits)
    if share is None or hit is None:
        return finding("image.objects", say("image.objects.nothing", budget=budget), "", note)
    closer = share - use.object_share
    kind = "more" if closer >= CLOSER else "less" if closer <= -CLOSER else "same"
    told = {"share": percent(share), "object": percent(use.object_share), "hit": percent(hit)}
    lines = [
        (say("image.objects.compute"), share),
        (say("image.objects.pointing"), hit),
        (say("image.objects.picture"), use.object_share),
    ]
    table = shares_table(lines, say("image.objects.what"), say("image.objects.on"))
    return finding("image.objects", say(f"image.objects.{kind}", budget=budget, **told), table, note)
