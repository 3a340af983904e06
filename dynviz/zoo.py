"""The shipped networks: cards are read at once and cheaply, a network is imported only when it is loaded."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from dynviz.installed import InstalledFile, WeightsError, fill
from dynviz.media.signal import SeriesInput
from dynviz.modalities import MODALITIES
from dynviz.networks import NETWORKS
from dynviz.registry import unknown

if TYPE_CHECKING:
    from torch import Tensor, nn

    from dynviz.media.vocabulary import Vocabulary

Family = Literal["static", "sample-wise", "spatial-wise", "temporal-wise"]
KEPT = 16  # networks in memory at once
_LOADING = threading.Lock()


class CheckpointError(ValueError):
    """A card or checkpoint that cannot be used; the message says which file and what to do."""


@dataclass(frozen=True)
class OperatingPoint:
    """One setting of a network, calibrated on the validation split, measured on the test split.

    budget: mean MACs over those of the static parent (of this network with every decision open, where it has none),
    as calibrated; a point of the grid that all networks share. macs, accuracy: means on the test split (accuracy 0..1,
    interval: its 95 % bounds). thresholds: one per decision unit; null (None) means "never" (a last exit).
    shares: share of the test inputs that each unit answered, for exits.
    """

    rule: str
    budget: float
    macs: float
    accuracy: float
    n: int
    interval: tuple[float, float]
    thresholds: tuple[float | None, ...] = ()
    shares: tuple[float, ...] = ()


@dataclass(frozen=True)
class ModelCard:
    """What is known of a shipped network, as its card.json says. MACs are per input, accuracies 0..1 on the test split.

    modality: the kind of input it reads, one of ``dynviz.modalities``.
    static_macs: every decision open. members: names of the networks that it is made of, which then hold its weights
    (sha256 is that of their checksums). weights: the file of another package that holds them instead. vocabulary:
    the shared asset whose words a text network reads. series: how a network for recordings reads them, its
    normalisation included. reach: how many steps it can see, None: all. teacher: the network whose answers it learned
    from beside the labels. package: the one to install for a network that is not
    dynviz's own. curves: baselines measured with it, name -> [(macs, accuracy), ...]. class_accuracy: class of the test
    samples -> (accuracy, n); groups: some of these classes that are told of apart, what they have in common -> them.
    mean, std: normalisation of pixel values in 0..1. recipe: the command that trains it again.
    """

    name: str
    title: str
    family: Family
    mechanism: str
    modality: str
    paper: str
    data: str
    data_licence: str
    parent: str | None
    static_macs: int
    test_accuracy: float
    test_interval: tuple[float, float]
    operating_points: tuple[OperatingPoint, ...]
    anytime: bool
    weakness: str
    network: str
    arguments: dict[str, Any]
    labels: tuple[str, ...]
    in_side_px: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    parameters: int
    recipe: str
    seed: int
    epochs: int
    sha256: str
    curves: dict[str, tuple[tuple[float, float], ...]]
    class_accuracy: dict[str, tuple[float, int]]
    members: tuple[str, ...] = ()
    weights: InstalledFile | None = None
    vocabulary: str | None = None
    series: SeriesInput | None = None
    reach: int | None = None
    teacher: str | None = None
    package: str | None = None
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    version: int = 1

    @property
    def group_accuracy(self) -> dict[str, tuple[float, int]]:
        """What some classes of the test samples have in common -> (accuracy on them, n)."""
        found = {}
        for name, classes in self.groups.items():
            known = [self.class_accuracy[one] for one in classes if one in self.class_accuracy]
            count = sum(n for _, n in known)
            if count:
                found[name] = sum(share * n for share, n in known) / count, count
        return found

    @property
    def data_name(self) -> str:
        """The data set's name without what it holds: 'IMDb' of 'IMDb (film reviews)'."""
        return self.data.partition(" (")[0]


def folders() -> list[Path]:
    """Where networks lie: the folders named in ``DYNVIZ_PRETRAINED`` (separated as in PATH), else the shipped ones.

    The shipped ones are in ``pretrained/`` beside the package, or in the working folder. New networks are written to
    the first.
    """
    if named := os.environ.get("DYNVIZ_PRETRAINED"):
        return [Path(part) for part in named.split(os.pathsep) if part]
    beside = Path(__file__).resolve().parent.parent / "pretrained"
    return [beside if beside.is_dir() else Path.cwd() / "pretrained"]


def place(name: str) -> Path:
    """The folder of one network. Raises KeyError for an unknown name."""
    for where in folders() if name == Path(name).name else ():  # a name is no path
        if (where / name / "card.json").is_file():
            return where / name
    raise KeyError(unknown("network", name, _places()))


def _places() -> dict[str, Path]:
    """Name -> folder of every network that has a card; an earlier folder wins."""
    return {path.parent.name: path.parent for where in reversed(folders()) for path in where.glob("*/card.json")}


def models() -> list[ModelCard]:
    """Cards of all networks that can be used here, static ones first, then by cost. Needs no torch.

    What is left out, ``unusable`` tells.
    """
    cards = [known for known in _cards() if isinstance(known, ModelCard)]
    return sorted(cards, key=lambda c: (c.family != "static", c.family, c.static_macs, c.name))


def unusable() -> dict[str, str]:
    """The networks here that cannot be used, and why: a damaged card, or a package that is not installed."""
    return {known.name: str(known) for known in _cards() if isinstance(known, _Unusable)}


class _Unusable(CheckpointError):
    def __init__(self, name: str, why: str):
        super().__init__(why)
        self.name = name


