"""How long the rest of a count takes, from the pace so far."""

from __future__ import annotations

import time

from cnnstudio.core.events import Progress
from cnnstudio.core.jobs import TaskContext


class ProgressClock:
    """Reports how many are done, and from their pace how long the rest takes."""

    def __init__(self, words: str, total: int, context: TaskContext) -> None:
        self._words = words
        self._total = total
        self._context = context
        self._began = time.monotonic()
        context.report(Progress(words, 0, total))

    def report(self, done: int) -> None:
        """Say that so many (at least 1) are done."""
        left = (time.monotonic() - self._began) / done * (self._total - done)
        self._context.report(Progress(self._words, done, self._total, left))
