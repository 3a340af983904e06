"""An LSTM that goes from frame to frame, written out in products that are counted; some rows of it at a time.

Paper: Hochreiter & Schmidhuber 1997, "Long Short-Term Memory".
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

State = tuple[Tensor, Tensor]  # (N, width) each: what is said, what is kept


class Memory(nn.Module):
    """(n, in) a frame -> (n, width)."""

    def __init__(self, in_width: int, width: int):
        super().__init__()
        self.cell = nn.LSTMCell(in_width, width)

    def begin(self, count: int, device: torch.device) -> State:
        empty = torch.zeros(count, self.cell.hidden_size, device=device)
        return empty, empty

    def forward(self, x: Tensor, state: State) -> State:
        """The next state of each row."""
        cell, (said, kept) = self.cell, state
        gates = F.linear(x, cell.weight_ih, cell.bias_ih) + F.linear(said, cell.weight_hh, cell.bias_hh)
        enter, forget, new, leave = gates.chunk(4, dim=1)
        kept = forget.sigmoid() * kept + enter.sigmoid() * new.tanh()
        return leave.sigmoid() * kept.tanh(), kept

    def put(self, state: State, rows: Tensor, x: Tensor) -> State:
        """All rows, those of ``rows`` (n,) one frame further; x: (n, in)."""
        said, kept = self(x, (state[0][rows], state[1][rows]))
        return state[0].index_put((rows,), said), state[1].index_put((rows,), kept)

    def blend(self, state: State, x: Tensor, use: Tensor) -> State:
        """For training: all rows a frame further as far as ``use`` (N,) says, 0 or 1 with a gradient."""
        said, kept = self(x, state)
        use = use[:, None]
        return use * said + (1 - use) * state[0], use * kept + (1 - use) * state[1]

    @property
    def macs(self) -> int:
        return self.cell.weight_ih.numel() + self.cell.weight_hh.numel()
