"""What a network reaches on labelled samples: scores, calibrated thresholds, operating points, a published card."""
