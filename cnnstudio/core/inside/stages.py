"""From a grid of numbers to the row that goes to the dense layer, stage by stage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cnnstudio.core.errors import StudioError
from cnnstudio.core.inside.convolving import Grid, Pooling, Sliding, convolve, pool, relu, shifted

StageName = Literal["convolution", "relu", "pooling", "flatten"]

_SINGLE = Sliding(1)


@dataclass(frozen=True)
class Recipe:
    """What is done to a grid: filter, how it slides, and the pooling after it.

    The pooling window moves by its own size, as Keras' does.
    """

    kernel: Grid
    sliding: Sliding
    pooling: Pooling
    pool_size: int


@dataclass(frozen=True)
class Stage:
    """One step: what it takes, what it gives, and the window that goes over what it takes.

    Flattening gives a grid of one row; its window is a single number, as that of the ReLU.
    """

    name: StageName
    takes: Grid
    gives: Grid
    sliding: Sliding


@dataclass(frozen=True)
class Stages:
    """The stages up to the first that cannot be, and why that one cannot."""

    done: tuple[Stage, ...]
    problem: StudioError | None

    def find(self, name: StageName) -> Stage | None:
        """Return a stage, None where it cannot be."""
        return next((each for each in self.done if each.name == name), None)


def make_stages(grid: Grid, recipe: Recipe) -> Stages:
    """Return what becomes of a grid of shape (rows, columns)."""
    done: list[Stage] = []
    try:
        _add_stages(done, grid, recipe)
    except StudioError as problem:
        return Stages(tuple(done), problem)
    return Stages(tuple(done), None)


def same_after_shift(stage: Stage, grid: Grid, recipe: Recipe, by: int) -> NDArray[np.bool_]:
    """Return which numbers of a stage are those that it gives without the shift.

    Args:
        stage: made from `shifted(grid, by)`.
        grid: what was shifted, shape (rows, columns).
        recipe: by which the stage was made.
        by: columns.
    """
    before = make_stages(grid, recipe).find(stage.name)
    if before is None or not by:
        return np.ones(stage.gives.shape, bool)
    return np.isclose(stage.gives, before.gives, rtol=0, atol=1e-9)


def shift_words(grid: Grid, recipe: Recipe, by: int) -> str:
    """Return how many numbers a shift by some columns leaves, before and after pooling."""
    moved = make_stages(shifted(grid, by), recipe)
    rectified, pooled = moved.find("relu"), moved.find("pooling")
    if rectified is None or pooled is None:
        return ""
    before = same_after_shift(rectified, grid, recipe, by)
    after = same_after_shift(pooled, grid, recipe, by)
    values = "value stays" if after.size == 1 else "values stay"
    return (
        f"Shifted {by} {'pixel' if by == 1 else 'pixels'} to the right: {after.sum()} of"
        f" {after.size} pooled {values} ({after.mean():.0%}); before pooling {before.sum()} of"
        f" {before.size} ({before.mean():.0%})."
    )


def _add_stages(done: list[Stage], grid: Grid, recipe: Recipe) -> None:
    convolved = convolve(grid, recipe.kernel, recipe.sliding)
    done.append(Stage("convolution", grid, convolved, recipe.sliding))
    rectified = relu(convolved)
    done.append(Stage("relu", convolved, rectified, _SINGLE))
    pooling = Sliding(recipe.pool_size, stride=recipe.pool_size)
    pooled = pool(rectified, recipe.pooling, pooling)
    done.append(Stage("pooling", rectified, pooled, pooling))
    done.append(Stage("flatten", pooled, pooled.reshape(1, -1), _SINGLE))
