"""The arithmetic that is shown is what Keras calculates."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from numpy.testing import assert_allclose

from cnnstudio.core.inside.convolving import Grid, Padding, Pooling, Sliding, convolve, pool, relu

PADDINGS: tuple[Padding, ...] = ("valid", "same")
KINDS: tuple[Pooling, ...] = ("max", "average")


def random_grid(seed: int, *shape: int) -> Grid:
    return np.random.default_rng(seed).integers(-9, 10, shape or (7, 8)).astype(np.float64)


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize(("stride", "dilation"), [(1, 1), (2, 1), (3, 1), (1, 2), (1, 3)])
def test_a_convolution_is_that_of_keras(padding: Padding, stride: int, dilation: int) -> None:
    from keras.layers import Conv2D

    for seed, size in enumerate((1, 2, 3)):
        grid, kernel = random_grid(seed), random_grid(seed + 10, size, size)
        layer = Conv2D(
            1,
            size,
            strides=stride,
            padding=padding,
            dilation_rate=dilation,
            activation="relu",
            kernel_initializer=lambda shape, dtype=None, kernel=kernel: kernel.reshape(shape),
        )
        expected = np.asarray(layer(grid[None, ..., None]))[0, ..., 0]
        ours = relu(convolve(grid, kernel, Sliding(size, stride, dilation, padding)))
        assert ours.shape == expected.shape
        assert (ours == expected).all()


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_pooling_is_that_of_keras(padding: Padding, kind: Pooling) -> None:
    from keras.layers import AveragePooling2D, MaxPooling2D

    for seed, (size, stride) in enumerate(product((2, 3), (1, 2, 3))):
        grid = random_grid(seed)
        layer = (MaxPooling2D if kind == "max" else AveragePooling2D)(size, stride, padding)
        expected = np.asarray(layer(grid[None, ..., None]))[0, ..., 0]
        ours = pool(grid, kind, Sliding(size, stride, padding=padding))
        assert ours.shape == expected.shape
        assert_allclose(ours, expected, rtol=1e-6, atol=1e-6)
