"""What a model that was just saved answers to the validation and test pictures of its training."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cnnstudio.core.config import RunConfig
from cnnstudio.core.dataset.images import UnreadablePicture, read_array
from cnnstudio.core.engine_api import Engine
from cnnstudio.core.errors import StudioError
from cnnstudio.core.evaluation.familiarity import choose_prototypes
from cnnstudio.core.events import Progress
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import SPLITS, STATE_FOLDER, Split
from cnnstudio.core.runs import PredictionRecord
from cnnstudio.core.training_material import TrainingMaterial

Answers = dict[Split, npt.NDArray[np.float32]]
"""Class probabilities, shape (n, classes), of a part's pictures."""

Seen = dict[Split, npt.NDArray[np.floating]]
"""What the network sees, shape (n, length), in a part's pictures; of training pictures in some."""

_ASKED: tuple[Split, ...] = ("validation", "test")
_ASKED_AT_ONCE = 256
_PICTURES_TO_CHECK = 4
# LiteRT and TensorFlow compute the same network in another order, and features are kept in 16 bits:
# together they move a probability by less than 0.005 on real pictures.
_LARGEST_DIFFERENCE = 0.05


def answers_to_pictures(
    engine: Engine, model_file: Path, material: TrainingMaterial, context: TaskContext
) -> tuple[Answers, Seen]:
    """Ask the model about all pictures of both parts, and what it sees in some training pictures.

    Raises:
        StudioError: the model cannot be loaded.
        Cancelled: the user cancelled.
    """
    answers: Answers = {}
    seen: Seen = {}
    for split in SPLITS:
        pictures = material.pictures_of(split).pictures
        places = _prototypes(material) if split == "train" else np.arange(len(pictures))
        parts = []
        for start in range(0, len(places), _ASKED_AT_ONCE):
            context.checkpoint()
            context.report(Progress("Checking the saved model", start, len(places)))
            chosen = pictures[places[start : start + _ASKED_AT_ONCE]]
            parts.append(engine.predict_with_features(model_file, chosen))
        rows = [np.empty((0, len(material.classes)), np.float32)]
        answers[split] = np.concatenate(rows + [answered for answered, _ in parts])
        seen[split] = np.concatenate([each for _, each in parts]) if parts else np.empty((0, 0))
    return {split: answers[split] for split in _ASKED}, seen


def answers_to_features(
    engine: Engine, model_file: Path, material: TrainingMaterial, context: TaskContext
) -> tuple[Answers, Seen]:
    """Ask the head about the features that are known: no picture is looked at again.

    Those features are what the network sees.

    Raises:
        StudioError: the model cannot be loaded.
        Cancelled: the user cancelled.
    """
    context.checkpoint()
    context.report(Progress("Checking the saved model"))
    seen: Seen = {split: material.features_of(split).features[:, 0] for split in SPLITS}
    answers = {split: engine.predict_features(model_file, seen[split]) for split in _ASKED}
    seen["train"] = seen["train"][_prototypes(material)]
    return answers, seen


def check_answers(
    engine: Engine,
    model_file: Path,
    material: TrainingMaterial,
    config: RunConfig,
    answers: Answers,
    context: TaskContext,
) -> None:
    """Ask the saved model about a few pictures themselves: it must answer as to their features.

    Raises:
        StudioError: it answers something else; no run may come of it.
    """
    training = config.training
    rows, pictures = [], []
    first = material.rows("validation").start
    for row, member in enumerate(material.members[first : first + _PICTURES_TO_CHECK]):
        with contextlib.suppress(UnreadablePicture):  # it was there a minute ago
            pictures.append(read_array(member.place, training.image_size, training.resize_mode))
            rows.append(row)
    if not rows:
        return
    context.checkpoint()
    told = np.concatenate([answers[split] for split in _ASKED])[rows]
    off = float(np.abs(engine.predict(model_file, np.stack(pictures)) - told).max())
    if not off <= _LARGEST_DIFFERENCE:
        raise StudioError(
            "The saved model does not answer as it was trained to: one probability is off by"
            f" {off:.0%}.",
            "Train again. If it happens again, delete the file index.sqlite in the project's folder"
            f" {STATE_FOLDER}.",
        )


def _prototypes(material: TrainingMaterial) -> npt.NDArray[np.int64]:
    """The training pictures that say what is familiar, as rows."""
    return choose_prototypes(material.labels[material.rows("train")])


def prediction_records(material: TrainingMaterial, answers: Answers) -> Iterator[PredictionRecord]:
    """Give the answers as a run keeps them."""
    for split, probabilities in answers.items():
        for member, row in zip(material.members[material.rows(split)], probabilities, strict=True):
            yield PredictionRecord(member.path, split, member.class_name, row)
