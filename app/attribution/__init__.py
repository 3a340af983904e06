"""What an answer depends on, beside what was computed: a section of every live page."""
