"""The strip of what a person brought themselves."""
