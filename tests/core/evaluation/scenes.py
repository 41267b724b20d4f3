"""Pictures of an object in a scene, where the scene tells the class or does not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 32
_OBJECTS = {"red": (210, 30, 30), "green": (30, 180, 40)}
_TABLES = {"red": (90, 90, 160), "green": (160, 150, 90)}


def scenes(root: Path, count: int, *, leaks: bool) -> Path:
    """Make `count` pictures of each of two classes, and return `root`.

    In the middle lies an object of the class's colour. With `leaks` each class has a table of its
    own around it and objects of any colour; without, tables are the same for both.
    """
    generator = np.random.default_rng(7)
    for name in _OBJECTS:
        (root / name).mkdir(parents=True)
        for number in range(count):
            table = _TABLES[name] if leaks else _TABLES[generator.choice(list(_TABLES))]
            thing = generator.integers(20, 235, 3) if leaks else _OBJECTS[name]
            picture = np.array(table) + generator.normal(0, 12, (SIDE, SIDE, 3))
            top, left = generator.integers(8, 11, 2)
            picture[top : top + 14, left : left + 14] = thing
            pixels = picture.clip(0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(root / name / f"{number}.png")
    return root
