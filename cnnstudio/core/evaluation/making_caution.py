"""Finding out what a run should be unsure about: at the end of its training, or later."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cnnstudio.core.dataset.images import UnreadablePicture, read_array
from cnnstudio.core.dataset.reading import in_parallel
from cnnstudio.core.engine_api import Engine, Pictures
from cnnstudio.core.evaluation.caution import Caution, KeptDistances, load_caution, save_caution
from cnnstudio.core.evaluation.evaluation import Evaluation, kept_evaluation
from cnnstudio.core.evaluation.familiarity import (
    Familiarity,
    choose_prototypes,
    distances_to,
    farthest_of,
    prototypes_of,
)
from cnnstudio.core.evaluation.temperature import fit_temperature
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.predictions import Doubt
from cnnstudio.core.progress_clock import ProgressClock
from cnnstudio.core.project import Project
from cnnstudio.core.runs import Run, checked_answers, read_samples

_BATCH = 32

Features = npt.NDArray[np.floating]


def caution_from(
    probabilities: npt.NDArray[np.floating],
    true: npt.NDArray[np.integer],
    prototypes: Features,
    validation: Features,
    test: Features,
) -> tuple[Caution, KeptDistances]:
    """Return what follows from a network's answers and from what it sees.

    Args:
        probabilities: answers to the validation pictures, shape (n, classes).
        true: their class indices, shape (n,).
        prototypes: what it sees in the training pictures that `choose_prototypes` chose, shape
            (m, length).
        validation: what it sees in the validation pictures, shape (n, length); rows of NaN where
            that is not known.
        test: likewise in the test pictures.
    """
    temperature = fit_temperature(probabilities, true)
    familiarity = None
    distances = KeptDistances(np.full(len(validation), np.nan), np.full(len(test), np.nan))
    if prototypes.size:
        kept = prototypes_of(prototypes)
        distances = KeptDistances(distances_to(kept, validation), distances_to(kept, test))
        farthest = farthest_of(distances.validation)
        familiarity = None if farthest is None else Familiarity(kept, farthest)
    return Caution(temperature, familiarity), distances


def find_caution(engine: Engine, run: Run, project: Project) -> Task[Caution]:
    """Return the task that finds and keeps the caution of a run that has none yet.

    The pictures are looked for where the run's list says; those that are gone or changed since are
    passed over. The task raises `StudioError` when the model cannot be loaded, `Cancelled` when the
    user cancels.
    """

    def task(context: TaskContext) -> Caution:
        known = load_caution(run.folder)
        if known is not None:
            return known
        order = {name: place for place, name in enumerate(run.class_names)}
        learned = [
            each for each in read_samples(run) if each.split == "train" and each.class_name in order
        ]
        chosen: list[Path] = []
        if learned:
            labels = np.array([order[each.class_name] for each in learned])
            rows = choose_prototypes(labels)
            chosen = [project.root / learned[row].path for row in rows]
        validation, test = kept_evaluation(run, "validation"), kept_evaluation(run, "test")
        paths = [*chosen, *_paths(validation, project), *_paths(test, project)]
        seen = _seen(engine, run, paths, context)
        first, second = len(chosen), len(chosen) + len(validation)
        prototypes = seen[:first]
        caution, distances = caution_from(
            validation.probabilities,
            validation.true,
            prototypes[np.isfinite(prototypes).all(axis=1)],
            seen[first:second],
            seen[second:],
        )
        save_caution(run.folder, caution, distances)
        return caution

    return task


def answers_with_distances(
    engine: Engine, run: Run, familiarity: Familiarity | None, pictures: Pictures
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float64]]:
    """Ask a run about pictures, shape (n, size, size, 3).

    Returns:
        Probabilities, shape (n, classes), and distances from the training pictures, shape (n,); NaN
        where there is nothing to measure them by.

    Raises:
        StudioError: the model cannot be loaded or is not that of the run.
    """
    if familiarity is None:
        answers = checked_answers(run, engine.predict(run.model_file, pictures))
        return answers, np.full(len(pictures), np.nan)
    answers, features = engine.predict_with_features(run.model_file, pictures)
    checked_answers(run, answers)
    if features.shape[1] != familiarity.prototypes.shape[1]:
        return answers, np.full(len(pictures), np.nan)
    return answers, familiarity.distances(features)


def answers_with_doubts(
    engine: Engine, run: Run, caution: Caution | None, pictures: Pictures
) -> tuple[npt.NDArray[np.float32], list[Doubt | None]]:
    """Ask a run about pictures: probabilities, shape (n, classes), and why it hands each back.

    Without a caution nothing is known about that: None for each.

    Raises:
        StudioError: the model cannot be loaded or is not that of the run.
    """
    familiarity = None
    if caution is not None and caution.hands_back_unfamiliar:
        familiarity = caution.familiarity
    answers, distances = answers_with_distances(engine, run, familiarity, pictures)
    if caution is None:
        return answers, [None] * len(answers)
    return answers, [*caution.doubts(answers, distances)]


def _paths(evaluation: Evaluation, project: Project) -> list[Path]:
    return [project.root / each.path for each in evaluation.pictures]


def _seen(engine: Engine, run: Run, paths: Sequence[Path], context: TaskContext) -> Features:
    """What the network sees in pictures, shape (n, length); NaN where one cannot be read."""
    training = run.config.training

    def read(path: Path) -> Pictures:
        return read_array(path, training.image_size, training.resize_mode)

    results = in_parallel(paths, read, context, ahead=2 * _BATCH)
    clock = ProgressClock("Looking at the training pictures again", len(paths), context)
    found: Features | None = None
    for start in range(0, len(paths), _BATCH):
        batch = list(islice(results, _BATCH))
        readable = [
            (start + place, picture)
            for place, picture in enumerate(batch)
            if not isinstance(picture, UnreadablePicture)
        ]
        if readable:
            pictures = np.stack([picture for _, picture in readable])
            _, features = engine.predict_with_features(run.model_file, pictures)
            if found is None:
                found = np.full((len(paths), features.shape[1]), np.nan, np.float32)
            found[[row for row, _ in readable]] = features
        clock.report(start + len(batch))
        context.checkpoint()
    return np.full((len(paths), 0), np.nan, np.float32) if found is None else found
