"""The losses, worked out by hand."""

import math

import pytest
import torch

from dynviz.training.loop import TEACHER_SHARE, TEMPERATURE, exits_loss
from dynviz.training.optimizers import schedule

LABELS = torch.tensor([0, 1])


def test_exits_count_equally():
    logits = torch.tensor([[[2.0, 0.0], [0.0, 2.0]], [[0.0, 0.0], [0.0, 0.0]]])  # (exits, samples, classes)
    sure, unsure = math.log1p(math.exp(-2)), math.log(2)
    assert float(exits_loss(logits, LABELS, 0.0)) == pytest.approx((sure + unsure) / 2)
    assert float(exits_loss(logits[0], LABELS, 0.0)) == pytest.approx(sure)


def test_a_teacher_that_agrees_adds_nothing():
    logits = torch.tensor([[1.0, -1.0], [0.5, 2.0]])
    alone = exits_loss(logits, LABELS, 0.0)
    assert float(exits_loss(logits, LABELS, 0.0, teacher_logits=logits)) == pytest.approx(
        float((1 - TEACHER_SHARE) * alone)
    )


def test_a_teacher_is_followed_as_softly_as_the_temperature_says():
    logits, teacher_logits = torch.zeros(1, 2), torch.tensor([[2.0, 0.0]])
    p = 1 / (1 + math.exp(-2.0 / TEMPERATURE))
    distance = p * math.log(2 * p) + (1 - p) * math.log(2 * (1 - p))  # from (p, 1 - p) to an even chance
    expected = (1 - TEACHER_SHARE) * math.log(2) + TEACHER_SHARE * TEMPERATURE**2 * distance
    assert float(exits_loss(logits, torch.tensor([0]), 0.0, teacher_logits)) == pytest.approx(expected, rel=1e-5)


def test_the_rate_warms_up_and_ends_at_nothing():
    assert schedule(0.0) == 0.0 and schedule(0.04) == pytest.approx(1.0) and schedule(1.0) == pytest.approx(0.0)
    assert schedule(0.02) == pytest.approx(0.5) and schedule(0.52) == pytest.approx(0.5)
