"""What goes wrong with a person's file."""


class MediaError(ValueError):
    """Input that cannot be used. Its text is one sentence for the person: what was wrong and what is accepted."""
