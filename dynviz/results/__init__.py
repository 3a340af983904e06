"""What was measured, read from cards and shipped tables and held against rivals; no network runs here."""
