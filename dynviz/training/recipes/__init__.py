"""One recipe per trained network. Nothing else in the project lists them."""

from __future__ import annotations

from dynviz.training.recipes.pictures import PICTURES
from dynviz.training.recipes.recipe import MEAN, STD, Recipe
from dynviz.training.recipes.series import SERIES
from dynviz.training.recipes.texts import TEXTS

__all__ = ["MEAN", "RECIPES", "STD", "Recipe"]

RECIPES: dict[str, Recipe] = {recipe.name: recipe for recipe in (*PICTURES, *TEXTS, *SERIES)}
