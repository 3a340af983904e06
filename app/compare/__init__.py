"""The Compare page: one input, several networks, one scrubber."""
