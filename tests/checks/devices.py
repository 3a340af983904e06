"""Would a network run on a GPU? On a machine without one its tensors are followed instead.

On an accelerator are: weights, inputs, what was made or moved there by an explicit device, and what is made of such
tensors; what ``cpu`` gives or numpy hands over is not. An operation that takes both would fail there. Code without an
explicit device, on which this rests, is what fails in practice; a GPU's own operators are not tried.
"""

from __future__ import annotations

import traceback
from typing import Any

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_flatten

ANYWHERE = ("copy_",)  # takes a tensor from another device
INDEXED = ("__getitem__", "__setitem__", "index_put", "index_put_")  # an index may lie on the processor
ASKED = (
    "__get__",
    "__set__",
    "__len__",
    "__bool__",
    "size",
    "dim",
    "numel",
    "tolist",
    "item",
    "numpy",
    "is_contiguous",
)


class Followed(TorchFunctionMode):
    """While it is entered: follows tensors; ``faults`` are the operations that mixed the two, with where they stand."""

    def __init__(self) -> None:
        super().__init__()
        self.there: dict[int, torch.Tensor] = {}  # by id; kept, so that no other tensor gets the same
        self.faults: set[str] = set()

    def put(self, value: Any) -> None:
        """``value``, or every tensor in it, is on the accelerator."""
        for tensor in _tensors(value):
            self.there[id(tensor)] = tensor

    def has(self, tensor: Any) -> bool:
        return id(tensor) in self.there

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name = getattr(func, "__name__", "")
        out = func(*args, **kwargs)
        given = _tensors((args, kwargs))
        if name == "cpu":
            return out.clone() if out is args[0] else out
        if name == "to":
            wanted = [*args[1:], *kwargs.values()]
            if self.has(args[0]) or any(isinstance(to, torch.device | str) or self.has(to) for to in wanted):
                out = out.clone() if out is args[0] and not self.has(out) else out
                self.put(out)
            return out
        on = any(self.has(tensor) for tensor in given)
        if name in ASKED:
            if on:
                self.put(out)
            return out
        beside = [tensor for tensor in given if tensor.dim() and not self.has(tensor)]
        if on and beside and name not in ANYWHERE and not (name in INDEXED and self.has(args[0])):
            stands = [frame for frame in traceback.extract_stack() if "/dynviz/" in frame.filename]
            self.faults.add(f"{name} in {stands[-1].filename}:{stands[-1].lineno}" if stands else name)
        if on or kwargs.get("device") is not None:
            self.put(out)
        return out


def _tensors(value: Any) -> list[torch.Tensor]:
    return [part for part in tree_flatten(value)[0] if isinstance(part, torch.Tensor)]
