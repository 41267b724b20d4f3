"""What is known of a run and how far to trust it, gathered for one sheet."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cnnstudio.core.dataset.images import UnreadablePicture, thumbnail
from cnnstudio.core.errors import StudioError
from cnnstudio.core.evaluation.browsing import Browsing, browse
from cnnstudio.core.evaluation.evaluation import Evaluation, kept_evaluation, place_of
from cnnstudio.core.evaluation.figures import Figures, figures_of
from cnnstudio.core.events import Progress
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.project import STATE_FOLDER, Split
from cnnstudio.core.runs import Run, read_samples

MISTAKES = 6
_THUMBNAIL_PX = 144


@dataclass(frozen=True)
class Mistake:
    """A picture that was taken for another class; titles, and the probability, 0 to 1.

    `jpeg` is a small copy, empty where the picture is gone or cannot be read.
    """

    path: str
    true: str
    predicted: str
    probability: float
    jpeg: bytes = b""


@dataclass(frozen=True)
class ReportCard:
    """All that the sheet says; `counts` are pictures by class (in the run's order) and part."""

    run: Run
    project: str
    evaluation: Evaluation
    figures: Figures
    counts: tuple[Mapping[Split, int], ...]
    mistakes: tuple[Mistake, ...]


def make_report_card(run: Run) -> Task[ReportCard]:
    """Return the task that gathers a run's report card, from what the run kept.

    Its test part is what it is judged by; validation pictures where it has no test part. The task
    raises `StudioError` where the run kept no answers, `Cancelled` when the user cancels.
    """

    def task(context: TaskContext) -> ReportCard:
        context.report(Progress("Reading the answers"))
        evaluation = _judged(run)
        context.checkpoint()
        context.report(Progress("Computing the figures"))
        figures = figures_of(evaluation)(context)
        by_class: dict[str, Counter[Split]] = {name: Counter() for name in run.class_names}
        for sample in read_samples(run):
            if sample.class_name in by_class:
                by_class[sample.class_name][sample.split] += 1
        root = project_root(run)
        mistakes = []
        for row in browse(evaluation, Browsing("worst", only_wrong=True))[:MISTAKES]:
            context.checkpoint()
            mistakes.append(_mistake(evaluation, int(row), root))
        return ReportCard(
            run,
            root.name if root else "",
            evaluation,
            figures,
            tuple(by_class[name] for name in run.class_names),
            tuple(mistakes),
        )

    return task


def project_root(run: Run) -> Path | None:
    """Return the folder of the project that a run is kept in, None where it lies elsewhere."""
    state = run.folder.parent.parent
    return state.parent if state.name == STATE_FOLDER else None


def _judged(run: Run) -> Evaluation:
    part: Literal["test", "validation"]
    for part in ("test", "validation"):
        evaluation = kept_evaluation(run, part)
        if len(evaluation):
            return evaluation
    raise StudioError(
        f"The run {run.name} kept no answers to judge it by.", "Train again with more pictures."
    )


def _mistake(evaluation: Evaluation, row: int, root: Path | None) -> Mistake:
    picture, predicted = evaluation.pictures[row], int(evaluation.predicted[row])
    place = place_of(picture, root) if root else Path(picture.path)
    try:
        stream = io.BytesIO()
        thumbnail(place, _THUMBNAIL_PX).convert("RGB").save(stream, "JPEG", quality=85)
        jpeg = stream.getvalue()
    except (UnreadablePicture, OSError):  # gone or changed since: its name is still told
        jpeg = b""
    return Mistake(
        picture.path,
        evaluation.class_titles[int(evaluation.true[row])],
        evaluation.class_titles[predicted],
        float(evaluation.probabilities[row, predicted]),
        jpeg,
    )
