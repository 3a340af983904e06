"""The live view: payload, style and script of the scrubber component."""
