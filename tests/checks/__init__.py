"""What tests assert, as functions: a real network or training has to pass, and one with a planted fault must not."""
