"""Recipes of the networks that look at videos. One encoder of frames serves all of them: that of ``frames-mean``."""

from __future__ import annotations

from typing import Any

from dynviz.training.recipes.recipe import Recipe

PAPER_TSN = "Wang, Xiong, Wang, Qiao, Lin, Tang & Van Gool 2016, Temporal Segment Networks"
PAPER_FRAMEEXIT = (
    "Ghodrati, Ehteshami Bejnordi & Habibian 2021, FrameExit: Conditional Early Exiting for Efficient Video Recognition"
)
PAPER_AR_NET = (
    "Meng, Lin, Panda, Sattigeri, Karlinsky, Oliva, Saenko & Feris 2020, AR-Net: Adaptive Frame Resolution for "
    "Efficient Action Recognition"
)

# what all of them are bad at, which comes with the encoder
ENCODED = (
    " It learned from made videos of 30 things: where a real one shows something else, a cup or a motorcycle, it "
    "says french horn or chain saw rather than that it does not know."
)
# resolutions of a frame; the smallest is for glances, the largest is what everything else is measured by
ENCODER = {"sides_px": (32, 64, 96, 128), "widths": (12, 24, 48), "depths": (2, 4, 3), "classes": 30}
CLIPS = {
    "modality": "video",
    "dataset": "everyday-video",
    "in_side_px": 128,
    "balance": 0.0,
    "label_smoothing": 0.05,
    "learning_rate": 0.01,
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
        weakness="It looks at the same places in time of every video, whatever happens there." + ENCODED,
        **CLIPS,
    )


COUNTS = (1, 2, 3, 4, 6, 8, 12, 16, 24)  # frames before an exit


def _from_parent(
    name: str,
    title: str,
    mechanism: str,
    paper: str,
    arguments: dict[str, Any],
    weakness: str,
    family: str = "temporal-wise",
    **training: Any,
) -> Recipe:
    """A network that begins with the parent's encoder, keeps it, and learns what to do with it."""
    own = {
        "parent": "frames-mean",
        "starts": {"": "frames-mean"},
        "epochs": 16,
        "batch": 32,
        "gate_learning_rate": 0.003,
        "ema": 0.99,
    }
    return Recipe(
        name=name,
        title=title,
        family=family,
        mechanism=mechanism,
        paper=paper,
        network=name,
        arguments=ENCODER | arguments,
        weakness=weakness + ENCODED,
        **(CLIPS | own | training),
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
        single_frames=True,
        batch=32,
        epochs=14,
        weakness="Frames that show nothing count as much as those that show everything." + ENCODED,
        **(CLIPS | {"learning_rate": 0.004}),
    ),
    *(_uniform(count) for count in (1, 2, 4, 8, 16)),
    _from_parent(
        "frames-gru",
        "All frames, remembered",
        "none",
        "Cho et al. 2014, Learning Phrase Representations using RNN Encoder-Decoder",
        {},
        "It looks at every frame in full, whatever it shows, and is no better than their mean.",
        family="static",
        epochs=10,
    ),
    _from_parent(
        "frameexit",
        "FrameExit",
        "early exit over frames",
        PAPER_FRAMEEXIT,
        {"counts": (*COUNTS, 32)},
        "Its order is the same for every video: what is to be seen for a moment only is found late.",
    ),
    _from_parent(
        "ar-net",
        "AR-Net",
        "resolution or skip per frame",
        PAPER_AR_NET,
        {},
        "What cannot be told from nothing at 32 px is skipped, and what follows it with it. Below a third of the "
        "parent's compute evenly spread frames are better.",
        epochs=40,
    ),
    _from_parent(
        "scsampler",
        "SCSampler",
        "pre-sampling of key frames",
        "Korbar, Tran & Torresani 2019, SCSampler: Sampling Salient Clips from Video for Efficient Action Recognition",
        {},
        "Frames are scored one by one: it takes ten that show the same. Below a quarter of the parent's compute evenly "
        "spread frames are better.",
    ),
    _from_parent(
        "adafocus",
        "AdaFocus",
        "region per frame",
        "Wang, Chen, Jiang, Song, Han & Huang 2021, Adaptive Focus for Efficient Video Recognition; Wang et al. 2022, "
        "AdaFocus V2",
        {"most": 16, "way": 2, "share": 0.75},
        "It sees a part of each frame only: what fills the picture is cut off. Evenly spread frames in full are "
        "better at the same compute.",
        family="spatial-wise",
        starts={"": "scsampler"},
        single_frames=True,
        batch=16,
        epochs=1,
    ),
    _from_parent(
        "lite-eval",
        "LiteEval",
        "dynamic update of hidden states",
        "Wu, Xiong, Jiang & Davis 2019, LiteEval: A Coarse-to-Fine Framework for Resource Efficient Video Recognition; "
        "Campos et al. 2018, Skip RNN",
        {},
        "It decides about each frame before it has seen the next: the best may come when enough was spent. Below a "
        "sixth of the parent's compute evenly spread frames are better.",
        budget_weight=6.0,
        target=0.3,
        epochs=30,
    ),
    _from_parent(
        "adaframe",
        "AdaFrame",
        "agent that looks for frames",
        "Wu, Xiong, Ma, Socher & Davis 2019, AdaFrame: Adaptive Frame Selection for Fast Video Recognition",
        {"counts": COUNTS},
        "Its agent goes by what frames look like at 32 px, where a small thing is not to be seen. Below a fifth of the "
        "parent's compute evenly spread frames are better.",
        epochs=10,
    ),
)
