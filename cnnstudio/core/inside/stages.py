"""From a grid of numbers to the row that goes to the dense layer, stage by stage."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cnnstudio.core.errors import StudioError
from cnnstudio.core.inside.convolving import Grid, Pooling, Sliding, convolve, pool, relu, shifted
from cnnstudio.core.percentages import percent

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
        problem = StudioError(problem.sentence, _advice(grid, recipe))
        return Stages(tuple(done), problem)
    return Stages(tuple(done), None)


@dataclass(frozen=True)
class Kept:
    """What a shift leaves of the numbers that a stage gives; masks of their shape.

    What is 0 with and without the shift does not count: there nothing was found that could move.
    """

    counted: NDArray[np.bool_]
    same: NDArray[np.bool_]

    @property
    def words(self) -> str:
        """How many of them stay: "7 of 9 (78 %)"."""
        count, same = int(self.counted.sum()), int(self.same.sum())
        return f"{same} of {count} ({percent(same / count, 0)})" if count else "0 of 0"


def kept_after_shift(stage: Stage, grid: Grid, recipe: Recipe, by: int) -> Kept:
    """Return which numbers of a stage are those that it gives without the shift.

    Args:
        stage: made from `shifted(grid, by)`.
        grid: what was shifted, shape (rows, columns).
        recipe: by which the stage was made.
        by: columns.

    Raises:
        ValueError: there is no such stage for this grid.
    """
    before = make_stages(grid, recipe).find(stage.name)
    if before is None:
        raise ValueError(f"{stage.name} cannot be made from this grid.")
    counted = (stage.gives != 0) | (before.gives != 0)
    return Kept(counted, counted & np.isclose(stage.gives, before.gives, rtol=0, atol=1e-9))


def shift_words(grid: Grid, recipe: Recipe, by: int) -> str:
    """Return how many numbers a shift by some columns leaves, before and after pooling."""
    moved = make_stages(shifted(grid, by), recipe)
    rectified, pooled = moved.find("relu"), moved.find("pooling")
    if rectified is None or pooled is None:
        return ""
    after, before = (
        kept_after_shift(stage, grid, recipe, by).words for stage in (pooled, rectified)
    )
    return (
        f"Shifted {by} {'pixel' if by == 1 else 'pixels'} to the right: {after} of the pooled"
        f" values stay, before pooling {before}. Not counted: places that are"
        " 0 with and without the shift."
    )


def _advice(grid: Grid, recipe: Recipe) -> str:
    """Name what alone would let every stage be made."""
    sliding = recipe.sliding
    ways = {
        "dilation": [replace(sliding, dilation=by) for by in range(1, sliding.dilation)],
        "stride": [replace(sliding, stride=by) for by in range(1, sliding.stride)],
        "same": [replace(sliding, padding="same")],
    }
    recipes = {way: [replace(recipe, sliding=each) for each in ways[way]] for way in ways}
    recipes["pooling"] = [replace(recipe, pool_size=by) for by in range(2, recipe.pool_size)]
    words = {
        "dilation": "a smaller dilation",
        "stride": "a smaller stride",
        "pooling": "a smaller pooling window",
        "same": "the padding same",
    }
    helping = [words[way] for way in words if any(_fits(grid, each) for each in recipes[way])]
    return f"Take {', '.join([*helping, 'or more numbers'])}." if helping else "Take more numbers."


def _fits(grid: Grid, recipe: Recipe) -> bool:
    try:
        _add_stages([], grid, recipe)
    except StudioError:
        return False
    return True


def _add_stages(done: list[Stage], grid: Grid, recipe: Recipe) -> None:
    convolved = convolve(grid, recipe.kernel, recipe.sliding)
    done.append(Stage("convolution", grid, convolved, recipe.sliding))
    rectified = relu(convolved)
    done.append(Stage("relu", convolved, rectified, _SINGLE))
    pooling = Sliding(recipe.pool_size, stride=recipe.pool_size)
    pooled = pool(rectified, recipe.pooling, pooling)
    done.append(Stage("pooling", rectified, pooled, pooling))
    done.append(Stage("flatten", pooled, pooled.reshape(1, -1), _SINGLE))
