"""Networks that decide, for each moment of a text or a recording, whether to look at it."""
