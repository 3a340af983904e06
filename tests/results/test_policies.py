"""Policies counted by hand: which sets of decisions there are, how often, what they cost and reach."""

from __future__ import annotations

import numpy as np
import pytest

from dynviz.results.policies import policies, units_of
from dynviz.results.tables import Table

RAN = [[1, 0, 1], [1, 0, 1], [1, 1, 1], [0, 0, 0], [1, 0, 1]]


@pytest.fixture
def table() -> Table:
    ran = np.array(RAN, dtype=bool)[:, None]
    macs = np.array([10, 12, 30, 1, 14])[:, None]
    return Table(np.zeros(5, dtype=int), np.array([0, 0, 1, 0, 1])[:, None], macs, ran, ("a", "b/1", "b/2"))


def test_the_most_frequent_first(table):
    found = policies(table, 0, most=2)
    assert (found.n, found.different) == (5, 3)
    assert found.ran[0].tolist() == [True, False, True] and found.share.tolist() == [0.6, 0.2]
    assert found.macs[0] == 12 and found.accuracy[0] == pytest.approx(2 / 3)


def test_parts_of_a_unit_stand_together(table):
    assert units_of(table) == [("a", slice(0, 1)), ("b", slice(1, 3))]
