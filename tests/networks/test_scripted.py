"""The loops in TorchScript: named in one place, and the same as the plain Python that they are written in."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
import torch

from dynviz import Setting, zoo
from dynviz.evaluation.operating import thresholds
from dynviz.networks import scripted
from dynviz.networks.words import Words

ROOT = Path(__file__).resolve().parents[2]
LOOPS = {
    "skim-rnn-imdb": ("skim_rnn", "_chosen_steps"),
    "skip-rnn-imdb": ("skip_rnn", "_chosen_steps"),
    "lstm-jump-imdb": ("lstm_jump", "read_alone"),
    "hm-rnn-imdb": ("hm_rnn", "moving_layers"),
}


def test_torchscript_is_used_through_one_file():
    own = Path(scripted.__file__)
    users = [path for path in (ROOT / "dynviz").rglob("*.py") if "torch.jit" in path.read_text() and path != own]
    assert not users


@pytest.mark.parametrize("name", LOOPS)
def test_a_scripted_loop_is_what_its_python_says(name, monkeypatch):
    module = import_module(f"dynviz.networks.temporal_wise.{LOOPS[name][0]}")
    loop = getattr(module, LOOPS[name][1])
    assert isinstance(loop, torch.jit.ScriptFunction)
    card, network = zoo.card(name), zoo.load(name)
    ids = torch.randint(2, 5000, (1, 90), generator=torch.Generator().manual_seed(0))
    x, setting = Words(ids, torch.tensor([90])), Setting(thresholds=thresholds(card.operating_points[1]))
    with torch.inference_mode():
        expected = network(x, setting=setting)
        monkeypatch.setattr(module, LOOPS[name][1], loop._torchdynamo_inline)
        torch.testing.assert_close(network(x, setting=setting), expected, atol=1e-5, rtol=1e-5)
