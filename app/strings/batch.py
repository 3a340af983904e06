"""The Batch page."""

from __future__ import annotations

TEXT: dict[str, str] = {
    "batch.nav": "Batch",
    "batch.title": "What is easy, and what is hard?",
    "batch.lead": "Many inputs at once, up to 500: several files, a folder, a zip, or a CSV with a text in each row. "
    "A folder's name counts as the class of what lies in it.",
    "batch.network": "Network",
    "batch.budget": "Budget",
    "batch.files": "Files, a zip or a CSV",
    "batch.folder": "A whole folder",
    "batch.samples": "Run the samples",
    "batch.column": "Column with the texts",
    "batch.kind": "Column with their class",
    "batch.kind.none": "none",
    "batch.start": "Start: {count:input|inputs}",
    "batch.cancel": "Stop here",
    "batch.again": "Another batch",
    "batch.progress": "{done} of {total} · {left} left",
    "batch.progress.first": "0 of {total}",
    "batch.finished": "{done} of {total} in {seconds}; not usable: {failed}.",
    "batch.cancelled": "Stopped after {done} of {total}. What is finished stays.",
    "batch.gone": "This batch is gone: a finished one is kept for ten minutes after somebody looked at it last.",
    "batch.kept": "A reload of this address shows it again for ten minutes.",
    "batch.histogram": "Where they answered, or what share of the full compute they spent",
    "batch.easy": "The easiest",
    "batch.hard": "The hardest",
    "batch.classes": "By class",
    "batch.classes.heads": "Class|Inputs|Share spent|Right",
    "batch.all": "All, the cheapest first",
    "batch.all.heads": "Input|Class|Answer|Sure|Multiply-adds|Share",
    "batch.csv": "CSV",
    "batch.sheet": "Contact sheet",
    "batch.report": "HTML report",
    "batch.sheet.title": "{title} · budget {budget} · the cheapest first",
    "batch.title.file": "{title} on {count:input|inputs}",
    "batch.line.file": "Budget {budget}: an average over many inputs. Executed multiply-adds; what was skipped never "
    "ran.",
}
