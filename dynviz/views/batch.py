"""Many results at once: what is easy and what is hard, as HTML, CSV, a contact sheet and a report. No script in any."""

from __future__ import annotations

import base64
import csv
import io
import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from dynviz.results.batch import KindUse, Row, by_kind
from dynviz.views.export.page import page, section, table
from dynviz.views.pictures.raster import font, rgba
from dynviz.views.style.words import counted, macs_words, percent, text, width

BINS = 10  # of the histogram of shares
EXITS = 12  # different ways to answer that are counted one by one
EDGE = 6  # of the easiest and the hardest
LISTED = 500
CELL, CAPTION = 150, 46  # of the contact sheet, px
HEAD = 36  # above a contact sheet
COLUMNS = ("name", "class", "answer", "confidence", "macs", "macs_static", "share", "how", "error")


def done(rows: Sequence[Row]) -> list[Row]:
    """Those with a result, the cheapest first."""
    return sorted((row for row in rows if not row.error), key=lambda row: (row.share, row.macs, row.name))


def histogram(rows: Sequence[Row]) -> str:
    """How many answered where, or spent which share: one bar each."""
    good = done(rows)
    if not good:
        return ""
    ways = Counter(row.how for row in good)
    if all("exit" in how for how in ways) and len(ways) <= EXITS:
        order = {how: np.mean([row.share for row in good if row.how == how]) for how in ways}
        bars = [(how, ways[how]) for how in sorted(ways, key=lambda how: order[how])]
    else:
        counts, edges = np.histogram([min(row.share, 1.0) for row in good], BINS, (0, 1))
        bars = [(f"{percent(edges[i])} to {percent(edges[i + 1])}", int(n)) for i, n in enumerate(counts)]
    most = max(count for _, count in bars)
    lines = "".join(
        f'<tr><td>{text(words)}</td><td class="num">{count}</td>'
        f'<td class="bar"><div class="dv-meter"><i style="width:{width(count / most)}"></i></div></td></tr>'
        for words, count in bars
    )
    return f"<table><tbody>{lines}</tbody></table>"


