"""Kinds of input: one file each knows how it is read, prepared, batched, evaluated on and trained with.

Nothing else in the library asks of which kind an input is; how one is drawn is in ``dynviz.views.medium``. Importing
this table imports no torch.
"""

from __future__ import annotations

from dynviz.registry import Registry

MODALITIES = Registry(
    "dynviz.modalities",
    "kind of input",
    {
        "image": "dynviz.modalities.pictures:PICTURES",
        "text": "dynviz.modalities.texts:TEXTS",
        "series": "dynviz.modalities.recordings:RECORDINGS",
        "video": "dynviz.modalities.clips:CLIPS",
    },
)
