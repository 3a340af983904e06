"""Networks that attend: what they record is what runs, packed and dense agree, and what is beyond reach is not seen."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dynviz.compute import count_macs
from dynviz.networks import encoder
from dynviz.networks.sample_wise.pabee import DeeBert, Pabee
from dynviz.networks.static.transformer import Transformer
from dynviz.networks.temporal_wise.token_pruning import TokenPruning
from dynviz.networks.words import Words
from dynviz.recorder import Recorder, Setting

VOCABULARY, IN_WIDTH, WIDTH, INNER, HEADS, LAYERS, CLASSES = 30, 5, 8, 12, 2, 4, 3
SIZES = {"width": WIDTH, "layers": LAYERS, "heads": HEADS, "inner": INNER, "classes": CLASSES}


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def made(kind):
    network = kind(vectors=torch.randn(VOCABULARY, IN_WIDTH), **SIZES).eval()
    for name, weights in network.named_parameters():
        if name.endswith("linear.weight") or "project" in name:
            torch.nn.init.normal_(weights, std=1.5)  # so that answers and attention differ
    return network


def texts(*lengths):
    draw = np.random.default_rng(1)
    return Words.batch([draw.integers(2, VOCABULARY, length) for length in lengths])


def attention_macs(tokens):
    return tokens * 4 * WIDTH * WIDTH + 2 * tokens * tokens * WIDTH


def layer_macs(tokens):
    return attention_macs(tokens) + tokens * 2 * WIDTH * INNER


@pytest.mark.parametrize("kind", [Transformer, Pabee, TokenPruning])
def test_packed_is_dense_and_the_record_is_what_runs(kind):
    network, x = made(kind), texts(1, 3, 11, 40)
    packed, dense = Recorder(), Recorder()
    with torch.inference_mode():
        counted = count_macs(lambda: network(x, recorder=packed))
        torch.testing.assert_close(network(x), network(x, setting=Setting("masked"), recorder=dense), **CLOSE)
        torch.testing.assert_close(network(x), torch.cat([network(x[i : i + 1]) for i in range(4)]), **CLOSE)
    heads = LAYERS if kind is Pabee else 1
    by_hand = [n * IN_WIDTH * WIDTH + LAYERS * layer_macs(n) + heads * WIDTH * CLASSES for n in (1, 3, 11, 40)]
    assert packed.totals(4).tolist() == dense.totals(4).tolist() == by_hand
    assert counted == sum(by_hand)


CLOSE = {"atol": 1e-4, "rtol": 1e-4}


@pytest.mark.parametrize("kind", [Pabee, TokenPruning])
def test_plain_is_all_open(kind):
    network, x = made(kind), texts(17)
    with torch.inference_mode():
        torch.testing.assert_close(network.plain(x), network(x), **CLOSE)
        assert count_macs(lambda: network.plain(x)) <= count_macs(lambda: network(x))


@pytest.mark.parametrize("kind", [Transformer, Pabee, TokenPruning])
@pytest.mark.parametrize("mode", ["masked", "skipping", "train"])
def test_what_is_beyond_reach_is_not_seen(kind, mode, monkeypatch):
    monkeypatch.setattr(encoder, "REACH", 6)
    network, long = made(kind), texts(9)
    near = long.ids[:, :6]
    with torch.inference_mode():
        answers = [network(words, setting=Setting(mode)) for words in (long, Words(near, torch.tensor([6])))]
    first, second = (answer if isinstance(answer, torch.Tensor) else answer.logits for answer in answers)
    torch.testing.assert_close(first, second)
    recorder = Recorder()
    with torch.inference_mode():
        network(long, recorder=recorder)
    decisions, stages = recorder.cut(0)
    assert stages[1].macs_static == layer_macs(6) + (WIDTH * CLASSES if kind is Pabee else 0)
    assert all(len(decision.kept) == 6 for decision in decisions if hasattr(decision, "kept"))


def test_attention_weighs_every_token_of_its_own_text():
    """One head of width 1 by hand: the scores are products, the weights their softmax."""
    layer = encoder.Attention(1, 1, 0.0).eval()
    layer.norm = torch.nn.Identity()
    with torch.no_grad():
        layer.project.weight[:] = torch.tensor([[1.0], [2.0], [3.0]])  # query x, key 2x, value 3x
        layer.project.bias.zero_()
        layer.merge.weight.fill_(1.0)
        layer.merge.bias.zero_()
        after, weights = layer(torch.tensor([[0.5], [1.0], [7.0]]), [2, 1])
    scores = np.exp([[0.5, 1.0], [1.0, 2.0]])
    shares = scores / scores.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(weights[0][0], shares, rtol=1e-5)
    np.testing.assert_allclose(after[:2, 0], np.array([0.5, 1.0]) + shares @ [1.5, 3.0], rtol=1e-5)
    assert after[2, 0] == pytest.approx(7 + 21)  # a text of its own


# --- exits


def verdicts(network, x):
    """(layers, N) what each layer says."""
    with torch.inference_mode():
        return network.every_layer(x).argmax(dim=2).numpy()


@pytest.mark.parametrize("patience", range(1, LAYERS + 1))
def test_patience_stops_at_the_first_layer_where_enough_agree(patience):
    network, x = made(Pabee), texts(*range(2, 30))
    said = verdicts(network, x)
    recorder = Recorder()
    with torch.inference_mode():
        counted = count_macs(lambda: network(x, setting=Setting(thresholds=(float(patience),)), recorder=recorder))
        logits = network(x, setting=Setting(thresholds=(float(patience),)))
    assert counted == recorder.totals(len(x)).sum()
    stops = set()
    for row in range(len(x)):
        answers = said[:, row].tolist()
        runs = [len(set(answers[max(0, i - patience + 1) : i + 1])) == 1 and i + 1 >= patience for i in range(LAYERS)]
        stop = runs.index(True) if True in runs else LAYERS - 1
        stops.add(stop)
        decisions = recorder.cut(row)[0]
        assert [d.choice for d in decisions] == (["continue"] * stop + ["exit"] + ["not reached"] * (LAYERS - 1 - stop))
        assert [d.executed for d in decisions] == [i <= stop for i in range(LAYERS)]
        assert logits[row].argmax() == answers[stop]
        streak = next(n for n in range(stop + 1, 0, -1) if len(set(answers[stop + 1 - n : stop + 1])) == 1)
        assert decisions[stop].score == streak / LAYERS
        if stop < LAYERS - 1:
            assert decisions[stop].threshold == patience / LAYERS
        length = int(x.lengths[row])
        assert sum(d.macs for d in decisions) == (stop + 1) * (layer_macs(length) + WIDTH * CLASSES)
    assert len(stops) > 1 or patience in (1, LAYERS)


def rules():
    return [(made(Pabee), (2.0,)), (DeeBert([made(Pabee)]), (0.6, 0.4, 0.5, np.inf))]


@pytest.mark.parametrize("rule", [0, 1])
def test_exits_skip_what_the_masked_mode_says(rule):
    network, limits = rules()[rule]
    x, skipping, masked = texts(*range(2, 24)), Recorder(), Recorder()
    with torch.inference_mode():
        logits = network(x, setting=Setting(thresholds=limits), recorder=skipping)
        expected = network(x, setting=Setting("masked", limits), recorder=masked)
        alone = torch.cat([network(x[i : i + 1], setting=Setting(thresholds=limits)) for i in range(len(x))])
    torch.testing.assert_close(logits, expected, **CLOSE)
    torch.testing.assert_close(logits, alone, **CLOSE)
    assert skipping.totals(len(x)).tolist() == masked.totals(len(x)).tolist()
    taken = []
    for row in range(len(x)):
        ours, theirs = skipping.cut(row), masked.cut(row)
        assert [d.choice for d in ours[0]] == [d.choice for d in theirs[0]] and ours[1] == theirs[1]
        taken.append([d.choice for d in ours[0]].index("exit"))
        network_says = ours[0][taken[-1]]
        assert network_says.probabilities.argmax() == logits[row].argmax()
    assert len(set(taken)) > 1


@pytest.mark.parametrize("rule", [0, 1])
def test_a_layer_that_is_not_reached_is_not_called(rule):
    network, limits = rules()[rule]
    low = Setting(thresholds=tuple(0.0 for _ in limits))
    recorder = Recorder()
    with torch.inference_mode():
        expected = network(texts(12), setting=low, recorder=recorder)
        for decision in recorder.cut(0)[0][1:]:
            assert not decision.executed
            network.get_submodule(decision.unit).forward = None
        torch.testing.assert_close(network(texts(12), setting=low), expected)


def test_certainty_is_one_minus_the_share_of_the_largest_entropy():
    network = DeeBert([made(Pabee)])
    found = network.certainty(np.array([[0.5, 0.5], [1.0, 0.0], [0.25, 0.75]]))
    np.testing.assert_allclose(found, [0, 1, 1 - (0.25 * np.log(4) + 0.75 * np.log(4 / 3)) / np.log(2)], atol=1e-9)


def test_the_outcomes_are_what_stopping_there_gives():
    network, x = DeeBert([made(Pabee)]), texts(3, 9)
    with torch.inference_mode():
        probabilities, macs = network.outcomes(x)
        for stop in range(LAYERS):
            forced = {name: "continue" if i < stop else "exit" for i, name in enumerate(network.exit_names())}
            recorder = Recorder()
            logits = network(x, setting=Setting(forced=forced), recorder=recorder)
            np.testing.assert_allclose(probabilities[:, stop], logits.softmax(dim=1), atol=1e-5)
            assert macs[:, stop].tolist() == recorder.totals(2).tolist()


@pytest.mark.parametrize("rule", [0, 1])
def test_one_pass_answers_for_every_threshold(rule):
    network, limits = rules()[rule]
    x, table = texts(21), np.array([[0.0] * len(limits), list(limits), [np.inf] * len(limits)])
    with torch.inference_mode():
        swept = network(x, setting=Setting("masked", table))
        for row, values in enumerate(table):
            torch.testing.assert_close(swept[row], network(x, setting=Setting(thresholds=values))[0], **CLOSE)


def test_later_exits_count_more_in_training():
    output = made(Pabee)(texts(4, 6), setting=Setting("train"))
    assert output.logits.shape == (LAYERS, 2, CLASSES)
    assert output.weights.tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize("baseline", ["random", "uniform"])
@pytest.mark.parametrize("kind", [Pabee, TokenPruning])
def test_baselines_do_not_look(kind, baseline):
    """Other words, the same decisions; more open, more compute."""
    network, lengths = made(kind), [20] * 60
    x = texts(*lengths)
    other = Words(x.ids.flip(0).flip(1), x.lengths)
    spent = []
    for share in (0.25, 0.5, 1.0):
        recorders = Recorder(), Recorder()
        for words, recorder in zip((x, other), recorders, strict=True):
            with torch.inference_mode():
                network(words, setting=Setting("masked", ((share,),), baseline=baseline), recorder=recorder)
        assert recorders[0].totals(60).tolist() == recorders[1].totals(60).tolist()
        spent.append(recorders[0].totals(60).mean())
    whole = Recorder()
    with torch.inference_mode():
        network(x, recorder=whole)
    assert spent[0] < spent[1] < spent[2] == whole.totals(60).mean()


# --- pruned tokens


@pytest.mark.parametrize("strength", [0.0, 1.0, 2.0, 50.0])
def test_pruning_masked_is_skipping_and_counted(strength):
    network, x = made(TokenPruning), texts(1, 2, 7, 19, 33)
    packed, dense = Recorder(), Recorder()
    with torch.inference_mode():
        counted = count_macs(lambda: network(x, setting=Setting(thresholds=(strength,)), recorder=packed))
        logits = network(x, setting=Setting(thresholds=(strength,)))
        expected = network(x, setting=Setting("masked", (strength,)), recorder=dense)
    torch.testing.assert_close(logits, expected, **CLOSE)
    assert counted == packed.totals(5).sum() and packed.totals(5).tolist() == dense.totals(5).tolist()
    for row in range(5):
        ours, theirs = packed.cut(row), dense.cut(row)
        assert ours[1] == theirs[1]
        for a, b in zip(ours[0], theirs[0], strict=True):
            assert a.kept.tolist() == b.kept.tolist() and len(a.kept) == x.lengths[row]
            np.testing.assert_allclose(a.scores, b.scores, atol=1e-4)


def test_a_word_goes_on_where_it_receives_enough_attention():
    network, x = made(TokenPruning), texts(15)
    recorder = Recorder()
    with torch.inference_mode():
        network(x, setting=Setting(thresholds=(1.5,)), recorder=recorder)
    before = np.ones(15, dtype=bool)
    for index, decision in enumerate(recorder.cut(0)[0]):
        limit = 1.5 * float(network.limits[index].detach())
        scores = decision.scores[before]
        assert np.isnan(decision.scores[~before]).all()
        assert scores.mean() == pytest.approx(1, abs=1e-4)  # whatever the number of words left
        np.testing.assert_array_equal(decision.kept[before], (scores >= limit) | (scores == scores.max()))
        assert not decision.kept[~before].any()
        after = int(decision.kept.sum())
        assert decision.macs == attention_macs(int(before.sum())) + after * 2 * WIDTH * INNER
        assert decision.macs_static == layer_macs(15)
        before = decision.kept
    assert before.sum() < 15


def test_dropped_words_have_no_influence():
    """Leaving the text's dropped words out of the later layers by hand gives the same answer."""
    network, x = made(TokenPruning), texts(15)
    recorder = Recorder()
    with torch.inference_mode():
        logits = network(x, setting=Setting(thresholds=(1.5,)), recorder=recorder)
        hidden, _ = network.embedding(x, packed=True)
        left = np.arange(15)
        for layer, decision in zip(network.layers, recorder.cut(0)[0], strict=True):
            hidden, _ = layer.attention(hidden, [len(left)])
            keep = decision.kept[left]
            hidden, left = layer.inner(hidden)[torch.from_numpy(keep)], left[keep]
        torch.testing.assert_close(logits, network.answer(hidden, [len(left)]), **CLOSE)


def test_one_row_of_strength_for_each_text():
    network, x = made(TokenPruning), texts(12)
    table = np.array([[50.0], [1.0], [0.0]])
    with torch.inference_mode():
        together = network(x.repeat(3), setting=Setting("masked", table))
        alone = [network(x, setting=Setting(thresholds=tuple(row))) for row in table]
    torch.testing.assert_close(together, torch.cat(alone), **CLOSE)


@pytest.mark.parametrize("progress", [0.4, 0.9])
def test_thresholds_are_learned(progress):
    """Spending more than was asked for moves the thresholds up, with the soft mask and with the hard one."""
    from dynviz.recorder import TrainingSignal

    network = made(TokenPruning).train()
    signal = TrainingSignal(progress=progress, target=0.05, budget_weight=1.0)
    network(texts(*[20] * 64), setting=Setting("train", training=signal)).penalty.backward()
    assert (network.limits.grad < 0).all()
    network.zero_grad()
    free = network(texts(*[20] * 64), setting=Setting("train"))
    free.logits.sum().backward()
    assert float(free.penalty.detach()) == 0
    assert network.limits.grad is None or not network.limits.grad.any()
