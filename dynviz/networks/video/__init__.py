"""Networks that look at videos and choose frames, resolutions and regions."""
