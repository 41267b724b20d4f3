"""Running tasks off the GUI thread.

A `JobQueue` owns one thread and runs one task at a time on it; the rest wait in line. What a task
reports reaches the GUI thread through the `Job` it was started as: `reported` any number of times,
then exactly one of `finished`, `failed` and `cancelled`. Connect to the `Job` only.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import threading
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

from PySide6.QtCore import QObject, Qt, QThread, Signal, Slot

from cnnstudio.core.errors import Cancelled, StudioError
from cnnstudio.core.jobs import Task, TaskContext

_log = logging.getLogger(__name__)

# macOS gives a thread 512 KiB, too little for TensorFlow.
_STACK_BYTES = 16 * 1024 * 1024
_NICENESS = 5


class Job(QObject):
    """One piece of work, as the GUI thread sees it. Created by `JobQueue.start` or `make`."""

    reported = Signal(object)
    finished = Signal(object)
    failed = Signal(object)
    cancelled = Signal()
    pause_changed = Signal()

    def __init__(self, words: str, *, can_stop: bool, can_cancel: bool, parent: QObject) -> None:
        super().__init__(parent)
        self.words = words
        self.can_stop = can_stop
        self.can_cancel = can_cancel
        self.has_ended = False
        self._context = TaskContext()

    def cancel(self) -> None:
        """Ask the task to end and throw its work away; `cancelled` follows.

        A job that cannot be cancelled goes on to its end; one that has kept its work ends early
        and `finished` follows.
        """
        if self.can_cancel:
            self._change(self._context.cancel)

    def stop(self) -> None:
        """Ask the task to end early and keep what there is; `finished` follows."""
        self._change(self._context.stop)

    def leave_for_later(self) -> None:
        """Ask the task to end so that it can be gone on with another time; `cancelled` follows."""
        self._change(self._context.leave_for_later)

    def pause(self) -> None:
        """Ask the task to wait between two steps."""
        self._change(self._context.pause)

    def resume(self) -> None:
        """Let the task go on."""
        self._change(self._context.resume)

    def _change(self, wish: Callable[[], None]) -> None:
        was_paused = self.is_paused
        wish()
        if was_paused != self.is_paused:
            self.pause_changed.emit()

    @property
    def is_paused(self) -> bool:
        """Whether `pause` was called and nothing ended the pause."""
        return self._context.is_paused

    @property
    def is_cancel_requested(self) -> bool:
        """Whether `cancel` was called before the work was kept."""
        return self._context.is_cancelled

    @property
    def has_learned(self) -> bool:
        """Whether there is something that a stop would keep."""
        return self._context.has_learned

    @property
    def is_stop_requested(self) -> bool:
        """Whether `stop` was called."""
        return self._context.is_stop_requested


class _Thread(QThread):
    """Runs tasks until it is told to end. Numbers stand for jobs: a Job stays in the GUI thread.

    One Python call lasts as long as the thread. With Qt's own event loop each slot would be a call
    of its own, after which Python forgets the thread; TensorFlow, which keeps a pointer to what
    Python knew of it, then crashes the process at the second job.
    """

    reported = Signal(int, object)
    ended = Signal(int, str, object)

    def __init__(self, name: str, parent: QObject) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setStackSize(_STACK_BYTES)
        self._tasks: SimpleQueue[tuple[int, Task[Any], TaskContext] | None] = SimpleQueue()

    def submit(self, number: int, task: Task[Any], context: TaskContext) -> None:
        """Put a task in line."""
        self._tasks.put((number, task, context))

    def end(self) -> None:
        """Let the thread end after what is in line."""
        self._tasks.put(None)

    def run(self) -> None:
        """Run one task after the other."""
        _yield_to_the_window()
        while (submitted := self._tasks.get()) is not None:
            self._run(*submitted)
            # The task's pictures may be large: they must not wait here for the next one.
            del submitted

    def _run(self, number: int, task: Task[Any], context: TaskContext) -> None:
        context.listen(lambda event: self.reported.emit(number, event))
        try:
            context.checkpoint()
            result = task(context)
        except Cancelled:
            self.ended.emit(number, "cancelled", None)
        except StudioError as error:
            self.ended.emit(number, "failed", error)
        except Exception as error:  # noqa: BLE001 - the one place that catches everything
            _log.exception("A task failed")
            self.ended.emit(number, "failed", error)
        else:
            self.ended.emit(number, "finished", result)


def _yield_to_the_window() -> None:
    """Let the GUI thread go first when all cores are busy.

    On Linux the priority is the thread's own and those it starts, TensorFlow's among them, take it
    over. Elsewhere the system already favours the window in the foreground.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)


