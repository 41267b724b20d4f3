"""Trainings that were cut off, by a kill or a power cut, and can be gone on with.

While a run is a draft, a folder `checkpoint` in it holds its plan (settings, classes, exact
pictures) and, once an epoch or a minute was learned, the state of the training. A living process
holds the draft's lock, so what has a plan and no lock was cut off.
"""

from __future__ import annotations

import contextlib
import csv
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cnnstudio.core.config import RunConfig, from_dict, to_dict
from cnnstudio.core.errors import StudioError
from cnnstudio.core.events import EpochEnded
from cnnstudio.core.project import STATE_FOLDER, Project
from cnnstudio.core.runs import SampleRecord, read_sample_records, write_sample_records
from cnnstudio.core.storage.atomic import (
    GO_ON_FILE,
    drafts_to_go_on_with,
    reopened_folder,
    write_text,
)
from cnnstudio.core.storage.migrations import version_of
from cnnstudio.core.storage.split_book import SplitBook, from_plain, to_plain
from cnnstudio.core.storage.training_state import read_state

SCHEMA_VERSION = 1
# What reading a file of another program, or half of one, may lead to.
_NO_PLAN = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    RecursionError,
    csv.Error,
)


@dataclass(frozen=True)
class UnfinishedPlan:
    """What a training was begun with: enough to go on without dealing the split anew.

    `target` is the folder that the run becomes. `samples` are in the order of the material's rows,
    `class_names` in that of the network's answers. `pictures` is the project's folder.
    """

    name: str
    created: datetime
    target: Path
    pictures: Path
    config: RunConfig
    class_names: tuple[str, ...]
    class_titles: tuple[str, ...]
    samples: tuple[SampleRecord, ...]
    warnings: tuple[str, ...] = ()
    book: SplitBook | None = None
    """The split as it is to be kept with the project at the end, where that has changed."""


@dataclass(frozen=True)
class UnfinishedRun:
    """A training that was cut off: `epochs_done` of `epochs` are learned.

    `folder` is its draft, `target` what that becomes, `pictures` the folder of its project.
    """

    folder: Path
    target: Path
    pictures: Path
    name: str
    created: datetime
    config: RunConfig
    epochs_done: int
    epochs: int
    size_bytes: int


def checkpoint_folder(draft: Path) -> Path:
    """Return where in a draft the state of its training is kept."""
    return (draft / GO_ON_FILE).parent


def write_plan(draft: Path, plan: UnfinishedPlan) -> None:
    """Make a draft one that can be gone on with, should this process be killed.

    Raises:
        StudioError: the disk refuses.
    """
    write_sample_records(checkpoint_folder(draft), plan.samples)
    content = {
        "schema_version": SCHEMA_VERSION,
        "name": plan.name,
        "created": plan.created.isoformat(),
        "target": plan.target.name,
        "pictures": str(plan.pictures.absolute()),
        "config": to_dict(plan.config),
        "class_names": plan.class_names,
        "class_titles": plan.class_titles,
        "warnings": plan.warnings,
        "book": None if plan.book is None else to_plain(plan.book),
    }
    write_text(draft / GO_ON_FILE, json.dumps(content, indent=2) + "\n")


def read_plan(run: UnfinishedRun) -> UnfinishedPlan:
    """Return what a training was begun with.

    Raises:
        StudioError: it cannot be read, or was written by a newer version.
    """
    try:
        content = _read_content(run.folder)
        return UnfinishedPlan(
            name=run.name,
            created=run.created,
            target=run.target,
            pictures=run.pictures,
            config=run.config,
            class_names=tuple(map(str, content["class_names"])),
            class_titles=tuple(map(str, content["class_titles"])),
            samples=tuple(read_sample_records(checkpoint_folder(run.folder))),
            warnings=tuple(map(str, content["warnings"])),
            book=None if content["book"] is None else from_plain(content["book"]),
        )
    except _NO_PLAN as error:
        raise StudioError(
            f"What was kept of the training {run.name} is damaged.", "Discard it and train again."
        ) from error


def history_so_far(run: UnfinishedRun) -> tuple[EpochEnded, ...]:
    """Return the epochs that are learned already.

    Raises:
        StudioError: what was kept is damaged.
    """
    state = read_state(checkpoint_folder(run.folder))
    return () if state is None else state.history


def list_unfinished(place: Project | Path) -> list[UnfinishedRun]:
    """Return the trainings of a project, or of a folder of runs, that were cut off, newest first.

    Those on which a living process works, and those that cannot be read, are passed over.
    """
    folder = place.runs_folder if isinstance(place, Project) else place
    found = []
    for draft in drafts_to_go_on_with(folder):
        with contextlib.suppress(StudioError, *_NO_PLAN):
            found.append(_read_run(draft))
    return sorted(found, key=lambda run: (run.created.timestamp(), run.folder.name), reverse=True)


def discard_unfinished(run: UnfinishedRun) -> None:
    """Remove what was kept of a training.

    Raises:
        StudioError: somebody has gone on with it meanwhile.
    """
    if run.folder not in drafts_to_go_on_with(run.folder.parent):
        raise StudioError(f"The training {run.name} is at work, or gone already.")
    shutil.rmtree(run.folder, ignore_errors=True)


@contextlib.contextmanager
def reopen(run: UnfinishedRun) -> Iterator[Path]:
    """Give the draft of a training; it becomes the run's folder when the block ends well.

    Cancelled, the draft goes; whatever else happens, it stays to be gone on with.

    Raises:
        StudioError: another program works on it, its place is taken, or the disk refuses.
    """
    with reopened_folder(run.folder, run.target) as draft:
        yield draft


def _read_run(draft: Path) -> UnfinishedRun:
    content = _read_content(draft)
    config = from_dict(RunConfig, content["config"], tolerant=True)
    state = None
    # A damaged one is listed, too: going on with it says what is wrong, and it can be discarded.
    with contextlib.suppress(StudioError):
        state = read_state(checkpoint_folder(draft))
    return UnfinishedRun(
        folder=draft,
        # Beside it, wherever that is now: the project may have been moved.
        target=draft.with_name(str(content["target"])),
        pictures=_pictures_of(draft, content),
        name=str(content["name"]),
        created=datetime.fromisoformat(content["created"]),
        config=config,
        epochs_done=len(state.history) if state else 0,
        epochs=config.training.epochs,
        size_bytes=sum(each.stat().st_size for each in draft.rglob("*") if each.is_file()),
    )


def _pictures_of(draft: Path, content: dict[str, Any]) -> Path:
    runs = draft.absolute().parent
    if runs.parent.name == STATE_FOLDER:  # in its project, wherever that is now
        return runs.parent.parent
    return Path(str(content["pictures"]))


def _read_content(draft: Path) -> dict[str, Any]:
    content = json.loads((draft / GO_ON_FILE).read_bytes())
    if version_of(content, SCHEMA_VERSION) > SCHEMA_VERSION:
        raise StudioError(
            "This training was begun with a newer version of CNN Studio.",
            "Install that version to go on with it.",
        )
    return dict(content)
