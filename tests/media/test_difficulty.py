"""Harder pictures: each knob by hand on pictures whose right pixels are known."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from dynviz.media.difficulty import KNOBS, WORKING_SIDE_PX, harder, lossless
from dynviz.media.image import MID_GREY, Picture, read_image


def flat(value: int = 100, size: tuple[int, int] = (160, 120)) -> Picture:
    return read_image(Image.new("RGB", size, (value,) * 3))


def values(picture: Picture) -> np.ndarray:
    return np.asarray(picture.image, dtype=float)


@pytest.mark.parametrize("knob", KNOBS.values(), ids=list(KNOBS))
def test_every_knob(knob, pictures):
    picture = read_image(pictures[0])
    assert knob.name in KNOBS and knob.neutral in knob.strengths and 9 <= len(knob.strengths) <= 11
    assert knob.turn(picture, knob.neutral) is picture
    digests = {picture.digest}
    for strength in knob.strengths:
        once, again = knob.turn(picture, strength), knob.turn(read_image(pictures[0]), strength)
        assert np.array_equal(values(once), values(again)) and once.digest == again.digest
        assert (once.width_px, once.height_px, once.image.size) == (451, 300, (451, 300))
        digests.add(once.digest)
    assert len(digests) == len(knob.strengths)
    hardest = max(knob.strengths, key=lambda strength: abs(strength - knob.neutral))
    assert np.abs(values(knob.turn(picture, hardest)) - values(picture)).mean() > 5
    low, high = knob.range
    for outside in (low - 1, high + 1, float("nan")):
        with pytest.raises(ValueError, match=knob.name):
            knob.turn(picture, outside)


def test_blur_spreads_a_dot_and_keeps_its_light():
    pixels = np.zeros((101, 151, 3), dtype=np.uint8)
    pixels[40:60, 60:90] = 200
    soft = values(KNOBS["blur"].turn(read_image(Image.fromarray(pixels)), 0.05))
    assert soft.max() < 200 and soft[35, 75].min() > 0  # what was black beside the dot is lit
    assert abs(soft.mean() - pixels.mean()) < 0.5


def test_occlusion_covers_its_share_of_the_middle_square():
    covered = (values(KNOBS["occlusion"].turn(flat(), 0.25)) == MID_GREY).all(axis=2)
    assert covered.sum() == 60 * 60  # a quarter of the 120 x 120 px in the middle
    assert covered[30:90, 50:110].all()


def test_brightness_multiplies_and_stops_at_white():
    knob = KNOBS["brightness"]
    assert set(values(knob.turn(flat(100), 0.4)).flat) == {40.0}
    assert set(values(knob.turn(flat(200), 2.0)).flat) == {255.0}
    assert set(values(knob.turn(flat(200), 0.0)).flat) == {0.0}


def test_noise_has_the_strength_it_says_and_follows_from_the_picture():
    knob, picture = KNOBS["noise"], flat(128)
    noise = values(knob.turn(picture, 0.1)) - 128
    assert noise.std() == pytest.approx(25.5, rel=0.03) and abs(noise.mean()) < 1
    stronger = values(knob.turn(picture, 0.2)) - 128
    assert np.corrcoef(noise.ravel(), stronger.ravel())[0, 1] > 0.98  # the same grains, only stronger
    other = values(knob.turn(flat(128, (160, 121)), 0.1))[:120] - 128
    assert abs(np.corrcoef(noise.ravel(), other.ravel())[0, 1]) < 0.05


def test_noise_is_as_coarse_in_a_large_picture_as_in_a_small_one():
    large = flat(128, (1600, 1600))
    seen = values(KNOBS["noise"].turn(large, 0.2))
    assert seen.shape[:2] == (WORKING_SIDE_PX, WORKING_SIDE_PX)
    blocks = np.abs(np.diff(seen[..., 0], axis=1)) > 0
    assert blocks.mean() == pytest.approx(255 / 799, abs=0.03)  # 256 grains, so 255 steps, along 800 px


def test_zoom_about_the_middle():
    pixels = np.zeros((120, 160, 3), dtype=np.uint8)
    pixels[30:90, 40:120] = 255  # the middle half of both sides
    picture, zoom = read_image(Image.fromarray(pixels)), KNOBS["zoom"]
    assert (values(zoom.turn(picture, 2.0))[3:-3, 3:-3] == 255).all()
    small = values(zoom.turn(picture, 0.5))
    assert (small[:30] == MID_GREY).all() and (small[:, :40] == MID_GREY).all()
    assert small[60, 80].min() > 250 and small[32, 42].max() < 5


def test_rotation_turns_clockwise():
    pixels = np.zeros((101, 101, 3), dtype=np.uint8)
    pixels[:30, 40:60] = 255  # a mark at the top
    turned = values(KNOBS["rotation"].turn(read_image(Image.fromarray(pixels)), 90.0))
    assert turned[50, 90].min() > 250 and turned[10, 50].max() < 5


def test_resolution_leaves_so_many_different_pixels():
    ramp = np.tile(np.arange(160, dtype=np.uint8), (120, 1))
    coarse = KNOBS["resolution"].turn(read_image(Image.fromarray(ramp)), 12)
    assert len(np.unique(values(coarse)[60, :, 0])) == 16  # 12 along the shorter side, 16 along the longer
    tiny = flat(50, (20, 20))
    assert np.array_equal(values(KNOBS["resolution"].turn(tiny, 64)), values(tiny))


def test_knobs_compose_in_one_order(pictures):
    picture = read_image(pictures[0])
    one = harder(picture, {"noise": 0.2, "occlusion": 0.3, "blur": 0.02})
    other = harder(picture, {"blur": 0.02, "occlusion": 0.3, "noise": 0.2})
    by_hand = KNOBS["noise"].turn(KNOBS["blur"].turn(KNOBS["occlusion"].turn(picture, 0.3), 0.02), 0.2)
    assert np.array_equal(values(one), values(other)) and np.array_equal(values(one), values(by_hand))
    assert one.digest == other.digest == by_hand.digest
    assert harder(picture, {}) is picture and harder(picture, {"blur": 0.0}) is picture
    with pytest.raises(ValueError, match="no knob 'blurr'"):
        harder(picture, {"blurr": 0.1})


def test_a_large_photo_is_made_harder_at_a_bounded_size():
    picture = read_image(Image.new("RGB", (3000, 2000), (90, 90, 90)))
    changed = KNOBS["blur"].turn(picture, 0.02)
    assert max(changed.image.size) == WORKING_SIDE_PX
    assert (changed.width_px, changed.height_px) == (3000, 2000)  # positions are told as before


def test_the_pixels_survive_being_written(pictures):
    changed = KNOBS["noise"].turn(read_image(pictures[1]), 0.3)
    again = read_image(lossless(changed))
    assert np.array_equal(values(changed), values(again))
