"""Readers on texts of a few words: what they record is what ran, and what they do not read has no influence."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dynviz.compute import count_macs
from dynviz.networks import ready
from dynviz.networks.static.lstm import LSTMReader
from dynviz.networks.temporal_wise.early_reader import EarlyReader
from dynviz.networks.words import Words
from dynviz.recorder import Recorder, Setting
from dynviz.trace.steps import read_steps

VOCABULARY, WIDTH, IN_WIDTH, CLASSES, STRIDE = 30, 6, 5, 3, 4
STEP = 4 * WIDTH * (WIDTH + IN_WIDTH)
LOOK = WIDTH * CLASSES


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


@pytest.fixture
def vectors():
    return torch.randn(VOCABULARY, IN_WIDTH)


def early(vectors):
    network = EarlyReader(vectors=vectors, width=WIDTH, classes=CLASSES, stride=STRIDE).eval()
    torch.nn.init.normal_(network.answer.linear.weight, std=4.0)  # so that confidences differ
    return network


def texts(*lengths):
    draw = np.random.default_rng(1)
    return Words.batch([draw.integers(2, VOCABULARY, length) for length in lengths])


def test_a_static_reader_spends_a_step_a_word(vectors):
    network = LSTMReader(vectors=vectors, width=WIDTH, classes=CLASSES).eval()
    x, recorder = texts(3, 11), Recorder()
    with torch.inference_mode():
        counted = count_macs(lambda: network(x, recorder=recorder))
    assert recorder.totals(2).tolist() == [3 * STEP + LOOK, 11 * STEP + LOOK]
    assert counted == recorder.totals(2).sum()


@pytest.mark.parametrize("kind", [LSTMReader, EarlyReader])
def test_padding_changes_nothing(vectors, kind):
    network = kind(vectors=vectors, width=WIDTH, classes=CLASSES).eval()
    x = texts(3, 11, 7)
    with torch.inference_mode():
        together = network(x, setting=Setting("masked"))
        alone = torch.cat([network(x[i : i + 1]) for i in range(3)])
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=1e-5)


def test_an_early_reader_stops_when_it_is_sure(vectors):
    network, x = early(vectors), texts(20)
    with torch.inference_mode():
        recorder = Recorder()
        network(x, setting=Setting("masked"), recorder=recorder)
        confidence = recorder.cut(0)[0][0].scores
        ends = network.looks(20)
        assert ends == [4, 8, 12, 16, 20]
        looked = [float(confidence[end - 1]) for end in ends]
        best = int(np.argmax(looked[:-1]))
        limit = looked[best] - 1e-6
        stop = next(i for i, value in enumerate(looked) if value >= limit)
        recorder = Recorder()
        logits = network(x, setting=Setting(thresholds=(limit,)), recorder=recorder)
    decision = recorder.cut(0)[0][0]
    assert decision.choice == "stop" and read_steps(decision).stop == ends[stop] - 1
    assert decision.macs == ends[stop] * STEP + (stop + 1) * LOOK
    assert decision.macs_static == 20 * STEP + 5 * LOOK
    shorter = Words(x.ids[:, : ends[stop]], torch.tensor([ends[stop]]))
    with torch.inference_mode():
        torch.testing.assert_close(logits, network(shorter))


@pytest.mark.parametrize("limit", [0.0, 0.5, 0.9, np.inf])
def test_recorded_is_counted_and_masked_is_skipping(vectors, limit):
    network, x = early(vectors), texts(1, 3, 4, 5, 19, 40)
    skipping, masked = Recorder(), Recorder()
    with torch.inference_mode():
        counted = count_macs(lambda: network(x, setting=Setting(thresholds=(limit,)), recorder=skipping))
        logits = network(x, setting=Setting(thresholds=(limit,)))
        expected = network(x, setting=Setting("masked", (limit,)), recorder=masked)
    assert counted == skipping.totals(6).sum()
    assert skipping.totals(6).tolist() == masked.totals(6).tolist()
    torch.testing.assert_close(logits, expected, atol=1e-5, rtol=1e-5)
    for row in range(6):
        ours, theirs = skipping.cut(row)[0][0], masked.cut(row)[0][0]
        assert ours.actions.tolist() == theirs.actions.tolist() and len(ours.actions) == x.lengths[row]


def test_words_behind_the_stop_cost_nothing(vectors):
    """A text twice as long with the same opening costs no more."""
    network, short = early(vectors), texts(24)
    long = Words(torch.cat([short.ids, short.ids.flip(1)], dim=1), torch.tensor([48]))
    recorders = Recorder(), Recorder()
    with torch.inference_mode():
        for x, recorder in zip((short, long), recorders, strict=True):
            network(x, setting=Setting(thresholds=(0.0,)), recorder=recorder)
    assert recorders[0].totals(1) == recorders[1].totals(1) == STRIDE * STEP + LOOK


def test_one_pass_answers_for_every_threshold(vectors):
    network, x = early(vectors), texts(30)
    table = np.array([[0.0], [0.6], [0.8], [np.inf]])
    with torch.inference_mode():
        swept = network(x, setting=Setting("masked", table))
        for row, limits in enumerate(table):
            torch.testing.assert_close(swept[row : row + 1], network(x, setting=Setting(thresholds=limits)))


def test_the_outcomes_are_what_stopping_there_gives(vectors):
    network, x = early(vectors), texts(3, 4, 21)
    with torch.inference_mode():
        probabilities, macs = network.outcomes(x)
        assert probabilities.shape == (3, 6, CLASSES)
        for row in range(3):
            for look, end in enumerate(network.looks(int(x.lengths[row]))):
                recorder = Recorder()
                part = Words(x.ids[row : row + 1, :end], torch.tensor([end]))
                answer = network(part, recorder=recorder).softmax(dim=1)[0]
                np.testing.assert_allclose(probabilities[row, look], answer, atol=1e-5)
                assert macs[row, look] == end * STEP + (look + 1) * LOOK
        assert (macs[0] == macs[0, 0]).all()


def test_packed_weights_answer_the_same(vectors):
    """As loaded for inference; as a teacher, under autocast, the very same object must still answer."""
    network = early(vectors)
    x = texts(3, 11, 7)
    with torch.inference_mode():
        expected = network(x, setting=Setting())
        ready(network)
        torch.testing.assert_close(network(x, setting=Setting()), expected, atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(network.plain(x), expected, atol=1e-5, rtol=1e-5)
        with torch.autocast("cpu", torch.bfloat16):
            torch.testing.assert_close(network.plain(x).float(), expected, atol=0.3, rtol=0.1)
