"""One place of a stage as a line of arithmetic."""

from __future__ import annotations

import numpy as np

from cnnstudio.core.inside.convolving import Grid, windows
from cnnstudio.core.inside.stages import Recipe, Stage


def exact_number(value: float) -> str:
    """Return a number with at most four decimals: 20, -0.5, 0.0625."""
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def short_number(value: float, decimals: int = 2) -> str:
    """Return a number with about three digits, for a narrow cell; at most so many decimals."""
    size = abs(value)
    decimals = min(decimals, 2 if size < 10 else 1 if size < 100 else 0)
    text = f"{value:.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def place_words(stage: Stage, recipe: Recipe, row: int, column: int) -> str:
    """Return how the number in `row` and `column`, counted from 0, of a stage comes about.

    For flattening these are the row and column of what it takes.
    """
    if stage.name == "flatten":
        width = stage.takes.shape[1]
        return (
            f"Row {row + 1}, column {column + 1}: {exact_number(stage.takes[row, column])} becomes"
            f" number {row * width + column + 1} of {stage.gives.size}."
        )
    result = exact_number(stage.gives[row, column])
    if stage.name == "relu":
        return f"max(0, {exact_number(stage.takes[row, column])}) = {result}"
    if stage.name == "convolution":
        window = windows(stage.takes, stage.sliding, 0.0)[row, column]
        products = zip(window.flat, recipe.kernel.flat, strict=True)
        terms = (
            f"{exact_number(value)}×{_bracketed(weight)}" for value, weight in products if weight
        )
        return f"{' + '.join(terms) or '0'} = {result}"
    window = windows(stage.takes, stage.sliding, 0.0)[row, column]
    values = [exact_number(value) for value in window.flat]
    if recipe.pooling == "max":
        return f"largest of {', '.join(values)} = {result}"
    return f"({' + '.join(values)}) / {window.size} = {result}"


def sizes_words(grid: Grid) -> str:
    """Return how many rows and columns: "4 x 4"."""
    rows, columns = np.shape(grid)
    return f"{rows} × {columns}"


def _bracketed(value: float) -> str:
    return f"({exact_number(value)})" if value < 0 else exact_number(value)
