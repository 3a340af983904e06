"""Between the parts of a Trace and plain JSON values, guided by the dataclasses' own field types.

Arrays and pictures lie beside the JSON and are referred to by name. A new decision type needs no line here. What comes
from a file is checked against the declared types; a Misfit says where it is something else.
"""

from __future__ import annotations

import math
import re
import sys
from dataclasses import MISSING, dataclass, field, fields
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np

from dynviz.decisions import DECISION_TYPES, Decision
from dynviz.media.sniff import picture_format

PICTURE_ENDINGS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
PICTURE_NAME = re.compile(r"[a-z_]{1,32}-\d{1,5}\.(jpg|png|webp)")
INTEGER_LIMIT = 2**62
LARGEST_FLOAT = sys.float_info.max

BOOL, WHOLE, NUMBER = "b", "iu", "fiu"
# What the docstrings of dynviz.decisions promise of each array: NumPy's kinds of dtype, and the dimensions.
# fields that older files do not have, where they have a default
LATER = {"rate_hz", "frame_samples", "step_samples", "beats", "unknown", "ms_plain", "notes", "scores", "macs_ideal"}
LATER |= {"times_s", "likeness"}
ARRAY_RULES: dict[str, tuple[str, tuple[int, ...]]] = {
    "probabilities": (NUMBER, (1,)),
    "kept": (BOOL, (1,)),
    "scores": (NUMBER, (1, 2)),
    "chosen": (WHOLE, (1,)),
    "weights": (NUMBER, (1,)),
    "ran": (BOOL, (1,)),
    "mask": (BOOL, (2,)),
    "map": (NUMBER, (2,)),
    "points_px": (NUMBER, (3,)),
    "affine": (NUMBER, (2,)),
    "source": (WHOLE, (1,)),
    "actions": (WHOLE, (1,)),
    "targets": (WHOLE, (1,)),
    "running": (NUMBER, (2,)),
    "series": (NUMBER, (1, 2)),
    "beats": (WHOLE, (2,)),
    "spans": (WHOLE, (2,)),
    "unknown": (BOOL, (1,)),
    "times_s": (NUMBER, (1,)),
}


class Misfit(ValueError):
    """A part of a trace file that is not what it should be; its text says which, without a capital or a full stop."""


@dataclass
class Parts:
    """What the JSON refers to: arrays by key, encoded pictures by file name."""

    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)


def encode(value: Any, parts: Parts, name: str = "trace") -> Any:
    """``value`` as JSON can hold it; arrays and pictures are added to ``parts`` under names made from ``name``."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, np.ndarray):
        key = f"{name}-{len(parts.arrays):05d}"
        parts.arrays[key] = value
        return {"array": key}
    if isinstance(value, bytes):
        if not value:
            return {"picture": ""}
        key = f"{name}-{len(parts.pictures)}.{PICTURE_ENDINGS.get(picture_format(value), '')}"
        parts.pictures[key] = value
        return {"picture": key}
    if isinstance(value, float) and not math.isfinite(value):  # JSON has no word for these
        return {"float": repr(value)}
    if isinstance(value, tuple | list):
        return [encode(item, parts, name) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        own = {f.name: encode(getattr(value, f.name), parts, f.name) for f in fields(value)}
        return {"kind": value.kind, **own} if isinstance(value, Decision) else own
    return value


def decode(hint: Any, value: Any, parts: Parts, where: str) -> Any:
    """The object of type ``hint`` that ``encode`` made ``value`` of.

    ``where`` names the value in messages. Parts are taken out of ``parts`` as they are used, so what is left over was
    referred to by nothing. Raises Misfit.
    """
    origin, options = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        if value is None and NoneType in options:
            return None
        return decode(next(o for o in options if o is not NoneType), value, parts, where)
    if origin is Literal:
        return _require(value, isinstance(value, str) and value in options, where, f"one of {', '.join(options)}")
    if origin is tuple:
        return _decode_tuple(options, value, parts, where)
    if hint is np.ndarray:
        return _take_array(value, parts, where)
    if hint is bytes:
        return _take_picture(value, parts, where)
    if hint is bool or hint is str:
        return _require(value, isinstance(value, hint), where, "true or false" if hint is bool else "a text")
    if hint is int:
        fits = isinstance(value, int) and not isinstance(value, bool) and abs(value) < INTEGER_LIMIT
        return _require(value, fits, where, "a whole number")
    if hint is float:
        if isinstance(value, dict) and value.get("float") in ("nan", "inf", "-inf"):
            return float(value["float"])
        fits = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST_FLOAT
        return _require(value, fits, where, "a number")
    return _decode_dataclass(hint, value, parts, where)


def _decode_tuple(options: tuple[Any, ...], value: Any, parts: Parts, where: str) -> tuple[Any, ...]:
    _require(value, isinstance(value, list), where, "a list")
    if options[-1] is Ellipsis:
        options = (options[0],) * len(value)
    _require(value, len(value) == len(options), where, f"a list of {len(options)}")
    pairs = enumerate(zip(options, value, strict=True))
    return tuple(decode(option, item, parts, f"{where}[{i}]") for i, (option, item) in pairs)


def _decode_dataclass(cls: type, value: Any, parts: Parts, where: str) -> Any:
    _require(value, isinstance(value, dict), where, "an object")
    value = dict(value)
    if cls is Decision:
        kind = value.pop("kind", None)
        if not isinstance(kind, str) or kind not in DECISION_TYPES:
            raise Misfit(f"{where} is a decision of the unknown kind {str(kind)[:40]!r}")
        cls = DECISION_TYPES[kind]
    hints = field_types(cls)
    later = {f.name for f in fields(cls) if f.name in LATER and f.default is not MISSING}
    if missing := hints.keys() - value.keys() - later:
        raise Misfit(f"{where} lacks the field {min(missing)!r}")
    if extra := value.keys() - hints.keys():
        raise Misfit(f"{where} has the unknown field {min(extra)[:40]!r}")
    given = {name: hint for name, hint in hints.items() if name in value}
    return cls(**{name: decode(hint, value[name], parts, f"{where}.{name}") for name, hint in given.items()})


@lru_cache(maxsize=64)
def field_types(cls: type) -> dict[str, Any]:
    """Name and type of each field of a dataclass."""
    hints = get_type_hints(cls)
    return {f.name: hints[f.name] for f in fields(cls)}


def _take_array(value: Any, parts: Parts, where: str) -> np.ndarray:
    key = value.get("array") if isinstance(value, dict) else None
    if not isinstance(key, str) or key not in parts.arrays:
        raise Misfit(f"{where} refers to no array of the file")
    array = parts.arrays.pop(key)
    kinds, dimensions = ARRAY_RULES.get(where.rsplit(".", 1)[-1], (BOOL + NUMBER, (1, 2, 3, 4)))
    if array.dtype.kind not in kinds or array.ndim not in dimensions:
        raise Misfit(f"{where} is an array of {array.dtype} with {array.ndim} dimensions, which does not fit")
    return array


def _take_picture(value: Any, parts: Parts, where: str) -> bytes:
    key = value.get("picture") if isinstance(value, dict) else None
    if key == "":
        return b""
    if not isinstance(key, str) or key not in parts.pictures:
        raise Misfit(f"{where} refers to no picture of the file")
    return parts.pictures.pop(key)


def _require(value: Any, fits: bool, where: str, what: str) -> Any:
    if not fits:
        raise Misfit(f"{where} is not {what}")
    return value
