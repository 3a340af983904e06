"""The loop of an HM-RNN over one input in which a layer that copies costs nothing, in scripted torch operators."""

from __future__ import annotations

import torch
from torch import Tensor

from dynviz.networks.scripted import scripted


@scripted
def moving_layers(
    projected: Tensor,
    below: list[Tensor],
    own: list[Tensor],
    above: list[Tensor],
    biases: list[Tensor],
    limit: float,
    decides: bool,
    keep: bool,
) -> tuple[Tensor, list[float], list[Tensor]]:
    """One input. Returns the mean of all layers' states (1, widths), the scores (T x (layers - 1)), nan where a layer
    copied, and the states if kept."""
    opened = limit == -float("inf")
    count = len(own)
    total_width = 0
    for part in own:
        total_width += part.shape[0]
    state = torch.zeros(1, total_width, device=projected.device, dtype=projected.dtype)
    total = torch.zeros_like(state)
    hidden: list[Tensor] = []
    cell: list[Tensor] = []
    ended: list[bool] = []
    start = 0
    for part in own:
        hidden.append(state.narrow(1, start, part.shape[0]))
        cell.append(torch.zeros(1, part.shape[0], device=projected.device, dtype=projected.dtype))
        ended.append(opened)
        start += part.shape[0]
    scores: list[float] = []
    states: list[Tensor] = []
    for known in projected.split(1):
        moved = True  # the layer below ended a unit, or there is none
        for i in range(count):
            top = i == count - 1
            before = ended[i] and not top
            if not (moved or before):
                if not top:
                    scores.append(float("nan"))
                continue
            if i == 0:
                gates = torch.addmm(known, hidden[0], own[0])
            else:
                gates = torch.addmm(biases[i], hidden[i], own[i])
                if moved:
                    gates = torch.addmm(gates, hidden[i - 1], below[i])
            if before:
                gates = torch.addmm(gates, hidden[i + 1], above[i])
            width = hidden[i].shape[1]
            put, forget, out = gates.narrow(1, 0, 3 * width).sigmoid_().chunk(3, 1)
            new = gates.narrow(1, 3 * width, width).tanh_()
            if before and not opened:
                torch.mul(put, new, out=cell[i])
            else:
                cell[i].mul_(forget).addcmul_(put, new)
            torch.mul(out, cell[i].tanh(), out=hidden[i])
            moved = True
            if not top and decides:
                value = float(gates.select(1, 4 * width))
                score = min(max((value + 1) / 2, 0.0), 1.0)
                scores.append(score)
                moved = score > limit
                ended[i] = moved
        total.add_(state)
        if keep:
            states.append(state.clone())
    return total / projected.shape[0], scores, states
