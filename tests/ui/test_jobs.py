"""Jobs: work off the GUI thread, with exactly one ending each."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from pytestqt.qtbot import QtBot

from cnnstudio.core.errors import Cancelled, StudioError
from cnnstudio.core.events import Progress
from cnnstudio.core.jobs import TaskContext
from cnnstudio.ui.jobs import Job, JobQueue


@pytest.fixture
def queue(qtbot: QtBot) -> Iterator[JobQueue]:
    queue = JobQueue("test")
    yield queue
    queue.close()


def endings_of(job: Job) -> list[object]:
    endings: list[object] = []
    job.finished.connect(lambda value: endings.append(("finished", value)))
    job.failed.connect(lambda error: endings.append(("failed", str(error))))
    job.cancelled.connect(lambda: endings.append("cancelled"))
    return endings


def test_a_task_runs_off_the_gui_thread_and_its_result_arrives_on_it(
    qtbot: QtBot, queue: JobQueue
) -> None:
    threads: list[int] = []
    job = queue.start("Counting", lambda context: threading.get_ident())
    job.finished.connect(lambda worker: threads.extend([worker, threading.get_ident()]))
    qtbot.waitUntil(lambda: len(threads) == 2)
    assert threads[0] != threads[1] == threading.get_ident()


def test_what_a_task_reports_arrives_in_order_before_its_one_ending(
    qtbot: QtBot, queue: JobQueue
) -> None:
    def task(context: TaskContext) -> str:
        for number in range(2000):
            context.report(number)
        return "done"

    job = queue.start("Counting", task)
    seen: list[object] = []
    job.reported.connect(seen.append)
    job.finished.connect(seen.append)
    qtbot.waitUntil(lambda: queue.is_idle)
    assert seen == [*range(2000), "done"]


def test_a_failing_task_ends_in_its_sentence_and_the_next_one_still_runs(
    qtbot: QtBot, queue: JobQueue
) -> None:
    def fails(context: TaskContext) -> None:
        raise StudioError("The disk is full.", "Free some room.")

    first = endings_of(queue.start("Failing", fails))
    second = endings_of(queue.start("Working", lambda context: 7))
    qtbot.waitUntil(lambda: queue.is_idle)
    assert first == [("failed", "The disk is full. Free some room.")]
    assert second == [("finished", 7)]


def test_cancelling_ends_a_running_and_a_waiting_task(qtbot: QtBot, queue: JobQueue) -> None:
    running = threading.Event()

    def endless(context: TaskContext) -> None:
        running.set()
        while True:
            context.checkpoint()

    first, second = queue.start("Endless", endless), queue.start("Waiting", lambda context: 1)
    endings = [endings_of(first), endings_of(second)]
    qtbot.waitUntil(running.is_set)
    queue.cancel_all()
    qtbot.waitUntil(lambda: queue.is_idle)
    assert endings == [["cancelled"], ["cancelled"]]


@pytest.mark.parametrize("wish", [Job.cancel, Job.leave_for_later])
def test_a_cancel_after_the_work_was_kept_ends_in_its_result(
    qtbot: QtBot, queue: JobQueue, wish: Callable[[Job], None]
) -> None:
    kept = threading.Event()

    def task(context: TaskContext) -> str:
        context.keep()
        kept.set()
        try:
            while True:
                context.checkpoint()
        except Cancelled:
            return "the run"

    job = queue.start("Training", task)
    endings = endings_of(job)
    qtbot.waitUntil(kept.is_set)
    wish(job)
    assert not job.is_cancel_requested
    qtbot.waitUntil(lambda: queue.is_idle)
    assert endings == [("finished", "the run")]


def test_jobs_run_one_at_a_time_in_the_order_they_were_started(
    qtbot: QtBot, queue: JobQueue
) -> None:
    seen: list[int] = []
    active: list[int] = []

    def task(number: int) -> int:
        active.append(number)
        assert len(active) == 1
        active.remove(number)
        return number

    for number in range(20):
        queue.start("Counting", lambda context, number=number: task(number)).finished.connect(
            seen.append
        )
    qtbot.waitUntil(lambda: queue.is_idle)
    assert seen == list(range(20))


def test_a_job_started_at_the_end_of_another_makes_none_of_those_in_line_get_lost(
    qtbot: QtBot, queue: JobQueue
) -> None:
    seen: list[int] = []

    def start(number: int) -> Job:
        job = queue.start("Counting", lambda context: number)
        job.finished.connect(seen.append)
        return job

    first = start(1)
    start(2)
    start(3)
    first.finished.connect(lambda _number: start(4))
    qtbot.waitUntil(lambda: len(seen) == 4)
    assert seen == [1, 2, 3, 4]
    assert queue.is_idle


def test_what_a_library_keeps_for_its_thread_is_still_there_in_the_next_job(
    qtbot: QtBot, queue: JobQueue
) -> None:
    # TensorFlow keeps what Python knows of the thread; it crashes when Python forgets the thread.
    kept = threading.local()
    seen: list[object] = []

    def keep(context: TaskContext) -> None:
        kept.value = "still here"

    queue.start("Keeping", keep)
    queue.start("Looking", lambda context: getattr(kept, "value", None)).finished.connect(
        seen.append
    )
    qtbot.waitUntil(lambda: queue.is_idle)
    assert seen == ["still here"]


def test_fast_progress_is_thinned_out_but_its_end_always_arrives(
    qtbot: QtBot, queue: JobQueue
) -> None:
    def task(context: TaskContext) -> None:
        for number in range(1, 5001):
            context.report(Progress("Counting", number, 5000))

    job = queue.start("Counting", task)
    seen: list[Progress] = []
    job.reported.connect(seen.append)
    qtbot.waitUntil(lambda: queue.is_idle)
    assert len(seen) < 200
    assert seen[-1].done == 5000


def test_closing_ends_a_running_task_and_the_thread(qtbot: QtBot) -> None:
    queue = JobQueue("test")
    running = threading.Event()

    def endless(context: TaskContext) -> None:
        running.set()
        while True:
            context.checkpoint()

    queue.start("Endless", endless)
    qtbot.waitUntil(running.is_set)
    before = threading.active_count()
    queue.close()
    assert threading.active_count() <= before
