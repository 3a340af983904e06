"""Skim-RNN on texts of a few words: both cells by hand, what is recorded is what ran, both modes agree."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from dynviz.compute import count_macs
from dynviz.decisions import STEP_ACTIONS
from dynviz.networks.baselines import blind_choices
from dynviz.networks.frames import Frames
from dynviz.networks.temporal_wise.skim_rnn import SkimRNN
from dynviz.networks.training_output import TrainingOutput
from dynviz.networks.words import Words
from dynviz.recorder import Recorder, Setting, TrainingSignal
from dynviz.training.loop import training_signal
from dynviz.training.recipes import RECIPES
from tests.networks.agreement import check_agreement

VOCABULARY, WIDTH, SMALL, IN_WIDTH, CLASSES = 30, 6, 2, 5, 3
LARGE = 4 * WIDTH * (WIDTH + IN_WIDTH)
GLANCE = (4 * SMALL + 1) * (WIDTH + IN_WIDTH)
ANSWER = WIDTH * CLASSES
READ, SKIM = STEP_ACTIONS.index("update"), STEP_ACTIONS.index("skim")


@pytest.fixture
def network():
    torch.manual_seed(0)
    network = SkimRNN(
        vectors=torch.randn(VOCABULARY, IN_WIDTH), width=WIDTH, small=SMALL, classes=CLASSES, dropout=0.0
    ).eval()
    torch.nn.init.normal_(network.decision.weight)  # so that decisions differ
    torch.nn.init.normal_(network.answer.linear.weight)
    return network


def texts(*lengths):
    draw = np.random.default_rng(1)
    return Words.batch([draw.integers(2, VOCABULARY, length) for length in lengths])


def by_hand(network, ids, limit):
    """Word by word as the paper writes it, with PyTorch's own LSTM cell for the large one."""
    lstm, hidden, cell = network.recurrence.lstm, torch.zeros(1, WIDTH), torch.zeros(1, WIDTH)
    states, actions, scores = [], [], []
    for word in network.input(ids):
        joined = torch.cat([word[None], hidden], dim=1)
        score = float(network.decision(joined).sigmoid())
        if score > limit:
            weights = lstm.weight_ih_l0, lstm.weight_hh_l0, lstm.bias_ih_l0, lstm.bias_hh_l0
            hidden, cell = torch.lstm_cell(word[None], (hidden, cell), *weights)
        else:
            i, f, o, g = network.skimming(joined).chunk(4, dim=1)
            part = f.sigmoid() * cell[:, :SMALL] + i.sigmoid() * g.tanh()
            hidden = torch.cat([o.sigmoid() * part.tanh(), hidden[:, SMALL:]], dim=1)
            cell = torch.cat([part, cell[:, SMALL:]], dim=1)
        states.append(hidden)
        actions.append(READ if score > limit else SKIM)
        scores.append(score)
    states = torch.cat(states)
    means = states.cumsum(dim=0) / torch.arange(1, len(ids) + 1)[:, None]
    return network.answer(means), actions, scores


@pytest.mark.parametrize("mode", ["skipping", "masked"])
@pytest.mark.parametrize("limit", [-1.0, 0.5, 1.0])
def test_each_step_runs_the_cell_that_was_chosen(network, mode, limit):
    x, recorder = texts(12), Recorder()
    with torch.inference_mode():
        answers, actions, scores = by_hand(network, x.ids[0], limit)
        logits = network(x, setting=Setting(mode, (limit,)), recorder=recorder)
    torch.testing.assert_close(logits, answers[-1:], atol=1e-5, rtol=1e-5)
    decision = recorder.cut(0)[0][0]
    assert decision.actions.tolist() == actions
    if limit == 0.5:
        assert set(actions) == {READ, SKIM}
    np.testing.assert_allclose(decision.scores, scores, atol=1e-5)
    np.testing.assert_allclose(decision.running, answers.softmax(dim=1), atol=1e-5)
    assert decision.macs == 12 * GLANCE + actions.count(READ) * LARGE
    assert decision.macs_static == 12 * (GLANCE + LARGE)


@pytest.mark.parametrize("limit", [None, 0.3, 0.5, 0.7, 1.0])
def test_recorded_is_counted_and_masked_is_skipping(network, limit):
    check_agreement(network, texts(1, 3, 19, 40), None if limit is None else (limit,))


def test_texts_of_a_batch_have_thresholds_of_their_own(network):
    x, limits = texts(9).repeat(3), np.array([[0.0], [0.5], [1.0]])
    for mode in ("masked", "skipping"):
        recorder = Recorder()
        with torch.inference_mode():
            logits = network(x, setting=Setting(mode, limits), recorder=recorder)
            alone = [network(x[:1], setting=Setting(thresholds=(limit,))) for limit in limits[:, 0]]
        torch.testing.assert_close(logits, torch.cat(alone), atol=1e-5, rtol=1e-5)
        totals = recorder.totals(3)
        assert totals[0] == 9 * (GLANCE + LARGE) + ANSWER > totals[1] > totals[2] == 9 * GLANCE + ANSWER


