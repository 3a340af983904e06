"""Harder pictures."""

import numpy as np
from PIL import Image

from dynviz.media.difficulty import blurred
from dynviz.media.image import read_image


def test_blur_spreads_a_dot_and_keeps_its_light():
    pixels = np.zeros((101, 151, 3), dtype=np.uint8)
    pixels[40:60, 60:90] = 200
    sharp = read_image(Image.fromarray(pixels))
    soft = blurred(sharp, 0.05)
    values = np.asarray(soft.image, dtype=float)
    assert values.max() < 200 and values[35, 75].min() > 0  # what was black beside the dot is lit
    assert abs(values.mean() - pixels.mean()) < 0.5
    assert (soft.width_px, soft.height_px) == (151, 101) and soft.digest != sharp.digest
    assert np.asarray(blurred(sharp, 0.0).image).tolist() == pixels.tolist()
