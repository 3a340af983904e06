"""HM-RNN on texts of a few words: update, copy and flush by hand, what is recorded is what ran, both modes agree."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from dynviz.compute import count_macs
from dynviz.decisions import STEP_ACTIONS
from dynviz.networks.frames import Frames
from dynviz.networks.temporal_wise.hm_rnn import HMRNN
from dynviz.networks.words import Words
from dynviz.recorder import Recorder, Setting
from dynviz.training.loop import training_signal
from dynviz.training.recipes import RECIPES
from tests.networks.agreement import check_agreement

VOCABULARY, WIDTHS, IN_WIDTH, CLASSES = 30, (3, 4, 5), 6, 2
ANSWER = sum(WIDTHS) * CLASSES
UPDATE, COPY, FLUSH = (STEP_ACTIONS.index(name) for name in ("update", "copy", "flush"))


@pytest.fixture
def network():
    torch.manual_seed(0)
    network = HMRNN(vectors=torch.randn(VOCABULARY, IN_WIDTH), widths=WIDTHS, classes=CLASSES, dropout=0.0).eval()
    for layer in network.layers:
        torch.nn.init.normal_(layer.linear.weight, std=0.5)  # so that boundaries differ
        torch.nn.init.zeros_(layer.linear.bias)
    torch.nn.init.normal_(network.answer.linear.weight)
    return network


def texts(*lengths):
    draw = np.random.default_rng(1)
    return Words.batch([draw.integers(2, VOCABULARY, length) for length in lengths])


def by_hand(network, ids, limit):
    """As the paper writes it, step by step and layer by layer; also the MACs of the products that were needed."""
    hidden = [torch.zeros(width) for width in WIDTHS]
    cell = [torch.zeros(width) for width in WIDTHS]
    ended, actions, states, macs = [False] * 3, [[], [], []], [], 0
    for word in network.input(ids):
        below, moved = word, True
        for i, width in enumerate(WIDTHS):
            weight, bias = network.layers[i].linear.weight, network.layers[i].linear.bias
            if not moved and not ended[i]:
                actions[i].append(COPY)
            else:
                of_below, of_own, *of_above = weight.split([len(below), width, *WIDTHS[i + 1 : i + 2]], dim=1)
                gates = bias + of_own @ hidden[i]
                macs += of_own.numel()
                if moved:
                    gates = gates + of_below @ below
                    macs += of_below.numel()
                if ended[i]:
                    gates = gates + of_above[0] @ hidden[i + 1]
                    macs += of_above[0].numel()
                put, keep, out = gates[: 3 * width].sigmoid().chunk(3)
                cell[i] = (0 if ended[i] else keep * cell[i]) + put * gates[3 * width : 4 * width].tanh()
                hidden[i] = out * cell[i].tanh()
                actions[i].append(FLUSH if ended[i] else UPDATE)
                moved = i < 2 and float((gates[-1] + 1) / 2) > limit
                ended[i] = moved
            below = hidden[i]
        states.append(torch.cat(hidden))
    means = torch.stack(states).cumsum(dim=0) / torch.arange(1, len(ids) + 1)[:, None]
    return network.answer(means), actions, macs


@pytest.mark.parametrize("mode", ["skipping", "masked"])
@pytest.mark.parametrize("limit", [0.4, 0.5, 0.6])
def test_layers_update_copy_and_flush(network, mode, limit):
    x, recorder = texts(40), Recorder()
    with torch.inference_mode():
        answers, actions, macs = by_hand(network, x.ids[0], limit)
        logits = network(x, setting=Setting(mode, (limit,)), recorder=recorder)
    torch.testing.assert_close(logits, answers[-1:], atol=1e-5, rtol=1e-5)
    decisions = recorder.cut(0)[0]
    assert [decision.actions.tolist() for decision in decisions] == actions
    assert [decision.layer for decision in decisions] == [0, 1, 2]
    assert recorder.totals(1) == macs + ANSWER
    np.testing.assert_allclose(decisions[2].running, answers.softmax(dim=1), atol=1e-5)
    if limit == 0.5:
        assert [set(each) for each in actions] == [{UPDATE, FLUSH}, {UPDATE, COPY, FLUSH}, {UPDATE, COPY}]
    for decision in decisions[:2]:  # a boundary is looked for wherever the layer ran, and nowhere else
        assert (np.isnan(decision.scores) == (decision.actions == COPY)).all()


@pytest.mark.parametrize("limit", [None, 0.0, 0.3, 0.5, 0.7, 1.0])
def test_recorded_is_counted_and_masked_is_skipping(network, limit):
    thresholds = None if limit is None else (limit,)
    _, skipping, masked = check_agreement(network, texts(1, 3, 19, 40), thresholds)
    for row in range(4):
        for ours, theirs in zip(skipping.cut(row)[0], masked.cut(row)[0], strict=True):
            assert ours.actions.tolist() == theirs.actions.tolist() and ours.macs_static >= ours.macs


def test_all_open_updates_every_layer_at_every_step(network):
    x, recorder = texts(8), Recorder()
    with torch.inference_mode():
        logits = network(x, recorder=recorder)
        torch.testing.assert_close(network.plain(x), logits)
        plain = count_macs(lambda: network.plain(x))
    for decision in recorder.cut(0)[0]:
        assert (decision.actions == UPDATE).all() and decision.macs == decision.macs_static
    assert recorder.totals(1) - plain == 8 * sum(sum(layer.parts) for layer in network.layers[:2])


def test_no_boundary_leaves_the_upper_layers_alone(network):
    """Where the threshold is out of reach only the lowest layer runs, and the others have no influence."""
    x, recorder = texts(20), Recorder()
    with torch.inference_mode():
        logits = network(x, setting=Setting(thresholds=(1.0,)), recorder=recorder)
        for layer in network.layers[1:]:
            layer.linear.weight.fill_(torch.nan)
        torch.testing.assert_close(network(x, setting=Setting(thresholds=(1.0,))), logits)
    lowest = (4 * WIDTHS[0] + 1) * (IN_WIDTH + WIDTHS[0])
    assert recorder.totals(1) == 20 * lowest + ANSWER


@pytest.mark.parametrize("baseline", ["random", "uniform"])
def test_a_baseline_ends_its_share_of_the_units(network, baseline):
    x, recorder, shares = texts(80).repeat(2), Recorder(), np.array([[0.5], [1.0]])
    with torch.inference_mode():
        network(x, setting=Setting("masked", shares, baseline=baseline), recorder=recorder)
    some, every = ([decision.actions for decision in recorder.cut(row)[0]] for row in range(2))
    ran = [int((actions == UPDATE).sum()) for actions in some]
    if baseline == "uniform":  # the second layer moves at every second step, the top one at every fourth
        assert int((some[1] != COPY).sum()) >= 40 and ran[2] == 20
    else:
        assert 10 <= ran[2] <= 30
    assert all((actions[1:] == FLUSH).all() for actions in every[:2]) and (every[2] == UPDATE).all()


def test_training_is_all_open_at_first_then_learns_to_copy(network):
    x = texts(20, 20, 17).repeat(8)

    def teach(progress, **rest):
        recipe = replace(RECIPES["hm-rnn-imdb"], **{"budget_weight": 0.0} | rest)
        return Setting("train", training=training_signal(recipe, progress))

    network.train()
    for setting in (teach(0.9), teach(0.0, target=0.3, budget_weight=1.0)):
        output = network(x, setting=setting)
        assert output.penalty == 0.0
        with torch.inference_mode():
            expected = network.plain(x)
        torch.testing.assert_close(output.logits.detach(), expected, atol=1e-5, rtol=1e-5)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.03)
    for _ in range(60):
        output = network(x, setting=teach(0.9, target=0.5, budget_weight=10.0))
        optimizer.zero_grad()
        output.penalty.backward()
        optimizer.step()
    recorder = Recorder()
    with torch.inference_mode():
        network.eval()(x, setting=Setting("masked", (0.5,)), recorder=recorder)
    full = sum(decision.macs_static for row in range(len(x)) for decision in recorder.cut(row)[0])
    assert 0.35 < recorder.totals(len(x)).sum() / full < 0.65


def test_recordings_are_read_as_texts_are():
    torch.manual_seed(0)
    network = HMRNN(channels=IN_WIDTH, widths=WIDTHS, classes=CLASSES).eval()
    x, skipping, masked = Frames.batch([np.random.default_rng(0).normal(size=(9, IN_WIDTH))]), Recorder(), Recorder()
    with torch.inference_mode():
        logits = network(x, setting=Setting(thresholds=(0.9,)), recorder=skipping)
        expected = network(x, setting=Setting("masked", (0.9,)), recorder=masked)
    torch.testing.assert_close(logits, expected, atol=1e-5, rtol=1e-5)
    assert skipping.totals(1) == masked.totals(1)
