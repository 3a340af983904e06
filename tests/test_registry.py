"""Every shipped network keeps the house's promises. A new network is tested here without a line changed."""

from __future__ import annotations

import copy
import hashlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from dynviz import Setting, inference, run, sweep, zoo
from dynviz.compute import count_macs
from dynviz.networks import NETWORKS
from dynviz.operating import best_point, thresholds
from dynviz.recorder import Recorder

CARDS = zoo.models()
CLOSE = 1e-4  # decisions this near their threshold may fall either way between the two modes


def each(cards):
    return pytest.mark.parametrize("card", cards, ids=lambda card: card.name)


def settings(card):
    """The static path, and up to five operating points from the cheapest to the dearest."""
    points = card.operating_points
    chosen = sorted({round(i) for i in np.linspace(0, len(points) - 1, 5)})
    found = [Setting(thresholds=thresholds(points[i])) for i in chosen if points[i].thresholds]
    return [Setting(), *found]


def prepared(card, picture):
    return inference.prepare(card, picture, "crop")[0]


def test_networks_are_shipped():
    assert CARDS, "pretrained/ holds no card that can be read"


@each(CARDS)
def test_recorded_macs_are_those_that_run(card, pictures):
    network = zoo.load(card.name)
    for picture in pictures:
        x = prepared(card, picture)
        for setting in settings(card):
            recorder = Recorder()
            with torch.inference_mode():
                counted = count_macs(lambda: network(x, setting=setting, recorder=recorder))  # noqa: B023
            assert int(recorder.totals(1)[0]) == counted


@each(CARDS)
def test_static_macs_are_those_of_the_card(card, pictures):
    trace = run(card.name, pictures[0])
    assert trace.macs == trace.macs_static == card.static_macs


@each(CARDS)
def test_masked_and_skipping_agree(card, pictures):
    network = zoo.load(card.name)
    x = torch.cat([prepared(card, picture) for picture in pictures])
    for setting in settings(card):
        skipping, masked = Recorder(), Recorder()
        with torch.inference_mode():
            logits = network(x, setting=setting, recorder=skipping)
            expected = network(x, setting=Setting("masked", setting.thresholds), recorder=masked)
        for row in range(len(x)):
            ours, theirs = skipping.cut(row), masked.cut(row)
            if any(near_threshold(decision) for decision in theirs[0]):
                continue
            assert [d.choice for d in ours[0]] == [d.choice for d in theirs[0]]
            assert [d.executed for d in ours[0]] == [d.executed for d in theirs[0]]
            assert ours[1] == theirs[1]
            torch.testing.assert_close(logits[row], expected[row], atol=1e-3, rtol=1e-3)


def near_threshold(decision):
    if decision.score is None or decision.threshold is None:
        return False
    return abs(decision.score - decision.threshold) < CLOSE


@each(CARDS)
def test_alone_and_in_a_batch_agree(card, pictures):
    """Survivors are regrouped along the way; nobody may get another sample's answer."""
    network = zoo.load(card.name)
    x = torch.cat([prepared(card, picture) for picture in pictures])
    for setting in settings(card):
        with torch.inference_mode():
            together = network(x, setting=setting)
            alone = torch.cat([network(x[i : i + 1], setting=setting) for i in range(len(x))])
        torch.testing.assert_close(together, alone, atol=1e-3, rtol=1e-3)


@each([card for card in CARDS if card.family != "static"])
def test_plain_is_the_open_network_without_its_decisions(card, pictures):
    """What ``dynviz bench`` holds the open network against: the same answer, for no more MACs."""
    network = zoo.load(card.name)
    if card.network not in NETWORKS and not hasattr(network, "plain"):
        pytest.skip("a network of another package need not offer its plain path")
    x = torch.cat([prepared(card, picture) for picture in pictures])
    with torch.inference_mode():
        torch.testing.assert_close(network.plain(x), network(x, setting=Setting()), atol=1e-3, rtol=1e-3)
        assert 0 < count_macs(lambda: network.plain(x[:1])) <= card.static_macs


@each(CARDS)
def test_what_is_not_executed_is_not_called(card, pictures):
    for picture in pictures:
        x = prepared(card, picture)
        for setting in settings(card):
            network = copy.deepcopy(zoo.load(card.name))
            recorder = Recorder()
            with torch.inference_mode():
                expected = network(x, setting=setting, recorder=recorder)
            for decision in recorder.cut(0)[0]:
                if not decision.executed:
                    network.get_submodule(decision.unit).forward = poison
            with torch.inference_mode():
                torch.testing.assert_close(network(x, setting=setting), expected)


def poison(*args, **kwargs):
    raise AssertionError("a unit ran that the trace calls not executed")


@each(CARDS)
def test_cheaper_points_exist_and_skip(card, pictures):
    """On average a dynamic network's cheapest point spends less than its static path, and only by not executing."""
    if card.family == "static":
        assert len(card.operating_points) == 1
        return
    assert card.operating_points[0].macs < card.static_macs
    for picture in pictures:
        trace = run(card.name, picture, budget=0.0)
        assert (trace.macs < trace.macs_static) == any(not decision.executed for decision in trace.decisions)


