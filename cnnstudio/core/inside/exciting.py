"""Which pictures of a project excite a channel most (Zeiler and Fergus 2014).

All channels of a layer are looked at in one go, and what was seen is kept with the run.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cnnstudio.core.dataset.images import UnreadablePicture, read_array
from cnnstudio.core.dataset.reading import in_parallel
from cnnstudio.core.engine_api import Engine, Pictures
from cnnstudio.core.errors import StudioError
from cnnstudio.core.events import Progress
from cnnstudio.core.inside.epochs import weights_at
from cnnstudio.core.inside.kept_files import kept_file
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.project import Project
from cnnstudio.core.runs import Run
from cnnstudio.core.storage.atomic import replaced_file

MOST_PICTURES = 500
MOST_SHOWN = 8

_BATCH = 32


@dataclass(frozen=True, eq=False)
class Excitement:
    """How much pictures excite the channels of a layer.

    `paths` are relative to the project; `peaks`, float16 of shape (n, channels), hold the highest
    value anywhere in the map.
    """

    paths: tuple[str, ...]
    peaks: npt.NDArray[np.float16]


@dataclass(frozen=True, eq=False)
class ExcitingPicture:
    """A picture that excites a channel: how much, and the picture as the network sees it."""

    path: str
    class_name: str | None
    peak: float
    picture: Pictures


def excite(
    engine: Engine, run: Run, project: Project, layer: str, epoch: int | None = None
) -> Task[Excitement]:
    """Return the task that shows up to 500 pictures of a project to a layer, and keeps the peaks.

    With `epoch` it is the layer as it was then. Of a larger project they are taken evenly.
    `Progress` is reported. The task raises `StudioError` when none can be read, the model cannot be
    loaded or the disk refuses, `Cancelled` when the user cancels; nothing is kept then.
    """
    weights = weights_at(run, epoch)

    def task(context: TaskContext) -> Excitement:
        settings = run.config.training
        count = len(project.samples)
        places = np.linspace(0, count - 1, min(count, MOST_PICTURES)).round().astype(int)
        samples = [project.samples[place] for place in places]
        results = in_parallel(
            [project.absolute(each) for each in samples],
            lambda path: read_array(path, settings.image_size, settings.resize_mode),
            context,
            ahead=2 * _BATCH,
        )
        paths: list[str] = []
        peaks: list[npt.NDArray[np.float32]] = []
        for start in range(0, len(samples), _BATCH):
            asked: list[Pictures] = []
            for sample in samples[start : start + _BATCH]:
                picture = next(results)
                if not isinstance(picture, UnreadablePicture):
                    asked.append(picture)
                    paths.append(sample.path)
            context.checkpoint()
            if asked:
                shown = np.stack(asked)
                peaks.append(engine.channel_peaks(run.model_file, shown, layer, weights))
            done = min(start + _BATCH, len(samples))
            context.report(Progress("Showing pictures", done, len(samples)))
        if not peaks:
            raise StudioError("The project has no picture that can be read.")
        most = float(np.finfo(np.float16).max)
        values = np.concatenate(peaks).clip(-most, most).astype(np.float16)
        found = Excitement(tuple(paths), values)
        context.checkpoint()
        _write(_file(run, layer, epoch), found)
        return found

    return task


def kept_excitement(run: Run, layer: str, epoch: int | None = None) -> Excitement | None:
    """Return what `excite` has kept; None where it kept nothing, or it is damaged."""
    try:
        with np.load(_file(run, layer, epoch), allow_pickle=False) as arrays:
            paths = json.loads(arrays["paths"].tobytes())
            peaks = arrays["peaks"]
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile):
        return None
    is_whole = (
        isinstance(paths, list)
        and all(isinstance(each, str) for each in paths)
        and peaks.dtype == np.float16
        and peaks.ndim == 2
        and len(peaks) == len(paths)
    )
    return Excitement(tuple(paths), peaks) if is_whole else None


def exciting_pictures(
    run: Run, project: Project, found: Excitement, channel: int, count: int = MOST_SHOWN
) -> tuple[ExcitingPicture, ...]:
    """Return the pictures that excite a channel most, the most exciting first.

    Those that do not excite it, are no longer there, or cannot be read, are passed over.
    """
    settings = run.config.training
    shown: list[ExcitingPicture] = []
    for place in np.argsort(-found.peaks[:, channel].astype(np.float32), kind="stable"):
        if found.peaks[place, channel] <= 0:  # from here on it is not excited at all
            break
        sample = project.sample_at.get(found.paths[place])
        if sample is None:
            continue
        try:
            picture = read_array(
                project.absolute(sample), settings.image_size, settings.resize_mode
            )
        except UnreadablePicture:
            continue
        peak = float(found.peaks[place, channel])
        shown.append(ExcitingPicture(sample.path, sample.class_name, peak, picture))
        if len(shown) == count:
            break
    return tuple(shown)


def _file(run: Run, layer: str, epoch: int | None) -> Path:
    return kept_file(run, "peaks", layer, ".npz", epoch)


def _write(file: Path, found: Excitement) -> None:
    paths = np.frombuffer(json.dumps(found.paths).encode(), np.uint8)
    with replaced_file(file) as stream:
        np.savez(stream, paths=paths, peaks=found.peaks)
