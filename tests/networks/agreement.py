"""Skipping, masked mode and the counted MACs held against each other, on one batch at one setting."""

from __future__ import annotations

from typing import Any

import torch

from dynviz.compute import count_macs
from dynviz.networks.contract import DynamicNetwork
from dynviz.recorder import Recorder, Setting


def check_agreement(
    network: DynamicNetwork, x: Any, thresholds: Any = None, *, close: float = 1e-5
) -> tuple[torch.Tensor, Recorder, Recorder]:
    """What ``network`` says of ``x`` in skipping mode, and the records of both modes, once they agree.

    MACs as recorded in either mode are those counted while skipping, with and without a recorder; answers differ by no
    more than ``close``.
    """
    skipping, masked, setting = Recorder(), Recorder(), Setting(thresholds=thresholds)
    with torch.inference_mode():
        counted = count_macs(lambda: network(x, setting=setting, recorder=skipping))
        silent = count_macs(lambda: network(x, setting=setting))
        logits = network(x, setting=setting)
        expected = network(x, setting=Setting("masked", thresholds), recorder=masked)
    totals = skipping.totals(len(x)).tolist()
    assert counted == silent == sum(totals)
    assert totals == masked.totals(len(x)).tolist()
    torch.testing.assert_close(logits, expected, atol=close, rtol=close)
    return logits, skipping, masked
