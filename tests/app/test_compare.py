"""The Compare page: pinned networks on one input, from a link, with bad input; and where two networks disagree."""

from __future__ import annotations

import json

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import dynviz
from app.compare import page as compare
from app.compare.board import board_data
from app.strings import say
from dynviz import zoo
from dynviz.results import disagreement as room
from dynviz.results.tables import Table
from tests.app.test_harder import address, linked
from tests.patience import PAGE_SECONDS


def compare_page() -> None:
    from app.compare import page as compare

    compare.page()


@pytest.fixture
def boards(monkeypatch) -> list[dict]:
    shown: list[dict] = []
    monkeypatch.setattr(compare, "board", lambda data, **more: shown.append(data))
    return shown


def opened(**asked: str) -> AppTest:
    for name in asked.get("networks", "").split(","):
        if name and name not in [card.name for card in dynviz.models()] + ["no-such"]:
            pytest.skip(f"{name} is not here")
    test = AppTest.from_function(compare_page, default_timeout=PAGE_SECONDS)
    for name, value in asked.items():
        test.query_params[name] = value
    test.run()
    assert not test.exception
    return test


def test_a_link_pins_networks_and_a_budget(boards):
    test = opened(networks="msdnet,no-such,tome", budget="0.5")
    (data,) = boards
    assert [panel["title"] for panel in data["panels"]] == [zoo.card(name).title for name in ("msdnet", "tome")]
    assert data["budget"] == 0.5 and address(test)["networks"] == "msdnet,tome"
    for panel in data["panels"]:
        assert len(panel["frames"]) == len(panel["budgets"]) + 1  # and the static twin
        assert all(0 <= frame["over"] < len(data["fragments"]["pieces"]) for frame in panel["frames"])
    assert not test.error


def test_a_live_page_hands_over_its_input_its_network_and_its_budget(boards, monkeypatch):
    """Pressed there, the same picture as it was changed stands under its network and the static one beside it."""
    if not {"dynconv", "resnet-213m"} <= {card.name for card in dynviz.models()}:
        pytest.skip("dynconv and its parent are not here")
    from app.compare import handing

    gone = []
    monkeypatch.setattr(handing.st, "switch_page", lambda target, **more: gone.append(target))
    live = linked(model="dynconv", sample="cat", knob="noise", strength="0.1", budget="0.5")
    next(button for button in live.button if button.key == "image_compare").click().run()
    assert not live.exception and len(gone) == 1
    state = live.session_state
    assert state["compare_pinned image"] == ["dynconv", "resnet-213m"] and state.compare_budget == 0.5
    test = AppTest.from_function(compare_page, default_timeout=PAGE_SECONDS)
    for name in ("compare_pinned image", "compare_budget", "compare_kind", "compare_brought"):
        test.session_state[name] = state[name]
    test.run()
    assert not test.exception and not test.error
    assert {key[0].endswith("-noise-0.1") for key in test.session_state.inferences} == {True}
    assert [panel["title"] for panel in boards[-1]["panels"]] == [
        zoo.card(name).title for name in ("dynconv", "resnet-213m")
    ]


def test_what_was_brought_waits_until_a_network_can_read_it():
    from app.compare.handing import Brought
    from app.signals.samples import sample

    brought = Brought(sample("ventricular"), "crop", "series")
    kinds = {card.series.kind: card for card in dynviz.models() if card.series}
    if set(kinds) != {"ecg", "speech"}:
        pytest.skip("readers of both kinds of recording are not here")
    assert brought.fits(kinds["ecg"]) and not brought.fits(kinds["speech"])
    assert not Brought(sample("ventricular"), "crop", "text").fits(kinds["ecg"])


def test_words_of_a_text_have_a_state_in_every_frame(boards):
    opened(networks="skim-rnn-imdb,skip-rnn-imdb")
    (data,) = boards
    words = len(data["words"]["parts"]) // 2
    assert words > 50
    for panel in data["panels"]:
        assert {len(frame["codes"]) for frame in panel["frames"]} == {words}
    assert len({tuple(frame["codes"]) for frame in data["panels"][0]["frames"]}) > 2