def _cards() -> Iterator[ModelCard | _Unusable]:
    for name, folder in sorted(_places().items()):
        try:
            known = _card_in(folder)
            _require_package(known)
        except CheckpointError as error:
            yield _Unusable(name, str(error))
        except (KeyError, OSError):  # gone since it was listed, or a member is
            continue
        else:
            yield known


def _require_package(known: ModelCard) -> None:
    """Raises CheckpointError where the network of a card or its weights, or those of a member, belong to a package that
    is not here; or what it reads does.
    """
    if known.modality not in MODALITIES:
        raise CheckpointError(f"{known.name} reads inputs of the kind {known.modality!r}, which nothing here can read")
    if known.network not in NETWORKS:
        package = f"the package {known.package!r}" if known.package else f"a package with a network {known.network!r}"
        raise CheckpointError(f"{known.name} needs {package}, which is not installed here")
    if known.weights is not None:
        try:
            known.weights.path()
        except WeightsError as error:
            raise CheckpointError(f"{known.name} {error}") from error
    for member in known.members:
        _require_package(card(member))


def card(name: str) -> ModelCard:
    """The card of one network. Raises KeyError for an unknown name, CheckpointError for a damaged card."""
    return _card_in(place(name))


def _card_in(folder: Path) -> ModelCard:
    path = folder / "card.json"
    return _read_card(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=256)
def _read_card(path: Path, _changed: int) -> ModelCard:
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(ModelCard).validate_json(path.read_bytes())
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read ({error.strerror})") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise CheckpointError(f"{path} is not a card this version can read: {where}: {first['msg']}") from error


def load(name: str) -> nn.Module:
    """The network of a card, ready for inference: checksum verified, fp32, batch normalisation folded, shared by all.

    Raises KeyError for an unknown name, CheckpointError for a damaged file.
    """
    known = card(name)
    _require_package(known)
    with _LOADING:  # two sessions asking at once load it once
        return _load(known.name, known.sha256)


@lru_cache(maxsize=KEPT)
def _load(name: str, sha256: str) -> nn.Module:
    from dynviz.networks import build, ready

    known = card(name)
    if known.members:
        if members_checksum(known.members) != sha256:
            raise CheckpointError(f"{name} was calibrated for other members; calibrate it again with: {known.recipe}")
        members = [_load(member, card(member).sha256) for member in known.members]
        return build(known.network, known.arguments | {"members": members}).eval()
    return ready(load_unfolded(name))


def parts(members: tuple[str, ...], vocabulary: str | None) -> dict[str, Any]:
    """What a network is built from beside its own arguments: other networks, else shared word vectors."""
    if members:
        return {"members": [load(name) for name in members]}
    return {} if vocabulary is None else {"vectors": vectors(vocabulary)}


def shared(name: str) -> Path:
    """The folder of an asset that several networks share. Raises CheckpointError where it is missing."""
    for folder in folders():
        if (folder / "_shared" / name / "asset.json").is_file():
            return folder / "_shared" / name
    raise CheckpointError(f"the shared asset {name!r} is missing; make it with: python -m dynviz train {name}")


def vocabulary(name: str) -> Vocabulary:
    """The words of a shared asset, its checksum verified. Raises CheckpointError for a missing or damaged one."""
    from dynviz.media.vocabulary import read_vocabulary

    return read_vocabulary(_verified(shared(name), "vocabulary.txt"))


def vectors(name: str) -> Tensor:
    """(words, width) float32, the word vectors of a shared asset: one tensor for all networks. Raises as above."""
    path = _verified(shared(name), "vectors.safetensors")
    return _read_vectors(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _read_vectors(path: Path, _changed: int) -> Tensor:
    from safetensors.torch import load as parse

    return parse(path.read_bytes())["vectors"].float()


def _verified(folder: Path, file: str) -> Path:
    path = folder / file
    try:
        return _verify(path, path.stat().st_mtime_ns)
    except (OSError, KeyError, ValueError) as error:
        raise CheckpointError(f"{path} is missing or damaged; fetch the pretrained folder again") from error


@lru_cache(maxsize=8)
def _verify(path: Path, _changed: int) -> Path:
    promised = json.loads((path.parent / "asset.json").read_text())["sha256"][path.name]
    if hashlib.sha256(path.read_bytes()).hexdigest() != promised:
        raise ValueError("another checksum")
    return path


def members_checksum(members: tuple[str, ...]) -> str:
    """What the card of a network made of others holds in place of a checksum of its own file."""
    return hashlib.sha256("".join(card(member).sha256 for member in members).encode()).hexdigest()


def load_unfolded(name: str) -> nn.Module:
    """The trained network as it was saved, for fine-tuning: a fresh copy each time. Errors as for ``load``."""
    from safetensors.torch import load as parse

    from dynviz.networks import build

    known = card(name)
    if known.weights is not None:
        network = build(known.network, known.arguments)
        try:
            fill(network, known.weights.read(known.sha256)[0])
        except WeightsError as error:
            raise CheckpointError(f"{name} {error}") from error
        return network
    path = place(name) / "model.safetensors"
    advice = "fetch the file again or train it with: " + known.recipe
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read ({error.strerror}); {advice}") from error
    if hashlib.sha256(data).hexdigest() != known.sha256:
        raise CheckpointError(f"{path} is damaged: its checksum is not the one in its card; {advice}")
    network = build(known.network, known.arguments | parts((), known.vocabulary))
    network.load_state_dict({key: value.float() for key, value in parse(data).items()}, strict=True)
    return network
