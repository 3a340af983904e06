"""The Signals page."""
