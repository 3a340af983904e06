"""What was measured, read from cards and shipped tables and held against baselines; no network runs here."""
