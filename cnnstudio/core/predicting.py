"""Asking a run about pictures: files, folders, archives, videos, or bytes that were pasted."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cnnstudio.core.asked_pictures import Asked, look_into
from cnnstudio.core.dataset.images import UnreadablePicture, read_array
from cnnstudio.core.dataset.reading import in_parallel
from cnnstudio.core.engine_api import Engine, Pictures
from cnnstudio.core.errors import StudioError
from cnnstudio.core.evaluation.caution import load_caution
from cnnstudio.core.evaluation.making_caution import answers_with_doubts
from cnnstudio.core.events import PredictionMade, Progress
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.predictions import (
    Doubt,
    PictureProblem,
    PictureSource,
    Prediction,
    content_of,
    name_of,
)
from cnnstudio.core.runs import Run
from cnnstudio.core.storage.atomic import scratch_folder

BATCH = 32


@dataclass(frozen=True)
class PredictionCounts:
    """How many pictures were answered, and how many could not be read."""

    answered: int
    problems: int


def predict_pictures(
    engine: Engine,
    run: Run,
    sources: Sequence[PictureSource],
    batch: int = BATCH,
    scratch: Path | None = None,
) -> Task[PredictionCounts]:
    """Return the task that asks about each source, in order; see `look_into` for what one is.

    It reports one `PredictionMade` for each picture, with a `Prediction` or a `PictureProblem`.
    What has to be unpacked lies in `scratch`; without one it is gone at the end. The task raises
    `StudioError` when the model cannot be loaded, `Cancelled` when the user cancels.
    """

    def task(context: TaskContext) -> PredictionCounts:
        with _scratch_folder(scratch) as folder:
            asked = look_into(sources, folder, context)
            pace = PredictionPace(asked.count(()), context)
            answered = problems = 0
            for lot in answers_to(engine, run, asked.unpacked(()), context, batch):
                for made in lot:
                    is_problem = isinstance(made.prediction, PictureProblem)
                    problems += is_problem
                    answered += not is_problem
                    context.report(made)
                pace.add(len(lot))
                context.checkpoint()
        return PredictionCounts(answered, problems)

    return task


def answers_to(
    engine: Engine, run: Run, pictures: Iterable[Asked], context: TaskContext, batch: int = BATCH
) -> Iterator[list[PredictionMade]]:
    """Give the answers to pictures in order, lot by lot.

    While one lot is asked about, the next are decoded; no more than three are in memory, and
    `pictures` are taken no faster than that.

    Raises:
        StudioError: the model cannot be loaded.
        Cancelled: the user cancelled.
    """
    if not run.model_file.is_file():
        raise StudioError(f"The model of the run {run.name} is missing.", "Train again.")
    settings, caution = run.config.training, load_caution(run.folder)

    def read(asked: Asked) -> tuple[Asked, Pictures | str]:
        if isinstance(asked, PictureProblem):
            return asked, asked.reason
        try:
            content = content_of(asked)
            return asked, read_array(content, settings.image_size, settings.resize_mode)
        except UnreadablePicture as problem:
            return asked, problem.reason

    results = in_parallel(pictures, read, context, ahead=2 * batch)
    while lot := [each for each in islice(results, batch) if not isinstance(each, Exception)]:
        readable = [picture for _, picture in lot if not isinstance(picture, str)]
        answers: Iterator[tuple[npt.NDArray[np.float32], Doubt | None]] = iter(())
        if readable:
            asked_about = np.stack(readable)
            answers = zip(*answers_with_doubts(engine, run, caution, asked_about), strict=True)
        made = []
        for asked, picture in lot:
            if isinstance(asked, PictureProblem):
                made.append(PredictionMade(asked, Path(asked.source)))
            elif isinstance(picture, str):
                made.append(PredictionMade(PictureProblem(name_of(asked), picture), asked))
            else:
                answer = Prediction.of(name_of(asked), run.class_names, *next(answers))
                made.append(PredictionMade(answer, asked))
        yield made


class PredictionPace:
    """Reports how many pictures are answered, how fast, and how long the rest takes.

    `already` were answered before the clock began.
    """

    def __init__(self, total: int | None, context: TaskContext, already: int = 0) -> None:
        self._total = total
        self._context = context
        self._already = already
        self._done = 0
        self._began: float | None = None
        context.report(Progress("Predicting", already, total))

    def add(self, count: int) -> None:
        """Count pictures that were answered; the first lot loads the network and sets no pace."""
        self._done += count
        done, now = self._already + self._done, time.monotonic()
        if self._began is None:
            self._began, self._already, self._done = now, done, 0
        rate = self._done / (now - self._began) if self._done and now > self._began else None
        left = (self._total - done) / rate if rate and self._total is not None else None
        self._context.report(Progress("Predicting", done, self._total, left, rate))


@contextlib.contextmanager
def _scratch_folder(given: Path | None) -> Iterator[Path]:
    if given is not None:
        yield given
    else:
        with scratch_folder() as folder:
            yield folder
