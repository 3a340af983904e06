"""Counting MACs: by hand on small operators, and failing loudly where an operator would pass uncounted."""

import pytest
import torch
from torch.nn import functional as F

from dynviz.compute import CountError, count_macs

X, WEIGHT = torch.ones(1, 8, 6, 6), torch.ones(4, 8, 3, 3)


def test_a_convolution_and_a_product_by_hand():
    assert count_macs(lambda: F.conv2d(X, WEIGHT)) == 4 * 4 * 4 * 8 * 9
    assert count_macs(lambda: torch.ones(3, 5) @ torch.ones(5, 7)) == 3 * 5 * 7


@pytest.mark.parametrize("mode", [torch.inference_mode, torch.no_grad])
def test_a_fused_recurrence_multiplies_with_both_matrices_at_every_step(mode):
    lstm = torch.nn.LSTM(2, 3, batch_first=True)
    with mode():
        assert count_macs(lambda: lstm(torch.ones(1, 7, 2))) == 7 * 4 * 3 * (2 + 3)
        assert count_macs(lambda: lstm(torch.ones(4, 5, 2))) == 4 * 5 * 4 * 3 * (2 + 3)
        packed = torch.nn.utils.rnn.pack_padded_sequence(torch.ones(2, 4, 2), [4, 3], batch_first=True)
        assert count_macs(lambda: lstm(packed)) == (4 + 3) * 4 * 3 * (2 + 3)


@pytest.mark.parametrize("mode", [torch.inference_mode, torch.no_grad, torch.enable_grad])
@pytest.mark.parametrize(
    "target",
    [{"size": (9, 5)}, {"scale_factor": 2}, {"scale_factor": 0.5}, {"size": (3, 3), "antialias": True}],
    ids=str,
)
def test_interpolation_is_four_macs_for_each_value_written(mode, target):
    made = []
    with mode():
        counted = count_macs(lambda: made.append(F.interpolate(X, mode="bilinear", **target)))
        assert counted == 4 * made[0].numel()
        torch.testing.assert_close(made[0], F.interpolate(X, mode="bilinear", **target))


def test_sampling_on_a_grid_is_four_macs_for_each_value_written():
    with torch.inference_mode():
        assert count_macs(lambda: F.grid_sample(X, torch.zeros(1, 3, 7, 2), align_corners=False)) == 4 * 8 * 3 * 7


UNCOUNTED = {
    "a fused convolution": lambda: torch.ops.mkldnn._convolution_pointwise(
        X, WEIGHT, None, [0, 0], [1, 1], [1, 1], 1, "relu", [], ""
    ),
    "a convolution of one library": lambda: torch.mkldnn_convolution(X, WEIGHT, None, [0, 0], [1, 1], [1, 1], 1),
    "a fused product": lambda: torch.ops.mkldnn._linear_pointwise(
        torch.ones(2, 8), torch.ones(3, 8), None, "none", [], ""
    ),
    "a GRU": lambda: torch.nn.GRU(2, 3)(torch.ones(1, 1, 2)),
    "attention": lambda: F.scaled_dot_product_attention(*[torch.ones(1, 2, 4, 8)] * 3),
}


@pytest.mark.parametrize("name", UNCOUNTED)
def test_what_no_formula_counts_is_an_error(name):
    if any("mkldnn" in used for used in UNCOUNTED[name].__code__.co_names) and not torch.backends.mkldnn.is_available():
        pytest.skip("this PyTorch has no oneDNN")
    with torch.inference_mode(), pytest.raises(CountError, match="no formula"):
        count_macs(UNCOUNTED[name])
