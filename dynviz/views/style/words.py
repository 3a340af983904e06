"""Numbers and text as people read them: multiply-adds, percent, milliseconds, comparisons, escaped HTML.

Every view formats through this module, so that one number reads the same everywhere.
"""

from __future__ import annotations

import html
import math
from dataclasses import dataclass

LOW_CONFIDENCE = 0.40  # below this the answer is probably none of the things the network knows
MULTIPLY_ADD = "One multiplication and one addition: what the compute of a network is counted in"
_UNITS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


@dataclass(frozen=True)
class MediumWords:
    """noun: one input. step: what a network goes through in it. done: what happened to those that ran."""

    noun: str
    step: str
    done: str


_MEDIA = {
    "image": MediumWords("picture", "place", "places computed"),
    "text": MediumWords("text", "word", "words read"),
    "series": MediumWords("recording", "step", "steps processed"),
    "video": MediumWords("video", "frame", "frames looked at"),
}


def medium_words(modality: str) -> MediumWords:
    """What an input of this kind and its parts are called."""
    return _MEDIA.get(modality, MediumWords("input", "step", "steps processed"))


def macs_words(macs: float) -> str:
    """31_200_000 -> '31 M', 2_140_000 -> '2.1 M', 950 -> '950'. Two digits below ten, whole numbers above."""
    if not math.isfinite(macs):
        return "?"
    size = abs(macs)
    for scale, unit in _UNITS:
        if size >= scale * 0.9995:  # 999,500 and more reads as 1.0 M, never as 1000 k
            value = macs / scale
            return f"{value:.1f} {unit}" if round(abs(value), 1) < 10 else f"{value:.0f} {unit}"
    return f"{macs:.0f}"


def percent(share: float, digits: int = 0) -> str:
    """0.26 -> '26 %'. What rounds to nothing or to everything without being it reads '< 1 %' or '> 99 %'."""
    if not math.isfinite(share):
        return "?"
    step = 10.0**-digits
    value = round(share * 100, digits)
    if value <= 0 < share:
        return f"< {step:.{digits}f} %"
    if value >= 100 > share * 100:
        return f"> {100 - step:.{digits}f} %"
    return f"{value:.{digits}f} %"


def points_words(difference: float) -> str:
    """A difference of two shares in points with its sign: 0.0124 -> '+1.2', -0.004 -> '−0.4'."""
    words = f"{abs(difference) * 100:.1f}"
    return words if words == "0.0" else ("+" if difference > 0 else "−") + words


def ms_words(ms: float) -> str:
    """5.91 -> '5.9 ms', 0.437 -> '0.44 ms', 1234 -> '1.2 s'."""
    if not math.isfinite(ms):
        return "?"
    if ms >= 999.5:
        return f"{ms / 1000:.1f} s"
    if ms >= 99.5:
        return f"{ms:.0f} ms"
    return f"{ms:.1f} ms" if ms >= 0.995 else f"{ms:.2f} ms"


def compared(score: float, threshold: float) -> tuple[str, str, str]:
    """(score, sign, threshold) in as many digits as it takes to tell them apart: ('46 %', '<', '88 %').

    The sign is that of the true numbers; where even three decimals look alike the words are equal.
    """
    sign = "≥" if score >= threshold else "<"
    left = right = ""
    for digits in range(4):
        left, right = percent(score, digits), percent(threshold, digits)
        if left != right and left[0] not in "<>" and right[0] not in "<>":  # "> 99 % ≥ 84 %" would read as a riddle
            break
    return left, sign, right


def known(value: float | None) -> bool:
    """Is there a number? Recorders write NaN where a column holds no threshold."""
    return value is not None and math.isfinite(value)


def number(value: float) -> str:
    """A number on a colour bar or an axis: at most three significant digits, no exponent below a million."""
    if not math.isfinite(value):
        return "?"
    if value == 0:
        return "0"
    if abs(value) >= 1e6:
        return macs_words(value)
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    words = f"{value:.{digits}f}"
    return words.rstrip("0").rstrip(".") if "." in words else words


def counted(count: int, one: str, many: str | None = None) -> str:
    """counted(1, 'exit') -> '1 exit', counted(3, 'exit') -> '3 exits'."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def text(value: object) -> str:
    """Any value as HTML text, safe between tags and in quoted attributes."""
    return html.escape(str(value), quote=True)


def term(words: str, hint: str) -> str:
    """Words of the field as HTML, with what they mean for who points at them or goes there by keyboard."""
    said = text(f"{words}: {hint}")
    told = f'tabindex="0" role="note" aria-label="{said}" data-hint="{text(hint)}"'
    return f'<span class="dv-term" {told}>{text(words)}</span>'


def unit_words(unit: str) -> str:
    """A unit's name as people count: 'layers.0' -> 'layer 1', 'stages.1.blocks.2' -> 'stage 2, block 3'."""
    parts: list[str] = []
    for name in unit.split("."):
        if name.isdigit() and parts:
            last = parts[-1]
            counted_again = last[-1:].isdigit()
            parts[-1] = f"{last}.{int(name) + 1}" if counted_again else f"{last.removesuffix('s')} {int(name) + 1}"
        else:
            parts.append(name.replace("_", " "))
    return ", ".join(parts)


def width(share: float) -> str:
    """A share 0..1 as a CSS length in percent, clamped and short: 0.4567 -> '45.67%'."""
    if not math.isfinite(share):
        return "0%"
    return f"{min(max(share, 0.0), 1.0) * 100:.2f}".rstrip("0").rstrip(".") + "%"
