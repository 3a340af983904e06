"""Many people at once, without browsers."""
