"""A trace drawn without a browser: stills, animations, videos, SVG."""
