"""Accuracy against compute, drawn."""
