"""Augmented pictures are still pictures: shifts keep every pixel as it was, and the same seed draws the same."""

import torch

from dynviz.training.augment import Augmentation

PLAIN = {"brightness": 0.0, "contrast": 0.0, "saturation": 0.0, "grey": 0.0, "erase": 0.0}


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def pictures(count=64, side=12):
    return torch.randint(0, 256, (count, 3, side, side), dtype=torch.uint8, generator=generator(5))


def test_a_shift_moves_whole_pixels_and_may_flip():
    images = pictures()
    shifted = Augmentation(pad_px=2, **PLAIN)(images, 12, generator()) * 255
    places = set()
    for before, after in zip(images.float(), shifted, strict=True):
        padded = torch.nn.functional.pad(before[None], (2,) * 4, mode="reflect")[0]
        fits = [
            (dy, dx, flip)
            for dy in range(5)
            for dx in range(5)
            for flip in (False, True)
            if torch.allclose(after.flip(2) if flip else after, padded[:, dy : dy + 12, dx : dx + 12], atol=1e-3)
        ]
        assert len(fits) == 1
        places.add(fits[0])
    assert {dy for dy, _, _ in places} == {dx for _, dx, _ in places} == set(range(5))
    assert {flip for _, _, flip in places} == {False, True}


def test_smaller_sides_and_values_within_bounds():
    for augmentation in (Augmentation(pad_px=2), Augmentation()):
        x = augmentation(pictures(), 8, generator())
        assert x.shape == (64, 3, 8, 8) and float(x.min()) >= 0 and float(x.max()) <= 1


def test_the_same_seed_draws_the_same():
    for augmentation in (Augmentation(pad_px=2), Augmentation()):
        first, again, other = (augmentation(pictures(), 12, generator(seed)) for seed in (1, 1, 2))
        assert torch.equal(first, again) and not torch.equal(first, other)


def test_everything_is_drawn_for_each_picture_alone():
    same = pictures(1).expand(32, -1, -1, -1)
    x = Augmentation(pad_px=2)(same, 12, generator())
    assert len({tuple(row.flatten().tolist()) for row in x}) == 32
