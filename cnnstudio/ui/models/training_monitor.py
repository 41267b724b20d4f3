"""What a running training has said so far, as curves and words. Pure: no Qt."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field

from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.coach import Advice, advise
from cnnstudio.core.config import RunConfig
from cnnstudio.core.events import BatchEnded, EpochEnded, Progress, TrainingBegan
from cnnstudio.core.project import Split
from cnnstudio.ui.words import count_words, counted, speed, time_left

# Enough for a line as wide as any screen; longer traces keep every second point.
_MOST_TRACE_POINTS = 1600

# Up to here the whole plan is on the axis from the start; longer plans grow into these lengths.
_WHOLE_PLAN = 50
_AXIS_LENGTHS = (50, 100, 200, 300, 500, 750, 1000)


@dataclass(frozen=True)
class RunCurves:
    """What the plots show of one run.

    `epochs` holds one entry an epoch, the first is epoch 1. The batch trace runs in units of
    epochs: batch b of B in epoch e lies at e - 1 + b / B.
    """

    name: str = ""
    axis_epochs: int = 1
    epochs: tuple[EpochEnded, ...] = ()
    best_epoch: int | None = None
    is_running: bool = False
    trace_x: Sequence[float] = ()
    trace_loss: Sequence[float] = ()
    trace_accuracy: Sequence[float] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw yet."""
        return not self.epochs and not self.trace_x

    @property
    def best_words(self) -> str:
        """What stands beside the mark of the epoch that is kept; 0 is the start.

        It need not be the one with the highest figure: a later one is kept unless clearly worse.
        """
        if self.is_running:
            return "kept so far"
        return f"kept, epoch {self.best_epoch}" if self.best_epoch else "kept, the start"

    @property
    def best(self) -> EpochEnded | None:
        """What was measured in the best epoch."""
        return next((each for each in self.epochs if each.epoch == self.best_epoch), None)


def curves_of_history(
    name: str, history: Sequence[EpochEnded], best_epoch: int | None = None
) -> RunCurves:
    """Return the curves of a run that has ended; the axis is as long as the history."""
    if best_epoch is None:
        best_epoch = next((each.epoch for each in reversed(history) if each.is_best), None)
    return RunCurves(name, max(len(history), 1), tuple(history), best_epoch)


