"""Lessons: each is a file of data in ``data``; this room reads, checks and shows them."""
