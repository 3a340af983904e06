"""The command line. ``main`` runs one command; each verb is a function in ``verbs``."""

from dynviz.cli.verbs import main

__all__ = ["main"]
