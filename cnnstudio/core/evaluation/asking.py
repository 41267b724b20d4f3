"""Asking a run about a folder of labelled pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cnnstudio.core.dataset.images import UnreadablePicture, read_array
from cnnstudio.core.dataset.reading import fingerprint_of, in_parallel, read_bytes
from cnnstudio.core.engine_api import Engine, Pictures
from cnnstudio.core.errors import StudioError
from cnnstudio.core.evaluation.caution import load_caution
from cnnstudio.core.evaluation.evaluation import EvaluatedPicture, Evaluation
from cnnstudio.core.evaluation.learned_pictures import LearnedPictures
from cnnstudio.core.evaluation.making_caution import answers_with_distances
from cnnstudio.core.events import Progress
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.project import ImageClass, Project, Sample
from cnnstudio.core.runs import Run
from cnnstudio.core.training_members import classes_by_name, switched_off_words

BATCH = 32


@dataclass(frozen=True)
class EvaluationNote:
    """Something to know about an evaluation, as a sentence: reported before its result."""

    words: str


def evaluate_run(engine: Engine, run: Run, project: Project) -> Task[Evaluation]:
    """Return the task that asks a run about every labelled picture.

    Of a folder with parts only the test part is asked about, where it has one. `EvaluationNote`
    says so, and how many of the pictures the run has learned, as they are or
    nearly. Pictures that cannot be read are
    counted as `problems`. The task raises `StudioError` when a class with pictures is
    unknown to the run, there are no labelled pictures or none can be read, or the model cannot be
    loaded; `Cancelled`
    when the user cancels.
    """

    def task(context: TaskContext) -> Evaluation:
        samples, words = part_to_evaluate(project)
        if words:
            context.report(EvaluationNote(words))
        if not samples:
            raise StudioError(
                f"{project.title} holds no pictures in class folders.",
                "Choose a folder whose sub-folders are classes.",
            )
        labels = _labels(run, project, samples)
        learned = LearnedPictures(run)
        settings = run.config.training

        def read(path: Path) -> tuple[Pictures, str]:
            data = read_bytes(path)
            picture = read_array(data, settings.image_size, settings.resize_mode)
            mark = fingerprint_of(data)
            learned.look_at(mark, data)
            return picture, mark

        results = in_parallel(
            [project.absolute(sample) for sample in samples], read, context, ahead=2 * BATCH
        )
        true: list[int] = []
        pictures: list[EvaluatedPicture] = []
        answers: list[npt.NDArray[np.float32]] = []
        distances: list[npt.NDArray[np.float64]] = []
        caution = load_caution(run.folder)
        familiarity = None if caution is None else caution.familiarity
        for start in range(0, len(samples), BATCH):
            asked: list[Pictures] = []
            rows = slice(start, start + BATCH)
            for sample, label in zip(samples[rows], labels[rows], strict=True):
                result = next(results)
                if not isinstance(result, UnreadablePicture):
                    asked.append(result[0])
                    true.append(label)
                    pictures.append(EvaluatedPicture(str(project.absolute(sample)), result[1]))
            if asked:
                answered, far = answers_with_distances(engine, run, familiarity, np.stack(asked))
                answers.append(answered)
                distances.append(far)
            done = min(start + BATCH, len(samples))
            context.report(Progress("Evaluating", done, len(samples)))
            context.checkpoint()
        if not true:
            raise StudioError(
                f"None of the {len(samples):,} pictures in {project.title} could be read.",
                "`cnnstudio check` gives the reason for each.",
            )
        is_learned = np.array([each.fingerprint in learned.marks for each in pictures])
        near = learned.near_copies(context)
        is_near = np.array([each.fingerprint in near for each in pictures])
        for words in _learned_words(int(is_learned.sum()), int(is_near.sum()), len(pictures)):
            context.report(EvaluationNote(words))
        return Evaluation(
            run.class_names,
            run.class_titles,
            "folder",
            tuple(pictures),
            np.array(true, np.int64),
            np.concatenate(answers),
            is_learned,
            problems=len(samples) - len(true),
            distances=np.concatenate(distances),
        )

    return task


def part_to_evaluate(project: Project) -> tuple[list[Sample], str]:
    """Return the labelled samples to ask about, and a sentence where these are not all."""
    learned = {each.name for each in project.learned_classes}
    labelled = [sample for sample in project.samples if sample.class_name in learned]
    words = switched_off_words(project)
    test = [sample for sample in labelled if sample.pinned_split == "test"]
    if not test or len(test) == len(labelled):
        return labelled, words
    parts = f"{project.title} has parts: only the {len(test):,} test pictures are evaluated."
    return test, f"{parts} {words}".strip()


def _learned_words(learned: int, near: int, count: int) -> Iterator[str]:
    too_good = "so the accuracy looks better than it is."
    if learned:
        yield f"{learned:,} of these {count:,} pictures were used in this training, {too_good}"
    if near:
        be = "is" if near == 1 else "are"
        yield (
            f"{near:,} of these {count:,} pictures {be} nearly the same as one that was used in"
            f" this training, {too_good}"
        )


def _labels(run: Run, project: Project, samples: list[Sample]) -> list[int]:
    known = Project(
        run.folder,
        tuple(map(ImageClass, run.class_names, run.class_titles)),
    )
    asked = replace(project, samples=tuple(samples))
    names = classes_by_name(known, asked, project.title)
    places = {name: place for place, name in enumerate(run.class_names)}
    return [places[names[sample.class_name]] for sample in samples if sample.class_name is not None]
