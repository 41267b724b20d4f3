"""Keeps where a training stands, so that it can be gone on with after a kill or a power cut.

A state is one file, a zip archive of NumPy arrays and a JSON object, and beside it the best weights
so far, which change less often. Nothing in them can run code. A state that is there is whole: both
files are written under another name first, and the state names the weights that belong to it.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from cnnstudio.core.errors import StudioError
from cnnstudio.core.events import EpochEnded
from cnnstudio.core.storage.atomic import remove_temporary_files, replaced_file
from cnnstudio.core.storage.migrations import version_of

SCHEMA_VERSION = 1
_STATE_FILE = "state.npz"
_FACTS = "state.json"
_BEST_FILES = "best-*.npz"

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class TrainingState:
    """Where a training stands, without its arrays.

    `marks` say what it belongs to, and must be the same when it is gone on with. `steps` of the
    epoch after those in `history` are done; `seconds` were spent in all. `pace` is what measured
    the speed. `start` are accuracy and loss on the validation part before the first epoch, where
    the network knew something already.
    """

    marks: Mapping[str, Any]
    history: tuple[EpochEnded, ...] = ()
    steps: int = 0
    seconds: float = 0.0
    pace: Mapping[str, Any] = field(default_factory=dict)
    start: tuple[float, float] | None = None


def write_state(folder: Path, state: TrainingState, arrays: Iterable[Array]) -> None:
    """Replace the state in a folder; `arrays` are taken one at a time, so that memory is bounded.

    Raises:
        StudioError: the disk refuses; the state before is still there.
    """
    best = _best_file(folder, state.history)
    facts = {**asdict(state), "schema_version": SCHEMA_VERSION, "best": best.name if best else None}
    with replaced_file(folder / _STATE_FILE) as stream:
        _write_arrays(stream, arrays, json.dumps(facts))
    for each in folder.glob(_BEST_FILES):
        if each != best:
            each.unlink(missing_ok=True)


def write_best(folder: Path, history: tuple[EpochEnded, ...], weights: Iterable[Array]) -> None:
    """Keep the weights of the best epoch of a history; the next `write_state` refers to them.

    Raises:
        StudioError: the disk refuses.
    """
    best = _best_file(folder, history)
    assert best is not None, "no epoch was the best"
    with replaced_file(best) as stream:
        _write_arrays(stream, weights, "{}")


def read_state(folder: Path) -> TrainingState | None:
    """Return the state in a folder without reading its arrays; None when none was written yet.

    Raises:
        StudioError: it is damaged, or was written by a newer version.
    """
    path = folder / _STATE_FILE
    if not path.is_file():
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            facts = json.loads(archive.read(_FACTS))
        if version_of(facts, SCHEMA_VERSION) > SCHEMA_VERSION:
            raise StudioError(
                "This training was begun with a newer version of CNN Studio.",
                "Install that version to go on with it.",
            )
        return TrainingState(
            marks=dict(facts["marks"]),
            history=tuple(EpochEnded(**each) for each in facts["history"]),
            steps=int(facts["steps"]),
            seconds=float(facts["seconds"]),
            pace=dict(facts["pace"]),
            start=_start(facts.get("start")),
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError, zipfile.BadZipFile) as error:
        raise _damaged(error) from error


def read_arrays(folder: Path) -> Iterable[Array]:
    """Give the arrays of the state, one at a time, in the order in which they were written.

    Raises:
        StudioError: the file is missing or damaged.
    """
    return _read_arrays(folder / _STATE_FILE)


def read_best(folder: Path, history: tuple[EpochEnded, ...]) -> list[Array]:
    """Return the weights of the best epoch of a history; none when there was no epoch yet.

    Raises:
        StudioError: the file is missing or damaged.
    """
    best = _best_file(folder, history)
    return [] if best is None else list(_read_arrays(best))


def remove_leftovers(folder: Path) -> None:
    """Remove what a kill left half written."""
    remove_temporary_files(folder)


def _start(plain: Any) -> tuple[float, float] | None:
    if plain is None:
        return None
    accuracy, loss = plain
    return float(accuracy), float(loss)


def _best_file(folder: Path, history: tuple[EpochEnded, ...]) -> Path | None:
    best = [each.epoch for each in history if each.is_best]
    return folder / f"best-{best[-1]}.npz" if best else None


def _write_arrays(stream: BinaryIO, arrays: Iterable[Array], facts: str) -> None:
    # As `numpy.savez` writes them; that one holds all arrays in memory at once.
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for number, array in enumerate(arrays):
            with archive.open(f"{number}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asanyarray(array), allow_pickle=False)
        archive.writestr(_FACTS, facts)


def _read_arrays(path: Path) -> Iterable[Array]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            for number in range(sum(name.isdecimal() for name in archive.files)):
                yield archive[str(number)]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise _damaged(error) from error


def _damaged(error: Exception) -> StudioError:
    return StudioError(
        f"What was kept of this training cannot be read: {error}.", "Discard it and train again."
    )
