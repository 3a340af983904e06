"""Sentences of taking a view away in other forms."""

TEXT: dict[str, str] = {
    "export": "Export",
    "export.line": "Made when you click; each file opens without a network.",
    "export.png": "Picture (PNG)",
    "export.webp": "Animation of the decisions (WebP)",
    "export.mp4": "The same as a video (MP4)",
    "export.svg": "Drawing (SVG)",
    "export.csv": "Table of the decisions (CSV)",
    "export.dynviz": "Trace file, to drop in here again",
    "export.html": "Report (one HTML page)",
    "export.curves.png": "Chart (PNG)",
    "export.curves.svg": "Chart (SVG)",
    "export.curves.csv": "Every point of the chart (CSV)",
    "export.curves.html": "Report (one HTML page)",
    "export.cards.csv": "Table of the networks (CSV)",
    "export.cards.json": "The cards as data (JSON)",
    "export.cards.html": "The cards (one HTML page)",
    "export.pair.png": "Both runs (PNG)",
    "export.pair.html": "Both runs (one HTML page)",
    "export.pair.dynviz": "Trace file: {title}",
}
