"""What a training begins with: the weights of shipped networks, of one as a whole or of one for each part; and what of
it stays as it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from torch import nn

from dynviz import zoo
from dynviz.networks.contract import Startable
from dynviz.networks.gates import Decider


def begin(
    model: nn.Module, starts: Mapping[str, str], renamed: Mapping[str, str] = MappingProxyType({})
) -> Iterator[str]:
    """Give ``model`` ('') and each module named in ``starts`` the weights of a shipped network; yields a sentence about
    what each took.

    One that is ``Startable`` knows what to do with them. Else the network as a whole takes what it has, see
    ``begin_with``, and a module whatever has the same name and shape, which has to be all but its classifier and what
    decides in it. Raises ValueError where it does not fit.
    """
    for name, source in starts.items():
        part, other = model.get_submodule(name), zoo.load_unfolded(source)
        if isinstance(part, Startable):
            part.begin_with(other)
            yield f"{name} begins as {source}".strip()
        elif not name:
            yield begin_with(model, other, renamed)
        else:
            yield f"{name} begins as {source}{_fill(name, part, other)}"


def _fill(name: str, part: nn.Module, other: nn.Module) -> str:
    """' without its head': what ``part`` did not take of ``other``, if anything."""
    own, theirs = part.state_dict(), other.state_dict()
    common = {key: value for key, value in theirs.items() if key in own and own[key].shape == value.shape}
    new = ("head.", *(f"{key}." for key, module in part.named_modules() if key and isinstance(module, Decider)))
    missing = [key for key in own if key not in common and not key.startswith(new)]
    if missing:
        raise ValueError(f"{name} cannot begin with these weights: there is no {', '.join(missing[:3])} of that shape")
    part.load_state_dict(common, strict=False)
    left = sorted({key.partition(".")[0] for key in theirs if key not in common})
    return f" without its {', '.join(left)}" if left else ""


def begin_with(model: nn.Module, other: nn.Module, renamed: Mapping[str, str] = MappingProxyType({})) -> str:
    """Give ``model`` the weights of ``other`` that it has under the same name and in the same shape.

    renamed: beginnings of names there -> what stands in their place here. Returns a sentence about what was taken and
    what was not. Raises ValueError where less than a tenth of the other's weights find a place: its first stages are a
    start, a counter that happens to have the same name is none.
    """
    own, theirs = model.state_dict(), {}
    for name, value in other.state_dict().items():
        old = max((start for start in renamed if name.startswith(start)), key=len, default="")
        theirs[renamed.get(old, "") + name[len(old) :]] = value
    common = {name: value for name, value in theirs.items() if name in own and own[name].shape == value.shape}
    taken, there = (sum(value.numel() for value in some.values()) for some in (common, theirs))
    new = sorted({name.rpartition(".")[0] for name in own.keys() - common.keys()})
    left = sorted({name.rpartition(".")[0] for name in theirs.keys() - common.keys()})
    words = f"begins with {taken:,} of {there:,} trained numbers"
    words += f"; new here: {_few(new)}" if new else ""
    words += f"; not taken: {_few(left)}" if left else ""
    if taken < there / 10:
        raise ValueError(f"the network to start from has too little in common with this one: it {words}")
    model.load_state_dict(common, strict=False)
    return words


def _few(names: list[str]) -> str:
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")


def freeze(model: nn.Module, frozen: tuple[str, ...]) -> None:
    """Keep the parameters whose names begin with one of ``frozen`` as they are. Raises ValueError for one that is of
    nothing.
    """
    for start in frozen:
        found = [value for name, value in model.named_parameters() if name.startswith(start)]
        if not found:
            raise ValueError(f"nothing in the network is called {start}..., so that it could be frozen")
        for value in found:
            value.requires_grad_(False)


def train_mode(model: nn.Module, frozen: tuple[str, ...]) -> None:
    """Train mode, but for what is frozen: there normalisation keeps its statistics and dropout is off."""
    model.train()
    for name, module in model.named_modules():
        if name and any(f"{name}.".startswith(start) for start in frozen):
            module.eval()
