"""The command line. ``main`` runs one command; each verb is a function in ``verbs`` or a module of its own."""

from dynviz.cli import evaluating, exporting, training  # noqa: F401 - importing them registers their verbs
from dynviz.cli.verbs import main

__all__ = ["main"]
