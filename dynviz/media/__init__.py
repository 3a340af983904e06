"""From a person's file to what a network reads. Every limit on what is accepted lives in this package."""

from dynviz.media.errors import MediaError

__all__ = ["MediaError"]
