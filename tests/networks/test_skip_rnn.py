"""Skip RNN on texts of a few words: how far it skips, what that costs, and that skipped words have no influence."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from dynviz.compute import count_macs
from dynviz.decisions import STEP_ACTIONS
from dynviz.networks.frames import Frames
from dynviz.networks.temporal_wise.skip_rnn import SkipRNN
from dynviz.networks.temporal_wise.skip_training import StraightThroughSteps
from dynviz.networks.training_output import TrainingOutput
from dynviz.networks.words import Words
from dynviz.recorder import Recorder, Setting, TrainingSignal
from tests.networks.agreement import check_agreement

VOCABULARY, WIDTH, IN_WIDTH, CLASSES = 30, 6, 5, 3
CELL = 4 * WIDTH * (WIDTH + IN_WIDTH)
UPDATE = STEP_ACTIONS.index("update")


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


@pytest.fixture
def network():
    """Increments between about 0.1 and 0.6, by what was read."""
    network = SkipRNN(vectors=torch.randn(VOCABULARY, IN_WIDTH) * 3, width=WIDTH, classes=CLASSES).eval()
    torch.nn.init.normal_(network.increment.weight, std=2.0)
    torch.nn.init.constant_(network.increment.bias, -1.0)
    return network


def texts(*lengths):
    draw = np.random.default_rng(1)
    return Words.batch([draw.integers(2, VOCABULARY, length) for length in lengths])


def updates(decision):
    return np.flatnonzero(decision.actions == UPDATE)


def run(network, x, mode="skipping", thresholds=None, baseline=None):
    recorder = Recorder()
    with torch.inference_mode():
        logits = network(x, setting=Setting(mode, thresholds, baseline=baseline), recorder=recorder)
    return logits, recorder


@pytest.mark.parametrize("mode", ["skipping", "masked"])
def test_constant_increments_skip_evenly(network, mode):
    """An increment of 0.3 reaches 0.5 after two steps and 1.0 after four."""
    torch.nn.init.zeros_(network.increment.weight)
    torch.nn.init.constant_(network.increment.bias, math.log(0.3 / 0.7))
    for limit, every in ((0.25, 1), (0.5, 2), (1.0, 4)):
        _, recorder = run(network, texts(11), mode, (limit,))
        decision = recorder.cut(0)[0][0]
        read = list(range(0, 11, every))
        assert updates(decision).tolist() == read
        assert decision.macs == len(read) * (CELL + WIDTH) and decision.macs_static == 11 * (CELL + WIDTH)
        gathered = [1.0] + [0.3 * ((t - 1) % every + 1) for t in range(1, 11)]
        np.testing.assert_allclose(decision.scores, gathered, rtol=1e-5)
        assert all((decision.scores[t] >= limit) == (t in read) for t in range(11))


@pytest.mark.parametrize("limit", [None, 0.3, 0.5, 1.5, 50.0])
def test_recorded_is_counted_and_masked_is_skipping(network, limit):
    x = texts(1, 2, 5, 19, 40)
    logits, skipping, masked = check_agreement(network, x, None if limit is None else (limit,))
    for row in range(5):
        ours, theirs = skipping.cut(row)[0][0], masked.cut(row)[0][0]
        assert ours.actions.tolist() == theirs.actions.tolist() and len(ours.actions) == x.lengths[row]
        np.testing.assert_allclose(ours.running, theirs.running, atol=1e-5)
        np.testing.assert_allclose(ours.running[-1], logits[row].softmax(dim=0), atol=1e-5)
        np.testing.assert_allclose(ours.scores, theirs.scores, rtol=1e-5)
        assert (len(updates(ours)) < len(ours.actions)) == (ours.choice == "skip")


def test_rows_may_have_thresholds_of_their_own(network):
    x, limits = texts(30).repeat(3), np.array([[0.2], [0.8], [3.0]])
    logits, recorder = run(network, x, "masked", limits)
    for row, limit in enumerate(limits):
        alone, own = run(network, x[row : row + 1], "skipping", tuple(limit))
        torch.testing.assert_close(logits[row : row + 1], alone, atol=1e-5, rtol=1e-5)
        assert recorder.totals(3)[row] == own.totals(1)[0]
    assert len(set(recorder.totals(3).tolist())) == 3


def test_skipped_words_have_no_influence(network):
    x = texts(40)
    logits, recorder = run(network, x, thresholds=(0.5,))
    decision = recorder.cut(0)[0][0]
    skipped = np.setdiff1d(np.arange(40), updates(decision))
    assert len(skipped) > 5
    other = x.ids.clone()
    other[0, skipped] = VOCABULARY + 99  # in no table: looking one up would fail
    changed, _ = run(network, Words(other, x.lengths), thresholds=(0.5,))
    torch.testing.assert_close(changed, logits)


def test_open_is_reading_everything(network):
    """The fused kernel on the whole text, and the mean of its states."""
    x = texts(23)
    logits, recorder = run(network, x)
    with torch.inference_mode():
        hidden, _ = network.recurrence.span(network.input(x.steps))
        torch.testing.assert_close(logits, network.answer(hidden.mean(dim=1)), atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(network.plain(x), logits)
        assert count_macs(lambda: network.plain(x)) == 23 * CELL + WIDTH * CLASSES
    assert recorder.totals(1) == 23 * (CELL + WIDTH) + WIDTH * CLASSES


@pytest.mark.parametrize("baseline", ["random", "uniform"])
def test_baselines_spend_the_share_they_are_given(network, baseline):
    x = texts(200, 7)
    logits, recorder = run(network, x, "masked", ((0.4,), (0.4,)), baseline)
    decision = recorder.cut(0)[0][0]
    read = updates(decision)
    assert read[0] == 0 and len(read) == pytest.approx(80, abs=20)
    assert decision.macs == len(read) * CELL and np.isnan(decision.scores[1:]).all()
    part = Words(x.ids[:1, read], torch.tensor([len(read)]))
    torch.testing.assert_close(logits[:1], run(network, part)[0], atol=1e-5, rtol=1e-5)
    _, again = run(network, x, "masked", ((0.4,), (0.4,)), baseline)
    assert (again.cut(0)[0][0].actions == decision.actions).all()


def test_recordings_are_read_as_texts_are():
    network = SkipRNN(channels=4, width=WIDTH, classes=CLASSES).eval()
    torch.nn.init.normal_(network.increment.weight, std=3.0)
    torch.nn.init.constant_(network.increment.bias, -1.0)
    draw = np.random.default_rng(2)
    x = Frames.batch([draw.normal(size=(length, 4)) * 3 for length in (9, 31)])
    logits, skipping = run(network, x, thresholds=(0.6,))
    expected, masked = run(network, x, "masked", (0.6,))
    torch.testing.assert_close(logits, expected, atol=1e-5, rtol=1e-5)
    assert skipping.totals(2).tolist() == masked.totals(2).tolist()
    assert skipping.cut(1)[0][0].choice == "skip"
    run(network, x, "masked", ((0.5,), (0.5,)), "uniform")


def by_autograd(projected, of_state, weight, bias, speed):
    """Equations 2 to 6 of the paper as they are written, the gradient left to autograd."""
    hidden = cell = projected.new_zeros(projected.shape[1], of_state.shape[1])
    probability = torch.ones_like(speed)
    states, updates = [], []
    for step in projected:
        i, f, g, o = (step + hidden @ of_state.t()).chunk(4, 1)
        new = f.sigmoid() * cell + i.sigmoid() * g.tanh()
        update = (probability >= 0.5).to(step.dtype) + probability - probability.detach()
        hidden = update * o.sigmoid() * new.tanh() + (1 - update) * hidden
        cell = update * new + (1 - update) * cell
        increment = ((hidden @ weight.t() + bias).sigmoid() * speed).clamp(max=1.0)
        probability = update * increment + (1 - update) * (probability + torch.min(increment, 1 - probability))
        states.append(hidden)
        updates.append(update[:, 0])
    return torch.stack(states), torch.stack(updates)


def test_the_gradient_by_hand_is_that_of_autograd():
    steps, count = 25, 8
    given = (
        torch.randn(steps, count, 4 * WIDTH),
        torch.randn(4 * WIDTH, WIDTH) / 2,
        torch.randn(1, WIDTH),
        torch.tensor([-1.0]),
    )
    given = tuple(value.requires_grad_() for value in given)
    speed = torch.linspace(0.3, 3.0, count)[:, None]
    wants = torch.randn(steps, count, WIDTH), torch.randn(steps, count)
    found = []
    for loop in (by_autograd, StraightThroughSteps.apply):
        states, updates = loop(*given, speed)
        assert 0.2 < updates.mean() < 0.8
        found.append([states, updates, *torch.autograd.grad([states, updates], given, wants)])
    for expected, ours in zip(*found, strict=True):
        torch.testing.assert_close(ours, expected, atol=1e-4, rtol=1e-4)


def test_training_draws_the_updates_to_their_target():
    """From an update at every step."""
    network = SkipRNN(vectors=torch.randn(VOCABULARY, IN_WIDTH) * 3, width=WIDTH, classes=CLASSES)
    x = texts(30, 25, 28, 20)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.05)
    signal = TrainingSignal(progress=1.0, target=0.25, budget_weight=20.0)
    _, before = run(network, x, "masked", (0.5,))
    assert all(before.cut(row)[0][0].choice == "update at every step" for row in range(4))
    for _ in range(60):
        output = network(x, setting=Setting("train", training=signal))
        assert isinstance(output, TrainingOutput)
        optimizer.zero_grad()
        (output.logits.square().mean() * 0.01 + output.penalty).backward()
        optimizer.step()
    _, after = run(network, x, "masked", (0.5,))
    assert after.totals(4).sum() < 0.5 * before.totals(4).sum()


def test_without_pressure_it_learns_to_read_everything(network):
    output = network(texts(9, 5), setting=Setting("train", training=TrainingSignal(progress=1.0)))
    assert output.logits.shape == (2, CLASSES) and output.penalty == 0.0
