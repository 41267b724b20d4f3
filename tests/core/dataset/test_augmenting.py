"""Augmented samples: repeatable, sharp, and exactly what the settings say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnstudio.core.config import AugmentationConfig
from cnnstudio.core.dataset.augmenting import (
    Draw,
    apply,
    augment_batch,
    augmented_samples,
    draw,
    matrix,
)

FILL_MODES = ("nearest", "reflect", "wrap", "constant")
TUTORIAL = AugmentationConfig(rotation=20, width_shift=0.2, height_shift=0.2, horizontal_flip=True)

configs = st.builds(
    AugmentationConfig,
    rotation=st.floats(0, 180),
    width_shift=st.floats(0, 1),
    height_shift=st.floats(0, 1),
    zoom=st.floats(0, 0.9),
    shear=st.floats(0, 1),
    brightness=st.floats(0, 1),
    contrast=st.floats(0, 1),
    horizontal_flip=st.booleans(),
    vertical_flip=st.booleans(),
    fill_mode=st.sampled_from(FILL_MODES),
)
sizes = st.tuples(st.integers(1, 24), st.integers(1, 24))
seeds = st.integers(0, 2**31 - 1)


def noise(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def smooth(height: int = 40, width: int = 40) -> np.ndarray:
    """Blurred noise: interpolating it in two ways gives nearly the same."""
    blurred = cv2.GaussianBlur(noise(height, width).astype(np.float32), (0, 0), 3)
    return cv2.normalize(blurred, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)


def difference(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(int) - other.astype(int)).mean())


@settings(max_examples=60, deadline=None)
@given(config=configs, size=sizes, seed=seeds, count=st.integers(0, 4))
def test_a_batch_keeps_shape_and_type_and_leaves_the_pictures_alone(
    config: AugmentationConfig, size: tuple[int, int], seed: int, count: int
) -> None:
    pictures = np.stack([noise(*size, seed=index) for index in range(5)])[:count]
    before = pictures.copy()
    samples = augment_batch(pictures, config, np.random.default_rng(seed))
    assert samples.shape == pictures.shape
    assert samples.dtype == np.uint8
    assert samples.flags.c_contiguous
    assert not np.shares_memory(samples, pictures)
    assert np.array_equal(pictures, before)


@settings(max_examples=40, deadline=None)
@given(config=configs, seed=seeds)
def test_the_same_seed_repeats_the_same_samples(config: AugmentationConfig, seed: int) -> None:
    pictures = np.stack([noise(9, 12, index) for index in range(3)])
    first = augment_batch(pictures, config, np.random.default_rng(seed))
    second = augment_batch(pictures, config, np.random.default_rng(seed))
    assert np.array_equal(first, second)


def test_training_and_the_gallery_make_the_same_samples_of_the_same_numbers() -> None:
    pictures = np.stack([noise(16, 16, index) for index in range(3)])
    batch = augment_batch(pictures, TUTORIAL, np.random.default_rng(5))
    generator = np.random.default_rng(5)
    for picture, sample in zip(pictures, batch, strict=True):
        assert np.array_equal(apply(picture, draw(TUTORIAL, generator), "nearest"), sample)


@settings(max_examples=20, deadline=None)
@given(seed=seeds, few=st.integers(0, 4), many=st.integers(5, 9))
def test_a_sample_does_not_depend_on_how_many_are_made(seed: int, few: int, many: int) -> None:
    picture = noise(12, 12)
    some = augmented_samples(picture, TUTORIAL, few, seed)
    more = augmented_samples(picture, TUTORIAL, many, seed)
    assert len(some) == few
    assert len(more) == many
    assert all(np.array_equal(a, b) for a, b in zip(some, more[:few], strict=True))


def test_the_samples_of_one_picture_differ_from_each_other_and_with_the_seed() -> None:
    picture = noise(24, 24)
    samples = augmented_samples(picture, TUTORIAL, 12, seed=1)
    others = augmented_samples(picture, TUTORIAL, 12, seed=2)
    assert len({sample.tobytes() for sample in samples + others}) == 24


def test_every_picture_of_a_batch_gets_numbers_of_its_own() -> None:
    pictures = np.stack([noise(24, 24)] * 4)
    samples = augment_batch(pictures, TUTORIAL, np.random.default_rng(0))
    assert len({sample.tobytes() for sample in samples}) == 4


@settings(max_examples=20, deadline=None)
@given(size=sizes, seed=seeds, fill_mode=st.sampled_from(FILL_MODES))
def test_without_settings_the_pixels_stay_exactly_the_same(
    size: tuple[int, int], seed: int, fill_mode: Any
) -> None:
    pictures = noise(*size)[np.newaxis]
    config = AugmentationConfig(fill_mode=fill_mode)
    assert np.array_equal(augment_batch(pictures, config, np.random.default_rng(seed)), pictures)


@settings(max_examples=30, deadline=None)
@given(size=sizes, horizontal=st.booleans(), vertical=st.booleans())
def test_a_flip_mirrors_exactly_and_twice_gives_the_picture_back(
    size: tuple[int, int], horizontal: bool, vertical: bool
) -> None:
    picture = noise(*size)
    flip = Draw(horizontal_flip=horizontal, vertical_flip=vertical)
    mirrored = picture[:: -1 if vertical else 1, :: -1 if horizontal else 1]
    flipped = apply(picture, flip, "nearest")
    assert np.array_equal(flipped, mirrored)
    assert np.array_equal(apply(flipped, flip, "nearest"), picture)


@pytest.mark.parametrize("fill_mode", FILL_MODES)
@pytest.mark.parametrize("size", [(20, 20), (21, 20), (15, 33)])
def test_half_a_turn_is_both_flips(fill_mode: Any, size: tuple[int, int]) -> None:
    picture = noise(*size)
    turned = apply(picture, Draw(rotation=180), fill_mode)
    assert difference(turned, picture[::-1, ::-1]) < 1


def test_a_quarter_turn_is_counter_clockwise() -> None:
    picture = noise(20, 20)
    assert difference(apply(picture, Draw(rotation=90), "constant"), np.rot90(picture)) < 1


def test_a_flip_within_other_changes_is_the_flip_first() -> None:
    picture = smooth()
    both = apply(picture, Draw(rotation=30, horizontal_flip=True), "nearest")
    one_after_the_other = apply(
        np.ascontiguousarray(picture[:, ::-1]), Draw(rotation=30), "nearest"
    )
    assert difference(both, one_after_the_other) < 1


def test_a_shift_is_a_share_of_the_width_and_of_the_height() -> None:
    picture = noise(10, 20)
    moved = apply(picture, Draw(shift_x=0.25, shift_y=-0.5), "constant")
    assert np.array_equal(moved[:5, 5:], picture[5:, :15])
    assert not moved[5:].any()
    assert not moved[:, :5].any()


@pytest.mark.parametrize(
    ("fill_mode", "row"),
    [
        ("nearest", [10, 10, 10, 20]),
        ("reflect", [20, 10, 10, 20]),
        ("wrap", [30, 40, 10, 20]),
        ("constant", [0, 0, 10, 20]),
    ],
)
def test_the_empty_edge_is_filled_as_chosen(fill_mode: Any, row: list[int]) -> None:
    picture = np.repeat(np.array([[10, 20, 30, 40]], dtype=np.uint8)[..., np.newaxis], 3, axis=2)
    moved = apply(np.ascontiguousarray(picture), Draw(shift_x=0.5), fill_mode)
    assert moved[0, :, 0].tolist() == row


def test_a_zoom_above_one_shows_the_middle_larger() -> None:
    picture = np.zeros((41, 41, 3), dtype=np.uint8)
    picture[15:26, 15:26] = 255
    larger = apply(picture, Draw(zoom=2), "nearest")
    smaller = apply(picture, Draw(zoom=0.5), "nearest")
    assert (larger[..., 0] > 127).sum() == pytest.approx(4 * 121, rel=0.15)
    assert (smaller[..., 0] > 127).sum() == pytest.approx(121 / 4, rel=0.25)


def test_shear_slants_upright_lines_and_keeps_level_ones_level() -> None:
    upright = np.zeros((41, 41, 3), dtype=np.uint8)
    upright[:, 20] = 255
    slanted = apply(upright, Draw(shear=0.5), "constant")
    columns = slanted[..., 0].argmax(axis=1)
    assert abs(int(columns[40]) - int(columns[0])) == pytest.approx(20, abs=1)
    level = np.ascontiguousarray(upright.transpose(1, 0, 2))
    assert apply(level, Draw(shear=0.5), "nearest")[20, :, 0].min() == 255


def test_brightness_is_a_share_of_white_and_contrast_turns_about_mid_grey() -> None:
    picture = np.array([[[0, 100, 200]]], dtype=np.uint8)
    brighter = apply(picture, Draw(brightness=0.2), "nearest")
    harder = apply(picture, Draw(contrast=1.5), "nearest")
    grey = apply(picture, Draw(contrast=0), "nearest")
    assert brighter.ravel().tolist() == [51, 151, 251]
    assert harder.ravel().tolist() == [0, 86, 236]
    assert set(grey.ravel().tolist()) == {128}


def test_values_stop_at_black_and_white_instead_of_starting_over() -> None:
    picture = noise(8, 8)
    assert apply(picture, Draw(brightness=1), "nearest").min() == 255
    assert apply(picture, Draw(brightness=-1), "nearest").max() == 0


@settings(max_examples=40, deadline=None)
@given(
    rotation=st.floats(-180, 180),
    zoom=st.floats(0.2, 1.9),
    shift=st.floats(-0.5, 0.5),
    shear=st.floats(-0.9, 0.9),
)
def test_the_matrix_is_all_changes_one_after_the_other(
    rotation: float, zoom: float, shift: float, shear: float
) -> None:
    width, height = 30, 20

    def alone(**change: float) -> np.ndarray:
        return np.vstack([matrix(Draw(**change), width, height), (0, 0, 1)])

    together = alone(rotation=rotation, zoom=zoom, shift_x=shift, shear=shear)
    # Each maps the sample back to the picture, so the last change comes first.
    expected = alone(zoom=zoom) @ alone(shear=shear) @ alone(rotation=rotation)
    expected = expected @ alone(shift_x=shift)
    assert np.allclose(together, expected, atol=1e-9)


def test_rotation_and_zoom_together_are_sharper_than_one_after_the_other() -> None:
    picture = noise(64, 64)
    together = apply(picture, Draw(rotation=20, zoom=1.1), "nearest")
    steps = apply(apply(picture, Draw(zoom=1.1), "nearest"), Draw(rotation=20), "nearest")
    # Each interpolation averages neighbours, and so takes contrast out of noise.
    assert together[16:48, 16:48].std() > 1.1 * steps[16:48, 16:48].std()


def test_the_result_is_written_where_it_was_asked_for() -> None:
    picture = noise(16, 16)
    changes = Draw(rotation=10, brightness=0.1)
    batch = np.zeros((2, 16, 16, 3), dtype=np.uint8)
    apply(picture, changes, "nearest", out=batch[1])
    assert np.array_equal(batch[1], apply(picture, changes, "nearest"))
    assert not batch[0].any()


@settings(max_examples=100, deadline=None)
@given(config=configs, seed=seeds)
def test_every_number_drawn_stays_within_its_setting(config: AugmentationConfig, seed: int) -> None:
    sample = draw(config, np.random.default_rng(seed))
    assert abs(sample.rotation) <= config.rotation
    assert abs(sample.shift_x) <= config.width_shift
    assert abs(sample.shift_y) <= config.height_shift
    assert abs(sample.zoom - 1) <= config.zoom + 1e-12
    assert abs(sample.shear) <= config.shear
    assert abs(sample.brightness) <= config.brightness
    assert abs(sample.contrast - 1) <= config.contrast + 1e-12
    assert config.horizontal_flip or not sample.horizontal_flip
    assert config.vertical_flip or not sample.vertical_flip


def test_numbers_reach_both_ends_of_a_setting_and_flips_come_half_the_time() -> None:
    config = replace(TUTORIAL, vertical_flip=True, zoom=0.5, contrast=0.4, brightness=0.3)
    generator = np.random.default_rng(0)
    samples = [draw(config, generator) for _ in range(400)]
    for values, limit in (
        ([sample.rotation for sample in samples], 20),
        ([sample.shift_x for sample in samples], 0.2),
        ([sample.shift_y for sample in samples], 0.2),
        ([sample.zoom - 1 for sample in samples], 0.5),
        ([sample.contrast - 1 for sample in samples], 0.4),
        ([sample.brightness for sample in samples], 0.3),
    ):
        assert min(values) < -0.9 * limit
        assert max(values) > 0.9 * limit
    assert 150 < sum(sample.horizontal_flip for sample in samples) < 250
    assert 150 < sum(sample.vertical_flip for sample in samples) < 250
    both = sum(sample.horizontal_flip and sample.vertical_flip for sample in samples)
    assert 60 < both < 140, "the two flips know nothing of each other"


def test_moving_one_setting_leaves_the_other_changes_as_they_were() -> None:
    before = draw(TUTORIAL, np.random.default_rng(3))
    after = draw(replace(TUTORIAL, rotation=40, zoom=0.3), np.random.default_rng(3))
    assert after == replace(before, rotation=2 * before.rotation, zoom=after.zoom)
