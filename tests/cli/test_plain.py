"""Plain JSON values of any decision, without a line per decision type."""

from __future__ import annotations

import json
from dataclasses import fields

import numpy as np
import pytest

from dynviz.cli.plain import MOST_VALUES, plain
from dynviz.decisions import DECISION_TYPES, Exit, PixelMask

SAMPLES = {"edges": ("a", "b"), "grid": (2, 2), "box_px": (0.0, 1.0, 2.0, 3.0), "options_px": (64, 96), "most": 3.0}


@pytest.mark.parametrize("kind", DECISION_TYPES)
def test_every_decision_type_becomes_an_object_with_all_its_fields(kind):
    decision_type = DECISION_TYPES[kind]
    common = {f.name for f in fields(Exit)}
    own = {f.name: SAMPLES.get(f.name, np.array([0.5, 1.5])) for f in fields(decision_type) if f.name not in common}
    if "side_px" in own:
        own["side_px"] = 96
    written = plain(decision_type(unit="blocks.0", choice="run", macs=7, **own))
    assert json.loads(json.dumps(written, allow_nan=False)) == written
    assert written["kind"] == kind
    assert set(written) == {"kind"} | {f.name for f in fields(decision_type)}
    assert (written["unit"], written["choice"], written["macs"]) == ("blocks.0", "run", 7)


def test_numbers_that_json_lacks_become_null():
    written = plain(Exit(unit="exits.0", score=float("nan"), threshold=np.float32("inf")))
    assert written["score"] is None
    assert written["threshold"] is None
    assert plain(np.array([1.0, -np.inf])) == [1.0, None]


def test_small_arrays_are_listed_and_large_ones_described():
    assert plain(PixelMask(unit="m", mask=np.array([[True, False]])))["mask"] == [[True, False]]
    assert len(plain(np.zeros(MOST_VALUES))) == MOST_VALUES
    assert plain(np.zeros((2, MOST_VALUES), dtype=np.uint8)) == {"shape": [2, MOST_VALUES], "dtype": "uint8"}


def test_what_has_no_json_form_is_refused():
    with pytest.raises(TypeError, match="set has no JSON form"):
        plain({"x": {1}})
