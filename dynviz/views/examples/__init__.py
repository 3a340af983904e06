"""Made-up traces and cards, so that every view can be looked at and tested without a network."""
