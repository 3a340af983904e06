"""The command line. ``main`` runs one command; each verb is a function in ``verbs`` or a module of its own."""

from dynviz.cli import exporting  # noqa: F401 - importing it registers the verb
from dynviz.cli.verbs import main

__all__ = ["main"]
