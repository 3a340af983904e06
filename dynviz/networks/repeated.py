"""A matrix that a loop multiplies with at every step, trained fast.

Autograd would compute the matrix's gradient step by step and add up as many matrices as there are steps, in the
training's low precision. Here the steps' inputs and gradients are kept, and one product makes the sum in the end.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


class Repeated:
    """(x, known) -> known + x @ matrix, for one pass of a loop. matrix: (in, out), in the loop's precision."""

    def __init__(self, matrix: Tensor):
        self._ledger = _Ledger(matrix.detach())
        self._token = _Sum.apply(matrix, self._ledger)

    def __call__(self, x: Tensor, known: Tensor) -> Tensor:
        """x: (N, in) of any precision; known: (N, out) in the matrix's precision, as the result is."""
        return _Product.apply(x.to(self._ledger.matrix.dtype), known, self._token, self._ledger)


class _Ledger:
    """What the steps put down on the way back. It knows nothing of the graph: no cycle keeps memory."""

    def __init__(self, matrix: Tensor):
        self.matrix = matrix
        self.inputs: list[Tensor] = []
        self.gradients: list[Tensor] = []


class _Sum(torch.autograd.Function):
    """Stands for the matrix in the graph: autograd comes here once every step has been there."""

    @staticmethod
    def forward(ctx: Any, matrix: Tensor, ledger: _Ledger) -> Tensor:
        ctx.ledger = ledger
        return matrix.new_zeros(())

    @staticmethod
    def backward(ctx: Any, _: Tensor) -> tuple[Tensor, None]:
        inputs, gradients = torch.cat(ctx.ledger.inputs), torch.cat(ctx.ledger.gradients)
        ctx.ledger.inputs, ctx.ledger.gradients = [], []
        return inputs.t() @ gradients, None


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, known: Tensor, token: Tensor, ledger: _Ledger) -> Tensor:
        ctx.ledger = ledger
        ctx.save_for_backward(x)
        return torch.addmm(known, x, ledger.matrix)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        (x,) = ctx.saved_tensors
        ctx.ledger.inputs.append(x.detach())  # with its past it would keep the whole graph
        ctx.ledger.gradients.append(gradient)
        return gradient @ ctx.ledger.matrix.t(), gradient, gradient.new_zeros(()), None
