"""How a running task looks: a bar on a terminal, plain lines elsewhere, JSON lines for programs."""

from __future__ import annotations

import contextlib
import os
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from cnnstudio.commands.output import Output
from cnnstudio.core.events import BatchEnded, EpochEnded, Progress, TrainingBegan, Warned
from cnnstudio.ui.words import counted, percent, pictures, time_left

if TYPE_CHECKING:
    from rich.progress import TaskID

_SECONDS_BETWEEN_LINES = 20


class ProgressDisplay(Protocol):
    """Shows a task's events while it is entered."""

    def __enter__(self) -> Self:
        """Begin to show."""
        ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the terminal tidy."""
        ...

    def announce(self, words: str) -> None:
        """Say at once that the task is coming to its end; called in a signal handler."""
        ...

    def report(self, event: Any) -> None:
        """Show an event; kinds that are not known are passed over."""
        ...


def progress_display(output: Output) -> ProgressDisplay:
    """Return the display that suits where the output goes."""
    if output.is_json:
        return JsonLines(output)
    if output.is_live:
        return ProgressBar(output)
    return PlainLines(output)


class JsonLines:
    """One line per epoch; other events are not for programs."""

    def __init__(self, output: Output) -> None:
        self._output = output

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def announce(self, words: str) -> None:
        """Say so on standard error."""
        write_at_once(words)

    def report(self, event: Any) -> None:
        """Write a line for an epoch that ended."""
        if isinstance(event, TrainingBegan):
            for warning in (*event.notes, *event.warnings):
                self._output.note(warning)
        if isinstance(event, Warned):
            self._output.note(str(event))
        if isinstance(event, EpochEnded):
            self._output.event(
                "epoch",
                epoch=event.epoch,
                loss=event.loss,
                accuracy=event.accuracy,
                validation_loss=event.validation_loss,
                validation_accuracy=event.validation_accuracy,
                images_per_second=event.images_per_second,
                seconds=event.seconds,
                is_best=event.is_best,
            )


class PlainLines:
    """A line per epoch; on standard error one when the task turns to something else."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._words = ""
        self._epochs = 0
        self._said_at = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def announce(self, words: str) -> None:
        """Say so on standard error."""
        write_at_once(words)

    def report(self, event: Any) -> None:
        """Write a line for what is new."""
        if isinstance(event, Progress) and event.words != self._words:
            self._words = event.words
            # The lines of epochs say enough about a training.
            if not self._epochs:
                self._output.note(event.words)
        elif isinstance(event, Progress) and event.per_second:
            self._say_pace(event)
        if isinstance(event, TrainingBegan):
            self._epochs = event.epochs
            self._output.say(training_words(event))
            for warning in (*event.notes, *event.warnings):
                self._output.note(warning)
        if isinstance(event, Warned):
            self._output.note(str(event))
        if isinstance(event, EpochEnded):
            self._output.say(epoch_words(event))
            if event.epoch == self._epochs:
                self._epochs = 0

    def _say_pace(self, progress: Progress) -> None:
        """Write a line now and then: a count of a hundred thousand takes its time."""
        if time.monotonic() - self._said_at >= _SECONDS_BETWEEN_LINES:
            self._said_at = time.monotonic()
            left = time_left(progress.seconds_left)
            self._output.note(f"{progress.words}: {pace_words(progress)}{left and f', {left}'}")


class ProgressBar:
    """A bar with the time left, and above it a line per epoch."""

    def __init__(self, output: Output) -> None:
        from rich.progress import BarColumn, Progress, TextColumn

        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=20),
            TextColumn("{task.fields[figures]}", markup=False),
            TextColumn("{task.fields[left]}", markup=False, style="progress.remaining"),
            console=output.console,
            transient=True,
        )
        self._row: TaskID | None = None
        self._epochs = self._batches = 0
        self._announced = ""

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def announce(self, words: str) -> None:
        """Show the words in the place of what goes on, when the bar is drawn next."""
        self._announced = words
        if self._row is not None:
            self._bar.update(self._row, description=words, figures="", left="")

    def report(self, event: Any) -> None:
        """Move the bar, or write a line above it."""
        if isinstance(event, Progress) and self._epochs:
            # Between epochs the bar goes on counting batches.
            self._move(event.words, seconds_left=event.seconds_left)
        elif isinstance(event, Progress):
            figures = pace_words(event) if event.per_second else ""
            self._move(event.words, event.done, event.total, figures, event.seconds_left)
        elif isinstance(event, TrainingBegan):
            self._epochs, self._batches = event.epochs, event.batches_per_epoch
            for line in (training_words(event), *event.notes, *event.warnings):
                self._bar.console.print(line)
            self._move("Preparing", 0, self._epochs * self._batches)
        elif isinstance(event, Warned):
            self._bar.console.print(str(event))
        elif isinstance(event, BatchEnded):
            self._move(
                f"Epoch {event.epoch} of {self._epochs}",
                (event.epoch - 1) * self._batches + event.batch,
                self._epochs * self._batches,
                f"loss {event.loss:.3f}  {percent(event.accuracy)}",
                event.seconds_left,
            )
        elif isinstance(event, EpochEnded):
            self._bar.console.print(epoch_words(event))
            if event.epoch == self._epochs:
                self._epochs = 0

    def _move(
        self,
        words: str,
        done: int | None = None,
        total: int | None = None,
        figures: str = "",
        seconds_left: float | None = None,
    ) -> None:
        left = time_left(seconds_left)
        if self._announced:
            words, figures, left = self._announced, "", ""
        if self._row is None:
            self._row = self._bar.add_task(words, total=None, figures="", left="")
        # A count of None stays as it was.
        self._bar.update(
            self._row,
            description=words,
            completed=done,
            total=total if total else None,
            figures=figures,
            left=left,
        )


def write_at_once(words: str) -> None:
    """Write a line on standard error, past a print that may be going on: it cannot be entered."""
    with contextlib.suppress(OSError):
        os.write(2, f"{words}\n".encode())


def pace_words(progress: Progress) -> str:
    """Return how many are done, and how fast: "1,234 of 10,000, 210 a second"."""
    of = "" if progress.total is None else f" of {progress.total:,}"
    pace = f", {progress.per_second:,.0f} a second" if progress.per_second else ""
    return f"{progress.done:,}{of}{pace}"


def training_words(began: TrainingBegan) -> str:
    """Return what a training is about to do, in a line or two."""
    tested = f", {began.test_count:,} for the test" if began.test_count else ""
    return (
        f"Training on {pictures(began.training_count)}, {began.validation_count:,} to choose the"
        f" best epoch{tested}.\n{counted(began.parameters, 'parameter')}, on {began.device}."
    )


def epoch_words(epoch: EpochEnded) -> str:
    """Return one line of figures about an epoch."""
    return (
        f"Epoch {epoch.epoch:>3}  loss {epoch.loss:.4f}, accuracy {percent(epoch.accuracy):>7};"
        f" validation loss {epoch.validation_loss:.4f}, accuracy"
        f" {percent(epoch.validation_accuracy):>7}{'; kept so far' if epoch.is_best else ''}"
    )
