"""The loop that teaches Skip RNN: every step computed and taken or not (Campos et al. 2018, equations 2 to 6).

Its gradient is written out by hand: hundreds of steps of small products are several times faster so than step by step
through autograd, since the weights' gradients become one product over all steps.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


class StraightThroughSteps(torch.autograd.Function):
    """An LSTM layer whose every state is kept where the accumulated update probability is below 1/2.

    projected: (T, N, 4 width), the input's products, biases added. of_state: (4 width, width). weight, bias: (1, width)
    and (1,) of the increment. speed: (N, 1), its factor. Returns the states (T, N, width) and the updates (T, N), 0 or
    1; the gradient passes the rounding unchanged.
    """

    @staticmethod
    def forward(
        ctx: Any, projected: Tensor, of_state: Tensor, weight: Tensor, bias: Tensor, speed: Tensor
    ) -> tuple[Tensor, Tensor]:
        kept = _forward(projected.float(), of_state.t().contiguous(), weight.t(), bias, speed)
        ctx.save_for_backward(of_state, weight, speed, *kept)
        return kept[1][1:], kept[4][..., 0]

    @staticmethod
    def backward(ctx: Any, of_states: Tensor, of_updates: Tensor) -> tuple[Tensor | None, ...]:
        of_state, weight, speed, gates, hidden, cell, new_cell, updates, probability, increment = ctx.saved_tensors
        of_gates, of_logit = _backward(
            of_states,
            of_updates[..., None],
            of_state,
            weight,
            speed,
            gates,
            hidden,
            cell,
            new_cell,
            updates,
            probability,
            increment,
        )
        before, after = hidden[:-1].flatten(0, 1), hidden[1:].flatten(0, 1)
        of_logit = of_logit.flatten(0, 1)
        return of_gates, of_gates.flatten(0, 1).t() @ before, of_logit.t() @ after, of_logit.sum(dim=0), None


def _forward(
    projected: Tensor, of_state: Tensor, weight: Tensor, bias: Tensor, speed: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Gates (T, N, 4 width); states and cells (T + 1, N, width), the start first; new cells; updates; probabilities and
    increments before ``speed`` (T, N, 1).
    """
    steps, count, width = projected.shape[0], projected.shape[1], of_state.shape[0]
    gates = torch.empty_like(projected)
    hidden = torch.zeros(steps + 1, count, width, device=projected.device)
    cell, new_cell = torch.zeros_like(hidden), torch.empty(steps, count, width, device=projected.device)
    updates = torch.empty(steps, count, 1, device=projected.device)
    probabilities, increments = torch.empty_like(updates), torch.empty_like(updates)
    probability = torch.ones_like(speed)
    for t in range(steps):
        i, f, g, o = torch.addmm(projected[t], hidden[t], of_state, out=gates[t]).chunk(4, 1)
        i.sigmoid_()
        f.sigmoid_()
        g.tanh_()
        o.sigmoid_()
        new = torch.mul(f, cell[t], out=new_cell[t]).addcmul_(i, g)
        update = (probability >= 0.5).to(probability.dtype)
        torch.lerp(cell[t], new, update, out=cell[t + 1])
        torch.lerp(hidden[t], new.tanh().mul_(o), update, out=hidden[t + 1])
        increment = torch.addmm(bias, hidden[t + 1], weight, out=increments[t]).sigmoid_()
        updates[t] = update
        probabilities[t] = probability
        step = (increment * speed).clamp(max=1.0)
        probability = step + (1 - update) * torch.min(probability, 1 - step)
    return gates, hidden, cell, new_cell, updates, probabilities, increments


def _backward(
    of_states: Tensor,
    of_updates: Tensor,
    of_state: Tensor,
    weight: Tensor,
    speed: Tensor,
    gates: Tensor,
    hidden: Tensor,
    cell: Tensor,
    new_cell: Tensor,
    updates: Tensor,
    probabilities: Tensor,
    increments: Tensor,
) -> tuple[Tensor, Tensor]:
    """Gradients of the gates before their activation (T, N, 4 width) and of the increments' logits (T, N, 1)."""
    of_gates, of_logits = torch.empty_like(gates), torch.empty_like(increments)
    of_hidden, of_cell, of_next = torch.zeros_like(hidden[0]), torch.zeros_like(cell[0]), torch.zeros_like(speed)
    for back in range(gates.shape[0]):
        t = gates.shape[0] - 1 - back
        update, probability, increment = updates[t], probabilities[t], increments[t]
        # the accumulation
        scaled = increment * speed
        step = scaled.clamp(max=1.0)
        open = 1 - update
        room = 1 - step
        adds = (probability < room).to(step.dtype)  # else it is full already
        of_sum = of_next * open
        of_step = of_next - of_sum * (1 - adds)
        of_logit = of_step * (scaled < 1).to(step.dtype) * scaled * (1 - increment)
        of_logits[t] = of_logit
        of_hidden = torch.addmm(of_hidden + of_states[t], of_logit, weight)
        # taken or not
        i, f, g, o = gates[t].chunk(4, 1)
        bent = new_cell[t].tanh()
        new_hidden = o * bent
        differs = of_hidden * (new_hidden - hidden[t]) + of_cell * (new_cell[t] - cell[t])
        of_update = of_updates[t] - of_next * torch.min(probability, room) + differs.sum(1, keepdim=True)
        of_next = of_sum * adds + of_update
        of_new_hidden = of_hidden * update
        of_new_cell = torch.addcmul(of_cell * update, of_new_hidden, o - new_hidden * bent)
        # the cell
        di, df, dg, do = of_gates[t].chunk(4, 1)
        torch.mul(of_new_cell, g, out=di).mul_(i).mul_(1 - i)
        torch.mul(of_new_cell, cell[t], out=df).mul_(f).mul_(1 - f)
        torch.mul(of_new_cell, i, out=dg).mul_(1 - g * g)
        torch.mul(of_new_hidden, new_hidden, out=do).mul_(1 - o)
        of_cell = torch.addcmul(of_cell * open, of_new_cell, f)
        of_hidden = torch.addmm(of_hidden * open, of_gates[t], of_state)
    return of_gates, of_logits
