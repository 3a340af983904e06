"""Every shipped network keeps the house's promises. A new network is tested here without a line changed."""

from __future__ import annotations

import copy
import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch

from dynviz import Setting, inference, run, sweep, zoo
from dynviz.compute import count_macs
from dynviz.decisions import STEP_ACTIONS, Resolution, StepUpdate, TokenSelection
from dynviz.evaluation.operating import best_point, thresholds
from dynviz.media.synthetic import NAMES, synthetic_ecg
from dynviz.networks import NETWORKS
from dynviz.recorder import Recorder
from dynviz.views.decisions.steps import PASSED, UNREAD, read_steps

CARDS = sorted(zoo.models(), key=lambda card: card.data)  # those of one data set together: it is read once
TEXTS = (
    "Wonderful.",
    "The plot is thin, the jokes are old and nobody on screen seems to believe a word of it. A waste of an evening.",
    "I did not expect much after the first half hour, which is slow and a little confused. "
    + "But then the two sisters meet, and everything that was said before gets another meaning. " * 4
    + "It is one of the best films of the year, and I would see it again tomorrow.",
    "What is the exchange rate if I top up my card in euros? 很好 \U0001f600",
)


def tone(seconds):
    """A voice-like tone that rises, as samples at 8 kHz."""
    t = np.arange(int(8000 * seconds)) / 8000
    return (np.sin(2 * np.pi * (200 + 150 * t) * t) * np.hanning(len(t))).astype(np.float32)


CLOSE = 1e-4  # decisions this near their threshold may fall either way between the two modes


def each(cards):
    return pytest.mark.parametrize("card", cards, ids=lambda card: card.name)


def settings(card):
    """The static path, and up to five operating points from the cheapest to the dearest."""
    points = card.operating_points
    chosen = sorted({round(i) for i in np.linspace(0, len(points) - 1, 5)})
    found = [Setting(thresholds=thresholds(points[i])) for i in chosen if points[i].thresholds]
    return [Setting(), *found]


@pytest.fixture
def inputs(card, pictures):
    """Real input of the card's kind, easy and hard, short and long."""
    if card.modality == "series":
        ecg = [synthetic_ecg(name) for name in NAMES]
        return (
            [*ecg, ecg[0].samples[:400], ecg[1].samples[300:]]
            if card.series.kind == "ecg"
            else [tone(s) for s in (0.3, 0.5, 0.9)]
        )
    return {"image": pictures, "text": TEXTS}[card.modality]


def prepared(card, source):
    return inference.prepare(card, source, "crop")[0]


def together(card, sources):
    """All in one batch, as the network is given it."""
    each = [prepared(card, source) for source in sources]
    if card.modality == "image":
        return inference.joined(each)
    return type(each[0]).batch([x.steps[0].numpy() for x in each])


def only(x, row):
    """One sample of a batch, as a batch."""
    return x[row : row + 1]


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
    x = together(card, inputs)
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
    if card.network not in NETWORKS and not network.has_plain:
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
        assert card.operating_points[0].macs == pytest.approx(card.static_macs, rel=1e-6)
        for source in inputs:
            trace = run(card.name, source)
            assert trace.macs == trace.macs_static and not any(saves(decision) for decision in trace.decisions)
        return
    assert card.family != "static" and card.operating_points[0].macs < card.static_macs
    for source in inputs:
        trace = run(card.name, source, budget=0.0)
        assert (trace.macs < trace.macs_static) == any(saves(decision) for decision in trace.decisions)


def saves(decision):
    """Did this decision leave something undone?"""
    if isinstance(decision, StepUpdate):
        return any(STEP_ACTIONS[action] != "update" for action in decision.actions)
    if isinstance(decision, TokenSelection):
        return not decision.kept.all()
    if isinstance(decision, Resolution):
        return decision.side_px < max(decision.options_px)
    return not decision.executed


@each([card for card in CARDS if card.modality != "image"])
def test_what_was_not_read_has_no_influence(card, inputs):
    """Other words in the places of those that were skipped, jumped over or never reached change nothing."""
    network = zoo.load(card.name)
    for source in inputs:
        x = prepared(card, source)
        for setting in settings(card):
            recorder = Recorder()
            with torch.inference_mode():
                expected = network(x, setting=setting, recorder=recorder)
            unread = torch.from_numpy(never_read(recorder.cut(0)[0], x.steps.shape[1]))
            steps = x.steps.clone()
            steps[:, unread] = torch.flip(steps[:, unread], dims=(-1,)) + 1
            with torch.inference_mode():
                torch.testing.assert_close(network(replace(x, **changed(x, steps)), setting=setting), expected)


def never_read(decisions, length):
    """(length,) bool: the steps that no recurrent layer looked at."""
    layers = [decision for decision in decisions if isinstance(decision, StepUpdate)]
    unread = np.full(length, bool(layers))
    for decision in layers:
        states = read_steps(decision).states
        unread[: len(states)] &= [state in (PASSED, UNREAD) for state in states]
    return unread


def changed(x, steps):
    return {"ids" if steps.dtype == torch.int64 else "values": steps}


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
        for i, point in enumerate(card.operating_points):
            assert point.n == len(right)
            assert point.accuracy == pytest.approx(right[:, i].mean(), abs=1e-6)
            assert point.macs == pytest.approx(table["macs"][:, i].mean(), rel=1e-6)
            assert point.interval[0] <= point.accuracy <= point.interval[1]
    assert 0 < card.parameters < 5_000_000


def held_out(card, kept={}):  # noqa: B006 (it is meant to be kept: networks of one data set come one after another)
    """The test split as this network reads it."""
    from dynviz.evaluation.scoring import own_samples

    key = card.data, card.in_side_px, card.vocabulary, card.mean, card.series
    if key not in kept:
        kept.clear()
        kept[key] = own_samples(card, "test")
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
