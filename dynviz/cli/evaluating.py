"""The verbs ``evaluate`` (accuracy, compute) and ``bench`` (milliseconds), on a data set or on files of one's own."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from dynviz import zoo
from dynviz.cli.console import interval, mega, note, percent, progress, table
from dynviz.cli.mistakes import Mistake, reading
from dynviz.cli.plain import plain
from dynviz.cli.verbs import Answer, Json, Name, cli, known_card

NAMED = 20  # files that were left out, or answers that are right, in a sentence


class SplitName(StrEnum):
    train = "train"
    val = "val"
    test = "test"


OwnData = Annotated[Path | None, typer.Option(help="A folder or zip of your own, laid out as CLASS/file.")]


@cli.command()
def evaluate(
    name: Name,
    data: OwnData = None,
    split: Annotated[SplitName, typer.Option(help="Of the network's own data set (DYNVIZ_DATA).")] = SplitName.test,
    checkpoint: Annotated[
        Path | None, typer.Option(help="A folder called NAME, with card.json and model.safetensors.")
    ] = None,
    noise: Annotated[
        bool, typer.Option("--noise", help="How a reader of spoken digits hears in a noisy room; kept beside its card.")
    ] = False,
    attributions: Annotated[
        bool, typer.Option("--attributions", help="Does it compute where its answer depends? Kept beside its card.")
    ] = False,
    compressed: Annotated[
        bool,
        typer.Option("--compressed", help="What pruning, low rank and int8 do to its curve. Kept beside its card."),
    ] = False,
    unlike: Annotated[
        bool, typer.Option("--unlike", help="Does it tell pictures unlike all it knows? Kept beside its card.")
    ] = False,
    n: Annotated[
        int, typer.Option("--n", min=2, help="How many test inputs --attributions and --compressed look at.")
    ] = 200,
    as_json: Json = False,
) -> Answer:
    """Measure accuracy and compute at every operating point, on the test split or on pictures of your own.

    A file that cannot be used is left out and named.
    """
    from dynviz.evaluation import scoring

    if checkpoint is not None:
        folder = (checkpoint.parent if checkpoint.is_file() else checkpoint).resolve()
        if folder.name != name or not (folder / "card.json").is_file():
            raise Mistake(f"--checkpoint must be a folder called {name} that holds card.json and model.safetensors")
        os.environ["DYNVIZ_PRETRAINED"] = os.pathsep.join(map(str, (folder.parent, *zoo.folders())))
    card = known_card(name)
    if noise:
        return _in_noise(card)
    if attributions:
        return _depends(card, n)
    if compressed:
        return _compressed(card, n)
    if unlike:
        return _unlike(card)
    left_out: list[str] = []
    with reading(data):
        result = scoring.evaluate(
            card.name,
            data=data,
            split=split.value,
            left_out=left_out,
            reading=progress("reading"),
            progress=progress("evaluating"),
        )
    payload = {
        "model": card.name,
        "data": str(data) if data else card.data,
        "split": None if data else split.value,
        "n": result.n,
        "labels": list(result.labels),
        "matched_labels": list(result.matched_labels),
        "right_labels": {name: list(right) for name, right in result.right_labels.items()},
        "operating_points": plain(result.operating_points),
        "left_out": left_out,
    }
    rows = [
        (f"{p.budget:.0%}", p.rule, percent(p.accuracy), interval(p.interval), mega(p.macs), str(p.n))
        for p in result.operating_points
    ]
    text = table(("budget", "rule", "accuracy", "95 % interval", "mean MACs", "n"), rows)
    if data is not None:
        found = [f"classes found: {', '.join(result.matched_labels)}", *map(_any_of, result.right_labels.items())]
        text = "\n".join(found) + f"\n\n{text}{_left_out(left_out, result.n)}"
    return Answer(payload, text)


@cli.command()
def bench(
    name: Name,
    data: OwnData = None,
    n: Annotated[int, typer.Option("--n", min=2, help="How many inputs are timed.")] = 200,
    points: Annotated[int, typer.Option(min=1, help="How many operating points.")] = 5,
    brief: Annotated[bool, typer.Option("--brief", help="One input at a time only.")] = False,
    as_json: Json = False,
) -> Answer:
    """Does skipping pay on this machine? Measured speed-up against what the MACs promise, on one thread."""
    from dynviz.cli.benching import describe_bench, plain_bench
    from dynviz.measuring.bench import bench as measure

    card = known_card(name)
    with reading(data):
        found = measure(card.name, data=data, n=n, points=points, brief=brief, progress=progress("timing"))
    return Answer({"model": card.name} | plain_bench(found), describe_bench(found, card.modality))


def _kept(card: zoo.ModelCard, **found: Any) -> Path:
    """Keep a finding with whatever else was found of this network; where."""
    from dataclasses import replace

    from dynviz.results.findings import Findings, read_findings, write_findings

    return write_findings(card, replace(read_findings(card) or Findings(card.sha256), **found))


def _in_noise(card: zoo.ModelCard) -> Answer:
    """Measured on the test split and kept with whatever else was found of this network."""
    if card.series is None or card.series.kind != "speech":
        raise Mistake(f"--noise is of networks that read spoken digits, which {card.name} does not")
    from dynviz.datasets.recordings import load_recordings
    from dynviz.datasets.registry import called
    from dynviz.evaluation.noise_findings import room_noise

    found = room_noise(card, load_recordings(called(card.data).name, "test"), note)
    place = _kept(card, noise=found)
    heads = ("noise", "strength", "right", "uncut", "cut where the word is known to be")
    rows = [
        (kind, f"{db} dB", *(percent(part[i][j]) for part in (found.found, found.whole, found.known)))
        for i, kind in enumerate(found.kinds)
        for j, db in enumerate(found.db)
    ]
    text = f"without noise: {percent(found.quiet)} of {found.n:,}\n\n{table(heads, rows)}\n\nsaved: {place}"
    return Answer({"model": card.name, "noise": plain(found), "saved": str(place)}, text)


def _depends(card: zoo.ModelCard, n: int) -> Answer:
    """Measured on test inputs and kept with whatever else was found of this network."""
    from dynviz.evaluation.attribution_findings import attribution_use

    with reading(None):
        found = attribution_use(card, n, progress("attributing"))
    if found is None:
        raise Mistake(f"{card.name} decides nothing about places, words or steps that could be compared")
    place = _kept(card, attribution=found)
    named = [f"{name}, {what}" for name in found.blind for what in ("rank", "on executed")]
    heads = ("budget", "rank correlation", "95 % interval", "on executed", "executed", *named)
    rows = []
    for i, budget in enumerate(found.budgets):
        bounds = f"{_two(found.low[i])} to {_two(found.high[i])}"
        blind = [_two(value) for points in found.blind.values() for value in points[i]]
        own = [_two(values[i]) for values in (found.correlation, found.on_executed, found.executed)]
        rows.append((f"{budget:.0%}", own[0], bounds, own[1], own[2], *blind))
    text = f"{found.n} test inputs, {found.method}\n\n{table(heads, rows)}\n\nsaved: {place}"
    return Answer({"model": card.name, "attribution": plain(found), "saved": str(place)}, text)


def _compressed(card: zoo.ModelCard, n: int) -> Answer:
    """Measured on test inputs and kept with whatever else was found of this network."""
    from dynviz.evaluation.compatibility import compatibility_use

    with reading(None):
        found = compatibility_use(card, n, progress("evaluating"))
    if found is None:
        raise Mistake(f"{card.name} has no feed-forward layers, which --compressed makes small")
    place = _kept(card, compatibility=found)
    heads = ("network", *(f"budget {budget:.0%}" for budget in found.budgets), "bytes", "ms")
    rows = [
        (name, *map(percent, accuracy), f"{size:,}", f"{ms:.1f}")
        for name, accuracy, size, ms in zip(found.names, found.accuracy, found.bytes, found.ms, strict=True)
    ]
    text = f"{found.n} test inputs, not trained again\n\n{table(heads, rows)}\n\nsaved: {place}"
    return Answer({"model": card.name, "compatibility": plain(found), "saved": str(place)}, text)


def _unlike(card: zoo.ModelCard) -> Answer:
    """Fitted, calibrated and measured anew, and kept with whatever else was found of this network."""
    from dynviz.datasets.registry import called
    from dynviz.evaluation.unlike_findings import unlike_use

    if called(card.data).name != "everyday30":
        raise Mistake(f"--unlike is of networks for everyday30, which {card.name} is not")
    with reading(None):
        found = unlike_use(card, note)
    if found is None:
        raise Mistake(f"{card.name} answers by no single classifier, whose features could be compared")
    place = _kept(card, unlike=found)
    rows = [
        ("every decision open" if budget is None else f"{budget:.0%}", *map(_share_words, shares))
        for budget, *shares in zip(found.budgets, found.called, found.missed, strict=True)
    ]
    first = table(("budget", f"{found.known:,} known called unlike", f"{found.unknown:,} unlike missed"), rows)
    kinds = [(kind, percent(share), str(n)) for kind, (share, n) in found.kinds.items()]
    text = f"{first}\n\n{table(('unlike pictures of', 'missed', 'n'), kinds)}\n\nsaved: {place}"
    return Answer({"model": card.name, "unlike": plain(found), "saved": str(place)}, text)


def _share_words(share: tuple[float, float, float]) -> str:
    return f"{percent(share[0])} ({interval(share[1:])})"


def _two(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _any_of(found: tuple[str, tuple[str, ...]]) -> str:
    """For a class that is not itself an answer."""
    name, right = found
    listed = ", ".join(right[:NAMED]) + (f" and {len(right) - NAMED} more" if len(right) > NAMED else "")
    return f"{name}: right is {'any of ' if len(right) > 1 else ''}{listed}"


def _left_out(names: list[str], used: int) -> str:
    """How many files were not used, and the first of them."""
    if not names:
        return ""
    more = f"\n... and {len(names) - NAMED:,} more (--json names all)" if len(names) > NAMED else ""
    listed = "".join(f"\n- {name}" for name in names[:NAMED])
    return f"\n\nleft out: {len(names):,} of {len(names) + used:,} files{listed}{more}"
