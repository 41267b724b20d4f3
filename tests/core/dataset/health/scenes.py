"""Pictures with something in them: patches, edges and grain, no two of them alike."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image, ImageDraw

Pixels = np.ndarray


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
