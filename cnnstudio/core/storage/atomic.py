"""Writing so that a kill or a power cut leaves either the old file or the new one, whole."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from cnnstudio.core.errors import StudioError

DRAFT_PREFIX = ".draft-"
"""Folders that begin with this were never finished; readers pass over them."""


def write_text(path: Path, text: str) -> None:
    """Replace the file's content, in UTF-8; missing folders are made.

    File names that are no UTF-8 (lone surrogates in `text`) get their own bytes back.

    Raises:
        StudioError: it cannot be written; the old content is still there.
    """
    write_bytes(path, text.encode("utf-8", "surrogateescape"))


def write_bytes(path: Path, data: bytes) -> None:
    """Replace the file's content; missing folders are made.

    Raises:
        StudioError: it cannot be written; the old content is still there.
    """
    temporary = path.with_name(f".{secrets.token_hex(6)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("xb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)
    except OSError as error:
        raise cannot_write(path, error) from error


@contextlib.contextmanager
def fresh_folder(target: Path) -> Iterator[Path]:
    """Give a draft folder beside `target` that takes its place when the block ends well.

    Whatever the block raises, nothing is left behind. An empty folder may stand at `target`.

    Raises:
        StudioError: something is at `target` already, or the disk refuses.
    """
    if target.is_dir() and any(target.iterdir()):
        raise StudioError(f"The folder {target} is not empty.", "Choose another place.")
    if os.path.lexists(target) and not target.is_dir():
        raise StudioError(f"There is a file at {target} already.", "Choose another place.")
    draft = target.with_name(f"{DRAFT_PREFIX}{secrets.token_hex(6)}")
    made = _missing_parents(target)
    try:
        draft.mkdir(parents=True)
    except OSError as error:
        raise cannot_write(target, error) from error
    try:
        yield draft
        try:
            if target.is_dir():
                target.rmdir()  # Windows does not rename onto a folder, not even an empty one
            draft.rename(target)
        except OSError as error:
            raise cannot_write(target, error) from error
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        for folder in made:
            with contextlib.suppress(OSError):
                folder.rmdir()
        raise
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Bring a folder's list of names to the disk, where the system can."""
    if os.name == "nt":
        return
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def cannot_write(path: Path, error: OSError) -> StudioError:
    """Return the error that tells a person why a file or folder cannot be written."""
    return StudioError(
        f"{path} could not be written: {error.strerror or error}.",
        "Check that the disk has free space and that you may write there.",
    )


def _missing_parents(path: Path) -> list[Path]:
    """The folders above `path` that do not exist yet, innermost first."""
    return [parent for parent in path.parents if not parent.exists()]