def test_plain_is_every_step_read_fully(network):
    x = texts(4, 11)
    with torch.inference_mode():
        torch.testing.assert_close(network.plain(x), network(x), atol=1e-5, rtol=1e-5)
        assert count_macs(lambda: network.plain(x[1:])) == 11 * LARGE + ANSWER


@pytest.mark.parametrize("baseline", ["random", "uniform"])
def test_a_baseline_reads_its_share_whatever_the_words_are(network, baseline):
    x, y, shares = texts(40).repeat(2), texts(80), np.array([[0.25], [1.0]])
    first, second = Recorder(), Recorder()
    with torch.inference_mode():
        network(x, setting=Setting("masked", shares, baseline=baseline), recorder=first)
        network(
            Words(y.ids.view(2, 40), x.lengths), setting=Setting("masked", shares, baseline=baseline), recorder=second
        )
    chosen = [recorder.cut(row)[0][0].actions for recorder in (first, second) for row in range(2)]
    assert (chosen[0] == chosen[2]).all() and (chosen[1] == READ).all() and (chosen[3] == READ).all()
    read = int((chosen[0] == READ).sum())
    assert read == 10 if baseline == "uniform" else 4 <= read <= 16
    skimmed = 4 * SMALL * (WIDTH + IN_WIDTH)
    assert first.totals(2).tolist() == [read * LARGE + (40 - read) * skimmed + ANSWER, 40 * LARGE + ANSWER]


def test_uniform_choices_are_spread_evenly():
    open_at = np.flatnonzero(blind_choices("uniform", np.array([0.2]), 50)[:, 0])
    assert len(open_at) == 10 and set(np.diff(open_at)) == {5}
    with pytest.raises(ValueError, match="known: random, uniform"):
        blind_choices("best", np.array([0.2]), 5)


def test_training_reads_everything_at_first_then_learns_to_skim(network):
    x = texts(20, 20, 17).repeat(8)

    def teach(progress, **rest):
        recipe = replace(RECIPES["skim-rnn-imdb"], **{"budget_weight": 0.0} | rest)
        return Setting("train", training=training_signal(recipe, progress))

    network.train()
    for setting in (teach(0.9), teach(0.0, target=0.3, budget_weight=1.0)):
        output = network(x, setting=setting)
        assert isinstance(output, TrainingOutput) and output.penalty == 0.0
        torch.testing.assert_close(output.logits, network.plain(x))
    optimizer = torch.optim.Adam(network.parameters(), lr=0.05)
    for _ in range(40):
        output = network(x, setting=teach(0.9, target=0.3, budget_weight=10.0))
        optimizer.zero_grad()
        output.penalty.backward()
        optimizer.step()
    recorder = Recorder()
    with torch.inference_mode():
        network.eval()(x, setting=Setting("masked", (0.5,)), recorder=recorder)
    share = recorder.totals(len(x)).sum() / (x.lengths.sum().item() * (GLANCE + LARGE))
    assert 0.2 < share < 0.45


def test_gradients_are_those_of_autograd(network):
    """Weights of a loop get their gradient in one product; they are compared with a loop written out."""
    x, vectors = texts(7), torch.randn(2, 7, CLASSES)
    setting = Setting("train", training=TrainingSignal(1.0, target=0.5, budget_weight=1e-9))
    network.train()
    with torch.no_grad():
        network.decision.bias.fill_(50.0)  # certain: every step is read, as by the fused kernel
    weights = [network.recurrence.lstm.weight_hh_l0, network.recurrence.lstm.weight_ih_l0]
    ours = torch.autograd.grad((network(x, setting=setting).logits * vectors[0, 0]).sum(), weights)
    expected = torch.autograd.grad((network.plain(x) * vectors[0, 0]).sum(), weights)
    for mine, theirs in zip(ours, expected, strict=True):
        torch.testing.assert_close(mine, theirs, atol=1e-5, rtol=1e-4)


def test_recordings_are_read_as_texts_are():
    torch.manual_seed(0)
    network = SkimRNN(channels=IN_WIDTH, width=WIDTH, small=SMALL, classes=CLASSES).eval()
    x, skipping, masked = Frames.batch([np.random.default_rng(0).normal(size=(9, IN_WIDTH))]), Recorder(), Recorder()
    with torch.inference_mode():
        logits = network(x, setting=Setting(thresholds=(0.7,)), recorder=skipping)
        expected = network(x, setting=Setting("masked", (0.7,)), recorder=masked)
    torch.testing.assert_close(logits, expected, atol=1e-5, rtol=1e-5)
    assert skipping.totals(1) == masked.totals(1)
