"""How a run came to be what it is: its head, and what it answered, after each epoch.

Only runs that trained a head on features have moments: their heads are small, and what they answer
to the validation pictures follows from features that are at hand. The arrays are kept in one file
beside the run's others, which holds numbers and nothing that could be run.
"""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cnnstudio.core.engine_api import HeadMoment, HeadWeights
from cnnstudio.core.errors import StudioError
from cnnstudio.core.evaluation.evaluation import Evaluation, kept_evaluation
from cnnstudio.core.runs import Run
from cnnstudio.core.storage.atomic import write_bytes

MOMENTS_FILE = "moments.npz"

# Twice what a training keeps: a file that claims more is not one of ours.
_MOST_BYTES = 32 << 20
_MOST_WORDS = 2

_Halves = npt.NDArray[np.float16]


@dataclass(frozen=True, eq=False)
class Moments:
    """The epochs that were kept, counted from 1 and rising, and what belongs to each of them.

    `kernels` have shape (m, length, classes), `biases` (m, classes), `answers`, probabilities of
    the pictures of `validation`, (m, n, classes). `validation` holds the answers of the run itself.
    """

    epochs: tuple[int, ...]
    kernels: _Halves
    biases: npt.NDArray[np.float32]
    answers: _Halves
    validation: Evaluation

    def __len__(self) -> int:
        return len(self.epochs)

    def place_of(self, epoch: int) -> int:
        """Return the place of the moment nearest to an epoch."""
        return min(range(len(self)), key=lambda place: abs(self.epochs[place] - epoch))

    def evaluation(self, place: int) -> Evaluation:
        """Return what the network answered to the validation pictures at a moment."""
        return replace(self.validation, probabilities=_probabilities(self.answers[place]))

    def head(self, place: int) -> HeadWeights:
        """Return the head of a moment."""
        return HeadWeights(self.kernels[place].astype(np.float32), self.biases[place])

    def hardest_first(self) -> npt.NDArray[np.int64]:
        """Return the pictures' rows, shape (n,): those that were wrong in most moments first."""
        wrong = (self.answers.argmax(axis=2) != self.validation.true).sum(axis=0)
        order: npt.NDArray[np.int64] = np.argsort(-wrong, kind="stable")
        return order


def write_moments(
    folder: Path, moments: Sequence[HeadMoment], features: npt.NDArray[np.floating]
) -> None:
    """Keep moments with the other files of a run.

    Args:
        folder: the run's, or its draft.
        moments: in order of their epochs; at least one.
        features: of the validation pictures, shape (n, length), in the order of their answers.

    Raises:
        StudioError: the disk refuses.
    """
    _write(
        folder,
        [each.epoch for each in moments],
        np.stack([each.head.kernel for each in moments]).astype(np.float16),
        np.stack([each.head.bias for each in moments]),
        np.stack([_halves(each.head.answers_to(features)) for each in moments]),
    )


def copy_moments(moments: Moments, last: int, folder: Path) -> None:
    """Keep the moments until that of the place `last` with another run.

    Raises:
        StudioError: the disk refuses.
    """
    kept = slice(0, last + 1)
    _write(
        folder,
        moments.epochs[kept],
        moments.kernels[kept],
        moments.biases[kept],
        moments.answers[kept],
    )


def has_moments(run: Run) -> bool:
    """Whether a run kept its moments."""
    return (run.folder / MOMENTS_FILE).is_file()


