"""The Accuracy and compute page in Streamlit's test harness, over a zoo whose every number was written by hand."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app.accuracy import page
from app.accuracy.bench_queue import BENCHES, Benches, Measurement
from app.accuracy.decided import load_card, mixture_card, policy_card, unit_heads
from app.accuracy.sheets import bench_table, class_card, point_card, points_words, sentence, text, verdict_card
from app.strings import say
from dynviz import zoo
from dynviz.measuring.bench import BenchRow
from dynviz.results.advantage import SIBLINGS, Gain, Verdict, against_siblings, verdicts
from dynviz.results.tables import Mixture, read_table, use_by_class
from tests.app.opening import open_page
from tests.hand_made import BEST, LABEL, write_network, write_zoo
from tests.views.fragments import balanced, of_class, read, words

ROOT = Path(__file__).resolve().parents[2]


def accuracy_page() -> None:
    from app.accuracy import page as accuracy

    accuracy.page()


def opened(**address: str) -> AppTest:
    return open_page(accuracy_page, **address)


def slider(test: AppTest, key: str = "accuracy_budget exits"):
    return test.select_slider(key=key)


def said(test: AppTest) -> str:
    return " ".join(
        element.value for kind in (test.markdown, test.caption, test.info, test.warning) for element in kind
    )


@pytest.fixture
def place(tmp_path, monkeypatch) -> Path:
    write_zoo(tmp_path)
    monkeypatch.setenv("DYNVIZ_PRETRAINED", str(tmp_path))
    monkeypatch.delenv("DYNVIZ_DATA", raising=False)
    return tmp_path


def test_without_networks_it_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("DYNVIZ_PRETRAINED", str(tmp_path))
    assert "python -m dynviz train" in opened().info[0].value


def test_an_address_opens_its_point_and_is_written(place):
    second = zoo.card("exits").operating_points[1].budget
    test = opened(model="exits", budget=f"{second:.3f}")
    assert test.session_state.accuracy_network == "exits" and slider(test).value == 1
    assert slider(opened(model="exits", budget=f"{second - 0.002:.3f}")).value == 0
    test = opened(model="exits", budget="0.9")
    assert slider(test).value == 1
    assert dict(test.query_params) == {"model": "exits", "budget": f"{second:.3f}"}


def test_an_address_that_the_browser_says_late_takes_nothing_back(place):
    first, second = (f"{point.budget:.3f}" for point in zoo.card("exits").operating_points[:2])
    test = opened(model="exits", budget=first)
    slider(test).set_value(1).run()
    assert dict(test.query_params)["budget"] == second
    test.query_params["budget"] = first  # as it stood when the click was sent
    test.run()
    assert slider(test).value == 1 and dict(test.query_params)["budget"] == second


@pytest.mark.parametrize("budget", ["nan", "inf", "", "many", "-3"])
def test_nonsense_in_the_address_is_left_out(place, budget):
    assert slider(opened(model="exits", budget=budget)).value == 0
    assert opened(model="../../etc", budget=budget).session_state.accuracy_network == "exits"


def test_what_changes_between_the_budgets_is_counted_and_listed(place):
    test = opened(model="exits")
    assert "of 10 test samples: **2** newly right, **1** newly wrong (+10.0 points)" in said(test)
    listed = test.dataframe[0].value
    assert listed["index"].tolist() == [2, 6] and listed["class"].tolist() == ["cat", "dog"]
    assert listed["before"].tolist() == ["dog", "cat"] and listed["after"].tolist() == ["cat", "dog"]
    assert "picture" not in listed and "DYNVIZ_DATA" in said(test)
    both = next(s for s in test.select_slider if s.key.startswith("accuracy_range"))
    both.set_value((1, 1)).run()
    assert say("accuracy.changes.same") in said(test)


def test_a_static_network_has_no_budget(place):
    test = opened(model="large")
    assert test.session_state.accuracy_network == "large" and not list(test.select_slider) and not list(test.dataframe)


def test_data_sets_are_kept_apart(place, monkeypatch):
    everything = np.ones((len(LABEL), 1, 1), dtype=bool)
    write_network(place, "else", [BEST], np.full((len(LABEL), 1), 7_000_000), everything, data="other (data)")
    drawn = []
    monkeypatch.setattr(page, "chart", lambda cards, *rest: drawn.append([card.name for card in cards]))
    opened(model="else")
    opened(model="exits")
    assert drawn[0] == ["else"] and len(drawn[1]) == 3 and "else" not in drawn[1]


def test_of_many_networks_a_few_of_each_family_are_drawn_at_first(place, monkeypatch):
    everything = np.ones((len(LABEL), 1, 1), dtype=bool)
    for i in range(page.AT_FIRST + 3):
        write_network(place, f"more{i}", [BEST], np.full((len(LABEL), 1), 7_000_000), everything, family="spatial-wise")
    drawn = []
    monkeypatch.setattr(page, "chart", lambda cards, *rest: drawn.append({card.name for card in cards}))
    opened(model=f"more{page.AT_FIRST + 2}")
    assert {"exits", "large", f"more{page.AT_FIRST + 2}"} <= drawn[0]  # the other family, static ones, the chosen one
    assert sum(name.startswith("more") for name in drawn[0]) == page.AT_FIRST + 1


def test_a_missing_table_costs_only_what_needs_it(place):
    (place / "exits" / "evaluation.npz").unlink()
    test = opened(model="exits")
    assert "cannot be read" in said(test) and not list(test.dataframe)
    assert slider(test).value == 0 and test.button(key="accuracy_measure")


def test_a_measurement_is_shown_and_gives_a_budget(place):
    card = zoo.card("exits")
    budgets = [point.budget for point in card.operating_points]
    rows = [BenchRow(budgets[0], 3, 1e6, 4e6, 1.5, 6.0), BenchRow(budgets[1], 3, 3e6, 4e6, 5.0, 6.0)]
    measurement = Measurement()
    measurement.future.set_result(rows)
    BENCHES._known[card.sha256] = measurement
    try:
        test = opened(model="exits")
        limit = test.number_input[0]
        limit.set_value(4.0).run()
        assert "5.0 ms" not in said(test) and "1.5 ms and 1.0 M multiply-adds" in said(test)
        limit.set_value(1.0).run()
        assert "Even the smallest budget takes 1.5 ms" in said(test)
        limit.set_value(9.0).run()
        test.button(key="accuracy_take").click().run()
        assert slider(test).value == 1
    finally:
        BENCHES._known.clear()


def test_a_measurement_that_failed_is_one_sentence(place):
    measurement = Measurement()
    measurement.future.set_exception(RuntimeError("the <machine> is on fire"))
    BENCHES._known[zoo.card("exits").sha256] = measurement
    try:
        test = opened(model="exits")
        assert "is on fire" in test.error[0].value and test.button(key="accuracy_measure")
    finally:
        BENCHES._known.clear()


def test_one_measurement_at_a_time_and_each_only_once(place, monkeypatch):
    free: Future = Future()
    monkeypatch.setattr("app.accuracy.bench_queue.bench_apart", lambda name, report: free.result() or [name])
    benches, exits, small = Benches(), zoo.card("exits"), zoo.card("small")
    first, second = benches.ask(exits), benches.ask(small)
    assert benches.ask(exits) is first and benches.get(small) is second and not second.begun
    free.set_result(None)
    assert first.future.result(10) == ["exits"] and second.future.result(10) == ["small"]
    assert benches.ask(exits) is not first  # asked again once it is done: measured anew


def test_the_parts_of_the_page_say_what_the_numbers_say(place):
    cards, card = zoo.models(), zoo.card("exits")
    point = point_card(card, 1, against_siblings(card, cards, 1), None)
    assert balanced(point) and "70.0 %" in words(point).replace("\xa0", " ")
    shown = words(point).replace("\xa0", " ")
    assert "20 % if ≥ 90.0 % sure" in shown and "50 % all the rest" in shown and "static networks reach 82.3 %" in shown
    verdict = verdict_card(card, verdicts(card, cards))
    assert balanced(verdict) and "is nowhere above static networks" in words(verdict)
    use = use_by_class(read_table(card), 1, exits=True)
    easy = words(class_card(card, 1, use)).replace("\xa0", " ")
    assert "From the cheapest to the dearest at budget 70 %: sea (25 M), cat (28 M), dog (30 M)." in easy
    table = bench_table([BenchRow(0.5, 3, 1e6, 4e6, 1.5, 6.0)], None)
    assert balanced(table) and "4.00 × 4.00 × 1.00" in " ".join(words(table).replace("\xa0", " ").split())


def test_how_often_each_unit_ran_is_told_by_its_name(place):
    card = zoo.card("exits")
    gates = replace(card, operating_points=tuple(replace(point, shares=()) for point in card.operating_points))
    table = replace(read_table(card), units=("blocks.1", "blocks.2", "blocks.3"))
    shown = words(point_card(gates, 0, None, table)).replace("\xa0", " ")
    assert "block 2 100 %" in shown and "block 3 30 %" in shown and "block 4 10 %" in shown
    assert "unit 2 30 %" in words(point_card(gates, 0, None, replace(table, units=()))).replace("\xa0", " ")


def test_a_static_card_is_the_yardstick(place):
    card = zoo.card("large")
    assert "yardstick" in words(verdict_card(card, ()))
    assert "multiply-adds on average, nothing left out" in words(point_card(card, 0, None, None)).replace("\xa0", " ")


@pytest.mark.parametrize(("share", "begins"), [(0.0, "No."), (0.4, "In part."), (1.0, "Yes.")])
def test_the_verdict_in_plain_words(share, begins):
    verdict = Verdict(SIBLINGS, share, Gain(31e6, 0.0124, (0.004, 0.02)), Gain(90e6, -0.004, None))
    told = sentence("MSDNet", verdict)
    assert told.startswith(begins) and "+1.2 points" in told and "+0.4 to +2.0" in told and "31 M" in told
    assert ("−0.4 points" in told) == (share > 0)


def test_differences_carry_their_sign():
    assert [points_words(x) for x in (0.0124, -0.004, 0.0004, -0.0004)] == ["+1.2", "−0.4", "0.0", "0.0"]


def test_numbers_stay_with_their_units():
    assert text("82 % of 31 M in 5 ms <b>") == "82\xa0% of 31\xa0M in 5\xa0ms &lt;b&gt;"
    assert text("4 Monkeys, 3 mothers") == "4 Monkeys, 3 mothers"


def test_the_page_needs_no_torch(place):
    code = (
        "import sys; sys.path.insert(0, '.')\n"
        "from streamlit.testing.v1 import AppTest\n"
        "from tests.app.test_accuracy import accuracy_page\n"
        "before = 'torch' in sys.modules\n"
        "test = AppTest.from_function(accuracy_page, default_timeout=600).run()\n"
        "assert not test.exception, test.exception\n"
        "print(before, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_policies_and_the_load_of_parts(tmp_path, monkeypatch):
    """Two sets of decisions on ten samples; the second part of the second unit never runs."""
    ran = np.zeros((10, 1, 3), dtype=bool)
    ran[:, :, 0], ran[:7, :, 1] = True, True
    card = write_network(tmp_path, "parts", [BEST], np.full((10, 1), 1000), ran, family="sample-wise")
    path = tmp_path / "parts" / "evaluation.npz"
    with np.load(path) as archive:
        arrays = {name: archive[name] for name in archive}
    np.savez_compressed(path, **arrays, unit_names=np.array(["a", "b/1", "b/2"]))
    monkeypatch.setenv("DYNVIZ_PRETRAINED", str(tmp_path))
    table = read_table(card)
    html = policy_card(card, 0, table)
    assert balanced(html) and "2 different sets of decisions on 10 test samples" in words(html).replace("\xa0", " ")
    strips = of_class(html, "ac-strip")
    assert [strip["aria-label"] for strip in strips] == ["1 10", "1 00"]
    html = load_card(card, 0, table)
    assert "fewer than one in a hundred test samples run: b/2." in words(html)
    assert [a["style"] for tag, a in read(html).elements if "--share" in a.get("style", "")] == [
        "--share:100.0%", "--share:70.0%", "--share:0.0%"
    ]  # fmt: skip
    assert unit_heads(table) == ["1", "2/1", "2/2"]
    told = words(point_card(card, 0, None, table)).replace("\xa0", " ")
    assert "1 a 100 %" in told and "2 b 35 %" in told  # of two parts one ran for seven of ten


def test_mixtures_by_class(tmp_path, monkeypatch):
    card = write_network(tmp_path, "mixed", [BEST], np.full((10, 1), 1000), np.ones((10, 1, 1), bool), family="x")
    means = np.array([[1, 0], [0, 1], [0.5, 0.5]])
    table = replace(read_table_of(tmp_path, card, monkeypatch), mixtures=(Mixture("m", means, np.array([0.5, 0.5])),))
    html = mixture_card(table)
    assert balanced(html) and "Most of all in m: 80 %" in words(html).replace("\xa0", " ")
    assert [w for w in ("cat", "sea", "dog") if w in words(html)] == ["cat", "sea", "dog"]
    still = Mixture("s", np.full((3, 2), 0.5), np.full(2, 1e-6))
    told = words(mixture_card(replace(table, mixtures=(*table.mixtures, still)))).replace("\xa0", " ")
    assert "In 1 of 2 layers" in told and told.count("the same for every test sample") == 1
    html = mixture_card(replace(table, mixtures=(still,)))
    assert balanced(html) and "No: in no layer" in words(html) and not of_class(html, "ac-heat")


def read_table_of(folder, card, monkeypatch):
    monkeypatch.setenv("DYNVIZ_PRETRAINED", str(folder))
    return read_table(card)
