"""Which places of a picture the answer hangs on, found by hiding them one after the other.

Zeiler and Fergus 2014, "Visualizing and Understanding Convolutional Networks",
https://arxiv.org/abs/1311.2901. Slow, and independent of how the network is built: a second opinion
on Grad-CAM.
"""

from __future__ import annotations

from dataclasses import dataclass

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
        spans, middles = _spans(picture.shape[0])
        patches = [(down, across) for down in spans for across in spans]
        clock = ProgressClock("Hiding one place after the other", len(patches), context)

        def ask(pictures: Pictures) -> npt.NDArray[np.float32]:
            answers = checked_answers(run, engine.predict(run.model_file, pictures))
            of_class: npt.NDArray[np.float32] = answers[:, class_index]
            return of_class

        whole = float(ask(picture[None])[0])
        left: list[float] = []
        for start in range(0, len(patches), _BATCH):
            batch = patches[start : start + _BATCH]
            hidden = np.repeat(picture[None], len(batch), axis=0)
            for row, place in zip(hidden, batch, strict=True):
                row[place] = GREY
            left += ask(hidden).tolist()
            clock.report(len(left))
            context.checkpoint()
        lost = np.maximum(whole - np.array(left).reshape(len(spans), len(spans)), 0)
        values = _between(lost, middles, picture.shape[0])
        values /= max(values.max(), 1e-9)
        return Occlusion(values.astype(np.float32), whole, min(whole, *left))

    return task


def _spans(size: int) -> tuple[list[slice], npt.NDArray[np.int64]]:
    """Return what patches cover of one side, and their middles; at the edges they are cut."""
    half = max(1, round(size * _PATCH_SHARE / 2))
    middles = np.unique(np.linspace(0, size - 1, min(_STEPS, size)).round().astype(np.int64))
    spans = [slice(max(0, int(each) - half), min(size, int(each) + half)) for each in middles]
    return spans, middles


def _between(
    values: npt.NDArray[np.float64], middles: npt.NDArray[np.int64], size: int
) -> npt.NDArray[np.float64]:
    """Interpolate values at the middles of patches to all places, shape (size, size)."""
    places = np.arange(size)
    rows = np.stack([np.interp(places, middles, row) for row in values])
    return np.stack([np.interp(places, middles, column) for column in rows.T], axis=1)
