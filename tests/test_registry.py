"""Every shipped network keeps the house's promises. A new network is tested here without a line changed."""

from __future__ import annotations

import copy
import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch

from dynviz import Setting, run, sweep, zoo
from dynviz.compute import count_macs
from dynviz.evaluation.operating import best_point, thresholds
from dynviz.networks import NETWORKS
from dynviz.recorder import Recorder, Stage
from tests.checks.inputs import each, only, prepared, settings, sources, together
from tests.checks.records import check_same_arrays, leaves_out, near_threshold

CARDS = sorted(zoo.models(), key=lambda card: card.data)  # those of one data set together: it is read once


@pytest.fixture
def inputs(card, pictures):
    return sources(card, pictures)


def test_networks_are_shipped():
    assert CARDS, "pretrained/ holds no card that can be read"


@each(CARDS)
def test_recorded_macs_are_those_that_run(card, inputs):
    network = zoo.load(card.name)
    for source in inputs:
        x = prepared(card, source)
        for setting in settings(card):
            recorder = Recorder()
            with torch.inference_mode():
                counted = count_macs(lambda: network(x, setting=setting, recorder=recorder))  # noqa: B023
            assert int(recorder.totals(1)[0]) == counted


@each(CARDS)
def test_static_macs_are_those_of_the_card(card, inputs):
    """Every picture costs the same; what is read costs by its length, and the card holds the test split's mean."""
    trace = run(card.name, inputs[0])
    assert trace.macs == trace.macs_static
    if card.modality == "image":
        assert trace.macs == card.static_macs


@each(CARDS)
def test_masked_and_skipping_agree(card, inputs):
    network = zoo.load(card.name)
    x, compared = together(card, inputs), 0
    for setting in settings(card):
        skipping, masked = Recorder(), Recorder()
        with torch.inference_mode():
            logits = network(x, setting=setting, recorder=skipping)
            expected = network(x, setting=Setting("masked", setting.thresholds), recorder=masked)
        for row in range(len(x)):
            ours, theirs = skipping.cut(row), masked.cut(row)
            if any(near_threshold(decision) for decision in theirs[0]):
                continue
            check_same_arrays(ours[0], theirs[0])
            assert ours[1] == theirs[1]
            torch.testing.assert_close(logits[row], expected[row], atol=1e-3, rtol=1e-3)
            compared += 1
    assert compared > len(settings(card))  # of many places some may be near their threshold, not of every input


@each([card for card in CARDS if not card.members])
def test_the_network_made_ready_answers_as_the_one_that_was_saved(card, inputs):
    """Normalisation folded into convolutions and weights laid out anew change no answer."""
    saved, x = zoo.load_unfolded(card.name).eval(), together(card, inputs[:2])
    for setting in settings(card)[:2]:
        with torch.inference_mode():
            expected = saved(x, setting=replace(setting, mode="masked"))
            found = zoo.load(card.name)(x, setting=replace(setting, mode="masked"))
        torch.testing.assert_close(found, expected, atol=1e-3, rtol=1e-3)


@each(CARDS)
def test_alone_and_in_a_batch_agree(card, inputs):
    """Survivors are regrouped along the way; nobody may get another sample's answer."""
    network = zoo.load(card.name)
    x = together(card, inputs)
    for setting in settings(card):
        with torch.inference_mode():
            batch = network(x, setting=setting)
            alone = torch.cat([network(only(x, i), setting=setting) for i in range(len(x))])
        torch.testing.assert_close(batch, alone, atol=1e-3, rtol=1e-3)


@each([card for card in CARDS if card.family != "static"])
def test_plain_is_the_open_network_without_its_decisions(card, inputs):
    """What ``dynviz bench`` holds the open network against: the same answer, for no more MACs."""
    network = zoo.load(card.name)
    if card.network not in NETWORKS.table and not network.has_plain:
        pytest.skip("a network of another package need not offer its plain path")
    x = together(card, inputs)
    with torch.inference_mode():
        torch.testing.assert_close(network.plain(x), network(x, setting=Setting()), atol=1e-3, rtol=1e-3)
        whole = run(card.name, inputs[0], setting=Setting()).macs
        assert 0 < count_macs(lambda: network.plain(only(x, 0))) <= whole


@each(CARDS)
def test_what_is_not_executed_is_not_called(card, inputs):
    for source in inputs:
        x = prepared(card, source)
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
def test_cheaper_points_exist_and_skip(card, inputs):
    """On average a dynamic network's cheapest point spends less than its static path, and only by not executing."""
    if len(card.operating_points) == 1:  # static, or dynamic in its parameters or its place only: it saves nothing
        assert card.operating_points[0].macs == pytest.approx(card.static_macs, abs=1)  # whole numbers on the card
        for source in inputs:
            trace = run(card.name, source)
            assert trace.macs == trace.macs_static
        return
    assert card.family != "static" and card.operating_points[0].macs < card.static_macs
    for source in inputs:
        trace = run(card.name, source, budget=0.0)
        assert trace.macs >= trace.macs_static or any(leaves_out(decision) for decision in trace.decisions)
        assert all(spends_what_it_may(stage, trace.decisions) for stage in trace.stages)


