"""Recipes of the networks that look at videos. One encoder of frames serves all of them: that of ``frames-mean``."""

from __future__ import annotations

from dynviz.training.recipes.recipe import Recipe

PAPER_TSN = "Wang, Xiong, Wang, Qiao, Lin, Tang & Van Gool 2016, Temporal Segment Networks"

# resolutions of a frame; the smallest is for glances, the largest is what everything else is measured by
ENCODER = {"sides_px": (32, 64, 96, 128), "widths": (12, 24, 48), "depths": (2, 4, 3), "classes": 30}
CLIPS = {
    "modality": "video",
    "dataset": "everyday-video",
    "in_side_px": 128,
    "balance": 0.0,
    "label_smoothing": 0.05,
    "clip": 5.0,
}


def _uniform(count: int) -> Recipe:
    return Recipe(
        name=f"frames-mean-{count}",
        title=f"Mean of {count} frames" if count > 1 else "The middle frame",
        family="static",
        mechanism="none",
        paper=PAPER_TSN,
        network="uniform-frames",
        arguments={"count": count},
        parent="frames-mean",
        members=("frames-mean",),
        weakness="It looks at the same places in time of every video, whatever happens there.",
        **CLIPS,
    )


VIDEO = (
    Recipe(
        name="frames-mean",
        title="Mean of all frames",
        family="static",
        mechanism="none",
        paper=PAPER_TSN,
        network="frames-mean",
        arguments=ENCODER,
        starts={"encoder": "resnet-24m"},
        batch=16,
        epochs=2,
        learning_rate=0.005,
        weakness="Frames that show nothing count as much as those that show everything.",
        **CLIPS,
    ),
    *(_uniform(count) for count in (1, 2, 4, 8, 16)),
)
