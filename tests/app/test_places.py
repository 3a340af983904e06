"""What the browser is sent of a picture's places, in shares of the picture."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np

from app.live.view.places import FINE, PARTS, places_json
from dynviz import decisions as kinds
from dynviz.recorder import Stage
from dynviz.trace import Media
from dynviz.views.examples.traces import examples

WIDE = Media("image", "d", 800, 600, (100.0, 0.0, 700.0, 600.0))
TRACE = next(t for t in examples() if t.media.modality == "image")


def sent(decision):
    return json.loads(places_json(replace(TRACE, media=WIDE, decisions=(decision,), stages=(Stage("all", 100, 100),))))


def test_cells_and_their_shares():
    told = sent(kinds.PonderMap(unit="a", map=np.array([[1.0, 3.0]]), most=6.0, macs=100))
    assert told["box"] == [0.125, 0.0, 0.75, 1.0] and told["grid"] == [1, 2]
    assert told["ran"] == [1, 3] and told["share"] == [PARTS // 4, 3 * PARTS // 4]
    assert told["say"] == "computed in {ran} of 6 layers" and "{share}" in told["cost"]


def test_sampling_points():
    points = np.zeros((4, 9, 2), dtype=np.float32)
    points[3] = (400.0, 150.0)
    told = sent(kinds.SamplingOffsets(unit="a", points_px=points))
    assert told["points"][0][3] == [FINE // 2, FINE // 4] * 9 and told["cost"] == ""


def test_nothing_is_sent_without_places():
    assert places_json(replace(TRACE, media=WIDE, decisions=(kinds.Exit(unit="a"),))) == ""
