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
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.exceptions import TyperException

from dynviz import zoo
from dynviz.cli.console import describe, interval, mega, note, percent, progress, table
from dynviz.cli.mistakes import Mistake, as_mistake, reading, sentence
from dynviz.cli.plain import plain, plain_trace
from dynviz.media import MediaError

cli = typer.Typer(
    help="See where a dynamic neural network spends its compute.",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,  # plain text: importing the decorations takes longer than the help itself
)


WORDS = "words"  # the shared vocabulary and its vectors, which are made rather than trained


@dataclass(frozen=True)
class Answer:
    """What a verb says: as JSON, as text, and what remains to be done once it is said (returns the exit status)."""

    payload: dict[str, Any]
    text: str
    then: Callable[[], int] | None = None


class Framing(StrEnum):
    crop = "crop"
    fit = "fit"


class SplitName(StrEnum):
    train = "train"
    val = "val"
    test = "test"


Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]
File = Annotated[Path, typer.Argument(help="The picture, text or recording.", show_default=False)]
Model = Annotated[str, typer.Option("--model", "-m", help="A network's name, as `dynviz models` lists it.")]
Name = Annotated[str, typer.Argument(help="A network's name.", show_default=False)]
OwnData = Annotated[Path | None, typer.Option(help="A folder or zip of your own, laid out as CLASS/file.")]
Rate = Annotated[
    float | None, typer.Option("--rate", help="Samples a second of a table of numbers, whatever it says itself.")
]
FramingOption = Annotated[Framing, typer.Option(help="The centre square, or the whole picture in a square.")]


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status: 0, 2 for the person's mistake, 130 for Ctrl+C."""
    arguments = sys.argv[1:] if arguments is None else arguments
    as_json = "--json" in arguments and "--help" not in arguments
    try:
        # whatever a library prints on the way must not get between a program and its one JSON object
        with contextlib.redirect_stdout(sys.stderr) if as_json else contextlib.nullcontext():
            answer = cli(arguments, prog_name="dynviz", standalone_mode=False)
        if not isinstance(answer, Answer):  # --help, Ctrl+C
            return answer or 0
        _print(json.dumps(answer.payload, allow_nan=False) if as_json else answer.text)
        return answer.then() if answer.then else 0
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
    save: Annotated[Path | None, typer.Option(help="Also write a trace file.")] = None,
    framing: FramingOption = Framing.crop,
    rate: Rate = None,
    as_json: Json = False,
) -> Answer:
    """Run a network on a picture, a text or a recording: its answer, what it cost, and every decision it took."""
    if budget is not None and anytime_macs is not None:
        raise Mistake("--budget and --anytime-macs contradict each other: give one of them")
    if budget is not None and not (math.isfinite(budget) and budget > 0):
        raise Mistake(f"--budget must be above 0 (1 is the full compute), not {budget:g}")
    if save is not None and not save.absolute().parent.is_dir():
        raise Mistake(f"{save.parent} is not a folder to save in")
    card, file = _card(model), _file(file)
    _rate_fits(card, rate)
    import torch

    from dynviz import inference

    torch.set_num_threads(1)  # as everywhere in the project where milliseconds are told
    with as_mistake(ValueError) if anytime_macs is not None else contextlib.nullcontext():
        for _ in range(2):  # the first run of a process is slow: its milliseconds would say nothing about the network
            trace = inference.run(
                card.name, file, budget=budget, anytime_macs=anytime_macs, framing=framing.value, rate_hz=rate
            )
    payload, text = plain_trace(trace), describe(trace)
    if save is not None:
        payload["saved"] = str(trace.save(save))
        text += f"\n\nsaved: {save}"
    return Answer(payload, text)


@cli.command()
def sweep(
    file: File, model: Model, framing: FramingOption = Framing.crop, rate: Rate = None, as_json: Json = False
) -> Answer:
    """Run a picture, a text or a recording at every operating point of a network."""
    from dynviz import inference

    card, file = _card(model), _file(file)
    _rate_fits(card, rate)
    swept = inference.sweep(card.name, file, framing=framing.value, rate_hz=rate)
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
    return Answer(payload, "\n".join([*(f"Note: {said}" for said in swept.full.media.notes), text]))


