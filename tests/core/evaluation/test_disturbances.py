"""What is done to pictures: nothing at the default, and more with every step."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from cnnstudio.core.evaluation.disturbances import (
    Disturbance,
    darkened,
    disturbances,
    disturbed,
    noisy,
    tilted,
)

SIZES = (8, 32, 96, 224)
KEYS = [each.key for each in disturbances(96)]


@pytest.fixture
def picture() -> NDArray[np.uint8]:
    """Something with edges, areas and all brightnesses."""
    y, x = np.mgrid[:96, :96]
    waves = 127 + 60 * np.sin(x / 4) + 60 * np.cos((x + y) / 9)
    return np.stack([waves, waves[::-1], y * 2.6], axis=2).clip(0, 255).astype(np.uint8)


def of(key: str, size: int = 96) -> Disturbance:
    return next(each for each in disturbances(size) if each.key == key)


@pytest.mark.parametrize("key", KEYS)
def test_the_default_changes_nothing_and_no_step_changes_the_original(
    key: str, picture: NDArray[np.uint8]
) -> None:
    kind, before = of(key), picture.copy()
    same = kind.apply(picture, kind.parameter.default)
    assert np.array_equal(same, picture)
    assert same is not picture
    for value in kind.steps:
        changed = kind.apply(picture, value, seed=1)
        assert changed.shape == picture.shape
        assert changed.dtype == np.uint8
        assert np.array_equal(changed, kind.apply(picture, value, seed=1)), "not repeatable"
    assert np.array_equal(picture, before)


@pytest.mark.parametrize("key", KEYS)
def test_every_step_is_farther_from_the_picture_than_the_one_before(
    key: str, picture: NDArray[np.uint8]
) -> None:
    kind = of(key)
    errors = [
        np.abs(kind.apply(picture, value).astype(int) - picture).mean() for value in kind.steps
    ]
    if key == "tilt":  # of waves that repeat, a picture turned far may look like the first again
        errors = errors[:2]
    assert errors == sorted(errors)
    assert errors[0] > 0


@pytest.mark.parametrize("size", SIZES)
def test_steps_go_one_way_and_lie_on_the_slider(size: int) -> None:
    for kind in disturbances(size):
        low, high = kind.parameter.minimum, kind.parameter.maximum
        assert low is not None
        assert high is not None
        steps = list(kind.steps)
        assert steps in (sorted(set(steps)), sorted(set(steps), reverse=True))
        assert all(low <= step <= high and step != kind.parameter.default for step in steps)
        assert low <= kind.parameter.default <= high
        blank = np.full((size, size, 3), 90, np.uint8)
        assert all(kind.apply(blank, step).shape == blank.shape for step in steps)


def test_half_the_light_is_half_the_light() -> None:
    """188 is the value for half the light of white, 137 for a quarter."""
    white = np.full((4, 4, 3), 255, np.uint8)
    assert darkened(white, 0.5)[0, 0, 0] == 188
    assert darkened(white, 0.25)[0, 0, 0] == 137


def test_noise_has_the_deviation_it_is_told() -> None:
    gray = np.full((128, 128, 3), 128, np.uint8)
    assert noisy(gray, 20, seed=3).astype(float).std() == pytest.approx(20, rel=0.03)
    assert not np.array_equal(noisy(gray, 20, seed=3), noisy(gray, 20, seed=4))


def test_pictures_are_tilted_either_way(picture: NDArray[np.uint8]) -> None:
    upright = np.ascontiguousarray(picture[:, ::-1])
    assert np.array_equal(tilted(picture, 20, seed=0)[:, ::-1], tilted(upright, 20, seed=1))


def test_several_disturbances_go_together(picture: NDArray[np.uint8]) -> None:
    both = disturbed(picture, {"dark": 0.25, "blur": 1.0, "unknown": 3.0})
    assert np.array_equal(both, of("blur").apply(of("dark").apply(picture, 0.25), 1.0))
    assert np.array_equal(disturbed(picture, {}), picture)
