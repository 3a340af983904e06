"""Counting multiply-accumulates as they run, to hold the networks' own accounts against.

``torch.utils.flop_counter`` counts what is dispatched. On the CPU it silently returns 0 for several operators that do
multiply; those get a formula here or make the count fail, so that a wrong count cannot pass for a small one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

MACS_PER_INTERPOLATED_VALUE = 4  # bilinear: four neighbours
UNCOUNTED = (  # operators that multiply, for which neither torch nor this module has a formula on the CPU
    "lstm",
    "gru",
    "rnn_tanh",
    "rnn_relu",
    "mkldnn_rnn_layer",
    "scaled_dot_product",
    "multi_head_attention",
    "transformer_encoder_layer",
    "cdist",
    "deform_conv2d",
    "mkldnn_convolution",
    "convolution_pointwise",
    "convolution_transpose_pointwise",
    "linear_pointwise",
)


RECURRENT = ("lstm", "mkldnn_rnn_layer")  # of those, the ones that have a formula here


class CountError(RuntimeError):
    """An operator that multiplies ran, and there is no formula for it."""


def count_macs(call: Callable[[], Any]) -> int:
    """MACs of everything that ``call`` dispatches. Never time a call under this: counting doubles its duration.

    Raises CountError where an operator that multiplies has no formula.
    """
    formulas = {
        torch.ops.aten.grid_sampler_2d: _interpolated,
        torch.ops.aten.upsample_bilinear2d: _interpolated,
        torch.ops.aten._upsample_bilinear2d_aa: _interpolated,
        torch.ops.aten.lstm: _lstm,
        torch.ops.aten.mkldnn_rnn_layer: _fused_recurrence,
    }
    with FlopCounterMode(display=False, custom_mapping=formulas) as counter, _Watch():
        call()
    return counter.get_total_flops() // 2


class _Watch(TorchDispatchMode):
    """Fails on operators that the counter would pass over in silence."""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        name = func.overloadpacket.__name__
        if name not in RECURRENT and any(word in name for word in UNCOUNTED):
            raise CountError(f"no formula counts the operator {name}; write it out in operators that are counted")
        if func is torch.ops.aten.upsample_bilinear2d.vec:
            # in inference mode this arrives whole, and the counter takes it to pieces that have no formula
            return _bilinear(*args, **(kwargs or {}))
        return func(*args, **(kwargs or {}))


def _bilinear(x: Any, output_size: Any, align_corners: bool, scale_factors: Any = None) -> Any:
    """What ``upsample_bilinear2d.vec`` does, by the operator that the counter has a formula for."""
    scales = scale_factors or (None, None)
    if output_size is None:
        output_size = [int(length * scale) for length, scale in zip(x.shape[2:], scales, strict=True)]
    return torch.ops.aten.upsample_bilinear2d.default(x, output_size, align_corners, *scales)


def _interpolated(*args: Any, out_shape: Any = None, **kwargs: Any) -> int:
    """FLOPs (two per MAC) of bilinear interpolation: a few MACs for each value written."""
    values = 1
    for size in out_shape:
        values *= size
    return 2 * MACS_PER_INTERPOLATED_VALUE * values


def _lstm(inputs: Any, states: Any, weights: Any, *args: Any, **kwargs: Any) -> int:
    """FLOPs of a fused LSTM: every step multiplies with every weight matrix once. Packed sequences come unfused."""
    return 2 * inputs[0] * inputs[1] * sum(shape[0] * shape[1] for shape in weights if len(shape) == 2)


def _fused_recurrence(inputs: Any, for_input: Any, for_state: Any, *args: Any, **kwargs: Any) -> int:
    """The same for one layer as oneDNN is handed it: (steps, batch, width) and two weight matrices, in any layout."""
    return 2 * inputs[0] * inputs[1] * (math.prod(for_input) + math.prod(for_state))
