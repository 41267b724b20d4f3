"""What running tasks say while they run: frozen values, safe to pass between threads."""

from __future__ import annotations

from dataclasses import dataclass

from cnnstudio.core.predictions import PictureProblem, PictureSource, Prediction


@dataclass(frozen=True)
class Progress:
    """How far a task has come: `done` of `total` (None: not known), in words that say what of.

    `per_second` is set where the pace is worth showing.
    """

    words: str
    done: int = 0
    total: int | None = None
    seconds_left: float | None = None
    per_second: float | None = None


@dataclass(frozen=True)
class TrainingBegan:
    """Training starts now: the pictures are read and the network is built.

    `notes` say what is worth knowing of the split, `warnings` what to look at before the run is
    trusted. `patience` is the number of epochs without a better one after which it stops by itself,
    0 for never. `history` holds the epochs of a training that is resumed.
    """

    epochs: int
    batches_per_epoch: int
    training_count: int
    validation_count: int
    test_count: int
    parameters: int
    device: str
    precision: str
    warnings: tuple[str, ...] = ()
    patience: int = 0
    history: tuple[EpochEnded, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class PinsFollowed:
    """These pinned pictures, by their fingerprints, are asked about after every epoch."""

    fingerprints: tuple[str, ...]
    class_names: tuple[str, ...]
    class_titles: tuple[str, ...]


@dataclass(frozen=True)
class PinsAnswered:
    """What the network answers to the pinned pictures after an epoch, counted from 1.

    `answers` has probabilities by class, 0 to 1, for each picture of `PinsFollowed`.
    """

    epoch: int
    answers: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Warned:
    """Something went wrong that does not end the task.

    `words` are a sentence or two, `hint` says what to do about it.
    """

    words: str
    hint: str = ""

    def __str__(self) -> str:
        """The words, followed by the hint where there is one."""
        return f"{self.words} {self.hint}".strip()


@dataclass(frozen=True)
class BatchEnded:
    """One batch was learned; `epoch` and `batch` count from 1.

    Loss and accuracy are running means of this epoch.
    """

    epoch: int
    batch: int
    loss: float
    accuracy: float
    images_per_second: float
    seconds_left: float | None = None


@dataclass(frozen=True)
class EpochEnded:
    """One epoch was learned and validated; `seconds` is its own length.

    `learning_rate` is that of its last step, 0 where it is not known.
    """

    epoch: int
    loss: float
    accuracy: float
    validation_loss: float
    validation_accuracy: float
    images_per_second: float
    seconds: float
    is_best: bool
    learning_rate: float = 0.0


@dataclass(frozen=True)
class PredictionMade:
    """One picture of a prediction task was answered, or could not be read."""

    prediction: Prediction | PictureProblem
    source: PictureSource
