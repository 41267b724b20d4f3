"""Ctrl-C during a training: the first asks to stop and keep, the second throws away."""

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


class Interrupts:
    """While open, turns SIGINT and SIGTERM into requests to a task.

    The third one ends the program at once, for a task that answers to nothing. `announce` is
    called inside the signal handler, so it must not print through Python's streams.
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
        if self.count == 1:
            self._context.stop()
            self._announce(STOPPING)
        else:
            self._context.cancel()
            self._announce(CANCELLING)
