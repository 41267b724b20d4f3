"""Ctrl-C during a training: the first asks to stop and keep, the second throws away.

Before anything was learned there is nothing to keep, and the first ends the training at once. Once
the run is saved, it stays: what is left to do is left out.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, Self

from cnnstudio.core.jobs import TaskContext

INTERRUPTED = 130
"""The exit code of a command that was ended by Ctrl-C."""

STOPPING = "Stopping: the best epoch is kept. Ctrl-C again cancels."
CANCELLING = "Cancelling: nothing is kept."
ENDING = "Ending: nothing was learned yet."
KEPT = "Ending: the run is saved already."


class Interrupts:
    """While open, turns SIGINT and SIGTERM into requests to a task.

    The first raises `KeyboardInterrupt` while nothing was learned: importing TensorFlow takes
    seconds and looks at no request. So does the third, for a task that answers to nothing. The
    task must run in the main thread for that. `announce` is called inside the signal handler, so it
    must not print through Python's streams.
    """

    def __init__(self, context: TaskContext, announce: Callable[[str], None]) -> None:
        self.count = 0
        self._context = context
        self._announce = announce
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        # Python allows handlers in the main thread only.
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._interrupted)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _interrupted(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1
        if self.count > 2:
            raise KeyboardInterrupt
        if self.count == 1 and not self._context.has_learned:
            self._context.stop()  # in case the exception is lost in somebody's code
            self._announce(ENDING)
            raise KeyboardInterrupt
        if self.count == 1:
            self._context.stop()
            self._announce(KEPT if self._context.has_kept else STOPPING)
        else:
            self._context.cancel()
            self._announce(CANCELLING if self._context.is_cancelled else KEPT)
