"""dynviz: see where a dynamic neural network spends its compute.

``models()`` lists the shipped networks, ``run()`` puts one on a picture and returns a ``Trace`` of its decisions,
``sweep()`` does so at every operating point. Importing this package imports no torch.
"""

from dynviz.inference import run, sweep
from dynviz.media import MediaError
from dynviz.recorder import Recorder, Setting, Stage
from dynviz.trace import Media, Prediction, Sweep, Trace
from dynviz.trace.foreign import note, record
from dynviz.zoo import CheckpointError, ModelCard, OperatingPoint, load, models

__all__ = [
    "CheckpointError",
    "Media",
    "MediaError",
    "ModelCard",
    "OperatingPoint",
    "Prediction",
    "Recorder",
    "Setting",
    "Stage",
    "Sweep",
    "Trace",
    "load",
    "models",
    "note",
    "record",
    "run",
    "sweep",
]
