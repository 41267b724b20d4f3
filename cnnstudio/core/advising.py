"""Help from a model: labels that are probably wrong, and classes for pictures without one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from cnnstudio.core.cross_validation import out_of_fold_probabilities
from cnnstudio.core.dataset.reading import index_samples
from cnnstudio.core.doubting import find_doubts
from cnnstudio.core.engine_api import Engine
from cnnstudio.core.errors import StudioError
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.picture_features import batches_of, features_of
from cnnstudio.core.project import ImageClass, Project, Sample
from cnnstudio.core.runs import Run, checked_answers
from cnnstudio.core.storage.index import Index
from cnnstudio.core.training_members import classes_by_name

_FEWEST_DIFFERENT = 2


@dataclass(frozen=True)
class LabelDoubt:
    """A picture whose label is probably wrong; confidences are probabilities, 0 to 1."""

    path: str
    class_name: str
    suggested_class: str
    confidence_in_label: float
    confidence_in_suggestion: float


@dataclass(frozen=True)
class LabelDoubts:
    """What came of looking for wrong labels, most doubtful first.

    `accuracy_out_of_fold` is the share of the `compared` pictures whose label was guessed by a
    model that had not learned them: when it is low, the doubts are worth little. `notes` are
    sentences about what was left out.
    """

    doubts: tuple[LabelDoubt, ...]
    compared: int
    accuracy_out_of_fold: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Suggestion:
    """A class for a picture without one; `class_name` is the project's, `probability` 0 to 1.

    The probability is the network's own, which is more certain than it is right: see
    `certainty.precision_above` for how often such answers were right.
    """

    path: str
    class_name: str
    probability: float


@dataclass(frozen=True)
class Suggestions:
    """Classes for pictures without one, most certain first.

    `unreadable` pictures could not be read; for `without_class` the answer was a class that the
    project does not have (any more).
    """

    suggestions: tuple[Suggestion, ...]
    unreadable: int = 0
    without_class: int = 0

    def above(self, threshold: float) -> tuple[Suggestion, ...]:
        """Return those whose probability is at least `threshold`, 0 to 1."""
        return tuple(each for each in self.suggestions if each.probability >= threshold)


def doubt_labels(engine: Engine, project: Project, index: Index) -> Task[LabelDoubts]:
    """Return the task that finds the labels of a project that are probably wrong.

    Works without any run: a simple model learns the labels from what a pretrained network sees in
    the pictures, and is asked about those that it did not learn. What the pretrained network sees
    is computed with progress and time left where the index does not know it, and kept there, also
    when the user cancels.

    The task raises `StudioError` when fewer than two classes have two different pictures that can
    be read; `Cancelled` when the user cancels.
    """

    def task(context: TaskContext) -> LabelDoubts:
        # A class that is switched off takes no part in anything that is learned.
        learned = {each.name for each in project.learned_classes}
        labelled = [sample for sample in project.samples if sample.class_name in learned]
        indexed = index_samples(project, labelled, index, context)
        marks = {
            sample: indexed[sample.path].fingerprint
            for sample in labelled
            if not indexed[sample.path].problem
        }
        features = features_of(engine, project, marks, index, context)
        members = [sample for sample, mark in marks.items() if mark in features]
        notes = []
        if lost := len(labelled) - len(members):
            notes.append(f"{_pictures(lost)} cannot be read and {_are(lost)} left out.")
        classes, too_small = _comparable(project, members, marks)
        notes += [
            f"{each.title} has fewer than two different pictures, so there is nothing to compare"
            " them with: left out."
            for each in too_small
        ]
        if len(classes) < 2:
            raise StudioError(
                "Labels can be compared when two classes have pictures that can be read.",
                "Give at least two classes two different pictures each; ten or more are better.",
            )
        order = {each.name: place for place, each in enumerate(classes)}
        members = [sample for sample in members if sample.class_name in order]
        labels = np.array([order[sample.class_name or ""] for sample in members], np.int64)
        probabilities = out_of_fold_probabilities(
            np.stack([features[marks[sample]] for sample in members]),
            labels,
            [marks[sample] for sample in members],
            len(classes),
            context,
        )
        return LabelDoubts(
            tuple(_doubts(members, labels, probabilities, classes)),
            len(members),
            float((probabilities.argmax(axis=1) == labels).mean()),
            tuple(notes),
        )

    return task


def suggest_classes(
    engine: Engine, run: Run, project: Project, paths: Sequence[str]
) -> Task[Suggestions]:
    """Return the task that asks a run for the classes of pictures of the project.

    `paths` are those of samples, as in `Sample.path`; ones that the project does not have are
    passed over. The task raises `StudioError` when the model cannot be loaded; `Cancelled` when the
    user cancels.
    """

    def task(context: TaskContext) -> Suggestions:
        if not run.model_file.is_file():
            raise StudioError(f"The model of the run {run.name} is missing.", "Train again.")
        samples = [project.sample_at[path] for path in paths if path in project.sample_at]
        learned = tuple(map(ImageClass, run.class_names, run.class_titles))
        as_run = replace(project, config=run.config)
        names = classes_by_name(project, Project(run.folder, learned), run.name)
        found: list[Suggestion] = []
        answered = 0
        words = "Asking about pictures without a class"
        size_px = run.config.training.image_size
        for asked, pictures in batches_of(as_run, samples, size_px, context, words):
            answers = checked_answers(run, engine.predict(run.model_file, pictures))
            answered += len(asked)
            for sample, row in zip(asked, answers, strict=True):
                place = int(row.argmax())
                if (name := names.get(run.class_names[place])) is not None:
                    found.append(Suggestion(sample.path, name, float(row[place])))
        found.sort(key=lambda each: (-each.probability, each.path))
        return Suggestions(tuple(found), len(samples) - answered, answered - len(found))

    return task


def _comparable(
    project: Project, members: Sequence[Sample], marks: Mapping[Sample, str]
) -> tuple[list[ImageClass], list[ImageClass]]:
    """Return the classes with enough different pictures, and those with some, but too few."""
    different: dict[str | None, set[str]] = defaultdict(set)
    for sample in members:
        different[sample.class_name].add(marks[sample])
    used = [each for each in project.classes if different[each.name]]
    enough = [each for each in used if len(different[each.name]) >= _FEWEST_DIFFERENT]
    return enough, [each for each in used if each not in enough]


def _doubts(
    members: Sequence[Sample],
    labels: npt.NDArray[np.int64],
    probabilities: npt.NDArray[np.float64],
    classes: Sequence[ImageClass],
) -> list[LabelDoubt]:
    doubts = find_doubts(labels, probabilities)
    return [
        LabelDoubt(
            members[place].path,
            classes[given].name,
            classes[suggested].name,
            float(probabilities[place, given]),
            float(probabilities[place, suggested]),
        )
        for place, given, suggested in zip(
            doubts.places, doubts.given, doubts.suggested, strict=True
        )
    ]


def _pictures(count: int) -> str:
    return "1 picture" if count == 1 else f"{count:,} pictures"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
