"""The verb ``train``: a network by its recipe, or the word vectors that the text networks share.

What is shipped is replaced only by somebody who names it: another training is published beside its own state.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from dynviz import zoo
from dynviz.cli.console import interval, note, percent, progress
from dynviz.cli.mistakes import Mistake, Stopped, as_mistake
from dynviz.cli.verbs import Answer, Json, Name, cli, known_card

WORDS = "words"  # the shared vocabulary and its vectors, which are made rather than trained
PUBLISHED = "published"  # folder of a training that must not replace what is shipped


@cli.command()
def train(
    name: Name,
    out: Annotated[Path | None, typer.Option(help="Where the state is kept; runs/NAME unless given.")] = None,
    threads: Annotated[int, typer.Option(min=1, help="Processor threads.")] = 1,
    publish: Annotated[bool, typer.Option(help="Calibrate, test and write the network's card when done.")] = True,
    replace: Annotated[
        str | None, typer.Option(metavar="NAME", help="The network's name again: put it in place of the shipped one.")
    ] = None,
    as_json: Json = False,
) -> Answer:
    """Train a network by its recipe, or make the shared word vectors, called words.

    After a kill the same command goes on from the last finished epoch. A network that is shipped already stays as it
    is unless --replace names it: the new one is published beside its state.
    """
    if replace not in (None, name):
        raise Mistake(f"--replace must be the name of what is trained, {name}, not {replace}")
    out = out or Path("runs") / name
    if name == WORDS:
        return _words(out, replace)
    from dynviz.evaluation import publishing
    from dynviz.evaluation.beyond_the_curve import measure
    from dynviz.results.findings import write_findings
    from dynviz.training.loop import fit
    from dynviz.training.recipes import RECIPES

    with as_mistake(KeyError):
        recipe = RECIPES[name]
    for needed in (*recipe.members, recipe.parent):  # found missing now rather than after hours of training
        if needed is not None:
            known_card(needed)
    with _told_when_stopped(out):
        network = fit(recipe, out, threads=threads, report=note)
        payload: dict[str, Any] = {"model": name, "out": str(out), "epochs": 0 if recipe.members else recipe.epochs}
        text = f"{name}: trained, state in {out}"
        if recipe.members:
            text = f"{name}: made of {', '.join(recipe.members)}"
        elif recipe.weights:
            text = f"{name}: made of the weights in {recipe.weights.package}"
        if not publish:
            return Answer(payload, text)
        kept = _beside(out, zoo.folders()[0] / name, replace)
        card = publishing.publish(recipe, network, progress=progress("testing"))
        if findings := measure(recipe, out, note):
            write_findings(card, findings)
    place = zoo.place(name) / "card.json"
    payload |= {"card": str(place), "test_accuracy": card.test_accuracy, "test_interval": list(card.test_interval)}
    payload["replaced"] = replace is not None
    text += f"\n{place}: test accuracy {percent(card.test_accuracy)} ({interval(card.test_interval)})"
    return Answer(payload, text + _left(kept, name))


def _words(out: Path, replace: str | None) -> Answer:
    from dynviz.training.word_vectors import make_words

    kept = _beside(out, zoo.folders()[0] / "_shared" / WORDS, replace)
    place = zoo.folders()[0] / "_shared" / WORDS
    made = make_words(place)
    payload = {"asset": str(place), "words": len(made.words), "replaced": replace is not None}
    return Answer(payload, f"{place}: {len(made.words):,} words{_left(kept, WORDS)}")


def _beside(out: Path, shipped: Path, replace: str | None) -> Path | None:
    """What is shipped and stays: what follows is then published in ``out``, in this process alone."""
    if replace is not None or not shipped.is_dir():
        return None
    place = out / PUBLISHED
    place.mkdir(parents=True, exist_ok=True)
    os.environ["DYNVIZ_PRETRAINED"] = os.pathsep.join(map(str, (place, *zoo.folders())))
    return shipped


def _left(kept: Path | None, name: str) -> str:
    return f"\n{kept} stays as it is; --replace {name} puts the new one there" if kept else ""


@contextlib.contextmanager
def _told_when_stopped(out: Path) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt as error:
        state = (out / "state.pt").is_file()
        raise Stopped(
            f"stopped; what was learned up to the last finished epoch is kept in {out}, and the same command goes on "
            "from there"
            if state
            else "stopped before the first epoch was finished; nothing is kept",
            str(out) if state else None,
        ) from error