def spends_what_it_may(stage, decisions):
    """Work that no decision governs costs what it costs on the static path; none is ideally dearer than it was."""
    return stage.macs_ideal <= stage.macs and (
        stage.macs == stage.macs_static or any(Stage.of(decision) == stage for decision in decisions)
    )


@each(CARDS)
def test_sweep_tells_what_run_does(card, inputs):
    for source in inputs[:2]:
        swept = sweep(card.name, source)
        assert len(swept.traces) == len(card.operating_points)
        for point, foretold in zip(card.operating_points, swept.traces, strict=True):
            if any(near_threshold(decision) for decision in foretold.decisions):
                continue
            ran = run(card.name, source, budget=point.budget)
            assert ran.stages == foretold.stages
            assert ran.prediction.label == foretold.prediction.label
            assert ran.prediction.confidence == pytest.approx(foretold.prediction.confidence, abs=1e-3)
            assert not ran.counterfactual and ran.ms is not None


@each(CARDS)
def test_nothing_leaks_between_threads(card, inputs):
    network = zoo.load(card.name)
    before = state(network)
    budgets = [point.budget for point in card.operating_points][::4]
    jobs = [(i, budget) for i in range(len(inputs)) for budget in budgets] * 2
    alone = {job: run(card.name, inputs[job[0]], budget=job[1]) for job in set(jobs)}
    with ThreadPoolExecutor(8) as pool:
        for job, trace in zip(
            jobs, pool.map(lambda job: run(card.name, inputs[job[0]], budget=job[1]), jobs), strict=True
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
def test_equal_runs_have_equal_traces(card, inputs):
    first, second = (run(card.name, inputs[0]) for _ in range(2))
    assert first == second and hash(first) == hash(second)
    assert first != run(card.name, inputs[1])


@each([card for card in CARDS if card.anytime])
def test_anytime_cap_is_kept(card, inputs):
    for cap in np.linspace(card.operating_points[0].macs, card.static_macs, 9):
        trace = run(card.name, inputs[0], anytime_macs=int(cap))
        assert trace.macs <= cap
    with pytest.raises(ValueError, match="needs at least"):
        run(card.name, inputs[0], anytime_macs=1)


@each([card for card in CARDS if not card.anytime])
def test_anytime_is_refused_where_there_is_none(card, inputs):
    with pytest.raises(ValueError, match="any time"):
        run(card.name, inputs[0], anytime_macs=10**9)


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
        if "accepted" in table:  # several answers are right
            accepted = np.unpackbits(table["accepted"], axis=1).astype(bool)
            right = accepted[table["label"][:, None], table["prediction"]]
        for i, point in enumerate(card.operating_points):
            assert point.n == len(right)
            assert point.accuracy == pytest.approx(right[:, i].mean(), abs=1e-6)
            assert point.macs == pytest.approx(table["macs"][:, i].mean(), rel=1e-6)
            assert point.interval[0] <= point.accuracy <= point.interval[1]
    assert 0 < card.parameters < (5_000_000 if card.weights is None and not card.members else 20_000_000)


def held_out(card, kept={}):  # noqa: B006 (it is meant to be kept: networks of one data set come one after another)
    """The test split as this network reads it."""
    from dynviz.evaluation.scoring import split_samples

    key = card.data, card.in_side_px, card.vocabulary, card.mean, card.series
    if key not in kept:
        kept.clear()
        kept[key] = split_samples(card, "test")
    return kept[key]


@each(CARDS)
def test_table_is_borne_out_by_the_data(card, data_folder):
    """The skipping network on real test samples answers and spends as the table says it did (40 of them)."""
    samples, network = held_out(card), zoo.load(card.name)
    batches = list(samples.batches())
    with np.load(zoo.place(card.name) / "evaluation.npz", allow_pickle=False) as table:
        assert table["label"].tolist() == samples.labels.tolist()
        for i in {0, len(card.operating_points) // 2, len(card.operating_points) - 1}:
            limits = thresholds(card.operating_points[i])
            same = []
            for rows, x in batches[:: max(1, len(batches) // 40)]:
                recorder = Recorder()
                with torch.inference_mode():
                    logits = network(only(x, 0), setting=Setting(thresholds=limits or None), recorder=recorder)
                answer = table["prediction"][rows[0], i], table["macs"][rows[0], i]
                same.append((int(logits.argmax()), int(recorder.totals(1)[0])) == tuple(map(int, answer)))
            assert np.mean(same) > 0.9
