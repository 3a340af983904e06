"""The row that most drawers use: a number, a name, a meter or other body, a value. One look for all of them."""

from __future__ import annotations

from dynviz.views.style.words import known, text, width


def row(
    body: str,
    value: str,
    name: str,
    *,
    disc: int | None = None,
    taken: bool = False,
    off: bool = False,
    picked: str = "",
) -> str:
    """One list item. ``body`` and ``value`` are HTML, ``name`` is plain text. off: not executed, hatched and pale.

    picked: attributes of ``picks.pick``, where the row as a whole can be picked.
    """
    classes = (
        "dv-row"
        + (" dv-pick" if picked else "")
        + (" dv-taken" if taken else "")
        + (" dv-off" if off else "")
        + (" dv-plain" * (disc is None))
    )
    number = "" if disc is None else f'<span class="dv-disc"><i>{disc}</i></span>'
    label = text(name)
    return (
        f'<li class="{classes}"{picked}>{number}<span class="dv-name" title="{label}">{label}</span>{body}'
        f'<span class="dv-value">{value}</span></li>'
    )


def meter(share: float | None, threshold: float | None = None, *, quiet: bool = False) -> str:
    """A bar filled to ``share`` with a tick at ``threshold`` (both 0..1). None: nothing was computed, hatched."""
    fill = f'<i style="width:{width(share)}"></i>' if known(share) else ""
    tick = f'<i class="dv-tick" style="left:{width(threshold)}"></i>' if known(threshold) else ""
    return f'<span class="dv-meter{" dv-quiet" * quiet}" aria-hidden="true">{fill}{tick}</span>'


def rows(items: list[str], kind: str = "") -> str:
    """An ordered list of rows."""
    return f'<ol class="dv-rows {kind}">{"".join(items)}</ol>'


def body(inner: str) -> str:
    """HTML in the place of the meter."""
    return f'<span class="dv-body">{inner}</span>'
