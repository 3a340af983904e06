"""Glance and focus: where it looks, what it costs and when it stops, by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dynviz.compute import count_macs
from dynviz.decisions import Exit, Region
from dynviz.networks.sources import Original, PictureSource
from dynviz.networks.spatial_wise.glance_focus import ANCHORS, GlanceFocus
from dynviz.recorder import Recorder, Setting


@pytest.fixture
def network():
    torch.manual_seed(0)
    sizes = {"widths": (8, 8), "depths": (1, 1), "patch_widths": (8, 12), "patch_depths": (1, 1)}
    made = GlanceFocus(glance_px=32, patch_px=32, patches=3, classes=4, in_size=72, **sizes)
    return made.eval()


def looked(network, x, **setting):
    recorder = Recorder()
    with torch.inference_mode():
        logits = network(x, setting=Setting(**setting), recorder=recorder)
    return logits, recorder


def regions(recorder, row=0):
    return [decision for decision in recorder.cut(row)[0] if isinstance(decision, Region)]


def test_patches_begin_in_the_middle_and_around_it(network):
    """An untrained policy looks at its anchors: a patch is 32 of 72 px, its middle 16..56."""
    with torch.no_grad():
        for layer in network.policy.out:
            layer.weight.zero_()
    _, recorder = looked(network, torch.randn(1, 3, 72, 72))
    first, second, third = (region.box_px for region in regions(recorder))
    assert first == (20, 20, 52, 52)
    assert second == (8, 8, 40, 40) and third == (32, 32, 64, 64)
    assert [region.step for region in regions(recorder)] == [1, 2, 3]


@pytest.mark.parametrize("stop", [0, 1, 3])
def test_recorded_macs_are_those_that_run(network, stop):
    names = network.exit_names()
    forced = {name: "exit" if i == stop else "continue" for i, name in enumerate(names[:-1])}
    x, recorder = torch.randn(1, 3, 72, 72), Recorder()
    with torch.inference_mode():
        counted = count_macs(lambda: network(x, setting=Setting(forced=forced), recorder=recorder))
    assert int(recorder.totals(1)[0]) == counted == sum(network.segment_macs((72, 72))[: stop + 1])
    assert len(regions(recorder)) == stop
    decisions, stages = recorder.cut(0)
    assert sum(stage.macs_static for stage in stages) == sum(network.segment_macs((72, 72)))
    assert [d.choice for d in decisions if isinstance(d, Exit)].count("not reached") == 3 - stop


def test_boxes_are_in_pixels_of_the_original(network):
    """The same picture kept four times as large, shown in a corner of a larger one."""
    small = torch.randint(0, 256, (3, 72, 72), dtype=torch.uint8)
    large = torch.zeros(3, 300, 400, dtype=torch.uint8)
    large[:, 4:292, 100:388] = small.repeat_interleave(4, dim=1).repeat_interleave(4, dim=2)
    view = small[None].float() / 255
    source = PictureSource(view, (Original(large, (100, 4, 388, 292), (3.0, 3.0)),))
    plain, first = looked(network, view)
    told, second = looked(network, source)
    expected = [
        tuple(3 * (4 * edge + at) for edge, at in zip(r.box_px, (100, 4, 100, 4), strict=True)) for r in regions(first)
    ]
    found = [r.box_px for r in regions(second)]
    np.testing.assert_allclose(found, expected, atol=6)  # edges fall on whole kept pixels, of which 4 are one here
    torch.testing.assert_close(plain, told, atol=0.2, rtol=0.1)


def test_pictures_that_stop_at_different_times_keep_their_answers(network):
    x = torch.randn(6, 3, 72, 72)
    confidence = looked(network, x, forced={"glance.head": "exit"})[0].softmax(dim=1).amax(dim=1)
    limits = (float(confidence.median()) + 1e-6, 0.9, 2.0, 2.0)
    batch, recorder = looked(network, x, thresholds=limits)
    assert {len(regions(recorder, row)) for row in range(6)} >= {0}
    for row in range(6):
        alone, record = looked(network, x[row : row + 1], thresholds=limits)
        torch.testing.assert_close(batch[row], alone[0], atol=1e-4, rtol=1e-4)
        assert [r.box_px for r in regions(record)] == [r.box_px for r in regions(recorder, row)]
    masked, second = looked(network, x, mode="masked", thresholds=limits)
    torch.testing.assert_close(masked, batch, atol=1e-4, rtol=1e-4)
    for row in range(6):
        assert [r.box_px for r in regions(second, row)] == [r.box_px for r in regions(recorder, row)]


def test_one_full_pass_tells_all_operating_points(network):
    """A sweep: one picture, several rows of thresholds."""
    x = torch.randn(1, 3, 72, 72)
    table = np.array([[0.0] * 4, [2.0, 0.0, 0.0, 0.0], [2.0] * 4])
    logits, recorder = looked(network, x, mode="masked", thresholds=table)
    for row, limits in enumerate(table):
        alone, record = looked(network, x, thresholds=tuple(limits))
        torch.testing.assert_close(logits[row], alone[0], atol=1e-4, rtol=1e-4)
        assert [r.box_px for r in regions(record)] == [r.box_px for r in regions(recorder, row)]
        assert len(regions(recorder, row)) == row if row < 2 else 3


def test_what_no_patch_and_no_glance_shows_has_no_influence(network):
    """Full sharpness is read inside the boxes only; the glance reads the view."""
    pixels = torch.randint(0, 256, (3, 288, 288), dtype=torch.uint8)
    view = torch.randn(1, 3, 72, 72)
    before, recorder = looked(network, PictureSource(view, (Original(pixels, (0, 0, 288, 288)),)))
    poisoned = 255 - pixels
    for region in regions(recorder):
        x0, y0, x1, y1 = (int(edge) for edge in region.box_px)
        poisoned[:, y0:y1, x0:x1] = pixels[:, y0:y1, x0:x1]
    after, _ = looked(network, PictureSource(view, (Original(poisoned, (0, 0, 288, 288)),)))
    assert torch.equal(before, after)


@pytest.mark.parametrize("baseline", ["random", "centre"])
def test_blind_patches_do_not_ask_the_policy(network, baseline):
    network.policy.forward = None
    x = torch.randn(2, 3, 72, 72)
    _, recorder = looked(network, x, mode="masked", baseline=baseline)
    boxes = [[r.box_px for r in regions(recorder, row)] for row in range(2)]
    assert (boxes[0] == boxes[1]) == (baseline == "centre")
    with pytest.raises(ValueError, match="no baseline"):
        looked(network, x, mode="masked", baseline="uniform")


def test_a_gradient_reaches_everything_and_the_policy_learns_from_the_answer(network):
    network.train()
    answers = network(torch.randn(8, 3, 72, 72), setting=Setting("train")).logits
    assert answers.shape == (4 + 3, 8, 4)  # each exit, and each number of patches without the glance
    answers.square().mean().backward()
    assert all(p.grad is not None for p in network.parameters())
    assert all(layer.bias.grad.abs().max() > 0 for layer in network.policy.out)
    assert len(ANCHORS) >= 5


def test_frozen_encoders_are_not_changed():
    sizes = {"widths": (8, 8), "depths": (1, 1), "patch_widths": (8, 12), "patch_depths": (1, 1)}
    made = GlanceFocus(glance_px=32, patch_px=32, patches=3, classes=4, in_size=72, frozen=True, **sizes).train()
    before = {name: value.clone() for name, value in made.glance.state_dict().items()}
    made(torch.randn(8, 3, 72, 72), setting=Setting("train")).logits.square().mean().backward()
    assert all(p.grad is None for encoder in (made.glance, made.focus) for p in encoder.parameters())
    assert all(torch.equal(value, before[name]) for name, value in made.glance.state_dict().items())
    assert all(layer.bias.grad.abs().max() > 0 for layer in made.policy.out)
    assert all(verdict.weights.grad.abs().min() > 0 for verdict in made.verdicts)
