"""The Batch page: many inputs at once, the easy and the hard."""
