"""The pinned pictures of a project, as a training is asked about them."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from cnnstudio.core.config import RunConfig
from cnnstudio.core.dataset.images import UnreadablePicture, read_array
from cnnstudio.core.engine_api import Pictures
from cnnstudio.core.events import PinsFollowed
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import ImageClass
from cnnstudio.core.storage.pins import load_pins


def read_pins(
    root: Path, config: RunConfig, classes: Sequence[ImageClass], context: TaskContext
) -> Pictures | None:
    """Return the pinned pictures of the project at `root`, shape (n, size, size, 3), None for none.

    They are read as the training reads its own. `PinsFollowed` says which they are.
    """
    settings = config.training
    pictures, marks = [], []
    for pin in load_pins(root):
        with contextlib.suppress(UnreadablePicture):
            pictures.append(read_array(pin.file, settings.image_size, settings.resize_mode))
            marks.append(pin.fingerprint)
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
