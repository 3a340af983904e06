"""Traces, operating points and decisions as plain JSON values, for programs that read the command line's output.

Generic over the decision types: a field of a new decision appears by itself. It is no archive; that is the trace file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from dynviz.trace import Trace

MOST_VALUES = 4096  # a larger array is described instead of listed


def plain(value: Any) -> Any:
    """``value`` as JSON values: dataclasses as objects, arrays as lists, NaN and infinity as null.

    An array of more than ``MOST_VALUES`` values becomes {"shape", "dtype"}, bytes become {"bytes": length}.
    Raises TypeError for what has no JSON form.
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, np.ndarray):
        if value.size > MOST_VALUES:
            return {"shape": list(value.shape), "dtype": str(value.dtype)}
        return plain(value.tolist())
    if isinstance(value, bytes):
        return {"bytes": len(value)}
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        kind = {"kind": value.kind} if hasattr(value, "kind") else {}
        return kind | {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    raise TypeError(f"{type(value).__name__} has no JSON form")


def plain_trace(trace: Trace) -> dict[str, Any]:
    """A trace without its pictures: the answer, what it cost (MACs, ms), and every decision in order."""
    names = (
        "model title prediction macs macs_static macs_ideal ms ms_static ms_plain "
        "budget rule counterfactual decisions stages"
    )
    media = plain(trace.media)
    for large in ("preview", "thumbnails", "series"):
        del media[large]
    alike = trace.likeness
    likeness = None if alike is None else plain(alike) | {"unlike": alike.unlike}
    return {name: plain(getattr(trace, name)) for name in names.split()} | {"likeness": likeness, "media": media}
