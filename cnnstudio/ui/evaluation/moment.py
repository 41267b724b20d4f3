"""What the Time machine page shows, made in a worker: a run's moments, and one of them in full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor

from cnnstudio.core.arranging import Arrangement
from cnnstudio.core.evaluation.browsing import standings
from cnnstudio.core.evaluation.evaluation import Evaluation
from cnnstudio.core.evaluation.figures import Figures, figures_of
from cnnstudio.core.evaluation.moments import Moments, difference_words, read_moments
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Project, Sample
from cnnstudio.core.runs import Run
from cnnstudio.ui.evaluation.gallery import sample_of
from cnnstudio.ui.inspection import Facts
from cnnstudio.ui.models.answered_model import CaptionLine, Tile
from cnnstudio.ui.words import percent

_LOT = 1000


@dataclass(frozen=True, eq=False)
class Timeline:
    """A run's moments, and its validation pictures: `samples` in the order of the answers.

    `order` are their rows as they are shown, the same at all moments.
    """

    run: Run
    moments: Moments
    samples: tuple[Sample, ...]
    order: npt.NDArray[np.int64]


@dataclass(frozen=True)
class MomentFilter:
    """Which pictures are shown; class indices, None for any."""

    only_wrong: bool = False
    only_changed: bool = False
    true: int | None = None
    predicted: int | None = None


@dataclass(frozen=True, eq=False)
class ShownMoment:
    """A moment as the page shows it: figures, what is different from the kept epoch, pictures."""

    place: int
    figures: Figures
    words: tuple[str, ...]
    arrangement: Arrangement
    tiles: tuple[Tile, ...]


def read_timeline(run: Run, project: Project, facts: Facts, context: TaskContext) -> Timeline:
    """Read a run's moments and find its pictures.

    Raises:
        StudioError: the run kept none, or they are damaged.
        Cancelled: another run is wanted.
    """
    moments = read_moments(run)
    context.checkpoint()
    known = {path: row.fingerprint for path, row in facts.items()}
    found = standings(moments.validation, project, known)
    samples = tuple(
        sample_of(picture, standing, project)
        for picture, standing in zip(moments.validation.pictures, found, strict=True)
    )
    return Timeline(run, moments, samples, moments.hardest_first())


def show_moment(
    timeline: Timeline,
    place: int,
    wanted: MomentFilter,
    colours: Sequence[QColor],
    context: TaskContext,
) -> ShownMoment:
    """Work out what is shown of a moment.

    Raises:
        Cancelled: another moment is wanted.
    """
    moments, kept = timeline.moments, timeline.moments.validation
    then, epoch = moments.evaluation(place), moments.epochs[place]
    figures = figures_of(then)(context)
    words = difference_words(then, kept, epoch, timeline.run.best_epoch)
    rows = timeline.order[_is_shown(then, kept, wanted)[timeline.order]]
    tiles = []
    when = "later" if epoch < timeline.run.best_epoch else "kept"
    for number, row in enumerate(rows.tolist()):
        if number % _LOT == 0:
            context.checkpoint()
        colour = colours[int(then.true[row])]
        tiles.append(_tile(timeline.samples[row], then, kept, row, when, colour))
    samples = tuple(timeline.samples[row] for row in rows.tolist())
    places = {sample.path: number for number, sample in enumerate(samples)}
    return ShownMoment(place, figures, tuple(words), Arrangement(samples, places), tuple(tiles))


def _is_shown(then: Evaluation, kept: Evaluation, wanted: MomentFilter) -> npt.NDArray[np.bool_]:
    is_shown = np.ones(len(then), np.bool_)
    if wanted.only_wrong:
        is_shown &= ~then.is_right
    if wanted.only_changed:
        is_shown &= then.predicted != kept.predicted
    if wanted.true is not None:
        is_shown &= then.true == wanted.true
    if wanted.predicted is not None:
        is_shown &= then.predicted == wanted.predicted
    return is_shown


def _tile(
    sample: Sample, then: Evaluation, kept: Evaluation, row: int, when: str, colour: QColor
) -> Tile:
    titles = then.class_titles
    answer, after = int(then.predicted[row]), int(kept.predicted[row])
    is_right = bool(then.is_right[row])
    certainty = float(then.probabilities[row, answer])
    badge = f"{when}: {titles[after]}" if after != answer else ""
    true = titles[int(then.true[row])]
    verdict = "right" if is_right else "wrong"
    words = [sample.file_name, f"is {true}", f"{verdict}: {titles[answer]} {percent(certainty)}"]
    if badge:
        words.append(badge)
    lines = (
        CaptionLine(titles[answer], certainty, "right" if is_right else "wrong"),
        CaptionLine(f"is {true}"),
    )
    return Tile(lines, tuple(words), badge, colour)
