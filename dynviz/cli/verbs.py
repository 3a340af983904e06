"""The command line: ``dynviz VERB`` or ``python -m dynviz VERB``, a thin layer over the library.

Each verb returns an ``Answer``. With --json exactly one JSON object goes to stdout; progress and errors always go to
stderr. What the person got wrong is one sentence and exit status 2, without a traceback.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.exceptions import TyperException

from dynviz import zoo
from dynviz.cli.console import describe, interval, mega, note, percent, table
from dynviz.cli.mistakes import Mistake, Stopped, as_mistake, sentence
from dynviz.cli.plain import plain, plain_trace
from dynviz.media import MediaError

cli = typer.Typer(
    help="See where a dynamic neural network spends its compute: on your own picture, text, recording or video.",
    context_settings={"help_option_names": ["-h", "--help"]},
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,  # plain text: importing the decorations takes longer than the help itself
)

INTERRUPTED = 130  # what shells call a command that Ctrl+C ended


@dataclass(frozen=True)
class Answer:
    """What a verb says: as JSON, as text, and what remains to be done once it is said (returns the exit status)."""

    payload: dict[str, Any]
    text: str
    then: Callable[[], int] | None = None


class Framing(StrEnum):
    crop = "crop"
    fit = "fit"


Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]
File = Annotated[Path, typer.Argument(help="The picture, text, recording or video.", show_default=False)]
Model = Annotated[str, typer.Option("--model", "-m", help="A network's name, as `dynviz models` lists it.")]
Name = Annotated[str, typer.Argument(help="A network's name.", show_default=False)]
Rate = Annotated[
    float | None, typer.Option("--rate", help="Samples a second of a table of numbers, whatever it says itself.")
]
Force = Annotated[
    list[str] | None,
    typer.Option(metavar="UNIT=CHOICE", help="Take a decision by hand, as in blocks.3=skip; may be given again."),
]
FramingOption = Annotated[Framing, typer.Option(help="The centre square, or the whole picture in a square.")]


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status: 0, 2 for the person's mistake, 130 for Ctrl+C."""
    arguments = sys.argv[1:] if arguments is None else arguments
    as_json = "--json" in arguments and not {"-h", "--help"} & set(arguments)
    try:
        if "--version" in arguments[:2]:
            told = Answer({"version": version()}, f"dynviz {version()}")
            _print(json.dumps(told.payload) if as_json else told.text)
            return 0
        # whatever a library prints on the way must not get between a program and its one JSON object
        with contextlib.redirect_stdout(sys.stderr) if as_json else contextlib.nullcontext():
            answer = cli(arguments, prog_name="dynviz", standalone_mode=False)
        if answer == INTERRUPTED:
            raise Stopped("stopped; nothing is kept")
        if not isinstance(answer, Answer):  # --help
            return answer or 0
        _print(json.dumps(answer.payload, allow_nan=False) if as_json else answer.text)
        return answer.then() if answer.then else 0
    except Stopped as stopped:
        print(f"dynviz: {stopped}", file=sys.stderr)
        if as_json:
            _print(json.dumps({"error": str(stopped), "stopped": True, "kept": stopped.kept}))
        return INTERRUPTED
    except (Mistake, MediaError, zoo.CheckpointError, TyperException, OSError) as error:
        if isinstance(error, BrokenPipeError):  # the reader of our output, `head` say, has gone
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
        said = sentence(error)
        print(said if said.startswith("Usage:") else f"dynviz: {said}", file=sys.stderr)
        if as_json:
            _print(json.dumps({"error": said}))
        return 2
    except Exception as error:  # a fault of ours: the traceback is wanted, but a program still gets its object
        if as_json:
            _print(json.dumps({"error": f"{type(error).__name__}: {error}"}))
        raise


@cli.command()
def models(as_json: Json = False) -> Answer:
    """List the networks that are here as a table: by data set, static ones first, then by compute."""
    cards = sorted(zoo.models(), key=lambda card: (card.modality, card.data, card.family != "static", card.static_macs))
    headers = ("name", "data", "family", "mechanism", "MACs", "accuracy", "95 % interval", "points")
    rows = [
        (
            f"`{card.name}`",
            card.data_name,
            card.family,
            "-" if card.family == "static" else card.mechanism,
            mega(card.static_macs),
            percent(card.test_accuracy),
            interval(card.test_interval),
            str(len(card.operating_points)),
        )
        for card in cards
    ]
    text = table(headers, rows) if cards else f"no networks in {zoo.folders()[0]}"
    unusable = zoo.unusable()
    for reason in unusable.values():
        note(reason)
    return Answer({"models": plain(cards), "unusable": unusable}, text)


