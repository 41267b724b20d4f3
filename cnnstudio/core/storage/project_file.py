"""The project file: class titles and order, and the settings. Pictures are found by scanning."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cnnstudio.core.config import RunConfig, from_dict, to_dict
from cnnstudio.core.errors import StudioError
from cnnstudio.core.project import STATE_FOLDER, Project
from cnnstudio.core.storage.atomic import write_text

SCHEMA_VERSION = 1
FILE_NAME = "project.json"


@dataclass(frozen=True)
class SavedProject:
    """What the project file says: class titles by folder name, in the order of the classes."""

    titles: Mapping[str, str] = field(default_factory=dict)
    config: RunConfig = field(default_factory=RunConfig)


def save(project: Project) -> None:
    """Write the project file.

    Raises:
        StudioError: the folder is gone, or cannot be written to.
    """
    if not project.root.is_dir():
        raise StudioError(
            f"The folder {project.root} is no longer there.",
            "Move it back, or open the project at its new place.",
        )
    content = {
        "schema_version": SCHEMA_VERSION,
        "classes": [{"name": each.name, "title": each.title} for each in project.classes],
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
    """
    path = root / STATE_FOLDER / FILE_NAME
    try:
        content = json.loads(path.read_bytes())
        if not isinstance(content, dict):
            raise ValueError("no object")
    except OSError:
        return SavedProject()
    except (ValueError, RecursionError):
        _set_aside(path)
        return SavedProject()
    return SavedProject(_titles(content.get("classes")), _config(content.get("config", {})))


def _titles(rows: Any) -> dict[str, str]:
    titles = {}
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, dict) and isinstance(row.get("name"), str):
            title = row.get("title")
            titles[row["name"]] = title if isinstance(title, str) and title else row["name"]
    return titles


def _config(plain: Any) -> RunConfig:
    try:
        return from_dict(RunConfig, plain, tolerant=True)
    except (StudioError, TypeError, ValueError):
        return RunConfig()


def _set_aside(path: Path) -> None:
    target, number = path.with_name(f"{path.name}.damaged"), 2
    while target.exists():
        target, number = path.with_name(f"{path.name}.damaged-{number}"), number + 1
    with contextlib.suppress(OSError):  # a folder that cannot be written keeps its damaged file
        path.rename(target)
