"""What a task may ask of whoever runs it.

A task is a plain function `task(context) -> result`. It reports with frozen events and looks at
`checkpoint()` at least every 100 ms or once a batch. It never knows whether a window or a
terminal runs it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from cnnstudio.core.errors import Cancelled, LeftForLater
from cnnstudio.core.events import BatchEnded, EpochEnded, Progress, TrainingBegan

T_co = TypeVar("T_co", covariant=True)

EVENTS_PER_SECOND = 20

NOTHING_LEARNED = "Stopped: nothing was learned yet, so nothing was kept."


class Task(Protocol[T_co]):
    """A piece of work that can be run on any thread."""

    def __call__(self, context: TaskContext) -> T_co:
        """Do the work and return its result."""
        ...


class TaskContext:
    """The running side of a job: reports, and asks whether to go on.

    `pause`, `resume`, `cancel`, `leave_for_later` and `stop` may be called from any thread, and
    from a signal handler. Until a `BatchEnded` or `EpochEnded` was reported, or a `TrainingBegan`
    with epochs from before, there is nothing that a stop could keep: it ends the task as a cancel
    does. From `keep` on both only end what is left.
    """

    def __init__(self, report: Callable[[Any], None] | None = None) -> None:
        self._report = report
        self._cancelled = threading.Event()
        self._left = threading.Event()
        self._stopped = threading.Event()
        self._may_go_on = threading.Event()
        self._may_go_on.set()
        self._last_progress, self._last_words = 0.0, ""
        self._has_learned = False
        self._has_kept = False
        # Reentrant: a signal handler may come to a thread that holds it.
        self._deciding = threading.RLock()

    def listen(self, report: Callable[[Any], None]) -> None:
        """Send reports to `report` from now on."""
        self._report = report

    def report(self, event: Any) -> None:
        """Send a frozen event to whoever listens.

        Progress that comes faster than 20 a second is passed over, but for the last of a count and
        the first of other words: they may have to stand there for long.
        """
        if isinstance(event, TrainingBegan):
            self._has_learned = bool(event.history)
        elif isinstance(event, BatchEnded | EpochEnded):
            self._has_learned = True
        if isinstance(event, Progress):
            now = time.monotonic()
            finished = event.total is not None and event.done >= event.total
            is_soon = now - self._last_progress < 1 / EVENTS_PER_SECOND
            if is_soon and not finished and event.words == self._last_words:
                return
            self._last_progress, self._last_words = now, event.words
        if self._report is not None:
            self._report(event)

    def checkpoint(self) -> None:
        """Raise `Cancelled` once the user has cancelled, or stopped before anything was learned.

        Once the user has left it for later, that is a `LeftForLater`. After `keep` it is raised for
        a stop, too: what is left to do is left out.
        """
        if self._left.is_set():
            raise LeftForLater
        if self._cancelled.is_set():
            raise Cancelled
        if self._stopped.is_set() and self._has_kept:
            raise Cancelled
        if self._stopped.is_set() and not self._has_learned:
            raise Cancelled(NOTHING_LEARNED)

    def keep(self) -> None:
        """Say that the work is about to be kept, which no cancel that comes later can change.

        Raises:
            Cancelled: the user has cancelled before; nothing may be kept.
        """
        with self._deciding:
            self._has_kept = True  # before the look, so that no signal comes between the two
            if self._cancelled.is_set():
                self._has_kept = False
                self.checkpoint()

    @property
    def has_kept(self) -> bool:
        """Whether the work is kept already, so that it is too late to throw it away."""
        return self._has_kept

    @property
    def has_learned(self) -> bool:
        """Whether there is something that a stop would keep."""
        return self._has_learned

    @property
    def is_stop_requested(self) -> bool:
        """Whether the user asked to stop early and keep what there is."""
        return self._stopped.is_set()

    @property
    def is_cancelled(self) -> bool:
        """Whether the user asked to throw the work away."""
        return self._cancelled.is_set()

    @property
    def is_paused(self) -> bool:
        """Whether the user asked to wait."""
        return not self._may_go_on.is_set()

    def wait_while_paused(self) -> float:
        """Wait as long as the user wants a pause, and return for how long, in seconds.

        A stop or a cancel ends the pause; the caller looks at them next.
        """
        if self._may_go_on.is_set():
            return 0.0
        began = time.monotonic()
        self._may_go_on.wait()
        return time.monotonic() - began

    def pause(self) -> None:
        """Ask the task to wait, between two batches, until `resume`."""
        self._may_go_on.clear()

    def resume(self) -> None:
        """Let the task go on."""
        self._may_go_on.set()

    def cancel(self) -> None:
        """Ask the task to end and throw its work away; what is kept already stays."""
        with self._deciding:
            (self._stopped if self._has_kept else self._cancelled).set()
        self._may_go_on.set()

    def leave_for_later(self) -> None:
        """Ask the task to end; a training with a checkpoint can be gone on with another time."""
        self._left.set()
        self.cancel()

    def stop(self) -> None:
        """Ask the task to end early and keep what there is."""
        self._stopped.set()
        self._may_go_on.set()
