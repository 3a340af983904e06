"""Regions of pictures: where they lie in the original, and that nothing else is read."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dynviz.networks.sources import MID_GREY, Original, PictureSource, bilinear_regions


def picture(height, width):
    """Red is the column's number, green the row's."""
    rows, columns = np.mgrid[:height, :width]
    return torch.from_numpy(np.stack([columns, rows, np.zeros_like(rows)]).astype(np.uint8))


def source(pixels, box, scale=(1.0, 1.0), side=12):
    return PictureSource(torch.zeros(1, 3, side, side), (Original(pixels, box, scale),))


def test_a_region_is_the_part_of_the_picture_that_its_box_says():
    """The middle square of 100 x 60 px, of which a quarter of the side is 15 px; told in pixels of twice the size."""
    made = source(picture(60, 100), (20, 0, 80, 60), (2.0, 2.0))
    part, boxes = made.regions(np.array([[0.5, 0.25]]), 0.25, 15)
    assert boxes.tolist() == [[84.0, 16.0, 114.0, 46.0]]
    torch.testing.assert_close(part[0, 0] * 255, torch.arange(42.0, 57.0).expand(15, 15), atol=1e-3, rtol=0)
    torch.testing.assert_close(part[0, 1] * 255, torch.arange(8.0, 23.0)[:, None].expand(15, 15), atol=1e-3, rtol=0)


@pytest.mark.parametrize(("height", "width"), [(60, 100), (100, 60), (16, 16), (8, 80)])
@pytest.mark.parametrize("fitted", [False, True])
def test_boxes_stay_inside_the_picture(height, width, fitted):
    """Also where the seen square reaches beyond it, and where a region is larger than the picture."""
    side = max(height, width) if fitted else min(height, width)
    left, top = (width - side) / 2, (height - side) / 2
    made = source(picture(height, width), (left, top, left + side, top + side))
    for x in (0.0, 0.3, 1.0):
        for y in (0.0, 0.5, 1.0):
            part, boxes = made.regions(np.array([[x, y]]), 0.44, 8)
            x0, y0, x1, y1 = boxes[0]
            assert 0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height
            assert part.shape == (1, 3, 8, 8) and torch.isfinite(part).all()


def test_what_lies_outside_the_box_is_not_read():
    pixels = torch.randint(0, 256, (3, 90, 120), dtype=torch.uint8)
    made = source(pixels, (15, 0, 105, 90))
    for centre in ([0.1, 0.9], [0.5, 0.5], [0.77, 0.31]):
        part, boxes = made.regions(np.array([centre]), 0.4, 16)
        x0, y0, x1, y1 = boxes[0].astype(int)
        poisoned = torch.randint(0, 256, pixels.shape, dtype=torch.uint8)
        poisoned[:, y0:y1, x0:x1] = pixels[:, y0:y1, x0:x1]
        again, _ = source(poisoned, (15, 0, 105, 90)).regions(np.array([centre]), 0.4, 16)
        assert torch.equal(part, again)
        poisoned[:, y0:y1, x0:x1] = 255 - pixels[:, y0:y1, x0:x1]
        other, _ = source(poisoned, (15, 0, 105, 90)).regions(np.array([centre]), 0.4, 16)
        assert not torch.equal(part, other)


def test_grey_is_shown_where_there_is_no_picture():
    """A strip of 10 px in a seen square of 40 px: a region of half the square is grey above and below."""
    made = source(torch.full((3, 10, 40), 255, dtype=torch.uint8), (0, -15, 40, 25))
    part, boxes = made.regions(np.array([[0.5, 0.5]]), 0.5, 20)
    assert boxes.tolist() == [[10.0, 0.0, 30.0, 10.0]]
    assert part[0, 0, 0, 0] == pytest.approx(MID_GREY) and part[0, 0, 10, 10] == 1.0


def test_views_and_originals_agree():
    """A batch of views is its own original: the same regions, bit for bit, as from pictures kept at that size."""
    pixels = torch.randint(0, 256, (2, 3, 36, 36), dtype=torch.uint8)
    mean, std = (0.4, 0.5, 0.6), (0.2, 0.3, 0.25)
    shape = (1, 3, 1, 1)
    view = (pixels.float() / 255 - torch.tensor(mean).view(shape)) / torch.tensor(std).view(shape)
    kept = tuple(Original(one, (0, 0, 36, 36)) for one in pixels)
    centres = np.array([[0.2, 0.7], [0.5, 0.5]])
    from_views, boxes = PictureSource(view, (), mean, std).regions(centres, 16 / 36, 16)
    from_originals, same = PictureSource(view, kept, mean, std).regions(centres, 16 / 36, 16)
    torch.testing.assert_close(from_views, from_originals)
    assert boxes.tolist() == same.tolist()
    whole = PictureSource(view, kept, mean, std)
    assert torch.equal(whole[1:].regions(centres[1:], 16 / 36, 16)[0], from_originals[1:])
    twice = whole.repeat(2)
    assert len(twice) == 4 and torch.equal(twice.regions(np.tile(centres, (2, 1)), 16 / 36, 16)[0][2:], from_originals)


def test_the_crop_of_training_is_that_of_use_and_can_be_moved():
    view = torch.rand(2, 3, 36, 36)
    centres = torch.tensor([[0.5, 0.5], [17 / 36, 10 / 36]], requires_grad=True)
    soft = bilinear_regions(view, centres, 16 / 36, 16)
    hard, _ = PictureSource(view).regions(centres.detach().numpy(), 16 / 36, 16)
    torch.testing.assert_close(soft, hard, atol=1e-5, rtol=1e-5)
    soft.square().mean().backward()
    assert centres.grad.abs().min() > 0
