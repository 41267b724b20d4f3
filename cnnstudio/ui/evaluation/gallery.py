"""What the Pictures page shows, made in a worker: the pictures in order, each with its words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor

from cnnstudio.core.arranging import Arrangement
from cnnstudio.core.evaluation.browsing import Browsing, Standing, browse, standings
from cnnstudio.core.evaluation.evaluation import EvaluatedPicture, Evaluation, place_of
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Project, Sample
from cnnstudio.ui.inspection import Facts
from cnnstudio.ui.models.answered_model import CaptionLine, Tile
from cnnstudio.ui.words import counted, percent, pictures

_LOT = 1000
# Never the time of change of a file: when it comes back, its picture is read anew.
_GONE_NS = 1


@dataclass(frozen=True, eq=False)
class Gallery:
    """The pictures shown: rows of the evaluation, and for each of these a sample and a tile.

    `standings` are of all pictures of the evaluation, in its order; `project` is the one they were
    worked out from.
    """

    project: Project
    rows: npt.NDArray[np.int64]
    arrangement: Arrangement
    tiles: tuple[Tile, ...]
    standings: tuple[Standing, ...]

    def standing(self, place: int) -> Standing:
        """Return what has become of the picture at a place of the gallery."""
        return self.standings[int(self.rows[place])]


def make_gallery(
    evaluation: Evaluation,
    browsing: Browsing,
    project: Project,
    facts: Facts,
    colours: Sequence[QColor],
    context: TaskContext,
) -> Gallery:
    """Return what is shown of an evaluation.

    Raises:
        Cancelled: a newer wish came.
    """
    rows = browse(evaluation, browsing)
    context.checkpoint()
    known = {path: row.fingerprint for path, row in facts.items()}
    found = standings(evaluation, project, known)
    predicted, certainty = evaluation.predicted, evaluation.probabilities.max(axis=1)
    samples: list[Sample] = []
    tiles: list[Tile] = []
    for row in rows.tolist():
        if len(tiles) % _LOT == 0:
            context.checkpoint()
        label, answer = int(evaluation.true[row]), int(predicted[row])
        samples.append(sample_of(evaluation.pictures[row], found[row], project))
        tiles.append(
            _tile(
                samples[-1].file_name,
                evaluation.class_titles[label],
                evaluation.class_titles[answer],
                float(certainty[row]),
                is_right=label == answer,
                standing=found[row],
                project=project,
                colour=colours[label],
            )
        )
    places = {sample.path: place for place, sample in enumerate(samples)}
    return Gallery(project, rows, Arrangement(tuple(samples), places), tuple(tiles), found)


def answer_words(evaluation: Evaluation, row: int) -> str:
    """Return what a picture is and what the run says, in a sentence."""
    label, answer = int(evaluation.true[row]), int(evaluation.predicted[row])
    share = percent(float(evaluation.probabilities[row, answer]))
    labelled = f"Labelled {evaluation.class_titles[label]}"
    if label == answer:
        return f"{labelled}, and the network says so ({share})."
    return f"{labelled}, but the network says {evaluation.class_titles[answer]} ({share})."


def standing_words(standing: Standing, picture: EvaluatedPicture, project: Project) -> str:
    """Return what has become of a picture where that is worth a sentence, "" otherwise."""
    if standing.is_relabelled and standing.sample is not None:
        return f"Label changed since: now {_title(standing.sample, project)}."
    if standing.whereabouts == "unchecked" and not picture.fingerprint:
        return (
            "This run did not keep what its pictures contain, so it is not certain that this file"
            " is the picture it was judged by. Change it in the Images step."
        )
    return {
        "here": "",
        "unchecked": "The pictures are still being looked at. This one can be changed in a moment.",
        "replaced": "Another picture lies in its place now, so it cannot be changed from here.",
        "gone": "No longer in the project: it was removed since.",
        "outside": "It is not in the open project, so its label cannot be changed from here.",
    }[standing.whereabouts]


def change_words(found: Sequence[Standing]) -> str:
    """Return what has changed since the run was made, "" when nothing has."""
    relabelled = sum(each.is_relabelled for each in found)
    gone = sum(each.whereabouts in ("gone", "replaced") for each in found)
    words = []
    if relabelled:
        words.append(f"{counted(relabelled, 'label')} changed since this run.")
    if gone:
        words.append(f"{pictures(gone)} left the project since.")
    if not words:
        return ""
    words.append(
        "The figures stay as measured: correcting only what the network contradicts would flatter"
        " it. The next training takes the labels as they are now."
    )
    return " ".join(words)


def sample_of(picture: EvaluatedPicture, standing: Standing, project: Project) -> Sample:
    """Return a picture as the grid takes it: by its absolute path, wherever it lies now."""
    sample = standing.sample
    if sample is not None:
        # Put together as text: a `Path` for each of thousands of pictures would take long.
        path = f"{project.root.as_posix()}/{sample.path}"
        return Sample(path, sample.class_name, sample.size_bytes, sample.modified_ns)
    path = place_of(picture, project.root).as_posix()
    return Sample(path, None, 0, _GONE_NS if standing.whereabouts == "gone" else 0)


def badge_of(standing: Standing, project: Project) -> str:
    """Return in a word or two what has become of a picture, "" where nothing has."""
    if standing.is_relabelled and standing.sample is not None:
        return f"now {_title(standing.sample, project)}"
    return {"gone": "removed", "replaced": "replaced"}.get(standing.whereabouts, "")


def _tile(
    file_name: str,
    true: str,
    predicted: str,
    certainty: float,
    *,
    is_right: bool,
    standing: Standing,
    project: Project,
    colour: QColor,
) -> Tile:
    badge = badge_of(standing, project)
    verdict = "right" if is_right else "wrong"
    words = [file_name, f"is {true}", f"{verdict}: {predicted} {percent(certainty)}"]
    if badge:
        words.append(f"label changed since: {badge}" if standing.is_relabelled else badge)
    lines = (
        CaptionLine(predicted, certainty, "right" if is_right else "wrong"),
        CaptionLine(f"is {true}"),
    )
    return Tile(lines, tuple(words), badge, colour)


def _title(sample: Sample, project: Project) -> str:
    """The title of the class that a sample has now."""
    titles = {each.name: each.title for each in project.classes}
    return titles.get(sample.class_name or "", "without a class")
