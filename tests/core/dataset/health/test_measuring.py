"""What is measured tells a blurred, dark or empty picture from one that is only plain."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from cnnstudio.core.dataset.health.measuring import GREY_PX, TINY_SIZE, look_of, measure
from cnnstudio.core.dataset.health.pictures import (
    BLURRED_BELOW,
    BRIGHT_ABOVE,
    DARK_BELOW,
    UNIFORM_BELOW,
)
from tests.core.dataset.health.scenes import grain, scene


def object_on_white(size_px: int = 200) -> Image.Image:
    image = Image.new("RGB", (size_px, size_px), "white")
    ImageDraw.Draw(image).ellipse((50, 40, 160, 150), fill=(225, 215, 200))
    return image


def writing_on_white() -> Image.Image:
    image = Image.new("L", (256, 180), 246)
    ImageDraw.Draw(image).text((20, 80), "the quick brown fox jumps", fill=60)
    return image.convert("RGB")


@pytest.mark.parametrize("image", [scene(1), scene(2), object_on_white(), writing_on_white()])
def test_a_sharp_picture_is_sharp_whatever_it_shows(image: Image.Image) -> None:
    assert measure(image).sharpness > BLURRED_BELOW


@pytest.mark.parametrize("size", [(96, 72), (256, 192)])
def test_a_blurred_picture_is_not_sharp_whatever_its_size(size: tuple[int, int]) -> None:
    for seed in range(5):
        blurred = scene(seed, *size).filter(ImageFilter.GaussianBlur(2.5))
        assert measure(blurred).sharpness < BLURRED_BELOW


def test_a_camera_that_moved_blurs_in_one_direction_only() -> None:
    pixels = np.asarray(scene(3)).astype(np.float32)
    moved = np.mean([np.roll(pixels, shift, axis=1) for shift in range(12)], axis=0)
    assert measure(Image.fromarray(moved.astype(np.uint8))).sharpness < BLURRED_BELOW


def test_stripes_have_no_edges_along_them_and_are_sharp_all_the_same() -> None:
    stripes = np.repeat(np.tile([[30], [220]], (20, 1)), 4, axis=0) * np.ones((1, 160))
    assert measure(Image.fromarray(stripes.astype(np.uint8)).convert("RGB")).sharpness > 1.3


def test_darkness_and_brightness_are_told_by_what_stands_out() -> None:
    dark = ImageEnhance.Brightness(scene(4)).enhance(0.15)
    assert measure(dark).brightest < DARK_BELOW
    bright = Image.blend(scene(4), Image.new("RGB", (320, 240), "white"), 0.85)
    assert measure(bright).darkest > BRIGHT_ABOVE
    night = Image.new("RGB", (256, 192), (4, 4, 10))
    ImageDraw.Draw(night).ellipse((100, 50, 118, 68), fill=(255, 220, 150))
    assert measure(night).brightest > DARK_BELOW
    assert measure(writing_on_white()).darkest < BRIGHT_ABOVE


def test_a_lens_cap_is_one_colour_and_fine_grain_is_not() -> None:
    noise = np.random.default_rng(0).normal(12, 1.2, (200, 200))
    cap = Image.fromarray(noise.astype(np.uint8)).convert("RGB")
    assert measure(cap).contrast < UNIFORM_BELOW < measure(grain(1, 4)).contrast
    halves = Image.new("RGB", (60, 60), (200, 60, 60))
    halves.paste((30, 150, 60), (0, 0, 30, 60))  # of nearly the same grey
    assert measure(halves).contrast > UNIFORM_BELOW


def test_the_look_survives_another_size_and_light() -> None:
    image = scene(5)
    other = ImageEnhance.Brightness(image.resize((200, 150))).enhance(0.85)
    first, second = (measure(each).look & (2**64 - 1) for each in (image, other))
    assert (first ^ second).bit_count() <= 6
    unlike = measure(scene(6)).look & (2**64 - 1)
    assert (first ^ unlike).bit_count() > 12


@settings(max_examples=40, deadline=None)
@given(
    width=st.integers(1, 40),
    height=st.integers(1, 40),
    level=st.integers(0, 255),
    seed=st.integers(0, 9),
)
def test_every_picture_can_be_measured(width: int, height: int, level: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    spread = int(seed > 4) * 40
    pixels = level + random.integers(-spread, spread + 1, (height, width, 3))
    seen = measure(Image.fromarray(pixels.clip(0, 255).astype(np.uint8)))
    assert 0 <= seen.darkest <= seen.brightest <= 255
    assert np.isfinite([seen.contrast, seen.sharpness]).all()
    assert -(2**63) <= seen.look < 2**63
    assert seen.tiny.shape == (TINY_SIZE,)
    assert seen.look == look_of(seen.tiny[: GREY_PX**2].reshape(GREY_PX, GREY_PX))
