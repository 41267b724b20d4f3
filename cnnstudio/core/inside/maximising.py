"""Pictures made to excite a channel or a class: activation maximisation, kept with the run.

Erhan, Bengio, Courville and Vincent 2009, "Visualizing Higher-Layer Features of a Deep Network";
Olah, Mordvintsev and Schubert 2017, "Feature Visualization", https://distill.pub/2017/feature-
visualization.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from cnnstudio.core.engine_api import Engine, Pictures
from cnnstudio.core.events import Progress
from cnnstudio.core.inside.epochs import weights_at
from cnnstudio.core.inside.kept_files import kept_file
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.runs import Run
from cnnstudio.core.storage.atomic import write_bytes

STEPS = 96


@dataclass(frozen=True, eq=False)
class PictureGrew:
    """How a picture that is being made looks after `step` of `steps`, shape (size, size, 3)."""

    step: int
    steps: int
    picture: Pictures


def maximise(
    engine: Engine, run: Run, layer: str, channel: int, epoch: int | None = None
) -> Task[Pictures]:
    """Return the task that makes a picture which excites a channel, and keeps it with the run.

    With `epoch` it is the channel as it was then.
    `Progress` and `PictureGrew` are reported. In the layer with the answers a channel is a class.
    The task raises `StudioError` when the model cannot be loaded or the disk refuses, `Cancelled`
    when the user cancels; nothing is kept then.
    """

    def task(context: TaskContext) -> Pictures:
        def grew(step: int, picture: Pictures) -> None:
            context.report(Progress("Making a picture for a channel", step, STEPS))
            context.report(PictureGrew(step, STEPS, picture))
            context.checkpoint()

        made = engine.maximise(
            run.model_file,
            layer,
            channel,
            STEPS,
            run.config.training.seed,
            grew,
            weights_at(run, epoch),
        )
        content = io.BytesIO()
        Image.fromarray(made).save(content, "PNG")
        context.checkpoint()
        write_bytes(_file(run, layer, channel, epoch), content.getvalue())
        return made

    return task


def kept_maximised(run: Run, layer: str, channel: int, epoch: int | None = None) -> Pictures | None:
    """Return what `maximise` has kept; None where it kept nothing, or it is damaged."""
    size = run.config.training.image_size
    try:
        with Image.open(_file(run, layer, channel, epoch)) as image:
            if image.size != (size, size):
                return None
            return np.array(image.convert("RGB"))
    except (OSError, ValueError, SyntaxError):
        return None


def _file(run: Run, layer: str, channel: int, epoch: int | None) -> Path:
    return kept_file(run, f"maximised-{channel}", layer, ".png", epoch)
