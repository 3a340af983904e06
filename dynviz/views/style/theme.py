"""The look: one set of colours and one stylesheet for every view, in light, dark and projector dress.

Colour-blind safe: blue against orange (Okabe and Ito 2008), viridis and cividis for numbers, and never hue alone.
One language: *spent* is filled, *skipped* is hatched and pale, the *static path* is an outline.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from urllib.parse import quote

FONT = "-apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'Liberation Sans', system-ui, sans-serif"
READING_FONT = "Charter, 'Bitstream Charter', 'Iowan Old Style', Georgia, Cambria, 'Liberation Serif', serif"

COLOURS: dict[str, dict[str, str]] = {
    "light": {
        "page": "#fbfbf9",
        "card": "#ffffff",
        "ink": "#17191d",
        "muted": "#5a5f68",
        "line": "#e4e4df",
        "edge": "#8b8f96",
        "track": "#e4e4df",
        "spent": "#0b6e8f",
        "on-spent": "#ffffff",
        "soft": "#deecf0",
        "tick": "#b4540a",
        "stripe": "#b9b9b1",
        "veil": "#fbfbf9",
    },
    "dark": {
        "page": "#14161a",
        "card": "#1c1f25",
        "ink": "#f3f4f6",
        "muted": "#a6abb5",
        "line": "#2c3037",
        "edge": "#7d838e",
        "track": "#2c3037",
        "spent": "#56b4e9",
        "on-spent": "#0c1116",
        "soft": "#23323f",
        "tick": "#e69f00",
        "stripe": "#565c66",
        "veil": "#14161a",
    },
}
PROJECTOR: dict[str, dict[str, str]] = {
    "light": {"page": "#ffffff", "ink": "#000000", "muted": "#33373d", "line": "#c9c9c3", "stripe": "#85857d"},
    "dark": {"page": "#000000", "ink": "#ffffff", "muted": "#d3d7de", "line": "#474c55", "stripe": "#8d949f"},
}
SERIES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#f0e442")  # Okabe and Ito
VIRIDIS = ("440154", "482878", "3e4989", "31688e", "26828e", "1f9e89", "35b779", "6ece58", "b5de2b", "fde725")
CIVIDIS = ("00224e", "123570", "3b496c", "575d6d", "707173", "8a8678", "a59c74", "c3b369", "e1cc55", "fee838")


def scale_rgb(position: float, stops: tuple[str, ...] = VIRIDIS) -> tuple[int, int, int]:
    """The colour at ``position`` (0..1, clamped; NaN counts as 0) of a colour scale, as 8-bit RGB."""
    place = min(max(position, 0.0), 1.0) * (len(stops) - 1) if position == position else 0.0
    low = min(int(place), len(stops) - 2)
    pairs = zip(bytes.fromhex(stops[low]), bytes.fromhex(stops[low + 1]), strict=True)
    return tuple(round(a + (b - a) * (place - low)) for a, b in pairs)  # type: ignore[return-value]


@cache
def css() -> str:
    """The one stylesheet. It acts inside an element of class ``dynviz`` only.

    ``data-theme="dark"`` or ``"light"`` on that element chooses the dress (without it, light); ``data-projector`` on it
    asks for large type and high contrast.
    """
    sheet = (Path(__file__).parent / "theme.css").read_text(encoding="utf-8")
    light, dark = _variables(COLOURS["light"]), _variables(COLOURS["dark"])
    return "\n".join(
        (
            f".dynviz {{ --dv-font: {FONT}; --dv-reading: {READING_FONT}; {_ramp()} {light} }}",
            f".dynviz[data-theme=dark] {{ color-scheme: dark; {dark} }}",
            f".dynviz[data-projector] {{ {_variables(PROJECTOR['light'])} }}",
            f".dynviz[data-projector][data-theme=dark] {{ {_variables(PROJECTOR['dark'])} }}",
            sheet,
        )
    )


def dark_by_preference() -> str:
    """A rule to put after ``css()`` on a page of its own: dark where the reader's system is, never on paper."""
    return (
        f"@media screen and (prefers-color-scheme: dark) {{ .dynviz {{ color-scheme: dark; "
        f"{_variables(COLOURS['dark'])} }} }}"
    )


def _variables(colours: dict[str, str]) -> str:
    own = " ".join(f"--dv-{name}: {value};" for name, value in colours.items())
    return own + (f" --dv-hatch: {_hatch(colours['stripe'])};" if "stripe" in colours else "")


def _hatch(stripe: str) -> str:
    """A seamless tile of diagonal stripes. Browsers draw a repeating gradient unevenly at this size, a tile never."""
    tile = (
        "<svg xmlns='http://www.w3.org/2000/svg' width='7' height='7'>"
        f"<path d='M-1.75 1.75l3.5-3.5M0 7l7-7M5.25 8.75l3.5-3.5' stroke='{stripe}' stroke-width='1.15'/></svg>"
    )
    return f'url("data:image/svg+xml,{quote(tile)}")'


def _ramp() -> str:
    return f"--dv-viridis: linear-gradient(90deg, {', '.join('#' + stop for stop in VIRIDIS)});"