def read_moments(run: Run) -> Moments:
    """Read what `write_moments` wrote.

    Raises:
        StudioError: the run kept none, or they or its answers are damaged.
    """
    validation = kept_evaluation(run, "validation")
    path = run.folder / MOMENTS_FILE
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(each.file_size for each in archive.infolist()) > _MOST_BYTES:
                raise ValueError("too large")
        with np.load(path, allow_pickle=False) as arrays:
            epochs = tuple(int(each) for each in arrays["epochs"])
            kernels = np.asarray(arrays["kernels"], np.float16)
            biases = np.asarray(arrays["biases"], np.float32)
            answers = np.asarray(arrays["answers"], np.float16)
        count, classes = len(epochs), len(run.class_names)
        shapes = (kernels.shape[::2], biases.shape, answers.shape)
        expected = ((count, classes), (count, classes), (count, len(validation), classes))
        if shapes != expected or not count or sorted(set(epochs)) != list(epochs):
            raise ValueError("shapes")
        if not all(np.isfinite(each).all() for each in (kernels, biases, answers)):
            raise ValueError("no numbers")
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise StudioError(
            f"The moments that the run {run.name} kept of its training cannot be read.",
            "Train again to get new ones.",
        ) from error
    return Moments(epochs, kernels, biases, answers, validation)


def difference_words(then: Evaluation, kept: Evaluation, epoch: int, kept_epoch: int) -> list[str]:
    """Return in sentences how the answers of an epoch differ from those of the one that is kept."""
    if epoch == kept_epoch:
        return [f"Epoch {epoch} is the one that is kept."]
    lost = int((then.is_right & ~kept.is_right).sum())
    won = int((~then.is_right & kept.is_right).sum())
    if not (then.predicted != kept.predicted).any():
        return [f"Every picture is answered as at epoch {kept_epoch}, which is kept."]
    words = []
    titles = then.class_titles
    now, later = _mistakes(then), _mistakes(kept)
    changes = {pair: now[pair] - later[pair] for pair in (*now, *later)}
    pairs = sorted(changes, key=lambda pair: (-abs(changes[pair]), pair))
    for true, answered in pairs[:_MOST_WORDS]:
        if changes[true, answered]:
            still = " still" if epoch < kept_epoch and changes[true, answered] > 0 else ""
            words.append(
                f"At epoch {epoch} it{still} took {_amount(now[true, answered])} of"
                f" {titles[true]} for {titles[answered]}; {later[true, answered] or 'none'} at"
                f" epoch {kept_epoch}."
            )
    gets = []
    if won:
        gets.append(f"{_amount(won)} right that {_was(won)} wrong then")
    if lost:
        gets.append(f"{_amount(lost)} wrong that {_was(lost)} right then")
    if gets:
        words.append(f"Epoch {kept_epoch}, which is kept, gets {' and '.join(gets)}.")
    return words


def _mistakes(evaluation: Evaluation) -> Counter[tuple[int, int]]:
    rows = ~evaluation.is_right
    pairs = zip(evaluation.true[rows].tolist(), evaluation.predicted[rows].tolist(), strict=True)
    return Counter(pairs)


def _amount(count: int) -> str:
    return "no picture" if not count else f"{count:,} picture{'s' * (count != 1)}"


def _was(count: int) -> str:
    return "was" if count == 1 else "were"


def _halves(probabilities: npt.NDArray[np.float32]) -> _Halves:
    """Return probabilities in 16 bits; the likeliest class stays the likeliest."""
    halves = probabilities.astype(np.float16)
    rows, likeliest = np.arange(len(halves)), probabilities.argmax(axis=1)
    moved = rows[halves.argmax(axis=1) != likeliest]
    places = (moved, likeliest[moved])
    halves[places] = np.nextafter(halves[places], np.float16(2))
    return halves


def _probabilities(halves: _Halves) -> npt.NDArray[np.float32]:
    wide = halves.astype(np.float32)
    shares: npt.NDArray[np.float32] = wide / wide.sum(axis=1, keepdims=True)
    return shares


def _write(
    folder: Path,
    epochs: Sequence[int],
    kernels: _Halves,
    biases: npt.NDArray[np.float32],
    answers: _Halves,
) -> None:
    content = io.BytesIO()
    np.savez(
        content,
        epochs=np.array(epochs, np.int32),
        kernels=kernels,
        biases=biases.astype(np.float32),
        answers=answers,
    )
    write_bytes(folder / MOMENTS_FILE, content.getvalue())
