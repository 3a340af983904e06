"""The input as it is, with what was decided laid over it: pictures, texts, recordings."""
