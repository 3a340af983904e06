"""The Export popover of the Image page: which files it offers, and that making one waits for the click."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

import dynviz
from app.strings import say
from app.widgets import exporting
from dynviz.tracefile import TraceFileError, read_trace
from dynviz.views.examples import examples
from dynviz.views.exports import FORMATS, Context

KINDS = ("png", "webp", "svg", "csv", "dynviz", "html")
SECONDS = 120


def image_page() -> None:
    from app.screens import image

    image.page()


def replay_page() -> None:
    from app.screens import image
    from dynviz.views.examples import examples

    image._replay("balloon.dynviz", examples()[0], ())


@pytest.fixture
def offered(monkeypatch) -> dict[str, dict]:
    """What each download button was given, by its key."""
    found: dict[str, dict] = {}
    real = exporting.st.download_button

    def watched(label, **given):
        found[given["key"]] = given
        return real(label, **given)

    monkeypatch.setattr(exporting.st, "download_button", watched)
    return found


def labels(test: AppTest) -> list[str]:
    return [button.label for button in test.download_button]


def test_the_live_view_offers_every_kind_and_makes_none_before_the_click(offered, monkeypatch):
    if not any(card.modality == "image" for card in dynviz.models()):
        pytest.skip("no trained network is here")
    ran = []
    run_again = exporting.run_again
    monkeypatch.setattr(exporting, "run_again", lambda *given: ran.append(given) or run_again(*given))
    test = AppTest.from_function(image_page, default_timeout=SECONDS).run()
    assert not test.exception and not test.error
    assert labels(test) == [say("save"), *(say(f"export.{kind}") for kind in KINDS)]
    assert not ran
    csv, page = offered["export_csv"]["data"](), offered["export_html"]["data"]()
    assert len(ran) == 2 and csv.startswith(b"\xef\xbb\xbfkind,")
    name = test.session_state.view_identity.split("|")[1]
    for part in ("At every operating point", "What a budget buys", name):
        assert part in page.decode()
    kept = read_trace(offered["export_dynviz"]["data"]())
    assert kept.model == name and not kept.counterfactual
    assert {Path(given["file_name"]).suffix for given in offered.values()} == {f".{kind}" for kind in KINDS}


def test_a_replayed_file_offers_every_kind(offered):
    test = AppTest.from_function(replay_page, default_timeout=SECONDS).run()
    assert not test.exception
    assert labels(test) == [say(f"export.{kind}") for kind in KINDS]
    assert all(given["file_name"] == f"balloon.{kind}" for kind, given in zip(KINDS, offered.values(), strict=True))
    trace = examples()[0]
    assert read_trace(offered["export_dynviz"]["data"]()) == trace
    with Image.open(io.BytesIO(offered["export_webp"]["data"]())) as moving:
        assert moving.n_frames == 4
    assert offered["export_html"]["data"]() == FORMATS["html"].make(trace, Context())


def test_what_cannot_be_saved_is_told_by_its_error():
    with pytest.raises(TraceFileError):
        exporting.made("dynviz", examples()[0].__class__(**{**vars(examples()[0]), "title": object()}), Context())
    with pytest.raises(KeyError):
        exporting.made("exe", examples()[0], Context())
