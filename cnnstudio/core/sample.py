"""The sample that ships with the program: 1,797 handwritten digits in ten classes.

They are kept as one grey sheet of 8x8 tiles, so that trying the program needs no download, and are
written out as a folder of class folders like any that a user would bring.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cnnstudio.core.config import AugmentationConfig, RunConfig, TrainingConfig
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.errors import StudioError
from cnnstudio.core.resources import resource_path
from cnnstudio.core.storage import project_file

PICTURE_SIZE_PX = 32
"""Width and height of a picture written by `write_digits`."""

SAMPLE_CONFIG = RunConfig(
    # No flips: a mirrored digit is another sign.
    augmentation=AugmentationConfig(rotation=10, width_shift=0.1, height_shift=0.1),
    training=TrainingConfig(epochs=12, image_size=PICTURE_SIZE_PX),
)
"""Settings that suit the digits."""

_PICTURES_BETWEEN_REPORTS = 20


def read_digits() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Read the sample as it ships.

    Returns:
        Tiles of shape (1797, 8, 8), 0 (paper) to 255 (ink), and for each tile its digit, 0 to 9.

    Raises:
        StudioError: When the sample is missing from the installation.
    """
    layout = json.loads(resource_path("sample", "digits.json").read_text(encoding="utf-8"))
    size, columns = int(layout["tile_px"]), int(layout["columns"])
    digits = np.array([int(digit) for digit in layout["digits"]], dtype=np.uint8)
    with Image.open(resource_path("sample", "digits.png")) as picture:
        sheet = np.asarray(picture.convert("L"))
    rows = sheet.shape[0] // size
    tiles = sheet.reshape(rows, size, columns, size).swapaxes(1, 2).reshape(-1, size, size)
    return np.ascontiguousarray(tiles[: len(digits)]), digits


def write_sample_project(folder: Path, report: Callable[[int, int], None] | None = None) -> None:
    """Write the digits and settings that suit them, unless they are there already.

    `report` is that of `write_digits`.

    Raises:
        StudioError: the folder cannot be written to.
    """
    write_digits(folder, report)
    project = scan(folder)
    if not project_file.exists(folder):
        project_file.save(replace(project, config=SAMPLE_CONFIG))


def write_digits(folder: Path, report: Callable[[int, int], None] | None = None) -> int:
    """Write the sample as class folders "0" to "9" of 32x32 PNG pictures into a folder.

    The pictures are made in a hidden folder beside `folder` and arrive by renaming, so a write that
    is killed leaves either nothing or what the next call finishes. Once classes are there, they
    belong to the user, who may have renamed some or removed pictures: nothing is written again.

    Args:
        folder: Made when it is missing; it may be a project that has no classes yet.
        report: Called now and then with the pictures written so far and their total; whatever it
            raises ends the write and leaves `folder` untouched.

    Returns:
        The number of pictures that were written: 0 when there were classes already.

    Raises:
        StudioError: When the folder cannot be written to.
    """
    folder = folder.resolve()
    # Begun but unfinished pictures are in the first, finished ones on their way in the second.
    unfinished = folder.with_name(f".{folder.name}.unfinished")
    arriving = folder.with_name(f".{folder.name}.arriving")
    try:
        if not arriving.exists():
            if _has_classes(folder):
                return 0
            shutil.rmtree(unfinished, ignore_errors=True)
            try:
                _write_pictures(unfinished, report)
            except BaseException:
                shutil.rmtree(unfinished, ignore_errors=True)
                raise
            unfinished.rename(arriving)
        return _move_classes(arriving, folder)
    except OSError as error:
        reason = error.strerror or str(error)
        raise StudioError(
            f"The sample pictures could not be written to {folder}: {reason}.",
            "Check that the disk has free space and that you may write there, or choose another "
            "folder.",
        ) from error


def _has_classes(folder: Path) -> bool:
    """Whether there is any class folder; names like .cnnstudio and _unlabelled are no classes."""
    return folder.is_dir() and any(
        entry.is_dir() and not entry.name.startswith((".", "_")) for entry in folder.iterdir()
    )


def _write_pictures(folder: Path, report: Callable[[int, int], None] | None) -> None:
    tiles, digits = read_digits()
    for digit in range(10):
        (folder / str(digit)).mkdir(parents=True)
    for index, (tile, digit) in enumerate(zip(tiles, digits, strict=True)):
        if report is not None and index % _PICTURES_BETWEEN_REPORTS == 0:
            report(index, len(tiles))
        # Enlarged smoothly: at 8x8 a thumbnail shows squares instead of a digit.
        size = (PICTURE_SIZE_PX, PICTURE_SIZE_PX)
        picture = Image.fromarray(tile).resize(size, Image.Resampling.BICUBIC)
        picture.save(folder / str(digit) / f"digit_{index + 1:04d}.png")
    if report is not None:
        report(len(tiles), len(tiles))


def _move_classes(arriving: Path, folder: Path) -> int:
    """Move the finished class folders in; what an earlier, killed call has moved is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    moved = 0
    for source in sorted(arriving.iterdir()):
        moved += sum(1 for _ in source.iterdir())
        source.rename(folder / source.name)
    arriving.rmdir()
    return moved
