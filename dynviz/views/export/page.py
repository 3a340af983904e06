"""A page to take away: one HTML file that needs no network, no script and no other file, and its usual parts."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from importlib import metadata

from dynviz.views.decisions.panels import Panel, card_html
from dynviz.views.pictures.svg_file import plain_text
from dynviz.views.style.theme import css, dark_by_preference
from dynviz.views.style.words import text

log = logging.getLogger(__name__)
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"  # the browser refuses whatever else is asked
THIS = ' class="this"'
_PAGE = """
body { margin: 0; }
.report { min-height: 100vh; background: var(--dv-page); }
.report main { max-width: 68em; margin: 0 auto; padding: 2.2em 1.6em 3em; display: grid; gap: 1.1em; }
.report h1 { font-size: 1.8em; font-weight: 680; letter-spacing: -.015em; line-height: 1.2; margin: 0; overflow-wrap: anywhere; }
.report h2 { font-size: 1.27em; font-weight: 680; margin: 0; }
.report header p, .report footer { color: var(--dv-muted); }
.report footer { font-size: .867em; overflow-wrap: anywhere; }
.report .pair { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 1.1em; align-items: start; }
.report .pair > div { display: grid; gap: 1.1em; }
.report .unmarked :is(.dv-marker, .dv-marker-label) { display: none; }
.report .wide { overflow-x: auto; }
.report .chart > svg { min-width: 46em; }
.report dl + .wide { margin-top: 1em; }
.report table { width: 100%; border-collapse: collapse; }
.report th { font-weight: 600; color: var(--dv-muted); }
.report :is(th, td) { padding: .35em .7em; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--dv-line); }
.report :is(th, td).words { text-align: left; white-space: normal; }
.report caption { text-align: left; color: var(--dv-muted); padding-bottom: .5em; }
.report summary { cursor: pointer; font-weight: 650; }
.report tr.this { background: var(--dv-soft); font-weight: 650; }
.report dl { display: grid; grid-template-columns: minmax(7em, 13em) minmax(0, 1fr); gap: .35em 1.2em; margin: 0; }
.report dt { color: var(--dv-muted); }
.report dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 820px) { .report .pair { grid-template-columns: minmax(0, 1fr); } }
@media (max-width: 480px) { .report dl { grid-template-columns: minmax(0, 1fr); gap: 0; } .report dd { margin-bottom: .6em; } }
@media print { .report section, .dv-picture { break-inside: avoid; } .report * { print-color-adjust: exact; } }
"""  # noqa: E501 - a stylesheet reads best with one rule to a line


def page(heading: str, line: str, *parts: str, title: str = "", made: str = "") -> str:
    """A heading, one line under it, the parts, and at the foot what made the page, after ``made``.

    parts: HTML in which every text from outside has been escaped. title: of the window, the heading unless given. The
    page is light or dark as the reader's system is.
    """
    told = text(f"{made} · " if made else "")
    inner = (
        f"<header><h1>{text(heading)}</h1><p>{text(line)}</p></header>{''.join(parts)}"
        f"<footer>{told}made by dynviz {text(_version())}</footer>"
    )
    return plain_text(
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{text(title or heading)}</title><style>{css()}\n{dark_by_preference()}{_PAGE}</style></head>"
        f'<body><div class="dynviz report"><main>{inner}</main></div></body></html>'
    )


def section(title: str, inner: str) -> str:
    """A card with a title."""
    return card_html(Panel(title, title, inner, ""))


def guarded(title: str, draw: Callable[[], str]) -> str:
    """A part of the page; where it fails, one sentence in its place."""
    try:
        return draw()
    except Exception:  # a view's fault must never take the page with it
        log.exception("%s failed", title)
        return section(title, '<p class="dv-broken">This part could not be drawn; all else is unaffected.</p>')


def table(
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    words: Collection[int] = (),
    this: int | None = None,
    caption: str = "",
) -> str:
    """words: columns that hold words, and so stand left. this: the row that the page is about."""
    lines = "".join(f"<tr{THIS if i == this else ''}>{_cells('td', cells, words)}</tr>" for i, cells in enumerate(rows))
    told = f"<caption>{text(caption)}</caption>" if caption else ""
    return (
        f'<div class="wide"><table>{told}<thead><tr>{_cells("th", heads, words)}</tr></thead>'
        f"<tbody>{lines}</tbody></table></div>"
    )


def facts(found: Iterable[tuple[str, str]]) -> str:
    """Names and values; what is unknown is left out."""
    return f"<dl>{''.join(f'<dt>{text(name)}</dt><dd>{text(value)}</dd>' for name, value in found if value)}</dl>"


def _cells(tag: str, cells: Iterable[str], words: Collection[int]) -> str:
    kind = ' class="words"'
    return "".join(f"<{tag}{kind if i in words else ''}>{text(cell)}</{tag}>" for i, cell in enumerate(cells))


def _version() -> str:
    try:
        return metadata.version("dynviz")
    except metadata.PackageNotFoundError:  # run from a checkout that was never installed
        return "from a checkout"
