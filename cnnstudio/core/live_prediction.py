"""Asking a run about live pictures: always the newest, as often as the network can."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt
from PIL import Image

from cnnstudio.core.dataset.images import fit
from cnnstudio.core.engine_api import Engine
from cnnstudio.core.errors import StudioError
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.runs import Run, checked_answers

SMOOTHED_OVER_S = 0.4
"""After this time a new answer counts for about two thirds (1 - 1/e) of what is shown."""

_WAIT_S = 0.1
_RATE_OVER_S = 2.0

T = TypeVar("T")

TakeFrame = Callable[[float], Image.Image | None]


class Newest(Generic[T]):
    """Hands the newest of many things from one thread to another; older ones are dropped."""

    def __init__(self) -> None:
        self._thing: T | None = None
        self._changed = threading.Condition()

    def put(self, thing: T) -> None:
        """Offer a thing in place of the last."""
        with self._changed:
            self._thing = thing
            self._changed.notify()

    def take(self, timeout_s: float) -> T | None:
        """Wait for a thing and return it; None when none has come."""
        with self._changed:
            if self._thing is None:
                self._changed.wait(timeout_s)
            thing, self._thing = self._thing, None
            return thing


@dataclass(frozen=True)
class LiveAnswer:
    """Smoothed probabilities, shape (classes,), and how many pictures a second are answered."""

    probabilities: npt.NDArray[np.float32]
    per_second: float


class Smoothing:
    """Exponential smoothing by time: each answer pulls what is shown towards itself.

    The pull grows with the time since the last answer, so that the pace of the camera does not
    matter (R. G. Brown, Exponential Smoothing for Predicting Demand, 1956).
    """

    def __init__(self, over_s: float = SMOOTHED_OVER_S) -> None:
        self._over_s = over_s
        self._shown: npt.NDArray[np.float32] | None = None
        self._at_s = 0.0

    def __call__(self, answer: npt.NDArray[np.float32], now_s: float) -> npt.NDArray[np.float32]:
        """Return what to show, probabilities that add up to 1, shape (classes,)."""
        if self._shown is None:
            self._shown = answer
        else:
            pull = 1 - math.exp(-max(0.0, now_s - self._at_s) / self._over_s)
            self._shown = (self._shown + np.float32(pull) * (answer - self._shown)).astype("f4")
        self._at_s = now_s
        return self._shown


def predict_live(engine: Engine, run: Run, take_frame: TakeFrame) -> Task[None]:
    """Return the task that answers the newest picture until it is cancelled.

    `take_frame` waits so many seconds for a picture in RGB; None when none comes. The task reports
    a `LiveAnswer` for each. It raises `StudioError` when the model cannot be loaded, `Cancelled`
    when the user cancels.
    """

    def task(context: TaskContext) -> None:
        if not run.model_file.is_file():
            raise StudioError(f"The model of the run {run.name} is missing.", "Train again.")
        settings = run.config.training
        smoothing, answered = Smoothing(), deque[float]()
        while True:
            context.checkpoint()
            frame = take_frame(_WAIT_S)
            if frame is None:
                continue
            picture = np.asarray(fit(frame, settings.image_size, settings.resize_mode), np.uint8)
            rows = checked_answers(run, engine.predict(run.model_file, picture[None]))
            now = time.monotonic()
            answered.append(now)
            while now - answered[0] > _RATE_OVER_S:
                answered.popleft()
            span = now - answered[0]
            rate = (len(answered) - 1) / span if span > 0 else 0.0
            context.report(LiveAnswer(smoothing(rows[0], now), rate))

    return task
