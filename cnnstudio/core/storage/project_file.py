"""The project file: the classes in their order, and the settings. Pictures are not in it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path, PurePath
from typing import Any, Self, get_args

from cnnstudio.core.catalog.training_presets import TRAINING_PRESETS
from cnnstudio.core.config import RunConfig, from_dict, to_dict
from cnnstudio.core.errors import StudioError
from cnnstudio.core.project import (
    SPLITS,
    STATE_FOLDER,
    ImageClass,
    Layout,
    Project,
    Split,
    free_colour,
)
from cnnstudio.core.storage.atomic import set_aside, write_text
from cnnstudio.core.storage.migrations import PROJECT_STEPS, migrated

SCHEMA_VERSION = 2
FILE_NAME = "project.json"


@dataclass(frozen=True)
class SavedProject:
    """What the project file says: classes in their order, settings, what is not to be found again.

    Classes whose folder is gone may be among them.
    """

    classes: tuple[ImageClass, ...] = ()
    config: RunConfig = TRAINING_PRESETS[0].config
    ignored_findings: frozenset[str] = frozenset()
    layout: Layout | None = None
    split_folders: tuple[tuple[Split, str], ...] = ()

    @classmethod
    def of(cls, project: Project) -> Self:
        """Return what the file of a project says once it is saved."""
        return cls(
            project.classes,
            project.config,
            project.ignored_findings,
            project.layout,
            project.split_folders,
        )


def save(project: Project, also: Iterable[ImageClass] = ()) -> None:
    """Write the project file; classes of `also` are kept in it beside the project's own.

    Raises:
        StudioError: the folder is gone, or cannot be written to.
    """
    if not project.root.is_dir():
        raise StudioError(
            f"The folder {project.root} is no longer there.",
            "Move it back, or open the project at its new place.",
        )
    names = {each.name for each in project.classes}
    classes = [*project.classes, *(each for each in also if each.name not in names)]
    content = {
        "schema_version": SCHEMA_VERSION,
        "classes": [asdict(each) for each in classes],
        "ignored_findings": sorted(project.ignored_findings),
        "layout": project.layout,
        "split_folders": [list(each) for each in project.split_folders],
        "config": to_dict(project.config),
    }
    write_text(project.state_folder / FILE_NAME, json.dumps(content, indent=2) + "\n")


def exists(root: Path) -> bool:
    """Whether a folder has been opened as a project before."""
    return (root / STATE_FOLDER / FILE_NAME).exists()


def load(root: Path) -> SavedProject:
    """Read the project file of a folder; what is missing or unknown takes its default.

    A damaged file is set aside as project.json.damaged, so that the folder still opens and nothing
    is lost.

    Raises:
        StudioError: a newer version of the program wrote it; saving it would lose what that knows.
    """
    path = root / STATE_FOLDER / FILE_NAME
    try:
        content = json.loads(path.read_bytes())
        if not isinstance(content, dict):
            raise ValueError("no object")
        content = migrated(content, SCHEMA_VERSION, PROJECT_STEPS, f"The project {root.name}")
    except OSError:
        return SavedProject()
    except (ValueError, TypeError, RecursionError):
        set_aside(path)
        return SavedProject()
    return SavedProject(
        _classes(content.get("classes")),
        _config(content.get("config", {})),
        frozenset(_texts(content.get("ignored_findings"))),
        layout if (layout := content.get("layout")) in get_args(Layout) else None,
        tuple(_parts(content.get("split_folders"))),
    )


def _classes(rows: Any) -> tuple[ImageClass, ...]:
    classes: dict[str, ImageClass] = {}
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, dict) and isinstance(name := row.get("name"), str):
            title, key = row.get("title"), row.get("key")
            note, colour = row.get("note"), row.get("colour")
            classes[name] = ImageClass(
                name,
                title if isinstance(title, str) and title else name,
                colour if type(colour) is int and colour >= 0 else free_colour(classes.values()),
                key if isinstance(key, str) and len(key) == 1 and key.isalpha() else "",
                note if isinstance(note, str) else "",
                row.get("is_switched_on") is not False,
            )
    return tuple(classes.values())


def _parts(rows: Any) -> Iterator[tuple[Split, str]]:
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, list) and len(row) == 2:
            split, folder = row
            if split in SPLITS and isinstance(folder, str) and PurePath(folder).name == folder:
                yield split, folder


def _texts(rows: Any) -> Iterator[str]:
    return (row for row in rows if isinstance(row, str)) if isinstance(rows, list) else iter(())


def _config(plain: Any) -> RunConfig:
    try:
        return from_dict(RunConfig, plain, tolerant=True)
    except (StudioError, TypeError, ValueError):
        return RunConfig()
