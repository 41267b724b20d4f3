"""The log file: what a person never reads, and a bug report needs."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from cnnstudio.folders import log_file

_LARGEST_BYTES = 1_000_000
_KEPT_FILES = 3


def start_log() -> Path | None:
    """Send warnings and errors of the whole program to the log file from now on.

    The file is made by the first message. A second call changes nothing.

    Returns:
        The file, or None where none can be written.
    """
    # Imported here because it pulls in sockets and pickling, which `--help` has no use for.
    from logging.handlers import RotatingFileHandler

    path = log_file()
    root = logging.getLogger()
    for handler in root.handlers:
        if isinstance(handler, RotatingFileHandler) and Path(handler.baseFilename) == path:
            return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8"):
            pass
    except OSError:
        return None
    handler = RotatingFileHandler(
        path,
        maxBytes=_LARGEST_BYTES,
        backupCount=_KEPT_FILES,
        encoding="utf-8",
        errors="backslashreplace",
        delay=True,
    )
    handler.setLevel(logging.WARNING)
    handler.setFormatter(
        logging.Formatter("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s")
    )
    root.addHandler(handler)
    return path


def log_unexpected(error: BaseException) -> Path | None:
    """Write an error nobody foresaw, with its traceback, to the log file.

    Returns:
        The file, or None where none can be written.
    """
    path = start_log()
    if path is not None:
        arguments = " ".join(sys.argv[1:])
        logging.getLogger(__name__).error("unexpected error in: %s", arguments, exc_info=error)
    return path
