"""Files of older versions, made into those of this one.

A step is a pure function from the content of version n to that of version n + 1. It happens in
memory, whenever a file is read: the file itself stays as it was until it is written anew as a
whole, so none is ever half old.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cnnstudio.core.errors import StudioError

Content = dict[str, Any]
Steps = Mapping[int, Callable[[Content], Content]]


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
        ValueError: no step leads to today's version, or the version is no number.
    """
    try:
        version = int(content.get("schema_version", current))
    except OverflowError as error:  # JSON has numbers beyond all bounds
        raise ValueError("the version is no number") from error
    if version > current:
        raise StudioError(
            f"{what} was made by a newer version of CNN Studio.", "Install that version to use it."
        )
    while version < current:
        if version not in steps:
            raise ValueError(f"no way from version {version}")
        content = steps[version](content)
        version += 1
    return {**content, "schema_version": current}
