"""One recipe per trained network. Nothing else in the project lists them.

Another package adds its own in the entry-point group ``dynviz.recipes``: a ``Recipe`` each, under the recipe's name.
"""

from __future__ import annotations

from dynviz.registry import Registry
from dynviz.training.recipes.imagenet import IMAGENET
from dynviz.training.recipes.pictures import STATIC
from dynviz.training.recipes.recipe import MEAN, STD, Recipe
from dynviz.training.recipes.sample_wise import SAMPLE_WISE
from dynviz.training.recipes.series import SERIES
from dynviz.training.recipes.spatial_wise import SPATIAL_WISE
from dynviz.training.recipes.texts import TEXTS
from dynviz.training.recipes.video import VIDEO

__all__ = ["MEAN", "RECIPES", "STD", "Recipe", "command"]

RECIPES = Registry(
    "dynviz.recipes",
    "recipe",
    {recipe.name: recipe for recipe in (*STATIC, *SAMPLE_WISE, *SPATIAL_WISE, *IMAGENET, *TEXTS, *SERIES, *VIDEO)},
)


def command(recipe: Recipe) -> str:
    """The command that trains it again; empty for a recipe that is registered nowhere, which no command can find."""
    return f"python -m dynviz train {recipe.name}" if recipe.name in RECIPES else ""
