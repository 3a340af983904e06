"""The one result type, how it is written to a file and read again, and how a foreign network's run becomes one."""

from dynviz.media.description import Media, Modality
from dynviz.trace.result import Likeness, Prediction, Sweep, Trace, describe

__all__ = ["Likeness", "Media", "Modality", "Prediction", "Sweep", "Trace", "describe"]
