"""Asking a run about pictures: files, folders, or bytes that were pasted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cnnstudio.core.dataset.images import UnreadablePicture, read_array
from cnnstudio.core.dataset.reading import in_parallel
from cnnstudio.core.dataset.scanning import picture_files
from cnnstudio.core.engine_api import Engine, Pictures
from cnnstudio.core.errors import StudioError
from cnnstudio.core.evaluation.caution import Caution, load_caution
from cnnstudio.core.evaluation.making_caution import answers_with_doubts
from cnnstudio.core.events import PredictionMade, Progress
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.predictions import (
    Doubt,
    NamedBytes,
    PictureProblem,
    PictureSource,
    Prediction,
    content_of,
)
from cnnstudio.core.runs import Run

BATCH = 32


@dataclass(frozen=True)
class PredictionCounts:
    """How many pictures were answered, and how many could not be read."""

    answered: int
    problems: int


def collect_pictures(paths: Iterable[Path], context: TaskContext | None = None) -> list[Path]:
    """Return the pictures that paths stand for: files as they are, folders with all within.

    A file that is named is kept whatever it is, so that its problem is shown; in folders only what
    may be a picture is taken.

    Raises:
        Cancelled: the user cancelled.
    """
    context = context or TaskContext()
    found: list[Path] = []
    for path in paths:
        found += picture_files(path, context) if path.is_dir() else [path]
    return found


def predict_pictures(
    engine: Engine, run: Run, sources: Sequence[PictureSource], batch: int = BATCH
) -> Task[PredictionCounts]:
    """Return the task that asks about each source, in order; folders stand for what is in them.

    It reports one `PredictionMade` for each picture, with a `Prediction` or a `PictureProblem`.
    While one batch is asked about, the next are decoded; no more than three are in memory. The
    task raises `StudioError` when the model cannot be loaded, `Cancelled` when the user cancels.
    """

    def task(context: TaskContext) -> PredictionCounts:
        if not run.model_file.is_file():
            raise StudioError(f"The model of the run {run.name} is missing.", "Train again.")
        pictures = list(_expanded(sources, context))
        settings = run.config.training
        caution = load_caution(run.folder)

        def read(source: PictureSource) -> Pictures:
            return read_array(content_of(source), settings.image_size, settings.resize_mode)

        answered = problems = 0
        results = in_parallel(pictures, read, context, ahead=2 * batch)
        for start in range(0, len(pictures), batch):
            chunk = pictures[start : start + batch]
            rows = [next(results) for _ in chunk]
            readable = [row for row in rows if not isinstance(row, UnreadablePicture)]
            answers = iter(_asked(engine, run, caution, readable) if readable else ())
            for source, row in zip(chunk, rows, strict=True):
                name = source.name if isinstance(source, NamedBytes) else str(source)
                if isinstance(row, UnreadablePicture):
                    problems += 1
                    context.report(PredictionMade(PictureProblem(name, row.reason), source))
                else:
                    answered += 1
                    prediction = Prediction.of(name, run.class_names, *next(answers))
                    context.report(PredictionMade(prediction, source))
            done = answered + problems
            context.report(Progress("Predicting", done, len(pictures)))
            context.checkpoint()
        return PredictionCounts(answered, problems)

    return task


def _asked(
    engine: Engine, run: Run, caution: Caution | None, pictures: Sequence[Pictures]
) -> Iterator[tuple[npt.NDArray[np.float32], Doubt | None]]:
    answers, doubts = answers_with_doubts(engine, run, caution, np.stack(pictures))
    return zip(answers, doubts, strict=True)


def _expanded(sources: Sequence[PictureSource], context: TaskContext) -> Iterator[PictureSource]:
    for source in sources:
        if isinstance(source, NamedBytes):
            yield source
        else:
            yield from collect_pictures([source], context)