def test_a_network_that_fails_leaves_the_others(boards, monkeypatch):
    from app.compare.page import infer

    def broken(chosen, card, *rest):
        if card.name == "tome":
            raise RuntimeError("inside")
        return infer(chosen, card, *rest)

    monkeypatch.setattr(compare, "infer", broken)
    test = opened(networks="msdnet,tome")
    assert (len(test.error) == 1 and "ToMe" in test.error[0].value) or zoo.card("tome").title in test.error[0].value
    assert len(boards[0]["panels"]) == 1


def test_networks_that_know_different_things_say_so(boards):
    test = opened(networks="msdnet,msdnet-cifar10")
    assert any("know different things" in info.value for info in test.info)


def piece(data, place: int) -> str:
    return "".join(data["fragments"]["snippets"][at] for at in data["fragments"]["pieces"][place])


def test_what_steps_share_is_sent_once(boards):
    """The pieces of a network with a slider say the same but for a few scores."""
    opened(networks="msdnet,tome")
    (data,) = boards
    whole = sum(len(piece(data, place)) for place in range(len(data["fragments"]["pieces"])))
    sent = len(json.dumps(data["fragments"], ensure_ascii=False, separators=(",", ":")))
    assert sent < 0.6 * whole, f"{sent:,} of {whole:,} characters"


def test_every_bar_has_one_scale():
    from app.compare.board import _scaled

    if "msdnet" not in [card.name for card in dynviz.models()]:
        pytest.skip("msdnet is not here")
    from app.image.page import PAGE
    from app.inference_cache import Inference

    chosen = PAGE.sample("cat", zoo.card("msdnet"))
    found = []
    for name in ("msdnet", "resnet-213m"):
        swept = dynviz.sweep(name, chosen.media)
        found.append((zoo.card(name), Inference(("", "", "", ""), swept.budgets, swept.traces, swept.full)))
    data = board_data(found, "cat", 0.4)
    account = piece(data, data["panels"][0]["frames"][-1]["account"])
    share = zoo.card("msdnet").static_macs / zoo.card("resnet-213m").static_macs
    width = float(account.partition('style="width:')[2].partition("%")[0])
    assert width == pytest.approx(100 * share, abs=0.5)
    assert _scaled(found[0][1].full, 7).macs == 7


def test_disagreement_by_hand(monkeypatch):
    label = np.array([0, 0, 1, 1])
    tables = {
        "a": Table(label, np.array([[0], [0], [1], [0]]), np.ones((4, 1), int), np.ones((4, 1, 1), bool)),
        "b": Table(label, np.array([[0], [1], [0], [0]]), np.ones((4, 1), int), np.ones((4, 1, 1), bool)),
    }
    monkeypatch.setattr(room, "read_table", lambda card: tables[card.name])

    class Card:
        data, labels = "d", ("x", "y")

        def __init__(self, name):
            self.name = name

    found = room.disagreement((Card("a"), Card("b")), (0, 0))
    assert (found.both, found.first, found.second, found.neither, found.differ) == (1, 2, 0, 1, 2)
    assert found.either == 0.75 and found.classes[0][1] == 0.5
    other = Card("b")
    other.data = "something else"
    assert room.disagreement((Card("a"), other), (0, 0)) is None


def test_pairs_that_share_no_test_inputs_say_so(monkeypatch):
    shown = {}
    monkeypatch.setattr(compare, "sheet", lambda html, *, key: shown.setdefault(key, html))
    monkeypatch.setattr(compare, "disagreement", lambda *given: None)
    compare._disagreement([zoo.card(name) for name in ("lstm-imdb", "lstm-ecg")], 0.4)
    assert say("compare.disagree.none") in shown["compare_disagreement"]
