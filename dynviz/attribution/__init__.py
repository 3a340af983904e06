"""What an answer depends on, by captum's methods, and whether that is where a network computed."""

from dynviz.attribution.agreement import Agreement, agreement
from dynviz.attribution.methods import METHODS, attribute, methods_for
from dynviz.attribution.result import Attribution

__all__ = ["METHODS", "Agreement", "Attribution", "agreement", "attribute", "methods_for"]
