"""The pinned pictures of a project, as a training or a run is asked about them."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from cnnstudio.core.config import RunConfig
from cnnstudio.core.dataset.images import UnreadablePicture, read_array
from cnnstudio.core.engine_api import Engine, Pictures
from cnnstudio.core.events import PinsAnswered, PinsFollowed
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.project import ImageClass
from cnnstudio.core.runs import Run, checked_answers
from cnnstudio.core.storage.pins import load_pins


def read_pins(
    root: Path, config: RunConfig, classes: Sequence[ImageClass], context: TaskContext
) -> Pictures | None:
    """Return the pinned pictures of the project at `root`, shape (n, size, size, 3), None for none.

    They are read as the training reads its own. `PinsFollowed` says which they are.
    """
    marks, pictures = _read(root, config)
    if not pictures:
        return None
    context.report(
        PinsFollowed(
            tuple(marks),
            tuple(each.name for each in classes),
            tuple(each.title for each in classes),
        )
    )
    return np.stack(pictures)


def ask_about_pins(
    engine: Engine, run: Run, root: Path
) -> Task[tuple[PinsFollowed, PinsAnswered] | None]:
    """Return the task that asks a run, as it was kept, about the pins of the project at `root`.

    It gives None where there are none; the epoch is that which was kept. It raises `StudioError`
    when the model cannot be loaded, `Cancelled` when the user cancels.
    """

    def task(context: TaskContext) -> tuple[PinsFollowed, PinsAnswered] | None:
        marks, pictures = _read(root, run.config)
        if not pictures:
            return None
        context.checkpoint()
        answers = checked_answers(run, engine.predict(run.model_file, np.stack(pictures)))
        return (
            PinsFollowed(tuple(marks), run.class_names, run.class_titles),
            PinsAnswered(run.best_epoch, tuple(map(tuple, answers.tolist()))),
        )

    return task


def _read(root: Path, config: RunConfig) -> tuple[list[str], list[Pictures]]:
    """Return fingerprints and pictures of the pins that can be read."""
    settings = config.training
    marks, pictures = [], []
    for pin in load_pins(root):
        with contextlib.suppress(UnreadablePicture):
            pictures.append(read_array(pin.file, settings.image_size, settings.resize_mode))
            marks.append(pin.fingerprint)
    return marks, pictures
