"""Curves held against one another, worked out by hand."""

from types import SimpleNamespace

import numpy as np
import pytest

from dynviz.results.comparison import compare, paired_interval, sibling_lines, siblings


def test_half_of_the_range_above():
    baseline = ((1.0, 0.5), (100.0, 0.5))
    curve = ((1.0, 0.4), (100.0, 0.6))  # crosses at 10, the middle in log MACs
    found = compare(curve, baseline)
    assert found.share_above == pytest.approx(0.5, abs=0.01)
    assert found.best == pytest.approx(0.1) and found.best_macs == pytest.approx(100)
    assert found.last == pytest.approx(0.1)


def test_only_the_common_range_counts():
    found = compare(((1.0, 0.9), (10.0, 0.9)), ((5.0, 0.5), (50.0, 0.95)))
    assert found.share_above == 1.0
    assert compare(((1.0, 0.9), (2.0, 0.9)), ((5.0, 0.5), (50.0, 0.95))) is None
    assert compare(((1.0, 0.9),), ()) is None


def test_paired_interval_holds_the_difference():
    draw = np.random.default_rng(1)
    theirs = draw.random(4000) < 0.8
    ours = theirs | (draw.random(4000) < 0.1)  # right wherever the other is, and on a tenth of the rest
    low, high = paired_interval(ours, theirs)
    assert low < (ours.mean() - theirs.mean()) < high
    assert low > 0 and high - low < 0.01


def test_siblings_are_of_one_architecture():
    """A transformer on the same data is no size of a ResNet: a curve through both would go down and up."""
    shared = {"data": "d", "modality": "image", "family": "static", "parent": None}
    small, large, other = (
        SimpleNamespace(name=name, network=network, static_macs=macs, test_accuracy=accuracy, **shared)
        for name, network, macs, accuracy in (
            ("small", "resnet", 10, 0.7),
            ("large", "resnet", 40, 0.9),
            ("vit", "vit", 20, 0.8),
        )
    )
    cards = [large, other, small]

    def dynamic(parent):
        return SimpleNamespace(
            name="dynamic", network="msdnet", **(shared | {"family": "sample-wise", "parent": parent})
        )

    assert [c.name for c in siblings(dynamic("large"), cards)] == ["small", "large"]
    assert [c.name for c in siblings(dynamic("vit"), cards)] == ["vit"]
    assert [c.name for c in siblings(dynamic(None), cards)] == ["small", "large"]  # of the most accurate one
    assert [c.name for c in siblings(other, cards)] == ["vit"] and siblings(dynamic(None), []) == []
    tuned = SimpleNamespace(
        name="tuned", network="resnet", static_macs=40, test_accuracy=0.95, **(shared | {"parent": "large"})
    )
    assert siblings(dynamic("large"), [*cards, tuned]) == siblings(dynamic("large"), cards)  # a control is no size
    lines = sibling_lines([*cards, tuned, dynamic("large")])
    assert [[c.name for c in line] for line in lines] == [["small", "large"], ["vit"]]
    few = SimpleNamespace(name="few", network="few", static_macs=5, test_accuracy=0.6, **(shared | {"parent": "large"}))
    assert [c.name for c in siblings(dynamic("large"), [*cards, few])] == ["few", "small", "large"]  # a cheaper form
