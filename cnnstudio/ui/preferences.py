"""What a person prefers, whatever project is open."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import get_args

from cnnstudio.core.storage.atomic import write_text
from cnnstudio.ui.theme import ThemeChoice


@dataclass(frozen=True)
class Preferences:
    """One typed value; only what differs from the defaults is stored."""

    theme: ThemeChoice = "system"


def load_preferences(folder: Path) -> Preferences:
    """Read the preferences; what is missing, damaged or unknown takes its default."""
    try:
        stored = json.loads((folder / "preferences.json").read_text("utf-8"))
    except (OSError, ValueError):
        return Preferences()
    if not isinstance(stored, dict):
        return Preferences()
    names = {field.name for field in fields(Preferences)}
    known = {key: value for key, value in stored.items() if key in names and isinstance(value, str)}
    if known.get("theme") not in get_args(ThemeChoice):
        known.pop("theme", None)
    return Preferences(**known)  # type: ignore[arg-type]  # the theme was checked above


def save_preferences(folder: Path, preferences: Preferences) -> None:
    """Write what differs from the defaults, atomically; `folder` is made when it is missing.

    Raises:
        StudioError: it cannot be written.
    """
    default = asdict(Preferences())
    differing = {k: v for k, v in asdict(preferences).items() if v != default[k]}
    write_text(folder / "preferences.json", json.dumps(differing, indent=2))
