"""Where compute falls against where the object is, by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from dynviz.datasets.objects import MarkedPhoto, marked_photos
from dynviz.decisions import Exit, PixelMask, PonderMap, Region, TokenMerge, TokenSelection
from dynviz.evaluation import object_findings
from dynviz.evaluation.object_findings import object_use
from dynviz.trace.places import resampled, spent_map


def trace(*decisions, box_px=(10.0, 0.0, 110.0, 100.0)):
    return SimpleNamespace(decisions=decisions, media=SimpleNamespace(box_px=box_px, width_px=120))


LEFT = np.array([[True, False], [True, False]])


def test_compute_falls_where_the_masks_are():
    both = trace(
        PixelMask(unit="a", mask=LEFT, macs=60, decider_macs=20, macs_static=100),
        PixelMask(unit="b", mask=np.ones((4, 4), bool), macs=160, macs_static=160),
        Exit(unit="exit", macs=1000, macs_static=1000),  # says nothing about places
    )
    spent = spent_map(both, 4)
    assert spent.sum() == pytest.approx(40 + 160)
    assert (spent[:, :2] == 40 / 8 + 10).all() and (spent[:, 2:] == 10).all()


def test_a_block_that_every_place_is_given_is_no_choice():
    ponder = PonderMap(unit="a", map=np.array([[1.0, 3.0]]), most=3.0, macs=70, macs_static=90)
    assert spent_map(trace(ponder), 2).tolist() == [[0, 35], [0, 35]]


def test_a_class_token_stands_before_those_of_the_picture():
    kept = np.array([True, True, False, False, False])
    tokens = TokenSelection(unit="a", kept=kept, grid=(2, 2), macs=8, macs_static=16)
    assert spent_map(trace(tokens), 2).tolist() == [[8, 0], [0, 0]]
    words = TokenSelection(unit="a", kept=kept, macs=8, macs_static=16)
    assert spent_map(trace(words), 2) is None


def test_patches_that_became_one_token_share_what_it_cost():
    merged = TokenMerge(unit="a", source=np.array([1, 1, 2, 1]), grid=(2, 2), macs=8, macs_static=16)
    halves = spent_map(trace(merged), 2)
    np.testing.assert_allclose(halves, np.array([[1, 1], [3, 1]]) * 8 / 6)


def test_a_patch_lies_where_its_box_is_in_the_original():
    patch = Region(unit="a", box_px=(60.0, 50.0, 200.0, 200.0), macs=30, macs_static=30)
    assert spent_map(trace(patch), 4).tolist() == [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 7.5, 7.5], [0, 0, 7.5, 7.5]]


def test_no_decision_about_places_is_no_map():
    assert spent_map(trace(Exit(unit="exit", macs=5, macs_static=5)), 4) is None


def test_every_place_takes_the_value_of_its_cell():
    assert resampled(np.array([[1, 2, 3]]), 6).tolist() == [[1, 1, 2, 2, 3, 3]] * 6


def marked(left):
    """A photo of 120 x 100 px whose object is the square's left or right half."""
    pixels = np.zeros((100, 120), bool)
    pixels[:, slice(10, 60) if left else slice(60, 110)] = True
    return MarkedPhoto(Image.new("RGB", (120, 100)), pixels, "person" if left else "fruit")


@pytest.mark.parametrize("inverted", [False, True])
def test_looking_at_the_object_is_told_from_looking_away(monkeypatch, inverted):
    card = SimpleNamespace(name="n", operating_points=[SimpleNamespace(budget=b) for b in (0.1, 0.5, 1.0)])

    def sweep(name, picture):
        masks = np.zeros((2, 2), bool), ~LEFT if inverted else LEFT, np.ones((2, 2), bool)
        traces = [trace(PixelMask(unit="a", mask=m, macs=int(m.sum()) * 10, macs_static=40)) for m in masks]
        return SimpleNamespace(traces=traces, full=traces[-1])

    monkeypatch.setattr(object_findings.inference, "sweep", sweep)
    use = object_use(card, [marked(left=True), marked(left=True)])
    assert use.on_object == (None, pytest.approx(0.0 if inverted else 1.0), pytest.approx(0.5))
    assert use.pointing == (None, pytest.approx(0.0 if inverted else 1.0), pytest.approx(0.5))
    assert use.object_share == pytest.approx(0.5) and (use.people, use.fruits) == (2, 0)
    assert object_use(card, [marked(left=True), marked(left=False)]).on_object[1] == pytest.approx(0.5)


def test_marked_photos_are_those_that_nobody_was_trained_on(data_folder):
    photos = list(marked_photos())
    kinds = [photo.kind for photo in photos]
    assert kinds.count("person") > 50 and kinds.count("fruit") > 50
    for photo in photos[::10]:
        assert photo.marked.shape == (photo.picture.height, photo.picture.width)
        assert 0.005 < photo.marked.mean() < 1
