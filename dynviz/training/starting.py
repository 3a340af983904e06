"""Beginning with the weights of several shipped networks, each for one part of the new one."""

from __future__ import annotations

from collections.abc import Mapping

from torch import nn

from dynviz import zoo


def begin_parts(model: nn.Module, starts: Mapping[str, str]) -> str:
    """Give each module named in ``starts`` the weights of a shipped network; returns a sentence about what it took.

    A part with a ``begin_with(other)`` of its own knows what to do with them. Any other takes whatever has the same
    name and shape, and all but its classifier has to. Raises ValueError where it does not fit.
    """
    told = []
    for name, source in starts.items():
        part, other = model.get_submodule(name), zoo.load_unfolded(source)
        if hasattr(part, "begin_with"):
            part.begin_with(other)
            told.append(f"{name} begins as {source}")
            continue
        own, theirs = part.state_dict(), other.state_dict()
        common = {key: value for key, value in theirs.items() if key in own and own[key].shape == value.shape}
        missing = [key for key in own if key not in common and not key.startswith("head.")]
        if missing:
            raise ValueError(f"{name} cannot begin as {source}: it has no {', '.join(missing[:3])} of that shape")
        part.load_state_dict(common, strict=False)
        left = sorted({key.partition(".")[0] for key in theirs if key not in common})
        told.append(f"{name} begins as {source}" + (f" without its {', '.join(left)}" if left else ""))
    return "; ".join(told)
