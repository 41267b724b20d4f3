"""Pictures with something in them: patches, edges and grain, no two of them alike."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw


def photo_folder(root: Path) -> Path:
    """Twelve sharp pictures in each of two classes, of which nothing is to be said."""
    for number in range(24):
        folder = root / ("indoors" if number % 2 else "outdoors")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number:02}.png").write_bytes(_scene_file(number))
    return root


@cache
def _scene_file(seed: int) -> bytes:
    stream = io.BytesIO()
    scene(seed).save(stream, "PNG", compress_level=1)
    return stream.getvalue()


@cache
def scene(seed: int, width: int = 320, height: int = 240) -> Image.Image:
    """A made-up photo: coloured shapes with sharp edges before a soft ground, with some noise."""
    random = np.random.default_rng(seed)
    small = random.integers(30, 220, (4, 5, 3)).astype(np.float32)
    ground = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    image = Image.fromarray(ground.clip(0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for _ in range(14):
        x, y = random.integers(0, width), random.integers(0, height)
        w, h = random.integers(width // 12, width // 3), random.integers(height // 12, height // 3)
        colour = tuple(int(each) for each in random.integers(0, 256, 3))
        shape = draw.ellipse if random.random() < 0.5 else draw.rectangle
        shape((x - w // 2, y - h // 2, x + w // 2, y + h // 2), fill=colour)
    pixels = np.asarray(image).astype(np.float32) + random.normal(0, 2, (height, width, 1))
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def grain(seed: int, strength: float, size_px: int = 200) -> Image.Image:
    """A tile of grey texture under a lamp that leaves the corners darker, as a microscope's."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:size_px, 0:size_px] / size_px - 0.5
    pixels = 150 - 80 * (x**2 + y**2) + random.normal(0, strength, (size_px, size_px))
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).convert("RGB")
