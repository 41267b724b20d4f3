"""Folders of small pictures for tests, made in a moment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image

COLOURS = {
    "red": (200, 30, 30),
    "green": (30, 180, 40),
    "blue": (40, 50, 210),
    "yellow": (220, 210, 40),
    "white": (230, 230, 230),
    "black": (20, 20, 20),
}


def coloured_folder(root: Path, classes: Mapping[str, int], size: int = 16) -> Path:
    """Make class folders of noisy pictures of one colour each, and return `root`.

    No two are alike, nor like those of a folder of another name.

    A key may be a path such as "train/red"; its last part chooses the colour, and a name that is no
    colour gets one of its own. Files are named 1.png, 2.png and so on.
    """
    for place, count in classes.items():
        folder = root / place
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(1, count + 1):
            coloured_picture(
                folder / f"{number}.png",
                folder.name,
                seed=f"{root.name}/{place}/{number}",
                size=size,
            )
    return root


def coloured_picture(path: Path, colour: str, seed: str = "", size: int = 16) -> Path:
    """Make one noisy picture, the same for the same seed; the ending of `path` decides the kind."""
    random = np.random.default_rng(list(f"{colour}/{seed}".encode()))
    named = np.random.default_rng(list(colour.encode())).integers(40, 215, 3)
    base = np.array(COLOURS.get(colour, tuple(named)))
    pixels = base + random.integers(-20, 21, (size, size, 3))
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(path)
    return path