class JobQueue(QObject):
    """One thread and the jobs in line for it."""

    job_started = Signal(object)
    job_ended = Signal(object)
    emptied = Signal()

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.current: Job | None = None
        self._waiting: deque[tuple[Job, Task[Any]]] = deque()
        self._number = 0
        self._is_closed = False
        self._thread = _Thread(name, self)
        self._thread.reported.connect(self._on_reported, Qt.ConnectionType.QueuedConnection)
        self._thread.ended.connect(self._on_ended, Qt.ConnectionType.QueuedConnection)
        self._thread.start()

    def start(
        self, words: str, task: Task[Any], *, can_stop: bool = False, can_cancel: bool = True
    ) -> Job:
        """Put a task in line; `words` say on screen what runs.

        Short ones that save what the user did are better not cancelled: they are waited for.
        """
        job = self.make(words, can_stop=can_stop, can_cancel=can_cancel)
        self.put(job, task)
        return job

    def make(self, words: str, *, can_stop: bool = False, can_cancel: bool = True) -> Job:
        """Return a job for work that is put in line later, with `put`, or never, with `drop`."""
        return Job(words, can_stop=can_stop, can_cancel=can_cancel, parent=self)

    def put(self, job: Job, task: Task[Any]) -> None:
        """Put the task of a job in line."""
        self._waiting.append((job, task))
        if self.current is None:
            self._begin_next()

    def drop(self, job: Job) -> None:
        """End a job that was made and is not wanted any more before it was put in line."""
        job.cancel()
        self._end(job, "cancelled", None)

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs or waits."""
        return self.current is None and not self._waiting

    def cancel_all(self) -> None:
        """Cancel what runs and what waits."""
        for job, _ in self._waiting:
            job.cancel()
        if self.current is not None:
            self.current.cancel()

    def close(self) -> None:
        """Cancel what can be and wait for the thread to end; the queue cannot be used again."""
        if self._is_closed:
            return
        self._is_closed = True
        self.cancel_all()
        for number, (job, task) in enumerate(self._waiting, self._number + 1):
            if not job.can_cancel:
                self._thread.submit(number, task, job._context)
        self._waiting.clear()
        self._thread.end()
        self._thread.wait()

    def _begin_next(self) -> None:
        # Whoever hears of an ending may have started the next one already.
        if self._is_closed or self.current is not None or not self._waiting:
            return
        self.current, task = self._waiting.popleft()
        self._number += 1
        self.job_started.emit(self.current)
        self._thread.submit(self._number, task, self.current._context)

    @Slot(int, object)
    def _on_reported(self, number: int, event: object) -> None:
        if self.current is not None and number == self._number:
            self.current.reported.emit(event)

    @Slot(int, str, object)
    def _on_ended(self, number: int, ending: str, value: object) -> None:
        job = self.current
        if job is None or number != self._number:
            return
        self.current = None
        self._end(job, ending, value)
        self._begin_next()
        if self.is_idle:
            self.emptied.emit()

    def _end(self, job: Job, ending: str, value: object) -> None:
        job.has_ended = True
        if ending == "finished":
            job.finished.emit(value)
        elif ending == "failed":
            job.failed.emit(value)
        else:
            job.cancelled.emit()
        self.job_ended.emit(job)
        job.deleteLater()
