"""What a training has come to so far."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from cnnstudio.core.config import TrainingConfig
from cnnstudio.core.events import EpochEnded


@dataclass(frozen=True)
class Start:
    """What a network that was taken over has on the validation part before it learns anything."""

    accuracy: float
    loss: float


@dataclass
class Record:
    """The epochs so far, the best weights as NumPy arrays, and the steps of the running epoch.

    Where every epoch comes nearer to one solution, as under a learning rate that falls to nothing
    or a penalty on the weights, `settles_on` is the number of validation pictures. A later epoch is
    then the better one unless it is clearly worse: an early one that is a few pictures ahead is so
    by chance, and choosing those cost heads 0.5 to 1 points of accuracy on pictures that took no
    part in the choice. Clearly worse is what lies more than a standard error below the best, as in
    the rule of Breiman et al. 1984 (Classification and Regression Trees, section 3.4.3).

    `start` stands for a network that knows something before its first epoch, such as the head that
    fine-tuning begins with: with few steps an epoch none may be better than that.

    `seconds_waited` were spent in pauses since the last start.
    """

    settles_on: int = 0
    start: Start | None = None
    history: list[EpochEnded] = field(default_factory=list)
    best_weights: list[Any] = field(default_factory=list)
    steps: int = 0
    seconds_waited: float = 0.0

    @property
    def best_epoch(self) -> int:
        """The best epoch, counted from 1; 0 for the start, and before the first has ended."""
        return max((each.epoch for each in self.history if each.is_best), default=0)

    def is_better(self, accuracy: float, loss: float) -> bool:
        """Whether these validation figures are better than those of all epochs so far."""
        known = [(each.validation_accuracy, each.validation_loss) for each in self.history]
        if self.start is not None:
            known.insert(0, (self.start.accuracy, self.start.loss))
        if not known:
            return True
        if self.settles_on:
            highest = max(accuracy for accuracy, _ in known)
            return accuracy >= highest - math.sqrt(highest * (1 - highest) / self.settles_on)
        best_accuracy, best_loss = max(known, key=lambda each: (each[0], -each[1]))
        return (accuracy, -loss) > (best_accuracy, -best_loss)

    def is_finished(self, settings: TrainingConfig) -> bool:
        """Whether all epochs are done, or the last ones, as many as it has patience for, no use."""
        epochs = len(self.history)
        has_lost_patience = (
            bool(settings.patience) and epochs - self.best_epoch >= settings.patience
        )
        return has_lost_patience or epochs >= settings.epochs