@cli.command()
def run(
    file: File,
    model: Model,
    budget: Annotated[float | None, typer.Option(help="Mean share of the full compute, 0 to 1.")] = None,
    anytime_macs: Annotated[int | None, typer.Option(help="Hard cap for this input, in MACs.")] = None,
    save: Annotated[
        Path | None, typer.Option(help="Also write a trace file; in a folder it is named after FILE.")
    ] = None,
    force: Force = None,
    framing: FramingOption = Framing.crop,
    rate: Rate = None,
    as_json: Json = False,
) -> Answer:
    """Run a network on a picture, a text or a recording: its answer, what it cost, and every decision it took."""
    if budget is not None and anytime_macs is not None:
        raise Mistake("--budget and --anytime-macs contradict each other: give one of them")
    card, file, forced = known_card(model), _file(file), _forced(force)
    said = _budget_said(card, budget)
    _rate_fits(card, rate)
    if save is not None and save.is_dir():
        save = save / f"{file.stem}-{card.name}.trace"
    if save is not None and not save.absolute().parent.is_dir():
        raise Mistake(f"{save.parent} is not a folder to save in")
    import torch

    from dynviz import inference

    torch.set_num_threads(1)  # as everywhere in the project where milliseconds are told
    with as_mistake(ValueError) if anytime_macs is not None or forced else contextlib.nullcontext():
        for _ in range(2):  # the first run of a process is slow: its milliseconds would say nothing about the network
            asked = {"budget": budget, "anytime_macs": anytime_macs, "forced": forced}
            trace = inference.run(card.name, file, framing=framing.value, rate_hz=rate, **asked)
    payload, text = plain_trace(trace), describe(trace, said)
    payload["notes"] = [*said, *trace.media.notes]
    if save is not None:
        payload["saved"] = str(trace.save(save))
        text += f"\n\nsaved: {save}"
    return Answer(payload, text)


@cli.command()
def sweep(
    file: File,
    model: Model,
    force: Force = None,
    framing: FramingOption = Framing.crop,
    rate: Rate = None,
    as_json: Json = False,
) -> Answer:
    """Run a picture, a text or a recording at every operating point of a network."""
    from dynviz import inference
    from dynviz.views.decisions.panels import doubt_words

    card, file, forced = known_card(model), _file(file), _forced(force)
    _rate_fits(card, rate)
    with as_mistake(ValueError) if forced else contextlib.nullcontext():
        swept = inference.sweep(card.name, file, forced=forced, framing=framing.value, rate_hz=rate)
    rows = [
        (
            f"{budget:.0%}",
            trace.prediction.label,
            percent(trace.prediction.confidence),
            mega(trace.macs),
            percent(trace.macs / trace.macs_static),
        )
        for budget, trace in zip(swept.budgets, swept.traces, strict=True)
    ]
    payload = {
        "model": swept.model,
        "budgets": plain(swept.budgets),
        "points": [plain_trace(trace) for trace in swept.traces],
        "full": plain_trace(swept.full),
    }
    text = table(("budget", "answer", "confidence", "MACs", "of the static path"), rows)
    said = [f"Note: {note}" for note in swept.full.media.notes]
    if doubt := doubt_words(swept.full):
        said.append(f"Doubt: {doubt}, with every decision open")
    return Answer(payload, "\n".join([*said, text]))


@cli.command()
def app(
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="The first free one from 8501 on.")] = None,
    as_json: Json = False,
) -> Answer:
    """Open the app in the browser; it runs until Ctrl+C."""
    from dynviz.cli.serving import Server, ServingError

    with as_mistake(ServingError):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # else the server would outlive us
        server = Server(port, open_browser=not as_json)
    payload = {"url": server.url, "pid": server.process.pid}
    return Answer(payload, f"dynviz is at {server.url} (Ctrl+C ends it)", then=server.wait)


@cli.callback()
def _general(
    version: Annotated[bool, typer.Option("--version", help="Say which version this is, and nothing else.")] = False,
) -> None:
    pass


def _forced(given: list[str] | None) -> dict[str, str]:
    """What is decided by hand: unit -> choice. Raises Mistake for what is not UNIT=CHOICE."""
    forced = {}
    for one in given or ():
        unit, between, choice = one.partition("=")
        if not (unit and between and choice):
            raise Mistake(f"--force {one}: give a unit and a choice, as in blocks.3=skip")
        forced[unit] = choice
    return forced


def known_card(name: str) -> zoo.ModelCard:
    """The card of a network. Raises Mistake for an unknown name."""
    with as_mistake(KeyError):
        return zoo.card(name)


def _budget_said(card: zoo.ModelCard, budget: float | None) -> list[str]:
    """What to say of a budget that changes less than was asked for. Raises Mistake for what is none."""
    if budget is None:
        return []
    budgets = [point.budget for point in card.operating_points]
    if not (math.isfinite(budget) and budget > 0):
        raise Mistake(f"--budget must be above 0 (1 is the full compute), not {budget:g}")
    if budget > max(1.0, *budgets):
        percents = f": {budget:g} % is {budget / 100:g}" if budget <= 100 else ""
        raise Mistake(f"--budget is a share of the full compute, 0 to 1, not {budget:g}{percents}")
    if card.family == "static":
        return [f"{card.name} is static: it runs everything whatever the budget."]
    if budget < min(budgets) - 1e-9:
        return [f"Its smallest budget is {min(budgets):.0%}: that is what ran."]
    return []


def _rate_fits(card: zoo.ModelCard, rate: float | None) -> None:
    if rate is not None and (card.series is None or card.series.kind != "ecg"):
        raise Mistake(f"--rate is of tables of numbers, which {card.name} does not read")


def _file(path: Path) -> Path:
    if not path.is_file():
        raise Mistake(f"{path} is not a file")
    return path


def version() -> str:
    """Of the installed package; of a copy that is not installed, '(not installed)'."""
    try:
        return metadata.version("dynviz")
    except metadata.PackageNotFoundError:
        return "(not installed)"


def _print(line: str) -> None:
    print(line, flush=True)
