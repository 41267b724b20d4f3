"""A project of very many small pictures, no two alike, made in a minute and kept for reuse.

python -m tests.benchmarks.many_pictures FOLDER [--count 100000]
"""

from __future__ import annotations

import argparse
import io
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

CLASS_COUNT = 10
UNLABELLED_SHARE = 0.05
SIDE_PX = 64

_LOT = 1000
_FINISHED = ".finished"
_EARLIEST_S = 1_600_000_000


def many_pictures(
    folder: Path, count: int = 100_000, report: Callable[[int], None] | None = None
) -> Path:
    """Make a project of `count` JPEGs of 64x64 px in ten classes, a twentieth without a class.

    The same count makes the same files, down to their times. A folder that was made before is
    used again as it is.

    Args:
        folder: of the project; missing ones are made.
        count: how many pictures.
        report: called now and then with how many are there.
    """
    finished = folder / _FINISHED
    if finished.is_file() and finished.read_text() == str(count):
        return folder
    for name in (*_classes(), "_unlabelled"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    lots = [range(at, min(at + _LOT, count)) for at in range(0, count, _LOT)]
    with ProcessPoolExecutor() as pool:
        done = 0
        for made in pool.map(_make, [folder] * len(lots), lots, [count] * len(lots)):
            done += made
            if report is not None:
                report(done)
    finished.write_text(str(count))
    return folder


def _classes() -> list[str]:
    return [f"class {number}" for number in range(CLASS_COUNT)]


def _make(folder: Path, numbers: range, count: int) -> int:
    classes = _classes()
    unlabelled = round(count * UNLABELLED_SHARE)
    across, down = np.meshgrid(np.linspace(0, 1, SIDE_PX), np.linspace(0, 1, SIDE_PX))
    for number in numbers:
        random = np.random.default_rng(number)
        label = number % CLASS_COUNT
        # Two colours, mixed along a direction, and some noise: distinct, and quick to make.
        first, second = random.integers(30, 226, (2, 3))
        first[label % 3] = 20 + 22 * label
        turn = random.uniform(0, 2 * np.pi)
        share = 0.5 + 0.5 * np.sin(6 * (across * np.cos(turn) + down * np.sin(turn)))
        pixels = first + (second - first) * share[..., None]
        pixels += random.integers(-8, 9, (SIDE_PX, SIDE_PX, 1))
        stream = io.BytesIO()
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(stream, "JPEG", quality=85)
        where = "_unlabelled" if number >= count - unlabelled else classes[label]
        path = folder / where / f"picture {number:06d}.jpg"
        path.write_bytes(stream.getvalue())
        # Neither in the order of the names nor all at once.
        changed = _EARLIEST_S + number * 7919 % count * 60
        os.utime(path, (changed, changed))
    return len(numbers)


def main() -> None:
    """Make the pictures that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=100_000)
    options = parser.parse_args()
    many_pictures(options.folder, options.count)


if __name__ == "__main__":
    main()
