"""Pictures unlike all a network knows: told by hand-made numbers, by every way to run, and by shipped cards."""

from __future__ import annotations

import io
import threading
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

import dynviz
from dynviz import inference, zoo
from dynviz.likeness import FILE, Known, read_known, write_known
from dynviz.media.difficulty import KNOBS
from dynviz.networks.answering import Classifier, answered, listening
from dynviz.results.findings import read_findings
from dynviz.trace import Trace
from dynviz.trace.file import trace_bytes
from dynviz.views.decisions.panels import UNLIKE, panels
from dynviz.zoo import CheckpointError
from tests.commands import call

TOLD = [card for card in dynviz.models() if (found := read_findings(card)) is not None and found.unlike is not None]


def test_the_distance_is_that_of_the_nearest_class():
    known = Known(np.diag([1.0, 2.0]), np.array([[1.0, 0.0], [0.0, 2.0]]), limit=0.5)
    features = np.array([[3.0, 0.0], [0.0, 0.5], [-4.0, 0.0], [3.0, 4.0], [0.0, 0.0]])
    # of length 1, whitened: (1, 0), (0, 2), (-1, 0), (.6, 1.6), (0, 0)
    expected = [0.0, 0.0, 2.0, np.hypot(0.6, 0.4), 1.0]
    np.testing.assert_allclose(known.distance(features), expected, atol=1e-7)
    assert known.macs == 4 + 4
    cheaper = replace(known, cheapest=(0.2, 0.9))
    assert [cheaper.limit_at(budget) for budget in (None, 1.0, 0.6, 0.2, 0.1)] == pytest.approx(
        [0.5, 0.5, 0.7, 0.9, 0.9]
    )
    assert known.limit_at(0.2) == 0.5


def test_who_listens_hears_the_answers_of_this_thread_only():
    layer = Classifier(3, 2)
    layer(torch.zeros(1, 3))
    with listening() as heard:
        other = threading.Thread(target=lambda: layer(torch.ones(1, 3)))
        other.start()
        other.join()
        first, second = layer(torch.eye(3)), layer(torch.ones(1, 3))
        with listening() as inner:
            layer(torch.zeros(1, 3))
        assert len(inner) == 1
    layer(torch.zeros(1, 3))
    assert [call.features.tolist() for call in heard] == [torch.eye(3).tolist(), [[1.0, 1.0, 1.0]]]
    found = answered(heard, torch.cat([first[2:], second, first[:1] + 1]))
    assert found[0][0] is layer and found[0][1].tolist() == [0, 0, 1] and found[1][1].tolist() == [1, 1, 1]
    assert found[2] is None


@pytest.fixture
def own_file(tmp_path, monkeypatch):
    """A card of the first network that tells, in a folder of its own."""
    if not TOLD:
        pytest.skip("no network here has what it takes to tell")
    place = zoo.place(TOLD[0].name)
    (tmp_path / place.name).mkdir()
    for name in ("card.json", "model.safetensors"):
        (tmp_path / place.name / name).write_bytes((place / name).read_bytes())
    monkeypatch.setenv("DYNVIZ_PRETRAINED", str(tmp_path))
    return TOLD[0], tmp_path / place.name / FILE


def test_what_a_network_knows_is_kept_and_another_networks_is_not_used(own_file):
    card, path = own_file
    assert read_known(card) == {} and dynviz.run(card.name, np.zeros((9, 9, 3), np.uint8)).likeness is None
    draw = np.random.default_rng(0)
    known = Known(200 * draw.random((4, 4)), 90 * draw.random((3, 4)), 71.0, (0.25, 66.0))
    assert write_known(card, {"head.linear": known}) == path
    again = read_known(card)["head.linear"]
    features = draw.random((5, 4))
    np.testing.assert_allclose(again.distance(features), known.distance(features), rtol=2e-3)
    assert again.limit == pytest.approx(71) and again.cheapest == pytest.approx((0.25, 66))
    with np.load(path) as archive:
        np.savez(path, **{**archive, "sha256": np.array("other weights")})
    assert read_known(card) == {}
    path.write_bytes(b"no archive")
    with pytest.raises(CheckpointError, match=FILE):
        read_known(card)


def _blank(colour=(255, 255, 255)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (200, 150), colour).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize("card", TOLD, ids=lambda card: card.name)
def test_every_way_to_run_tells_the_same_of_a_blank_page(card, pictures):
    use = read_findings(card).unlike
    assert max(share for share, _, _ in use.called) < 0.15
    assert (zoo.place(card.name) / FILE).stat().st_size < 130_000
    full = dynviz.run(card.name, _blank())
    assert full.likeness is not None and full.likeness.distance > 0
    swept = inference.sweep(card.name, pictures[0])
    points = card.operating_points
    for at in {0, len(points) // 2, len(points) - 1}:
        alone = dynviz.run(card.name, pictures[0], budget=points[at].budget)
        if alone.macs != swept.traces[at].macs:  # a decision at its very threshold
            continue
        assert swept.traces[at].likeness.distance == pytest.approx(alone.likeness.distance, rel=1e-2)
        assert swept.traces[at].likeness.limit == pytest.approx(alone.likeness.limit)


def test_a_blank_page_is_told_by_most_that_tell_one_colour():
    """Forty pictures of one colour say nothing for certain of a white one."""
    told = [card for card in TOLD if read_findings(card).unlike.kinds["one colour"][0] == 0]
    if not told:
        pytest.skip("no network here tells pictures of one colour")
    called = [card.name for card in told if dynviz.run(card.name, _blank()).likeness.unlike]
    assert len(called) >= 0.7 * len(told), called


def test_page_report_file_and_command_line_say_it(tmp_path, pictures):
    told = [card for card in TOLD if read_findings(card).unlike.kinds["one colour"][0] < 0.05]
    if not told:
        pytest.skip("no network here tells a blank page")
    name = told[0].name
    trace = dynviz.run(name, _blank())
    answer = panels(trace)[0]
    assert UNLIKE in answer.html and UNLIKE in answer.alt
    assert Trace.load(trace_bytes(trace)).likeness == trace.likeness
    cat = dynviz.run(name, pictures[0])
    assert not cat.likeness.unlike and UNLIKE not in panels(cat)[0].html
    (tmp_path / "page.png").write_bytes(_blank())
    said = call("run", tmp_path / "page.png", "-m", name, "--json").json
    assert said["likeness"]["unlike"] is True and said["likeness"]["distance"] > said["likeness"]["limit"]
    assert UNLIKE in call("run", tmp_path / "page.png", "-m", name).out
    harder = inference.run_harder(name, pictures[0], KNOBS["noise"])
    assert all(turned.likeness is not None for _, turned in harder)