def extremes(rows: Sequence[Row], easy: str, hard: str) -> str:
    """The easiest and the hardest, with what was answered. easy, hard: headings."""
    good = done(rows)
    most = min(EDGE, max(len(good) // 2, 1))  # nothing is both
    halves = ((easy, good[:most]), (hard, good[::-1][:most]))
    return "".join(
        f'<h3 class="dv-title">{text(title)}</h3><div class="ba-row">{"".join(map(_figure, part))}</div>'
        for title, part in halves
    )


def kinds_table(uses: Sequence[KindUse], heads: Sequence[str]) -> str:
    """heads: class, count, share spent, right."""
    top = "".join(f'<th scope="col"{"" if i == 0 else NUM}>{text(h)}</th>' for i, h in enumerate(heads))
    lines = "".join(
        f'<tr><td>{text(use.kind)}</td><td class="num">{use.n}</td><td class="num">{text(percent(use.share))}</td>'
        f'<td class="num">{"–" if use.right is None else text(percent(use.right))}</td></tr>'
        for use in uses
    )
    return f"<table><thead><tr>{top}</tr></thead><tbody>{lines}</tbody></table>"


NUM = ' class="num"'


def rows_table(rows: Sequence[Row], heads: Sequence[str]) -> str:
    """All of them, those that failed at the end. heads: input, class, answer, sure, multiply-adds, share."""
    top = "".join(
        f'<th scope="col"{NUM if i > 2 else ""}><button type="button">{text(h)}</button></th>'
        for i, h in enumerate(heads)
    )
    lines = []
    for row in done(rows)[:LISTED]:
        numbers = "".join(
            f'<td class="num" data-value="{value:.6g}">{text(words(value))}</td>'
            for value, words in ((row.confidence, percent), (row.macs, macs_words), (row.share, percent))
        )
        lines.append(f"<tr>{_names(row)}<td>{text(row.label)}</td>{numbers}</tr>")
    lines += [f'<tr>{_names(row)}<td colspan="4">{text(row.error)}</td></tr>' for row in rows if row.error]
    whole = f"<table><thead><tr>{top}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
    return f'<div style="overflow-x:auto">{whole}</div>'


def _names(row: Row) -> str:
    return f"<td>{text(row.name)}</td><td>{text(row.kind)}</td>"


def csv_file(rows: Sequence[Row]) -> str:
    """One line an input, in the order they came; a cell that a spreadsheet would take for a formula is quoted."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in rows:
        numbers = (
            [f"{row.confidence:.4f}", row.macs, row.macs_static, f"{row.share:.4f}"] if not row.error else [""] * 4
        )
        writer.writerow([_safe(row.name), _safe(row.kind), row.label, *numbers, row.how, _safe(row.error)])
    return out.getvalue()


def contact_sheet(rows: Sequence[Row], title: str, theme: str = "light") -> bytes:
    """PNG of all pictures, the cheapest first, under ``title``, which names network and budget; empty where there are
    none.
    """
    good = [row for row in done(rows) if row.thumb]
    if not good:
        return b""
    columns = min(8, len(good))
    lines = -(-len(good) // columns)
    wide = max(columns * CELL, math.ceil(font(17).getlength(title)) + 12)
    sheet = Image.new("RGB", (wide, HEAD + lines * (CELL + CAPTION)), rgba("page", theme)[:3])
    draw, ink = ImageDraw.Draw(sheet), rgba("ink", theme)
    draw.text((6, HEAD / 2), title, font=font(17), fill=ink, anchor="lm")
    for place, row in enumerate(good):
        x, y = place % columns * CELL, HEAD + place // columns * (CELL + CAPTION)
        with Image.open(io.BytesIO(row.thumb)) as opened:
            picture = opened.convert("RGB")
        picture.thumbnail((CELL - 10, CELL - 10))
        sheet.paste(picture, (x + (CELL - picture.width) // 2, y + (CELL - picture.height) // 2))
        said = f"{row.label[:14]} {percent(row.confidence)}"
        draw.text((x + 6, y + CELL), said, font=font(14), fill=ink)
        draw.text((x + 6, y + CELL + 19), f"{percent(row.share)} spent", font=font(13), fill=rgba("muted", theme))
    buffer = io.BytesIO()
    sheet.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def batch_report(rows: Sequence[Row], title: str, line: str, labels: Sequence[str]) -> str:
    """One HTML page that needs no other file."""
    good, failed = done(rows), [row for row in rows if row.error]
    parts = [
        _STYLE,
        section("Where they answered, or what they spent", histogram(rows)),
        section("Easy and hard", extremes(rows, "The easiest", "The hardest")),
    ]
    if uses := by_kind(rows, labels):
        parts.append(section("By class", kinds_table(uses, ("Class", "Inputs", "Share spent", "Right"))))
    cells = [
        (row.name, row.kind, row.label, percent(row.confidence), macs_words(row.macs), percent(row.share), row.how)
        for row in good
    ]
    heads = ("Input", "Class", "Answer", "Sure", "Multiply-adds", "Share", "How")
    parts.append(section("All, the cheapest first", table(heads, cells, words=(0, 1, 2, 6))))
    if failed:
        told = table(("Input", "Why not"), [(row.name, row.error) for row in failed], words=(0, 1))
        parts.append(section(f"{counted(len(failed), 'input')} could not be used", told))
    return page(title, line, *parts, title=title)


def _figure(row: Row) -> str:
    if row.thumb:
        source = f"data:image/webp;base64,{base64.b64encode(row.thumb).decode()}"
        shown = f'<img src="{source}" alt="{text(row.name)}">'
    else:
        shown = f"<p>{text(row.words or row.name)}</p>"
    return (
        f"<figure>{shown}<figcaption><b>{text(row.label)}</b> {text(percent(row.confidence))}<br>"
        f"<small>{text(percent(row.share))} · {text(row.how)}</small></figcaption></figure>"
    )


STYLE = (
    ".ba-row { display: grid; grid-template-columns: repeat(auto-fill, minmax(8.5em, 1fr)); gap: .8em; "
    "margin-bottom: 1em; } "
    ".ba-row figure { margin: 0; } .ba-row img { width: 100%; height: 7em; object-fit: cover; border-radius: .4em; } "
    ".ba-row p { margin: 0; font-family: var(--dv-reading); } .ba-row small { color: var(--dv-muted); }"
)
_STYLE = f"<style>{STYLE}</style>"


def _safe(cell: str) -> str:
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t") else cell
