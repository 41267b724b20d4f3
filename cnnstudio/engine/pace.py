"""How fast a training is and how long it will still take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# A validation picture goes through the network once, a training picture there and back.
_VALIDATION_SHARE_BEFORE_MEASURED = 1 / 3
# A batch that takes so much longer than the others was not computing: the computer slept.
_TIMES_LONGER_ASLEEP = 20
_SHORTEST_SLEEP_S = 10.0


class Pace:
    """Measures training batches and validations, in seconds; the caller brings the clock.

    The first batch after every start is left out of the rate: most of its time goes into tracing
    the network. So is time in which the computer slept.
    """

    def __init__(self, epochs: int, training_count: int, validation_count: int) -> None:
        self._epochs = epochs
        self._training_count = training_count
        self._validation_count = validation_count
        self._first: tuple[int, float] | None = None
        self._pictures = 0
        self._seconds = 0.0
        self._batches = 0
        self._validation_seconds: float | None = None
        self._before_epoch = (0, 0.0)
        self._seconds_of_epoch = 0.0

    def epoch_began(self) -> None:
        """Start counting an epoch of its own."""
        self._before_epoch = (self._pictures, self._seconds)
        self._seconds_of_epoch = 0.0

    def batch_ended(self, pictures: int, seconds: float) -> None:
        """Count a training batch."""
        if self._first is None:
            self._first = (pictures, seconds)
            self._seconds_of_epoch += seconds
            return
        usual = self._seconds / self._batches if self._batches else seconds
        if seconds > max(_SHORTEST_SLEEP_S, usual * _TIMES_LONGER_ASLEEP):
            seconds = usual
        self._batches += 1
        self._pictures += pictures
        self._seconds += seconds
        self._seconds_of_epoch += seconds

    def validation_ended(self, seconds: float) -> None:
        """Count a validation; the last one stands for those to come."""
        known = self._validation_seconds
        if known is not None and seconds > max(_SHORTEST_SLEEP_S, known * _TIMES_LONGER_ASLEEP):
            seconds = known
        self._validation_seconds = seconds
        self._seconds_of_epoch += seconds

    @property
    def seconds_of_epoch(self) -> float:
        """How long the running epoch has taken, its validation included."""
        return self._seconds_of_epoch

    @property
    def images_per_second(self) -> float:
        """Training pictures per second, validation not counted."""
        if self._seconds > 0:
            return self._pictures / self._seconds
        if self._first is not None and self._first[1] > 0:
            return self._first[0] / self._first[1]
        return 0.0

    @property
    def images_per_second_of_epoch(self) -> float:
        """The same for the running epoch alone."""
        pictures, seconds = self._before_epoch
        if self._seconds > seconds:
            return (self._pictures - pictures) / (self._seconds - seconds)
        return self.images_per_second

    def seconds_left(self, epoch: int, pictures_done: int) -> float | None:
        """Estimate the rest, being so far in an epoch (from 0); None until there is a rate."""
        if not self._seconds:
            return None
        rate = self.images_per_second
        epochs_left = self._epochs - epoch
        validation = self._validation_seconds
        if validation is None:
            validation = self._validation_count / rate * _VALIDATION_SHARE_BEFORE_MEASURED
        pictures_left = epochs_left * self._training_count - pictures_done
        return pictures_left / rate + epochs_left * validation

    def state(self) -> dict[str, Any]:
        """Return what `restore` needs to go on measuring, as JSON can hold it."""
        return {
            "pictures": self._pictures,
            "seconds": self._seconds,
            "batches": self._batches,
            "validation_seconds": self._validation_seconds,
            "before_epoch": self._before_epoch,
            "seconds_of_epoch": self._seconds_of_epoch,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` returned; the next batch is a first one again."""
        self._pictures = state["pictures"]
        self._seconds = state["seconds"]
        self._batches = state["batches"]
        self._validation_seconds = state["validation_seconds"]
        pictures, seconds = state["before_epoch"]
        self._before_epoch = (pictures, seconds)
        self._seconds_of_epoch = state["seconds_of_epoch"]
