"""Labelled data: pictures, texts, recordings, and a person's own."""
