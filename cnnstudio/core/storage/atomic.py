"""Writing so that a kill or a power cut leaves either the old file or the new one, whole."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cnnstudio.core.errors import StudioError

if sys.platform != "win32":
    import fcntl

DRAFT_PREFIX = ".draft-"
"""Folders that begin with this were never finished; readers pass over them."""

_LOCK_NAME = ".lock"
_TEMPORARY_SUFFIX = ".tmp"
_STALE_AFTER_S = 3600


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
    with replaced_file(path) as stream:
        stream.write(data)


@contextlib.contextmanager
def replaced_file(path: Path) -> Iterator[BinaryIO]:
    """Give a stream whose content takes the file's place when the block ends well.

    Missing folders are made.

    Raises:
        StudioError: it cannot be written; the old content is still there.
    """
    temporary = path.with_name(f".{secrets.token_hex(6)}{_TEMPORARY_SUFFIX}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("xb") as stream:
                yield stream
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
        lock = (draft / _LOCK_NAME).open("xb")
    except OSError as error:
        shutil.rmtree(draft, ignore_errors=True)
        raise cannot_write(target, error) from error
    try:
        with lock:
            _is_held_by_nobody_else(lock)
            yield draft
            if sys.platform != "win32":  # where an open file cannot be removed
                (draft / _LOCK_NAME).unlink(missing_ok=True)
        try:
            (draft / _LOCK_NAME).unlink(missing_ok=True)
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


def remove_stale_drafts(folder: Path) -> None:
    """Remove the drafts in `folder` whose maker was killed; those of living ones are left alone."""
    with contextlib.suppress(OSError):
        for draft in folder.glob(f"{DRAFT_PREFIX}*"):
            if _is_stale(draft):
                shutil.rmtree(draft, ignore_errors=True)


def _is_stale(draft: Path) -> bool:
    lock = draft / _LOCK_NAME
    try:
        with lock.open("rb") as stream:
            if not _is_held_by_nobody_else(stream):
                return False
        lock.unlink()  # Windows has no such lock, but refuses this while the maker lives
    except FileNotFoundError:
        with contextlib.suppress(OSError):
            return time.time() - draft.stat().st_mtime > _STALE_AFTER_S
        return False
    except OSError:
        return False
    return True


def _is_held_by_nobody_else(stream: BinaryIO) -> bool:
    """Lock an open file, where that can be done, until it is closed."""
    if sys.platform != "win32":
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:  # held, or a network drive that knows no locks: nothing may be removed
            return False
    return True


def remove_temporary_files(folder: Path) -> None:
    """Remove the files in a folder that `replaced_file` was killed over; nobody else may write."""
    for path in folder.glob(f".*{_TEMPORARY_SUFFIX}"):
        path.unlink(missing_ok=True)


def is_damaged(path: Path) -> bool:
    """Whether a file is there, can be read, and holds something else than a JSON object."""
    try:
        return not isinstance(json.loads(path.read_bytes()), dict)
    except OSError:
        return False
    except (ValueError, RecursionError):
        return True


def set_aside(path: Path) -> None:
    """Rename a damaged file to NAME.damaged, so that its content is not lost.

    In a folder that cannot be written it stays.
    """
    target, number = path.with_name(f"{path.name}.damaged"), 2
    while target.exists():
        target, number = path.with_name(f"{path.name}.damaged-{number}"), number + 1
    with contextlib.suppress(OSError):
        path.rename(target)


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
