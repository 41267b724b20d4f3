"""The first example by hand, what a window covers, and what a shift leaves as it was."""

from __future__ import annotations

import numpy as np
import pytest

from cnnstudio.core.errors import StudioError
from cnnstudio.core.inside.convolving import (
    Sliding,
    convolve,
    place_of_maximum,
    pool,
    shifted,
    terms_at,
)
from cnnstudio.core.inside.filter_presets import (
    FILTER_PRESETS,
    cross_example,
    first_example,
    preset_of,
)
from cnnstudio.core.inside.layer_weights import LayerSizes
from cnnstudio.core.inside.picture_numbers import numbers_of
from cnnstudio.core.inside.stage_words import place_words, short_number
from cnnstudio.core.inside.stages import Recipe, kept_after_shift, make_stages, shift_words

DIAGONALS = np.array([[1.0, 0, 1], [0, 1, 0], [1, 0, 1]])
VERTICAL = np.array([[-1.0, 0, 1]] * 3)


def recipe(kernel: np.ndarray = DIAGONALS, **sliding: object) -> Recipe:
    return Recipe(kernel, Sliding(3, **sliding), "max", 2)  # type: ignore[arg-type]


def test_the_first_example_is_as_by_hand() -> None:
    example = first_example()
    assert example.tolist() == [[1, 2, 3, 4], [2, 3, 4, 5], [3, 4, 5, 6], [4, 5, 6, 7]]
    assert convolve(example, DIAGONALS, Sliding(3)).tolist() == [[15, 20], [20, 25]]
    terms = terms_at(example, DIAGONALS, Sliding(3), 0, 1)
    assert terms.window.tolist() == [[2, 3, 4], [3, 4, 5], [4, 5, 6]]
    assert terms.products.tolist() == [[2, 0, 4], [0, 4, 0], [4, 0, 6]]
    assert terms.total == 20
    stages = make_stages(example, recipe())
    assert [stage.gives.tolist() for stage in stages.done] == [
        [[15, 20], [20, 25]],
        [[15, 20], [20, 25]],
        [[25]],
        [[25]],
    ]


def test_the_arithmetic_is_said_in_a_line() -> None:
    how = recipe()
    convolution, relu, pooling, flatten = make_stages(first_example(), how).done
    assert place_words(convolution, how, 0, 0) == "1×1 + 3×1 + 3×1 + 3×1 + 5×1 = 15"
    assert place_words(relu, how, 1, 0) == "max(0, 20) = 20"
    assert place_words(pooling, how, 0, 0) == "largest of 15, 20, 20, 25 = 25"
    assert place_words(flatten, how, 0, 0) == "Row 1, column 1: 25 becomes number 1 of 1."


@pytest.mark.parametrize(
    ("value", "words"), [(-0.001, "0"), (0.0625, "0.06"), (12.25, "12.2"), (-1020, "-1020")]
)
def test_numbers_in_cells_are_short(value: float, words: str) -> None:
    assert short_number(value) == words


def test_padding_lies_more_at_the_end() -> None:
    assert Sliding(3, padding="same").padded(4) == (1, 1)
    assert Sliding(3, stride=2, padding="same").padded(4) == (0, 1)
    assert Sliding(3, dilation=2, padding="same").cells(4)[0].tolist() == [-2, 0, 2]


def test_stride_and_dilation_together_are_refused() -> None:
    with pytest.raises(ValueError, match="stride or dilation"):
        Sliding(3, stride=2, dilation=2)


def test_what_does_not_fit_is_said_and_what_comes_before_is_kept() -> None:
    with pytest.raises(StudioError, match=r"reaches over 5 × 5 numbers does not fit into 4 × 4"):
        convolve(first_example(), DIAGONALS, Sliding(3, dilation=2))
    stages = make_stages(first_example(), recipe(stride=2))
    assert [stage.name for stage in stages.done] == ["convolution", "relu"]
    assert "2 × 2 numbers does not fit into 1 × 1" in str(stages.problem)


def test_the_maximum_is_found_where_it_lies() -> None:
    grid = np.array([[1.0, 5, 0, 2], [0, 5, 8, 1], [0, 0, 0, 0], [0, 0, 0, 3]])
    pooling = Sliding(2, stride=2)
    assert place_of_maximum(grid, pooling, 0, 0) == (0, 1), "of equal ones the first"
    assert place_of_maximum(grid, pooling, 0, 1) == (1, 2)
    assert place_of_maximum(grid, pooling, 1, 1) == (3, 3)


def test_a_mean_leaves_padding_out() -> None:
    grid = np.full((3, 3), 6.0)
    assert pool(grid, "average", Sliding(2, stride=2, padding="same")).tolist() == [[6, 6], [6, 6]]


def test_a_shift_moves_the_result_and_pooling_hides_some_of_it() -> None:
    grid = np.zeros((8, 8))
    grid[2:6, 2] = 9
    how = recipe(np.array([[0.0, 0, 0], [0, 1, 0], [0, 0, 0]]), padding="same")
    moved = make_stages(shifted(grid, 1), how)
    relu, pooling = moved.find("relu"), moved.find("pooling")
    assert relu is not None
    assert pooling is not None
    # The line leaves column 2 for column 3, which lies in the same pooling window.
    kept = kept_after_shift(relu, grid, how, 1)
    assert (kept.counted.sum(), kept.same.sum()) == (8, 0)
    kept = kept_after_shift(pooling, grid, how, 1)
    assert (kept.counted.sum(), kept.same.sum()) == (2, 2)
    assert shift_words(grid, how, 1).startswith(
        "Shifted 1 pixel to the right: 2 of 2 (100 %) of the pooled values stay,"
        " before pooling 0 of 8 (0 %)."
    )
    assert shift_words(grid, how, 2).startswith(
        "Shifted 2 pixels to the right: 0 of 4 (0 %) of the pooled values stay,"
        " before pooling 0 of 8 (0 %)."
    )


def test_every_filter_has_a_name_and_can_be_found_by_its_numbers() -> None:
    for preset in FILTER_PRESETS:
        assert preset_of(np.array(preset.kernel)) == preset
    assert preset_of(np.full((3, 3), 7.0)) is None
    edges = convolve(cross_example(), VERTICAL, Sliding(3))
    assert edges.min() < 0 < edges.max()


def test_a_picture_becomes_whole_numbers() -> None:
    pixels = np.array([[[255, 255, 255], [200, 100, 50]]], np.uint8)
    assert numbers_of(pixels, "gray").tolist() == [[255, 124]]
    assert numbers_of(pixels, "green").tolist() == [[255, 100]]


def test_a_picture_of_224_pixels_needs_over_150_million_weights_or_896() -> None:
    sizes = LayerSizes()
    assert sizes.numbers == 150_528
    assert sizes.dense_weights == 150_529_000
    assert sizes.convolution_weights == 896
    assert LayerSizes(picture=512).convolution_weights == 896
