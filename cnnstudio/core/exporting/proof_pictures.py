"""The pictures by which an export is proved, and those by which whole numbers are chosen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cnnstudio.core.dataset.images import UnreadablePicture, fingerprint, read_array
from cnnstudio.core.dataset.reading import in_parallel
from cnnstudio.core.engine_api import Engine, Pictures
from cnnstudio.core.evaluation.caution import Caution
from cnnstudio.core.evaluation.making_caution import answers_with_distances
from cnnstudio.core.events import Progress
from cnnstudio.core.exporting.parity import Answered
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Split
from cnnstudio.core.runs import Run, SampleRecord, read_samples

MOST_PICTURES = 200
MOST_CALIBRATION_PICTURES = 100
_ORDER: tuple[Split, ...] = ("test", "validation", "train")
_BATCH = 32


@dataclass(frozen=True)
class ProofPictures:
    """Pictures of one part of a run, with what the window answers.

    `true` are class indices, shape (n,), in the order of `paths`.
    """

    part: Split
    paths: tuple[Path, ...]
    true: npt.NDArray[np.int64]
    answered: Answered

    def __len__(self) -> int:
        return len(self.paths)


def ask_here(
    engine: Engine, run: Run, caution: Caution | None, root: Path | None, context: TaskContext
) -> ProofPictures | None:
    """Ask the window's model about up to 200 pictures of a run that are still there.

    They are test pictures; validation pictures where there are none, and training pictures where
    there are neither. None where no picture can be read.

    Raises:
        StudioError: the model cannot be loaded.
        Cancelled: the user cancelled.
    """
    places = {name: place for place, name in enumerate(run.class_names)}
    for part in _ORDER:
        chosen = _chosen(run, part, root, MOST_PICTURES)
        paths: list[Path] = []
        true: list[int] = []
        answers: list[npt.NDArray[np.float32]] = []
        distances: list[npt.NDArray[np.float64]] = []
        familiarity = caution.familiarity if caution and caution.hands_back_unfamiliar else None
        results = _read(run, [path for _, path in chosen], context)
        for start in range(0, len(chosen), _BATCH):
            context.report(Progress("Asking the network here", start, len(chosen)))
            lot = list(zip(chosen[start:], islice(results, _BATCH), strict=False))
            readable = [(each, picture) for each, picture in lot if picture is not None]
            if readable:
                pictures = np.stack([picture for _, picture in readable])
                answered, far = answers_with_distances(engine, run, familiarity, pictures)
                answers.append(answered)
                distances.append(far)
                paths += [path for (_, path), _ in readable]
                true += [places[record.class_name] for (record, _), _ in readable]
            context.checkpoint()
        if paths:
            probabilities, away = np.concatenate(answers), np.concatenate(distances)
            doubts = caution.doubts(probabilities, away) if caution else [""] * len(paths)
            is_unsure = np.array([bool(each) for each in doubts])
            return ProofPictures(
                part,
                tuple(paths),
                np.array(true, np.int64),
                Answered(probabilities, away, is_unsure),
            )
    return None


def calibration_pictures(run: Run, root: Path | None, context: TaskContext) -> Pictures | None:
    """Return up to 100 of a run's pictures, training ones first, shape (n, size, size, 3).

    None where none can be read.
    """
    for part in reversed(_ORDER):
        chosen = _chosen(run, part, root, MOST_CALIBRATION_PICTURES)
        results = _read(run, [path for _, path in chosen], context)
        pictures = [picture for picture in results if picture is not None]
        if pictures:
            return np.stack(pictures)
    return None


def _chosen(run: Run, part: Split, root: Path | None, most: int) -> list[tuple[SampleRecord, Path]]:
    """Return some pictures of a part, always the same, that are still there and as they were."""
    records = [
        each
        for each in read_samples(run)
        if each.split == part and each.class_name in run.class_names
    ]
    order = np.random.default_rng(0).permutation(len(records))
    found = ((records[place], _place(records[place], root)) for place in order)
    there = ((record, path) for record, path in found if path and _is_the_same(record, path))
    return sorted(islice(there, most), key=lambda each: each[1])


def _is_the_same(record: SampleRecord, path: Path) -> bool:
    # By other pictures under the same names nothing would be proved.
    try:
        return fingerprint(path) == record.fingerprint
    except UnreadablePicture:
        return False


def _place(record: SampleRecord, root: Path | None) -> Path | None:
    path = Path(record.path)
    # A name with a line break cannot be handed to the sample code, which reads one a line.
    if "\n" in record.path or "\r" in record.path:
        return None
    if path.is_absolute():
        return path
    return None if root is None else root.absolute() / path


def _read(run: Run, paths: Sequence[Path], context: TaskContext) -> Iterator[Pictures | None]:
    training = run.config.training

    def read(path: Path) -> Pictures:
        return read_array(path, training.image_size, training.resize_mode)

    for result in in_parallel(paths, read, context, ahead=2 * _BATCH):
        yield None if isinstance(result, UnreadablePicture) else result
