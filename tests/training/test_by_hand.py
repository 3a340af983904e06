"""Small trainings whose every number can be worked out by hand; ``test_planted_faults`` shows that they notice."""

import pytest

from tests.checks.training import CHECKS


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_training_does_what_its_recipe_says(check):
    check()
