"""Which places of a picture the answer hangs on, found by hiding them one after the other.

Zeiler and Fergus 2014, "Visualizing and Understanding Convolutional Networks",
https://arxiv.org/abs/1311.2901. Slow, and independent of how the network is built: a second opinion
on Grad-CAM.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt

from cnnstudio.core.engine_api import Engine, Pictures
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.progress_clock import ProgressClock
from cnnstudio.core.runs import Run, checked_answers

GREY = 127
_STEPS = 11
_PATCH_SHARE = 0.2  # of the side; neighbours overlap by half
_BATCH = 16


@dataclass(frozen=True)
class Occlusion:
    """What hiding places did to the probability of a class.

    `values`, float32 of shape (size, size), are 1 where hiding cost most and 0 where it cost
    nothing. `probability` is that of the whole picture, `lowest` that with the one patch hidden
    that costs most, both 0 to 1.
    """

    values: npt.NDArray[np.float32]
    probability: float
    lowest: float


def occlude(engine: Engine, run: Run, picture: Pictures, class_index: int) -> Task[Occlusion]:
    """Return the task that slides a grey patch over a picture and watches one class.

    The patch has a fifth of the picture's width and height and moves by a tenth. The task raises
    `StudioError` when the model cannot be loaded, `Cancelled` when the user cancels.

    Args:
        engine: asks the run.
        run: whose network answers.
        picture: uint8, shape (size, size, 3), of the run's size.
        class_index: the class watched, in the run's order.
    """

    def task(context: TaskContext) -> Occlusion:
        patches = list(_patches(picture.shape[0]))
        clock = ProgressClock("Hiding one place after the other", len(patches), context)

        def ask(pictures: Pictures) -> npt.NDArray[np.float32]:
            answers = checked_answers(run, engine.predict(run.model_file, pictures))
            of_class: npt.NDArray[np.float32] = answers[:, class_index]
            return of_class

        whole = float(ask(picture[None])[0])
        lost = np.zeros(picture.shape[:2])
        covered = np.zeros(picture.shape[:2])
        lowest, remaining, done = whole, iter(patches), 0
        while batch := list(islice(remaining, _BATCH)):
            hidden = np.repeat(picture[None], len(batch), axis=0)
            for row, place in zip(hidden, batch, strict=True):
                row[place] = GREY
            for place, probability in zip(batch, ask(hidden), strict=True):
                lost[place] += whole - probability
                covered[place] += 1
                lowest = min(lowest, float(probability))
            done += len(batch)
            clock.report(done)
            context.checkpoint()
        mean = np.maximum(lost / covered, 0)
        return Occlusion((mean / max(mean.max(), 1e-9)).astype(np.float32), whole, lowest)

    return task


def _patches(size: int) -> Iterator[tuple[slice, slice]]:
    """Give where the patch lies; those at the edges reach beyond them and are cut."""
    half = max(1, round(size * _PATCH_SHARE / 2))
    middles = np.unique(np.linspace(0, size, min(_STEPS, size + 1)).round().astype(int))
    spans = [slice(max(0, middle - half), min(size, middle + half)) for middle in middles]
    for down in spans:
        for across in spans:
            yield down, across
