"""The live page, shared by every kind of input: what is looked at, the view of its decisions, what follows from it."""
