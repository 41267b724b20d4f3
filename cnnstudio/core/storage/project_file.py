"""The project file: the classes in their order, and the settings. Pictures are not in it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
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
from cnnstudio.core.storage.migrations import PROJECT_STEPS, Content, NoSuchVersion, migrated

SCHEMA_VERSION = 2
FILE_NAME = "project.json"


@dataclass(frozen=True)
class SavedProject:
    """What the project file says: classes in their order, settings, what is not to be found again.

    Classes whose folder is gone may be among them. `trouble` is to be told: the file could not be
    used, and what became of it.
    """

    classes: tuple[ImageClass, ...] = ()
    config: RunConfig = TRAINING_PRESETS[0].config
    ignored_findings: frozenset[str] = frozenset()
    layout: Layout | None = None
    split_folders: tuple[tuple[Split, str], ...] = ()
    trouble: StudioError | None = field(default=None, compare=False)

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

    A file that cannot be used is set aside before, and one of a newer version is not written over.

    Raises:
        StudioError: the folder is gone, or cannot be written to.
    """
    if not project.root.is_dir():
        raise StudioError(
            f"The folder {project.root} is no longer there.",
            "Move it back, or open the project at its new place.",
        )
    path = project.state_folder / FILE_NAME
    try:
        _content(path)
    except _Unusable:
        set_aside(path)
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
    write_text(path, json.dumps(content, indent=2) + "\n")


def exists(root: Path) -> bool:
    """Whether a folder has been opened as a project before."""
    return (root / STATE_FOLDER / FILE_NAME).exists()


def load(root: Path, *, is_read_only: bool = False) -> SavedProject:
    """Read the project file of a folder; what is missing or unknown takes its default.

    A file that cannot be used is set aside as project.json.damaged, so that the folder still opens
    and nothing is lost; with `is_read_only` it stays.

    Raises:
        StudioError: a newer version of the program wrote it; saving it would lose what that knows.
    """
    path = root / STATE_FOLDER / FILE_NAME
    try:
        content = _content(path)
    except _Unusable as error:
        return SavedProject(trouble=None if is_read_only else _set_aside(path, str(error)))
    if content is None:
        return SavedProject()
    return SavedProject(
        _classes(content.get("classes")),
        _config(content.get("config", {})),
        frozenset(_texts(content.get("ignored_findings"))),
        layout if (layout := content.get("layout")) in get_args(Layout) else None,
        tuple(_parts(content.get("split_folders"))),
    )


def why_unusable(root: Path) -> str:
    """Return what is wrong with a folder's project file, such as "is damaged"; "" if nothing."""
    try:
        _content(root / STATE_FOLDER / FILE_NAME)
    except _Unusable as error:
        return str(error)
    except StudioError:
        return "was made by a newer version of CNN Studio"
    return ""


class _Unusable(Exception):
    """The text says why, behind the name of the file."""


def _content(path: Path) -> Content | None:
    """What a project file holds, as this version writes it; None where there is no file."""
    try:
        plain = json.loads(path.read_bytes())
        return migrated(
            plain, SCHEMA_VERSION, PROJECT_STEPS, f"The project {path.parent.parent.name}"
        )
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _Unusable(f"cannot be read ({error.strerror or error})") from error
    except NoSuchVersion as error:
        raise _Unusable(
            f"says that it is of version {error}, and there is no such version"
        ) from error
    except (ValueError, TypeError, RecursionError) as error:
        raise _Unusable("is damaged") from error


def _set_aside(path: Path, reason: str) -> StudioError:
    """Keep a file that cannot be used, and return what is to be said of it."""
    name = f"{STATE_FOLDER}/{FILE_NAME}"
    try:
        kept = f"The file is kept as {STATE_FOLDER}/{set_aside(path).name}."
    except StudioError:
        kept = "The file stays where it is: nothing can be written there."
    return StudioError(
        f"The settings of {path.parent.parent.name} could not be read: {name} {reason}.",
        "Titles, order and colours of its classes and all settings begin anew; pictures and runs"
        f" are as they were. {kept} If you have a backup copy of {name}, close the project, put it"
        " back in its place, and open the project again.",
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
