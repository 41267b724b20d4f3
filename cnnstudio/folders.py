"""Where the program keeps its own files on this computer, each the system's usual place."""

from __future__ import annotations

from pathlib import Path

import platformdirs

_PROGRAM = "cnnstudio"
_SAMPLE_PROJECT = "Handwritten digits"


def settings_folder() -> Path:
    """Return the folder of a person's preferences; it need not exist."""
    return Path(platformdirs.user_config_dir(_PROGRAM, appauthor=False))


def data_folder() -> Path:
    """Return the folder of what the program made for a person; it need not exist."""
    return Path(platformdirs.user_data_dir(_PROGRAM, appauthor=False))


def cache_folder() -> Path:
    """Return the folder of what can be made again when it is deleted; it need not exist."""
    return Path(platformdirs.user_cache_dir(_PROGRAM, appauthor=False))


def log_file() -> Path:
    """Return the file that says what went wrong; it need not exist."""
    return Path(platformdirs.user_log_dir(_PROGRAM, appauthor=False)) / "cnnstudio.log"


def sample_project_folder() -> Path:
    """Return the project that `cnnstudio demo` makes; it need not exist."""
    return data_folder() / _SAMPLE_PROJECT
