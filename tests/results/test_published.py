"""Published results: in range, with a source, on the data that the cards name, and the compute counted by hand."""

from __future__ import annotations

import pytest

from dynviz.datasets.registry import DATASETS
from dynviz.results.published import PUBLISHED, REMARKS, RT, SHARES, VIDEO, published, resnet_macs


def test_the_data_are_called_as_on_the_cards():
    assert set(PUBLISHED) <= {dataset.words for dataset in DATASETS.values()}
    assert set(REMARKS) <= {*PUBLISHED, *SHARES}
    assert published(DATASETS["everyday30"].words) == () and published("something else") == ()


@pytest.mark.parametrize("point", published("CIFAR-10 (JPEG)"), ids=lambda point: f"{point.method} {point.accuracy}")
def test_every_point_is_plausible_and_says_where_it_is_from(point):
    assert 0.85 < point.accuracy < 0.96 and 10e6 < point.macs < 300e6
    assert any(year in point.source for year in ("2018", "2020"))
    assert point.how == ("published, read off a figure" if point.read_off else "published")


def test_methods_come_together_for_the_chart():
    methods = [point.method for point in published("CIFAR-10 (JPEG)")]
    assert methods == sorted(methods) and {"MSDNet", "RANet", "ResNet", "SkipNet-110"} <= set(methods)


def test_results_told_as_shares_stand_at_that_share_of_our_static_reader():
    assert set(SHARES) <= {dataset.words for dataset in DATASETS.values()} and set(SHARES) <= set(REMARKS)
    assert all(published(data) == () for data in SHARES)  # without a static network there is no place for them
    for data in set(SHARES) - {VIDEO}:
        found = {point.method: point for point in published(data, 30e6)}
        assert found["LSTM of Skim-RNN"].macs == 30e6
        for point in found.values():
            assert 0 < point.macs <= 30e6 and 0.7 < point.accuracy < 0.95 and "2018" in point.source
    (skim,) = (point for point in published(RT, 30e6) if point.method == "Skim-RNN")
    assert skim.macs == pytest.approx(30e6 / 2.1)


def test_results_on_videos_stand_at_their_share_of_all_frames():
    points = published(VIDEO, 1e9)
    (full,) = (point for point in points if point.method == "FrameExit, all ten frames")
    assert full.macs == 1e9 and "ActivityNet" in full.source
    curve = [(point.macs, point.accuracy) for point in points if point.method == "FrameExit"]
    assert curve == sorted(curve) and curve[0][0] == pytest.approx(1e9 * 17.96 / 41.2)
    assert max(point.macs for point in points) < 1.5e9


def test_multiply_adds_of_a_small_residual_network_by_hand():
    stem, head = 3 * 16 * 9 * 32 * 32, 64 * 10
    first = 2 * (16 * 16 * 9 * 32 * 32)
    second = (16 * 32 + 32 * 32) * 9 * 16 * 16
    third = (32 * 64 + 64 * 64) * 9 * 8 * 8
    assert resnet_macs(8) == stem + first + second + third + head
    assert resnet_macs(110) / 1e6 == pytest.approx(253, abs=1)  # the literature's 0.25 G
    for depth in (7, 9, 2, 0):
        with pytest.raises(ValueError, match="6 n"):
            resnet_macs(depth)
