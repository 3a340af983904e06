"""The Accuracy and compute page."""
