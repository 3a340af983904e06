"""What all views share: colours, words and numbers, shapes, axes."""