@each(CARDS)
def test_sweep_tells_what_run_does(card, pictures):
    for picture in pictures[:2]:
        swept = sweep(card.name, picture)
        assert len(swept.traces) == len(card.operating_points)
        for point, foretold in zip(card.operating_points, swept.traces, strict=True):
            if any(near_threshold(decision) for decision in foretold.decisions):
                continue
            ran = run(card.name, picture, budget=point.budget)
            assert ran.stages == foretold.stages
            assert ran.prediction.label == foretold.prediction.label
            assert ran.prediction.confidence == pytest.approx(foretold.prediction.confidence, abs=1e-3)
            assert not ran.counterfactual and ran.ms is not None


@each(CARDS)
def test_nothing_leaks_between_threads(card, pictures):
    network = zoo.load(card.name)
    before = state(network)
    budgets = [point.budget for point in card.operating_points][::4]
    jobs = [(i, budget) for i in range(len(pictures)) for budget in budgets] * 2
    alone = {job: run(card.name, pictures[job[0]], budget=job[1]) for job in set(jobs)}
    with ThreadPoolExecutor(8) as pool:
        for job, trace in zip(
            jobs, pool.map(lambda job: run(card.name, pictures[job[0]], budget=job[1]), jobs), strict=True
        ):
            assert trace.media.digest == alone[job].media.digest
            assert trace.stages == alone[job].stages
            assert trace.prediction.label == alone[job].prediction.label
    assert state(network) == before


def state(network):
    """Everything that hangs on the modules: attribute names, hooks, and the weights' bytes."""
    names, weights = [], hashlib.sha256()
    for name, module in network.named_modules():
        hooks = len(module._forward_hooks) + len(module._forward_pre_hooks)
        names.append((name, tuple(sorted(vars(module))), hooks, module.training))
    for tensor in network.state_dict().values():
        weights.update(tensor.contiguous().numpy().tobytes())
    return names, weights.hexdigest()


@each(CARDS)
def test_equal_runs_have_equal_traces(card, pictures):
    first, second = (run(card.name, pictures[0]) for _ in range(2))
    assert first == second and hash(first) == hash(second)
    assert first != run(card.name, pictures[1])


@each([card for card in CARDS if card.anytime])
def test_anytime_cap_is_kept(card, pictures):
    for cap in np.linspace(card.operating_points[0].macs, card.static_macs, 9):
        trace = run(card.name, pictures[0], anytime_macs=int(cap))
        assert trace.macs <= cap
    with pytest.raises(ValueError, match="needs at least"):
        run(card.name, pictures[0], anytime_macs=1)


@each([card for card in CARDS if not card.anytime])
def test_anytime_is_refused_where_there_is_none(card, pictures):
    with pytest.raises(ValueError, match="any time"):
        run(card.name, pictures[0], anytime_macs=10**9)


@each(CARDS)
def test_budget_takes_the_largest_point_within_it(card):
    budgets = [point.budget for point in card.operating_points]
    assert budgets == sorted(budgets) and len(set(budgets)) == len(budgets) <= 21
    for i, budget in enumerate(budgets):
        assert best_point(card, budget) == i
        assert best_point(card, budget - 0.001) == max(i - 1, 0)
    assert best_point(card, 9.9) == len(budgets) - 1


@each(CARDS)
def test_card_is_borne_out_by_its_table(card):
    """Accuracy and compute on the card are the means of the shipped table of test samples."""
    with np.load(zoo.place(card.name) / "evaluation.npz", allow_pickle=False) as table:
        right = table["prediction"] == table["label"][:, None]
        for i, point in enumerate(card.operating_points):
            assert point.n == len(right)
            assert point.accuracy == pytest.approx(right[:, i].mean(), abs=1e-6)
            assert point.macs == pytest.approx(table["macs"][:, i].mean(), rel=1e-6)
            assert point.interval[0] <= point.accuracy <= point.interval[1]
    assert 0 < card.parameters < 5_000_000


@each(CARDS)
def test_table_is_borne_out_by_the_data(card, data_folder):
    """The skipping network on real test photos answers as the table says it did (every 40th photo)."""
    from dynviz.evaluation import data_set
    from dynviz.training.data import load_split, normalise

    split = load_split(data_set(card), "test", card.in_side_px)
    rows = torch.arange(0, len(split), 40)
    x = normalise(split.images[rows], card.mean, card.std)
    with np.load(zoo.place(card.name) / "evaluation.npz", allow_pickle=False) as table:
        assert table["label"].tolist() == split.labels.tolist()
        for i in {0, len(card.operating_points) // 2, len(card.operating_points) - 1}:
            limits = thresholds(card.operating_points[i])
            with torch.inference_mode():
                logits = zoo.load(card.name)(x, setting=Setting(thresholds=limits or None))
            same = logits.argmax(dim=1).numpy() == table["prediction"][rows.numpy(), i]
            assert same.mean() > 0.98