@cli.command()
def train(
    name: Name,
    out: Annotated[Path | None, typer.Option(help="Where the state is kept; runs/NAME unless given.")] = None,
    threads: Annotated[int, typer.Option(min=1, help="Processor threads.")] = 1,
    publish: Annotated[bool, typer.Option(help="Calibrate, test and write the network's card when done.")] = True,
    as_json: Json = False,
) -> Answer:
    """Train a network by its recipe, or make the shared word vectors, called words.

    After a kill the same command goes on from the last finished epoch.
    """
    from dynviz.evaluation import publishing
    from dynviz.evaluation.beyond_the_curve import measure
    from dynviz.results.findings import write_findings
    from dynviz.training.loop import fit
    from dynviz.training.recipes import RECIPES

    if name == WORDS:
        from dynviz.training.word_vectors import make_words

        place = zoo.folders()[0] / "_shared" / WORDS
        made = make_words(place)
        return Answer({"asset": str(place), "words": len(made.words)}, f"{place}: {len(made.words):,} words")

    with as_mistake(KeyError):
        recipe, out = RECIPES[name], out or Path("runs") / name
    if recipe.name != name:
        raise Mistake(f"the recipe registered as {name} is called {recipe.name}: both must be the same")
    for needed in (*recipe.members, recipe.parent):  # found missing now rather than after hours of training
        if needed is not None:
            _card(needed)
    network = fit(recipe, out, threads=threads, report=note)
    payload: dict[str, Any] = {"model": name, "out": str(out), "epochs": 0 if recipe.members else recipe.epochs}
    text = f"{name}: made of {', '.join(recipe.members)}" if recipe.members else f"{name}: trained, state in {out}"
    if publish:
        card = publishing.publish(recipe, network, progress=progress("testing"))
        if findings := measure(recipe, out, note):
            write_findings(card, findings)
        place = zoo.place(name) / "card.json"
        payload |= {"card": str(place), "test_accuracy": card.test_accuracy, "test_interval": list(card.test_interval)}
        text += f"\n{place}: test accuracy {percent(card.test_accuracy)} ({interval(card.test_interval)})"
    return Answer(payload, text)


@cli.command()
def evaluate(
    name: Name,
    data: OwnData = None,
    split: Annotated[SplitName, typer.Option(help="Of the network's own data set (DYNVIZ_DATA).")] = SplitName.test,
    checkpoint: Annotated[
        Path | None, typer.Option(help="A folder called NAME, with card.json and model.safetensors.")
    ] = None,
    as_json: Json = False,
) -> Answer:
    """Measure accuracy and compute at every operating point, on the test split or on pictures of your own."""
    from dynviz.evaluation import scoring

    if checkpoint is not None:
        folder = (checkpoint.parent if checkpoint.is_file() else checkpoint).resolve()
        if folder.name != name or not (folder / "card.json").is_file():
            raise Mistake(f"--checkpoint must be a folder called {name} that holds card.json and model.safetensors")
        os.environ["DYNVIZ_PRETRAINED"] = os.pathsep.join(map(str, (folder.parent, *zoo.folders())))
    card = _card(name)
    with reading(data):
        result = scoring.evaluate(card.name, data=data, split=split.value, progress=progress("evaluating"))
    payload = {
        "model": card.name,
        "data": str(data) if data else card.data,
        "split": None if data else split.value,
        "n": result.n,
        "labels": list(result.labels),
        "matched_labels": list(result.matched_labels),
        "operating_points": plain(result.operating_points),
    }
    rows = [
        (f"{p.budget:.0%}", p.rule, percent(p.accuracy), interval(p.interval), mega(p.macs), str(p.n))
        for p in result.operating_points
    ]
    text = table(("budget", "rule", "accuracy", "95 % interval", "mean MACs", "n"), rows)
    if data is not None:
        text = f"classes found: {', '.join(result.matched_labels)}\n\n{text}"
    return Answer(payload, text)


@cli.command()
def bench(
    name: Name,
    data: OwnData = None,
    n: Annotated[int, typer.Option("--n", min=1, help="How many inputs.")] = 200,
    points: Annotated[int, typer.Option(min=1, help="How many operating points.")] = 5,
    brief: Annotated[bool, typer.Option("--brief", help="One input at a time only.")] = False,
    as_json: Json = False,
) -> Answer:
    """Does skipping pay on this machine? Measured speed-up against what the MACs promise, on one thread."""
    from dynviz.cli.benching import describe_bench, plain_bench
    from dynviz.measuring.bench import bench as measure

    card = _card(name)
    with reading(data):
        found = measure(card.name, data=data, n=n, points=points, brief=brief, progress=progress("timing"))
    return Answer({"model": card.name} | plain_bench(found), describe_bench(found, card.modality))


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


def _card(name: str) -> zoo.ModelCard:
    with as_mistake(KeyError):
        return zoo.card(name)


def _rate_fits(card: zoo.ModelCard, rate: float | None) -> None:
    if rate is not None and (card.series is None or card.series.kind != "ecg"):
        raise Mistake(f"--rate is of tables of numbers, which {card.name} does not read")


def _file(path: Path) -> Path:
    if not path.is_file():
        raise Mistake(f"{path} is not a file")
    return path


def _print(line: str) -> None:
    print(line, flush=True)
