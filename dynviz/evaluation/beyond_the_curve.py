"""What is measured of a published network beside its curve (see ``dynviz.results.findings``)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dynviz import zoo
from dynviz.results.findings import Findings, UnlikeUse
from dynviz.training.recipes import Recipe


def measure(recipe: Recipe, folder: Path, report: Callable[[str], None] | None = None) -> Findings | None:
    """The findings for a published network; None where there is nothing to find. ``folder``: of its training."""
    from dynviz.datasets.objects import marked_photos
    from dynviz.datasets.recordings import load_recordings
    from dynviz.evaluation.noise_findings import room_noise
    from dynviz.evaluation.object_findings import object_use
    from dynviz.evaluation.series_findings import beat_use, strangers

    card = zoo.card(recipe.name)
    if recipe.dataset == "mitbih_strips" and card.family != "static":
        return Findings(card.sha256, beats=beat_use(card, load_recordings(recipe.dataset, "test")))
    if recipe.dataset == "fsdd":
        noise = room_noise(card, load_recordings(recipe.dataset, "test"), report)
        return Findings(card.sha256, strangers=strangers(recipe, folder, report), noise=noise)
    if recipe.dataset == "everyday30":
        objects = object_use(card, marked_photos()) if card.family == "spatial-wise" else None
        return Findings(card.sha256, objects=objects, unlike=_unlike(card, report))
    return None


def _unlike(card: zoo.ModelCard, report: Callable[[str], None] | None) -> UnlikeUse | None:
    """None, and said so, without the data sets that the pictures of other things come from."""
    from dynviz.evaluation.unlike_findings import unlike_use

    try:
        return unlike_use(card, report)
    except OSError as error:
        if report:
            report(f"whether it tells what is unlike all it knows is not measured: {error}")
        return None
