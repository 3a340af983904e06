"""The verbs ``export`` (a trace file becomes a picture, an animation, a table, ...) and ``gallery`` (all views)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dynviz import zoo
from dynviz.cli.mistakes import Mistake, as_mistake, sentence
from dynviz.cli.verbs import Answer, Json, cli

TraceFile = Annotated[Path, typer.Argument(metavar="TRACE_FILE", help="As `dynviz run --save` writes it.")]
Out = Annotated[
    Path, typer.Argument(metavar="OUT", help="What to write: a .html, .png, .webp, .mp4, .svg or .csv file.")
]
Page = Annotated[Path, typer.Argument(metavar="OUT", help="The page to write, a .html file.")]


@cli.command()
def export(trace_file: TraceFile, out: Out, as_json: Json = False) -> Answer:
    """Make a report (html), picture (png), animation (webp, mp4), drawing (svg) or table (csv) of a trace file."""
    from dynviz.trace import Trace
    from dynviz.trace.file import TraceFileError
    from dynviz.views.export.formats import FORMATS, Context

    ending = out.suffix.lower().removeprefix(".")
    if ending not in FORMATS:
        raise Mistake(f"{out} must end in one of: {', '.join('.' + name for name in FORMATS)}")
    if not trace_file.is_file():
        raise Mistake(f"{trace_file} is not a file")
    _check_folder(out)
    with as_mistake(TraceFileError):
        trace = Trace.load(trace_file)
    try:
        data = FORMATS[ending].make(trace, Context.of(trace, zoo.models()))
    except Exception as error:  # a trace file comes from anywhere: its values may be valid and yet make no picture
        raise Mistake(f"{trace_file} can be read, but no .{ending} can be made of it: {sentence(error)}") from error
    out.write_bytes(data)
    names = {"trace": str(trace_file), "digest": trace.digest, "format": ending}
    return Answer(names | {"saved": str(out), "bytes": len(data)}, f"saved: {out} ({len(data):,} bytes)")


@cli.command()
def gallery(out: Page, as_json: Json = False) -> Answer:
    """Write the contact sheet: one page with every view, light and dark, over examples made by hand."""
    from dynviz.views.examples.gallery import write_gallery

    if out.suffix.lower() != ".html":
        raise Mistake(f"{out} must end in .html")
    _check_folder(out)
    size = write_gallery(out).stat().st_size
    return Answer({"saved": str(out), "bytes": size}, f"saved: {out} ({size:,} bytes)")


def _check_folder(out: Path) -> None:
    if not out.absolute().parent.is_dir():
        raise Mistake(f"{out.parent} is not a folder to save in")