def curves_csv(curves: RunCurves) -> str:
    """Return a table of all curves, one row an epoch; accuracies are shares, 0 to 1."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    keys = ("epoch", "loss", "accuracy", "validation_loss", "validation_accuracy")
    writer.writerow((*keys, "is_best"))
    for each in curves.epochs:
        values = [getattr(each, key) for key in keys]
        writer.writerow((*values, each.epoch == curves.best_epoch))
    return text.getvalue()


@dataclass
class TrainingMonitor:
    """Collects the events of one training job.

    Give every event to `take`; read the curves and the words for the card from the properties.
    `class_counts` are the pictures of each class, `advice` is what the coach says of the epochs.
    """

    name: str
    config: RunConfig = field(default_factory=RunConfig)
    class_counts: Sequence[int] = ()
    began: TrainingBegan | None = None
    advice: Advice | None = None
    planned_epochs: int = field(init=False)
    epochs: list[EpochEnded] = field(default_factory=list)
    best_epoch: int | None = None
    images_per_second: float = 0.0
    seconds_left: float | None = None
    _progress: Progress | None = None
    _epoch: int = 1
    _batch: int = 0
    _x: list[float] = field(default_factory=list)
    _loss: list[float] = field(default_factory=list)
    _accuracy: list[float] = field(default_factory=list)
    _stride: int = 1
    _skipped: int = 0

    def __post_init__(self) -> None:
        """As long as nothing was heard, as many epochs are planned as the settings say."""
        self.planned_epochs = self.config.training.epochs

    def take(self, event: object) -> None:
        """Take in one event; kinds that say nothing about a training are passed over."""
        self._progress = event if isinstance(event, Progress) else None
        match event:
            case TrainingBegan():
                self._begin(event)
            case BatchEnded():
                self._take_batch(event)
            case EpochEnded():
                self._take_epoch(event)

    @property
    def epoch(self) -> int:
        """The epoch that runs, counted from 1."""
        return min(self._epoch, self.planned_epochs)

    @property
    def fraction(self) -> float:
        """How much is done, 0 to 1: of the preparation at first, then of the epochs."""
        if self.began is None:
            step = self._progress
            return step.done / step.total if step is not None and step.total else 0.0
        part = self._batch / max(self.began.batches_per_epoch, 1)
        return min((self._epoch - 1 + part) / self.planned_epochs, 1.0)

    @property
    def headline(self) -> str:
        """What runs: "From scratch, epoch 3 of 20"."""
        if self.began is None:
            return self.name
        return f"{self.name}, epoch {self.epoch} of {self.planned_epochs}"

    @property
    def state(self) -> str:
        """How it goes, in two or three words."""
        if self.began is None:
            return "getting ready"
        if self._progress is not None and self.epochs and not self._is_in_epoch:
            return "finishing"
        return self.advice.badge if self.advice is not None else "learning"

    @property
    def can_pause(self) -> bool:
        """Whether there are steps of learning between which a training waits."""
        return self.began is not None and self.state != "finishing"

    @property
    def facts(self) -> str:
        """One line below the bar: time left, speed, best epoch; before and after, what is done."""
        step = self._progress
        if step is not None:
            count = f": {count_words(step.done)} of {count_words(step.total)}" if step.total else ""
            left = time_left(self.seconds_left if self._is_in_epoch else step.seconds_left)
            return " · ".join(part for part in (left, f"{step.words}{count}") if part)
        if self.began is None:
            return "Waiting for its turn"
        parts = [time_left(self.seconds_left)]
        # A head learns rows of numbers: no picture is looked at any more.
        if training_preset(self.config.preset).footing != "features":
            parts.append(speed(self.images_per_second))
        parts.append(self.since_best)
        return " · ".join(part for part in parts if part) or "Building the network"

    @property
    def since_best(self) -> str:
        """Which epoch was best, how long ago, and when patience ends; "" before the first."""
        best = self.best_epoch
        if best is None:  # the first epoch is, unless the network knew more before it
            return "best was the start" if self.epochs else ""
        since = self.epochs[-1].epoch - best
        if not since:
            return f"best was epoch {best}"
        words = f"best was epoch {best}, {counted(since, 'epoch')} ago"
        patience = self.began.patience if self.began is not None else 0
        return f"{words}, stops by itself at {patience}" if patience else words

    @property
    def preparation(self) -> str:
        """What happens until there is something to say of the epochs."""
        if self.began is not None:
            return "After two epochs there is something to say."
        return "The pictures are read and dealt to training, validation and test first."

    def curves(self) -> RunCurves:
        """Return what the plots show now."""
        return RunCurves(
            self.name,
            axis_length(self.planned_epochs, len(self.epochs)),
            tuple(self.epochs),
            self.best_epoch,
            is_running=True,
            trace_x=tuple(self._x),
            trace_loss=tuple(self._loss),
            trace_accuracy=tuple(self._accuracy),
        )

    @property
    def _is_in_epoch(self) -> bool:
        """Whether a batch was learned since the last epoch ended."""
        return self._batch > 0

    def _begin(self, event: TrainingBegan) -> None:
        self.began, self.planned_epochs = event, event.epochs
        for epoch in event.history:
            self._take_epoch(epoch)

    def _take_batch(self, event: BatchEnded) -> None:
        self._epoch, self._batch = event.epoch, event.batch
        self.images_per_second = event.images_per_second
        self.seconds_left = event.seconds_left
        batches = max(self.began.batches_per_epoch if self.began else event.batch, 1)
        self._skipped += 1
        if self._skipped >= self._stride:
            self._skipped = 0
            self._add_point(
                event.epoch - 1 + min(event.batch / batches, 1.0), event.loss, event.accuracy
            )

    def _add_point(self, x: float, loss: float, accuracy: float) -> None:
        self._x.append(x)
        self._loss.append(loss)
        self._accuracy.append(accuracy)
        if len(self._x) > _MOST_TRACE_POINTS:
            for values in (self._x, self._loss, self._accuracy):
                del values[1::2]
            self._stride *= 2

    def _take_epoch(self, event: EpochEnded) -> None:
        self.epochs.append(event)
        if event.is_best:
            self.best_epoch = event.epoch
        self._epoch, self._batch = event.epoch + 1, 0
        self.images_per_second = event.images_per_second
        if self.began is not None:
            counts: dict[Split, int] = {
                "train": self.began.training_count,
                "validation": self.began.validation_count,
                "test": self.began.test_count,
            }
            self.advice = advise(self.epochs, self.config, counts, self.class_counts, True)


def axis_length(planned: int, done: int) -> int:
    """Return how many epochs the axis shows, so that it seldom grows and never by little."""
    if planned <= _WHOLE_PLAN:
        return planned
    enough = next((length for length in _AXIS_LENGTHS if length > done), planned)
    return min(enough, planned)
