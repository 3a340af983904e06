"""LSTM-Jump on texts of a few words: where it lands, what that costs, and that what it jumps over has no influence."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dynviz.compute import count_macs
from dynviz.networks.frames import Frames
from dynviz.networks.temporal_wise.lstm_jump import SLOPE, LSTMJump
from dynviz.networks.words import Words
from dynviz.recorder import Recorder, Setting, TrainingSignal
from dynviz.trace.steps import PASSED, READ, UNREAD, read_steps
from tests.networks.agreement import check_agreement

VOCABULARY, WIDTH, IN_WIDTH, CLASSES, SPAN, JUMPS, HIDDEN = 30, 6, 5, 3, 4, 3, 7
CELL = 4 * WIDTH * (WIDTH + IN_WIDTH)
CHOICE = (2 * WIDTH + 2) * HIDDEN + HIDDEN * (JUMPS + 1)
ANSWER = WIDTH * CLASSES
SIZES = {"width": WIDTH, "classes": CLASSES, "span": SPAN, "jumps": JUMPS, "hidden": HIDDEN}


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


@pytest.fixture
def network():
    """Every kind of choice comes up, by what was read."""
    network = LSTMJump(vectors=torch.randn(VOCABULARY, IN_WIDTH) * 3, **SIZES).eval()
    torch.nn.init.normal_(network.look.weight, std=2.0)
    torch.nn.init.normal_(network.choice.weight, std=2.0)
    torch.nn.init.zeros_(network.choice.bias)
    return network


def always(network, option):
    """Make it choose ``option`` (jumps of 1..K, then stop) whatever it reads."""
    torch.nn.init.zeros_(network.choice.weight)
    with torch.no_grad():
        network.choice.bias.fill_(-99.0)[option] = 99.0


def texts(*lengths):
    draw = np.random.default_rng(1)
    return Words.batch([draw.integers(2, VOCABULARY, length) for length in lengths])


def run(network, x, mode="skipping", thresholds=(0.5,), baseline=None):
    recorder = Recorder()
    with torch.inference_mode():
        logits = network(x, setting=Setting(mode, thresholds, baseline=baseline), recorder=recorder)
    return logits, recorder


@pytest.mark.parametrize("mode", ["skipping", "masked"])
def test_a_jump_of_two_spans_reads_every_other_one(network, mode):
    always(network, 1)
    logits, recorder = run(network, texts(14), mode)
    decision = recorder.cut(0)[0][0]
    steps = read_steps(decision)
    assert steps.states == (READ,) * 4 + (PASSED,) * 4 + (READ,) * 4 + (PASSED,) * 2
    assert steps.jumps == ((3, 8), (11, 14)) and steps.stop is None
    assert decision.macs == 8 * CELL + 2 * CHOICE and decision.macs_static == 14 * CELL + 3 * CHOICE
    assert decision.choice == "jump"
    assert np.flatnonzero(~np.isnan(decision.scores)).tolist() == [3, 11]
    part = Words(torch.cat([texts(14).ids[:, :4], texts(14).ids[:, 8:12]], dim=1), torch.tensor([8]))
    torch.testing.assert_close(logits, run(network, part, thresholds=None)[0])


@pytest.mark.parametrize("mode", ["skipping", "masked"])
def test_stopping_leaves_the_rest_unread(network, mode):
    always(network, JUMPS)
    _, recorder = run(network, texts(14, 3), mode)
    decision = recorder.cut(0)[0][0]
    assert decision.choice == "stop" and read_steps(decision).states == (READ,) * 4 + (UNREAD,) * 10
    assert read_steps(decision).stop == 3
    assert recorder.totals(2).tolist() == [4 * CELL + CHOICE + ANSWER, 3 * CELL + ANSWER]
    assert recorder.cut(1)[0][0].choice == "read to the end"


def test_it_takes_the_median_jump(network):
    """Chances of .3, .3, .3 and .1: half of the mass is reached at a jump of two spans."""
    torch.nn.init.zeros_(network.choice.weight)
    with torch.no_grad():
        even = network._even(torch.tensor([0.5]).log())
        network.choice.bias.copy_(torch.tensor([0.3, 0.3, 0.3, 0.1]).log() / SLOPE - even)
    decision = run(network, texts(30))[1].cut(0)[0][0]
    assert read_steps(decision).jumps[0] == (3, 8)
    assert decision.scores[3] == pytest.approx(0.3, abs=1e-6)


@pytest.mark.parametrize("asked", [None, 0.1, 0.4, 0.9])
def test_recorded_is_counted_and_masked_is_skipping(network, asked):
    x = texts(1, 3, 4, 5, 40, 61, 63)
    logits, skipping, masked = check_agreement(network, x, None if asked is None else (asked,))
    for row in range(7):
        ours, theirs = skipping.cut(row)[0][0], masked.cut(row)[0][0]
        assert ours.actions.tolist() == theirs.actions.tolist() and len(ours.actions) == x.lengths[row]
        assert ours.targets.tolist() == theirs.targets.tolist() and ours.choice == theirs.choice
        np.testing.assert_allclose(ours.running, theirs.running, atol=1e-5)
        np.testing.assert_allclose(ours.running[-1], logits[row].softmax(dim=0), atol=1e-5)
        np.testing.assert_allclose(ours.scores, theirs.scores, atol=1e-5)


def test_untaught_it_jumps_evenly_at_the_share_asked_for(network):
    """All spans of six, every other one, every third one: one row each."""
    torch.nn.init.zeros_(network.choice.weight)
    _, recorder = run(network, texts(24).repeat(3), "masked", np.array([[1.0], [0.5], [1 / 3]]))
    expected = [6 * SPAN * CELL + 5 * CHOICE, 3 * SPAN * CELL + 3 * CHOICE, 2 * SPAN * CELL + 2 * CHOICE]
    assert (recorder.totals(3) - ANSWER).tolist() == expected


def test_words_jumped_over_have_no_influence(network):
    always(network, 2)
    x = texts(40)
    logits, recorder = run(network, x)
    unread = np.array(read_steps(recorder.cut(0)[0][0]).states) != READ
    assert unread.sum() == 24
    other = x.ids.clone()
    other[0, torch.from_numpy(unread)] = VOCABULARY + 99  # in no table: looking one up would fail
    torch.testing.assert_close(run(network, Words(other, x.lengths))[0], logits)


def test_open_is_reading_everything(network):
    x = texts(23)
    logits, recorder = run(network, x, thresholds=None)
    with torch.inference_mode():
        hidden, _ = network.recurrence.span(network.input(x.steps))
        torch.testing.assert_close(logits, network.answer(hidden.mean(dim=1)), atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(network.plain(x), logits)
        assert count_macs(lambda: network.plain(x)) == 23 * CELL + ANSWER
    assert recorder.totals(1) == 23 * CELL + 5 * CHOICE + ANSWER


@pytest.mark.parametrize("baseline", ["random", "uniform"])
def test_baselines_spend_the_share_they_are_given(network, baseline):
    x = texts(400, 7)
    logits, recorder = run(network, x, "masked", ((0.4,), (0.4,)), baseline)
    decision = recorder.cut(0)[0][0]
    read = np.flatnonzero(np.array(read_steps(decision).states) == READ)
    assert read[0] == 0 and len(read) == pytest.approx(160, abs=50) and decision.macs == len(read) * CELL
    part = Words(x.ids[:1, read], torch.tensor([len(read)]))
    torch.testing.assert_close(logits[:1], run(network, part, thresholds=None)[0], atol=1e-5, rtol=1e-5)


def test_recordings_are_read_as_texts_are():
    network = LSTMJump(channels=4, **SIZES).eval()
    always(network, 1)
    draw = np.random.default_rng(2)
    x = Frames.batch([draw.normal(size=(length, 4)) for length in (9, 31)])
    logits, skipping = run(network, x)
    expected, masked = run(network, x, "masked")
    torch.testing.assert_close(logits, expected, atol=1e-5, rtol=1e-5)
    assert skipping.totals(2).tolist() == masked.totals(2).tolist()


def test_the_chance_that_a_span_is_read_is_that_over_all_paths(network):
    """Against many sampled paths."""
    chances = torch.randn(1, 6, JUMPS + 1).softmax(dim=2)
    expected = network._chance_read(chances)[0]
    many = chances.expand(4000, -1, -1)
    starts, lengths = torch.arange(0, 24, SPAN), torch.full((4000,), 24)
    paths, log_probability = network._path(many, many, starts, lengths, independent=True)
    torch.testing.assert_close(paths.float().mean(dim=0), expected, atol=0.03, rtol=0)
    assert (log_probability < 0).all()
    first = paths[:, 1] & ~paths[:, 2:].any(dim=1)  # read on, then left: to the end or by a stop at span 1
    left = chances[0, 0, 0] * (chances[0, 1, JUMPS])
    assert first.float().mean() == pytest.approx(float(left), abs=0.03)


@pytest.mark.parametrize("reinforce", [False, True])
def test_training_draws_the_reading_to_the_share_asked_for(network, reinforce):
    torch.nn.init.zeros_(network.choice.weight)
    network.choice.bias.data[0] = 6.5  # reads on
    x = texts(60, 55, 58, 50)
    network.train()
    optimizer = torch.optim.Adam(network.parameters(), lr=0.05)
    signal = TrainingSignal(progress=1.0, target=0.3, budget_weight=2.0, reinforce=reinforce)
    _, before = run(network, x, "masked", (0.15,))
    for _ in range(80):
        output = network(x, setting=Setting("train", training=signal))
        assert (output.log_probability is not None) == reinforce
        assert output.logits.shape == ((4, CLASSES) if reinforce else (2, 4, CLASSES))
        optimizer.zero_grad()
        (output.logits.square().mean() * 0.01 + output.penalty).backward()
        optimizer.step()
    _, after = run(network.eval(), x, "masked", (0.15,))
    assert after.totals(4).sum() < 0.6 * before.totals(4).sum()


def test_without_pressure_it_learns_to_read_everything(network):
    output = network(texts(9, 5), setting=Setting("train", training=TrainingSignal()))
    assert output.logits.shape == (2, CLASSES) and output.penalty == 0.0
