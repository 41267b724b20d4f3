"""Files of older versions, made into those of this one.

A step is a pure function from the content of version n to that of version n + 1. It happens in
memory, whenever a file is read: the file itself stays as it was until it is written anew as a
whole, so none is ever half old.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from cnnstudio.core.errors import StudioError

Content = dict[str, Any]
Steps = Mapping[int, Callable[[Content], Content]]

_LONGEST_VERSION = 40


class NoSuchVersion(ValueError):
    """A file says that it is of a version that there never was; the text is that version."""


def _with_colours(content: Content) -> Content:
    """Version 1 of a project gave colours by the order of the classes, and kept none."""
    rows = content.get("classes")
    if not isinstance(rows, list):
        return content
    coloured = [
        {"colour": place, **row} if isinstance(row, dict) else row for place, row in enumerate(rows)
    ]
    return {**content, "classes": coloured}


PROJECT_STEPS: Steps = {1: _with_colours}
"""Steps of `project.json`."""

RUN_STEPS: Steps = {}
"""Steps of a run's `config.json`; 1 is the first version that was released."""


def migrated(content: Content, current: int, steps: Steps, what: str) -> Content:
    """Return the content of a file as this version writes it.

    Args:
        content: as it was read; it stays as it is. Without a version it is taken for today's.
        current: the version that is written today.
        steps: from each older version to the one after it.
        what: what the file belongs to, such as "The run first", for the sentence.

    Raises:
        StudioError: a newer version of the program made it.
        NoSuchVersion: there never was such a version.
    """
    version = version_of(content, current, oldest=min(steps, default=current))
    if version > current:
        raise StudioError(
            f"{what} was made by a newer version of CNN Studio.", "Install that version to use it."
        )
    for step in range(version, current):
        content = steps[step](content)
    return {**content, "schema_version": current}


def version_of(content: Any, current: int, oldest: int = 1) -> int:
    """Return which version a file says it is of, maybe a newer one; without a word, today's.

    Raises:
        NoSuchVersion: there never was such a version.
        ValueError: the content of the file is no JSON object.
    """
    if not isinstance(content, dict):
        raise ValueError("no object")
    version = content.get("schema_version", current)
    # Not what can be made a whole number: a file that says 1.5 or "1" is none that we wrote.
    if type(version) is not int or version < oldest:
        raise NoSuchVersion(json.dumps(version, default=str)[:_LONGEST_VERSION])
    return version
