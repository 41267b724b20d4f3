"""What a training has come to so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cnnstudio.core.config import TrainingConfig
from cnnstudio.core.events import EpochEnded


@dataclass
class Record:
    """The epochs so far, the best weights as NumPy arrays, and the steps of the running epoch.

    `seconds_waited` were spent in pauses since the last start.
    """

    history: list[EpochEnded] = field(default_factory=list)
    best_weights: list[Any] = field(default_factory=list)
    steps: int = 0
    seconds_waited: float = 0.0

    @property
    def best_epoch(self) -> int:
        """The best epoch, counted from 1; 0 before the first has ended."""
        return max((each.epoch for each in self.history if each.is_best), default=0)

    def is_better(self, accuracy: float, loss: float) -> bool:
        """Whether these validation figures are better than those of all epochs so far."""
        if not self.history:
            return True
        best = self.history[self.best_epoch - 1]
        return (accuracy, -loss) > (best.validation_accuracy, -best.validation_loss)

    def is_finished(self, settings: TrainingConfig) -> bool:
        """Whether all epochs are done, or the last ones, as many as it has patience for, no use."""
        epochs = len(self.history)
        has_lost_patience = (
            bool(settings.patience) and epochs - self.best_epoch >= settings.patience
        )
        return has_lost_patience or epochs >= settings.epochs
