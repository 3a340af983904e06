"""Every page runs in Streamlit's own test harness: with the shipped networks, with none, and with damaged ones."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import dynviz
from app.models.cards import card_sheet
from app.picker.order import in_order
from app.strings import say
from dynviz import zoo
from dynviz.media.signal import SeriesInput
from dynviz.results.tables import read_table, ways
from dynviz.zoo import OperatingPoint
from tests.patience import PAGE_SECONDS
from tests.sample import one_of_each

ROOT = Path(__file__).resolve().parents[2]


def image_page() -> None:
    from app.image import page as image

    image.page()


def start_page() -> None:
    from app.start import page as start

    start.page()


def models_page() -> None:
    from app.models import page as models

    models.page()


def opened(page) -> AppTest:
    test = AppTest.from_function(page, default_timeout=PAGE_SECONDS).run()
    assert not test.exception
    return test


def pills(test: AppTest, key: str):
    return next(group for group in test.button_group if group.key == key)


@pytest.fixture
def networks() -> list[dynviz.ModelCard]:
    found = [card for card in dynviz.models() if card.modality == "image"]
    if not found:
        pytest.skip("no trained network is here")
    return found


@pytest.fixture
def own_zoo(tmp_path, monkeypatch, networks) -> Path:
    """A copy of two networks that a test may damage."""
    alike = [card for card in networks if not card.members and card.data == networks[0].data]
    by_cost = sorted(alike, key=lambda card: (card.static_macs, card.name))
    for card in by_cost[:2]:
        shutil.copytree(zoo.place(card.name), tmp_path / card.name)
    monkeypatch.setenv("DYNVIZ_PRETRAINED", str(tmp_path))
    return tmp_path


def test_the_app_starts(networks):
    test = AppTest.from_file(str(ROOT / "app" / "script.py"), default_timeout=PAGE_SECONDS).run()
    assert not test.exception and not test.error
    assert test.title[0].value == say("start.title")


def test_the_image_page_answers_with_every_kind_of_network(networks):
    test = opened(image_page)
    assert test.session_state.image_model == in_order(networks)[0].name
    for card in one_of_each(networks):
        test.session_state.image_model = card.name
        test.run()
        assert not test.exception and not test.error
        assert card.title in test.title[0].value
        assert test.session_state.view_identity.split("|")[1] == card.name


def test_samples_and_framing_can_be_changed(networks):
    test = opened(image_page)
    first = test.session_state.view_identity
    pills(test, "image_sample").set_value("coffee").run()
    second = test.session_state.view_identity
    pills(test, "framing").set_value("fit").run()
    third = test.session_state.view_identity
    assert not test.exception and len({first, second, third}) == 3
    assert second.split("|")[0] == third.split("|")[0] and third.split("|")[2] == "fit"


def test_results_are_remembered_and_bounded(networks):
    from app import inference_cache

    test = opened(image_page)
    for framing in ("fit", "crop", "fit"):
        pills(test, "framing").set_value(framing).run()
    assert len(test.session_state.inferences) == 2
    for sample in ("coffee", "rocket", "astronaut", "page"):
        for framing in ("crop", "fit"):
            pills(test, "image_sample").set_value(sample)
            pills(test, "framing").set_value(framing).run()
    assert len(test.session_state.inferences) == inference_cache.KEPT


def test_the_models_page_shows_the_cards(networks):
    test = opened(models_page)
    assert not test.warning and not test.info
    assert test.title[0].value == say("models.title")


@pytest.mark.parametrize("page", [start_page, image_page, models_page])
def test_without_networks_a_page_says_how_to_get_them(page, tmp_path, monkeypatch):
    monkeypatch.setenv("DYNVIZ_PRETRAINED", str(tmp_path))
    assert [info.value for info in opened(page).info] == [say("image.no_models")]


def test_a_damaged_checkpoint_is_told_and_the_others_work(own_zoo):
    names = [card.name for card in sorted(dynviz.models(), key=lambda card: card.family == "static")]
    weights = own_zoo / names[0] / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100] + bytes(100))
    zoo._load.cache_clear()
    test = opened(image_page)
    assert len(test.error) == 1 and "damaged" in test.error[0].value
    test.session_state.image_model = names[1]
    test.run()
    assert not test.exception and not test.error
    zoo._load.cache_clear()


def test_a_damaged_card_is_told_and_the_others_are_shown(own_zoo):
    name = dynviz.models()[0].name
    (own_zoo / name / "card.json").write_text('{"name": "x"}')
    test = opened(models_page)
    assert len(test.warning) == 1 and not test.info
    assert not opened(image_page).error


def test_neither_the_app_nor_the_models_page_imports_torch(tmp_path):
    script = tmp_path / "check.py"
    script.write_text(
        "import sys\n"
        "from streamlit.testing.v1 import AppTest\n"
        "import app.image.page, app.warm\n"
        "def page():\n"
        "    from app.models import page as models\n"
        "    models.page()\n"
        "assert not AppTest.from_function(page, default_timeout=600).run().exception\n"
        "print('torch' in sys.modules, 'app.models.cards' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["False", "True"]


def test_what_a_newcomer_sees_first(networks):
    photo = replace(networks[0], modality="image", in_side_px=128, members=(), series=None)
    photo = replace(photo, family="sample-wise", mechanism="early exit")
    text = replace(photo, family="temporal-wise", modality="text", in_side_px=0)
    ecg = replace(text, modality="series", series=SeriesInput("ecg", 125, 5, 5, 0.0, 1.0))
    sound = replace(text, modality="series", series=SeriesInput("speech", 8000, 200, 80, 0.0, 1.0))
    wanted = [
        replace(photo, name="of its own"),
        replace(photo, name="of others", members=("a", "b")),
        replace(photo, name="of a mechanism that nobody knows", mechanism="by the moon"),
        replace(photo, name="looks more closely", in_side_px=192, mechanism="by the sun"),
        replace(photo, name="small pictures", in_side_px=32),
        replace(text, name="long texts", mechanism="skimming", static_macs=20),
        replace(text, name="short texts", mechanism="skimming", static_macs=10),
        replace(text, name="to the end", mechanism="early stopping"),
        replace(text, name="as a whole", family="sample-wise"),
        replace(ecg, name="ecg", mechanism="early stopping"),
        replace(sound, name="sound", mechanism="skipping"),
    ]
    static = [replace(photo, name=str(macs), family="static", mechanism="none", static_macs=macs) for macs in (1, 2)]
    assert in_order(wanted[::-1] + static) == wanted + static


def test_a_card_says_whether_being_dynamic_pays(networks):
    base = next(card for card in networks if card.operating_points and card.modality == "image")
    point = OperatingPoint("threshold", 0.5, 5e6, 0.8, 1000, (0.78, 0.82))
    static = replace(base, name="a", family="static", static_macs=10_000_000, test_accuracy=0.9, operating_points=())
    small = replace(static, name="b", static_macs=1_000_000, test_accuracy=0.7)
    ours = replace(base, name="c", family="sample-wise", parent="a", data=static.data, network=static.network)

    def told(*points: tuple[float, float], card=ours) -> str:
        found = tuple(replace(point, macs=macs, accuracy=accuracy) for macs, accuracy in points)
        return card_sheet(replace(card, operating_points=found), [ours, static, small])

    assert "Yes: everywhere more accurate" in told((2e6, 0.85), (9e6, 0.897))
    assert "half a point of the static network that it was made from, from 90 %" in told((2e6, 0.85), (9e6, 0.897))
    assert "No: nowhere more accurate than static networks" in told((2e6, 0.6), (9e6, 0.65))
    assert "closest at 90 % of that one" in told((2e6, 0.6), (9e6, 0.65)) and "−25.0 points" in told((9e6, 0.65))
    assert "In part: more accurate" in told((2e6, 0.85), (9e6, 0.65))
    blind = replace(ours, curves={"blind": ((1e6, 0.5), (9e6, 0.79))}, static_macs=10_000_000)
    assert "What it decides matters: at 5.0 M" in told((2e6, 0.85), (9e6, 0.897), card=blind)
    assert "not shown to matter" in told((2e6, 0.6), (9e6, 0.79), card=blind)
    assert say("models.pays") not in card_sheet(static, [ours, static, small])


def test_a_card_counts_the_ways_through_its_network():
    """Those near half of the compute; a network with exits, or one that always runs alike, has none to count."""
    named = {card.name: card for card in dynviz.models()}
    if "skipnet" not in named:
        pytest.skip("the network with gates is not shipped")
    table = read_table(named["skipnet"])
    points = named["skipnet"].operating_points
    middle = min(range(len(points)), key=lambda i: abs(points[i].budget - 0.5))
    found = ways(table, middle)
    sheet = card_sheet(named["skipnet"], list(named.values()))
    assert f"{found.samples:,} test inputs took {found.different:,} different ways" in sheet
    assert found.different > 100  # gates that tell pictures apart
    for other in ("msdnet", "resnet-213m"):
        assert say("models.ways") not in card_sheet(named[other], list(named.values()))
