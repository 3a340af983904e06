"""The Export popover of every page: which files it offers, and that making one waits for the click."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

import dynviz
from app import export
from app.strings import say
from dynviz import zoo
from dynviz.trace import Trace
from dynviz.trace.file import TraceFileError
from dynviz.views.examples.traces import examples
from dynviz.views.export.formats import CARD_FORMATS, CURVE_FORMATS, FORMATS, Context
from dynviz.views.style.words import percent
from tests.hand_made import write_zoo
from tests.patience import PAGE_SECONDS

KINDS = ("png", "webp", "mp4", "svg", "csv", "dynviz", "html")


def image_page() -> None:
    from app.image import page as image

    image.page()


def replay_page() -> None:
    from app.live import showing
    from dynviz.views.examples.traces import examples

    showing.replay("balloon.dynviz", examples()[0])


def accuracy_page() -> None:
    from app.accuracy import page as accuracy

    accuracy.page()


def models_page() -> None:
    from app.models import page as models

    models.page()


def pair_page() -> None:
    from app import export
    from app.start.example import Pair
    from dynviz.views.examples.traces import examples

    easy, hard, *_ = examples()
    export.pair(type("Card", (), {"name": "exits"}), Pair("cat", 0.4, (easy, hard)), ("easy", "hard"))


def pending_page() -> None:
    from app import export

    export.pair(type("Card", (), {"name": "exits"}), None, ("easy", "hard"))


@pytest.fixture
def offered(monkeypatch) -> dict[str, dict]:
    """What each download button was given, by its label."""
    found: dict[str, dict] = {}
    real = export.st.download_button

    def watched(label, **given):
        found[label] = given
        return real(label, **given)

    monkeypatch.setattr(export.st, "download_button", watched)
    return found


def labels(test: AppTest) -> list[str]:
    return [button.label for button in test.download_button]


def test_the_live_view_offers_every_kind_and_makes_none_before_the_click(offered, monkeypatch):
    if not any(card.modality == "image" for card in dynviz.models()):
        pytest.skip("no trained network is here")
    ran = []
    run_again = export.run_again
    monkeypatch.setattr(export, "run_again", lambda *given: ran.append(given) or run_again(*given))
    test = AppTest.from_function(image_page, default_timeout=PAGE_SECONDS).run()
    assert not test.exception and not test.error
    assert labels(test) == [say("save"), *(say(f"export.{kind}") for kind in KINDS)]
    assert not ran
    csv, page = offered[say("export.csv")]["data"](), offered[say("export.html")]["data"]()
    assert len(ran) == 2 and csv.startswith(b"\xef\xbb\xbfkind,")
    name = test.session_state.view_identity.split("|")[1]
    for part in ("At every operating point", "What a budget buys", name):
        assert part in page.decode()
    kept = Trace.load(offered[say("export.dynviz")]["data"]())
    assert kept.model == name and not kept.counterfactual
    assert {Path(given["file_name"]).suffix for given in offered.values()} == {f".{kind}" for kind in KINDS}


def test_a_replayed_file_offers_every_kind(offered):
    test = AppTest.from_function(replay_page, default_timeout=PAGE_SECONDS).run()
    assert not test.exception
    assert labels(test) == [say(f"export.{kind}") for kind in KINDS]
    assert all(given["file_name"] == f"balloon.{kind}" for kind, given in zip(KINDS, offered.values(), strict=True))
    trace = examples()[0]
    assert Trace.load(offered[say("export.dynviz")]["data"]()) == trace
    with Image.open(io.BytesIO(offered[say("export.webp")]["data"]())) as moving:
        assert moving.n_frames == 4
    assert offered[say("export.html")]["data"]() == FORMATS["html"].make(trace, Context())


def test_the_chart_can_be_taken_away(offered, tmp_path, monkeypatch):
    write_zoo(tmp_path)
    monkeypatch.setenv("DYNVIZ_PRETRAINED", str(tmp_path))
    test = AppTest.from_function(accuracy_page, default_timeout=PAGE_SECONDS)
    test.query_params["model"] = "exits"
    test.run()
    assert not test.exception
    assert labels(test) == [say(f"export.curves.{kind}") for kind in CURVE_FORMATS]
    assert [given["file_name"] for given in offered.values()] == [f"accuracy-exits.{kind}" for kind in CURVE_FORMATS]
    points = offered[say("export.curves.csv")]["data"]().decode("utf-8-sig").splitlines()
    assert len(points) == 1 + 4 + 2  # a header, the points of three networks, two of a baseline
    test.toggle(key="accuracy_baselines").set_value(False).run()
    assert len(offered[say("export.curves.csv")]["data"]().splitlines()) == 1 + 4
    assert (
        f"Exits at budget {percent(zoo.card('exits').operating_points[0].budget)}"
        in offered[say("export.curves.html")]["data"]().decode()
    )


def test_the_cards_can_be_taken_away(offered, tmp_path, monkeypatch):
    write_zoo(tmp_path)
    monkeypatch.setenv("DYNVIZ_PRETRAINED", str(tmp_path))
    test = AppTest.from_function(models_page, default_timeout=PAGE_SECONDS).run()
    assert not test.exception and labels(test) == [say(f"export.cards.{kind}") for kind in CARD_FORMATS]
    cards = json.loads(offered[say("export.cards.json")]["data"]())
    assert [card["name"] for card in cards] == ["exits", "small", "large"]  # as the page shows them


def test_the_two_runs_of_the_first_page_can_be_taken_away(offered):
    test = AppTest.from_function(pair_page, default_timeout=PAGE_SECONDS).run()
    assert not test.exception
    names = [given["file_name"] for given in offered.values()]
    stem = "cat-exits-40%"
    assert names == [f"{stem}.png", f"{stem}.html", f"{stem}-1.dynviz", f"{stem}-2.dynviz"]
    assert Trace.load(offered[say("export.pair.dynviz", title="hard")]["data"]()) == examples()[1]


def test_until_the_runs_are_there_only_their_place_is():
    test = AppTest.from_function(pending_page, default_timeout=PAGE_SECONDS).run()
    assert not test.exception and not labels(test)


def test_what_cannot_be_saved_is_told_by_its_error():
    with pytest.raises(TraceFileError):
        export.made("dynviz", examples()[0].__class__(**{**vars(examples()[0]), "title": object()}), Context())
    with pytest.raises(KeyError):
        export.made("exe", examples()[0], Context())
