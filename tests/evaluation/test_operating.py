"""Calibration and the choice of a point, against numbers worked out by hand."""

import numpy as np
import pytest

from dynviz.evaluation import operating

CONFIDENCE = np.array(
    [  # exit 0, exit 1, exit 2
        [0.9, 0.9, 0.9],
        [0.8, 0.9, 0.9],
        [0.4, 0.7, 0.9],
        [0.3, 0.2, 0.9],
    ]
)


def test_calibration_lets_the_asked_share_leave():
    limits = operating.thresholds_for_shares(CONFIDENCE, np.array([0.5, 0.25, 0.25]))
    assert limits.tolist() == [0.8, 0.7, np.inf]
    assert operating.apply_exits(CONFIDENCE, limits).tolist() == [0, 0, 1, 2]


def test_an_exit_with_too_few_samples_does_not_die():
    limits = operating.thresholds_for_shares(CONFIDENCE, np.array([0.1, 0.1, 0.8]))
    assert limits[0] == pytest.approx(0.9) and limits[0] > 0.9  # nothing of the calibration set leaves ...
    easier = np.array([[0.99, 0.99, 0.99]])
    assert operating.apply_exits(easier, limits).tolist() == [0]  # ... but an easier input still does


def test_an_exit_after_everything_has_left_stays_open():
    limits = operating.thresholds_for_shares(CONFIDENCE, np.array([1.0, 0.0, 0.0]))
    assert limits[0] == 0.3 and np.isfinite(limits[1]) and limits[2] == np.inf


@pytest.mark.parametrize("steepness", [-3, 0, 3])
def test_shares_are_met_on_many_samples(steepness):
    scores = np.random.default_rng(0).random((5000, 5))
    shares = np.exp(steepness * np.arange(5) / 4)
    shares /= shares.sum()
    taken = operating.apply_exits(scores, operating.thresholds_for_shares(scores, shares))
    assert np.bincount(taken, minlength=5) / 5000 == pytest.approx(shares, abs=0.001)


def test_random_exits_is_the_upper_hull():
    macs = np.array([10.0, 20.0, 30.0, 40.0])
    right = np.zeros((10, 4), dtype=bool)
    for k, count in enumerate((4, 5, 8, 7)):
        right[:count, k] = True
    # exit 1 lies under the line from exit 0 to exit 2; exit 3 costs more and is worse
    assert operating.random_exits(macs, right) == [(10.0, 0.4), (30.0, 0.8)]
