"""The one result type, how it is written to a file and read again, and how a foreign network's run becomes one."""

from dynviz.media.description import Media, Modality
from dynviz.trace.result import Prediction, Sweep, Trace, describe

__all__ = ["Media", "Modality", "Prediction", "Sweep", "Trace", "describe"]
