"""The cards to take away: as a table, as data, as a page."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict, replace

import pytest
from pydantic import TypeAdapter

from dynviz import zoo
from dynviz.views.examples.made_up import example_cards
from dynviz.views.examples.traces import examples
from dynviz.views.export.cards import COLUMNS
from dynviz.views.export.formats import CARD_FORMATS, PAIR_FORMATS
from dynviz.zoo import ModelCard
from tests.hand_made import write_zoo
from tests.views.fragments import balanced, words

HOSTILE = "\"><script>alert(1)</script>&'\x00"


def body(page: str) -> str:
    return page[page.index("<body>") : page.index("</body>") + len("</body>")]


def made(ending: str, cards: list[ModelCard]) -> str:
    return CARD_FORMATS[ending].make(cards).decode("utf-8-sig")


@pytest.fixture
def cards(tmp_path, monkeypatch) -> list[ModelCard]:
    write_zoo(tmp_path)
    monkeypatch.setenv("DYNVIZ_PRETRAINED", str(tmp_path))
    return zoo.models()


def test_the_table_has_a_line_per_network(cards):
    rows = list(csv.DictReader(io.StringIO(made("csv", cards), newline="")))
    assert tuple(rows[0]) == COLUMNS and [row["name"] for row in rows] == [card.name for card in cards]
    exits, card = next(row for row in rows if row["name"] == "exits"), zoo.card("exits")
    assert (exits["operating_points"], exits["anytime"], exits["classes"], exits["n"]) == ("2", "true", "3", "10")
    spent = sorted(round(point.macs) for point in card.operating_points)
    assert [int(exits["least_mean_macs"]), int(exits["most_mean_macs"])] == spent
    assert float(exits["accuracy_low"]) == pytest.approx(card.test_interval[0], rel=1e-6)


def test_the_data_are_the_cards_again(cards):
    again = TypeAdapter(list[ModelCard]).validate_json(made("json", cards))
    assert again == cards
    assert json.loads(made("json", cards))[0]["name"] == asdict(cards[0])["name"]


def test_the_page_tells_all_of_them(cards):
    classes = {"cat": (0.9, 40), "dog": (0.5, 12)}
    page = body(made("html", [replace(card, class_accuracy=classes) for card in cards]))
    told = " ".join(words(page).split())
    assert balanced(page) and "could not be drawn" not in page and page.count("dv-chart") == len(cards)
    for card in cards:
        assert f"{card.title} ({card.name})" in told and card.recipe in told
    assert "dog 50.0 % 12 (few) cat 90.0 % 40" in told


def test_whatever_words_come_in_stay_words():
    cards = [replace(card, title=HOSTILE, paper=HOSTILE, weakness=HOSTILE) for card in example_cards()]
    page = made("html", cards)
    assert "<script" not in page and "\x00" not in page and balanced(body(page))


def test_runs_beside_each_other():
    easy, hard = examples()[0], examples()[1]
    titled = [("Easy", easy), ("Hard & long", hard)]
    page = PAIR_FORMATS["html"].make(titled).decode()
    told = words(body(page))
    assert balanced(body(page)) and "could not be drawn" not in page
    assert "Easy" in told and "Hard & long" in told and easy.digest in told and hard.digest in told
    assert PAIR_FORMATS["png"].make(titled).startswith(b"\x89PNG")
