"""Making a run of a moment of another one: the head as it was after an epoch chosen by hand."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cnnstudio.core.engine_api import Engine
from cnnstudio.core.errors import StudioError
from cnnstudio.core.evaluation.moments import copy_moments, read_moments
from cnnstudio.core.events import Progress
from cnnstudio.core.gathering import feature_name
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.project import Project, Split
from cnnstudio.core.runs import (
    MODEL_FILE,
    PredictionRecord,
    Run,
    SampleRecord,
    read_samples,
    write_run,
)
from cnnstudio.core.storage.atomic import fresh_folder
from cnnstudio.core.storage.index import Index
from cnnstudio.core.storage.model_facts import add_facts, read_facts

_Answers = npt.NDArray[np.float32]


def use_moment(engine: Engine, project: Project, run: Run, epoch: int) -> Task[Run]:
    """Return the task that makes a run of another one's head, as it was after an epoch.

    Its figures are measured anew on the features that the project's index keeps. What the
    validation pictures were answered was kept with the moment; test pictures without features have
    no answer, and a warning of the run says how many. The task raises `StudioError` when the run
    kept no such moment, the backbone is missing, or the disk refuses; `Cancelled` when the user
    cancels.
    """

    def task(context: TaskContext) -> Run:
        context.report(Progress("Reading the moments"))
        moments = read_moments(run)
        if epoch not in moments.epochs:
            raise StudioError(f"The run {run.name} did not keep epoch {epoch}.")
        place = moments.epochs.index(epoch)
        created = datetime.now().astimezone()
        folder = run.folder.parent / f"{created:%Y%m%d-%H%M%S}-epoch-{epoch}"
        if folder.exists():
            folder = folder.with_name(f"{folder.name}-{secrets.token_hex(2)}")
        with fresh_folder(folder) as draft:
            model_file = draft / MODEL_FILE
            context.report(Progress("Building the network"))
            context.checkpoint()
            engine.save_head(moments.head(place), run.config.transfer.backbone, model_file)
            facts = read_facts(run.model_file)
            if facts is not None:
                add_facts(model_file, facts)
            context.report(Progress("Measuring anew"))
            context.checkpoint()
            records = read_samples(run)
            known = _known_answers(engine, project, run, records, model_file)
            kept = moments.evaluation(place)
            for picture, answer in zip(kept.pictures, kept.probabilities, strict=True):
                known.setdefault(("validation", picture.path), answer)
            asked = [each for each in records if each.split != "train"]
            missing = sum((each.split, each.path) not in known for each in asked)
            answered = [each for each in asked if (each.split, each.path) in known]
            made = replace(
                run,
                folder=folder,
                name=f"{run.name}, epoch {epoch}",
                created=created,
                status="stopped",
                best_epoch=epoch,
                epochs=epoch,
                validation_accuracy=_accuracy(run, answered, known, "validation") or 0.0,
                test_accuracy=_accuracy(run, answered, known, "test"),
                history=tuple(
                    replace(each, is_best=each.epoch == epoch) for each in run.history[:epoch]
                ),
                warnings=(*_warnings(run, epoch, missing, len(asked)), *run.warnings),
                cross_check=None,
            )
            predictions = [
                PredictionRecord(
                    each.path, each.split, each.class_name, known[each.split, each.path]
                )
                for each in answered
            ]
            write_run(made, draft, records, predictions)
            copy_moments(moments, place, draft)
            context.keep()
        return made

    return task


def _known_answers(
    engine: Engine, project: Project, run: Run, records: Sequence[SampleRecord], model_file: Path
) -> dict[tuple[Split, str], _Answers]:
    """Ask the model about the pictures of which the index has features."""
    asked = [each for each in records if each.split != "train"]
    kind = engine.feature_kind(run.config.transfer.backbone)
    with Index.of(project) as index:
        rows = index.find_features(
            feature_name(kind, run.config), {each.fingerprint for each in asked}
        )
    found = [
        each
        for each in asked
        if each.fingerprint in rows and rows[each.fingerprint].shape == (kind.length,)
    ]
    if not found:
        return {}
    features = np.stack([rows[each.fingerprint] for each in found]).astype(np.float32)
    answers = engine.predict_features(model_file, features)
    return {(each.split, each.path): row for each, row in zip(found, answers, strict=True)}


def _accuracy(
    run: Run,
    answered: Sequence[SampleRecord],
    known: dict[tuple[Split, str], _Answers],
    split: Split,
) -> float | None:
    right = [
        run.class_names[int(known[split, each.path].argmax())] == each.class_name
        for each in answered
        if each.split == split
    ]
    return sum(right) / len(right) if right else None


def _warnings(run: Run, epoch: int, missing: int, asked: int) -> list[str]:
    words = [
        f"Epoch {epoch} of {run.name} was chosen by hand. Its validation accuracy looks better than"
        " it is, and so does its test accuracy if the test pictures had a part in the choice."
    ]
    if missing:
        words.append(
            f"{missing:,} of {asked:,} test and validation pictures could not be asked about anew"
            " and are left out of the figures: what the backbone sees in them is no longer known."
        )
    return words
