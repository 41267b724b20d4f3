"""Keeps what a network had learned after each epoch, beside the run's other files.

Of every epoch there is one file, a zip archive of NumPy arrays in which nothing can run code. It
holds the weights of the first layers, as many as are small enough: what these see can be looked at
as it was then. Epoch 0 is before the training.
"""

from __future__ import annotations

import contextlib
import re
import zipfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cnnstudio.core.errors import StudioError
from cnnstudio.core.storage.atomic import remove_temporary_files, replaced_file

MOST_VALUES = 8_000_000
"""How many weights of a network are kept at most, those of its first layers."""

MOST_BYTES = 64 << 20
"""What all epochs of a run take at most, but for a few bytes of names."""

_FOLDER = "epochs"
_NAME = re.compile(r"epoch-(\d{1,6})\.npz")
_KNOWN = "known"
_MOST = float(np.finfo(np.float16).max)

Array = npt.NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class EpochWeights:
    """Weights after an epoch, by their place in the order of the network's weights.

    `known` is how many values of the network, in that order, are known: those kept here and, among
    them, those that the training never changes.
    """

    arrays: Mapping[int, Array]
    known: int


def epoch_file(run_folder: Path, epoch: int) -> Path:
    """Return the file of an epoch, counted from 1; 0 is before the training."""
    return run_folder / _FOLDER / f"epoch-{epoch}.npz"


def kept_epochs(run_folder: Path) -> tuple[int, ...]:
    """Return the epochs that are kept of a run, rising; none where it keeps none."""
    try:
        names = [each.name for each in (run_folder / _FOLDER).iterdir()]
    except OSError:
        return ()
    return tuple(sorted(int(found[1]) for name in names if (found := _NAME.fullmatch(name))))


def write_epoch(run_folder: Path, epoch: int, weights: EpochWeights) -> None:
    """Keep an epoch, in half the precision; what has one dimension is kept as it is.

    Raises:
        StudioError: the disk refuses.
    """
    arrays = {str(place): _kept(array) for place, array in weights.arrays.items()}
    with replaced_file(epoch_file(run_folder, epoch)) as stream:
        np.savez(stream, allow_pickle=False, **arrays, **{_KNOWN: np.array(weights.known)})


def read_epoch(path: Path) -> EpochWeights:
    """Return what `write_epoch` kept, in 32 bits.

    Raises:
        StudioError: the file is missing or damaged.
    """
    try:
        # Opened here: where NumPy refuses a file, it leaves it open.
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            known = int(archive[_KNOWN])
            arrays = {
                int(name): archive[name].astype(np.float32)
                for name in archive.files
                if name != _KNOWN
            }
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise StudioError(
            "What was kept of the network after this epoch is missing or damaged.",
            "Look at another epoch.",
        ) from error
    return EpochWeights(arrays, known)


def known_values(path: Path) -> int:
    """Return how many of the network's values, in their order, a file tells; 0 where it is damaged.

    Its arrays are not read.
    """
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            return int(archive[_KNOWN])
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return 0


def thin_out(run_folder: Path, best_epoch: int, size: int) -> None:
    """Remove epochs until what is kept fits `MOST_BYTES`.

    Every second is left, or every fourth, and so on; the start, the best epoch and the last stay.
    What is left follows from the epochs alone, so a training that was interrupted keeps the same.

    Args:
        run_folder: the run's, or its draft.
        best_epoch: the best so far.
        size: bytes of one epoch.
    """
    epochs = kept_epochs(run_folder)
    left = epochs_to_keep(epochs[-1] if epochs else 0, best_epoch, max(4, MOST_BYTES // size))
    _remove(run_folder, [each for each in epochs if each not in left])


def epochs_to_keep(last: int, best: int, most: int) -> frozenset[int]:
    """Return which of the epochs from 0 to `last` to keep, no more than `most` (at least 4)."""
    gap = 1
    while len(kept := frozenset((*range(0, last + 1, gap), best, last))) > most:
        gap *= 2
    return kept


def forget_epochs(run_folder: Path, after: int = -1) -> None:
    """Remove the epochs after one, all by default, and what a kill left half written."""
    folder = run_folder / _FOLDER
    if folder.is_dir():
        remove_temporary_files(folder)
        _remove(run_folder, [each for each in kept_epochs(run_folder) if each > after])
        with contextlib.suppress(OSError):  # some are left
            folder.rmdir()


def _remove(run_folder: Path, epochs: Collection[int]) -> None:
    for epoch in epochs:
        epoch_file(run_folder, epoch).unlink(missing_ok=True)


def _kept(array: Array) -> Array:
    # Biases and statistics are few, and some of them are too small or too large for 16 bits.
    if array.ndim < 2:
        return array.astype(np.float32)
    return array.clip(-_MOST, _MOST).astype(np.float16)
