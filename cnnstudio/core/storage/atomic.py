"""Writing so that a kill or a power cut leaves either the old file or the new one, whole."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cnnstudio.core.errors import Cancelled, LeftForLater, StudioError

if sys.platform != "win32":
    import fcntl

DRAFT_PREFIX = ".draft-"
"""Folders that begin with this were never finished; readers pass over them."""

GO_ON_FILE = "checkpoint/plan.json"
"""A draft that holds it outlives its maker: it can be gone on with."""

SET_ASIDE = ".damaged"
"""What is put behind the name of a damaged file that is set aside."""

_DRAFT_DIGITS = 12
_LOCK_NAME = ".lock"
_TEMPORARY_SUFFIX = ".tmp"
_STALE_AFTER_S = 3600
_SCRATCH_PREFIX = "cnnstudio-"
_SCRATCH_IS_LOCKED_AFTER_S = 60  # its maker has had time to lock it


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

    Whatever the block raises, nothing is left behind, but for a draft that can be gone on with:
    see `reopened_folder`. An empty folder may stand at `target`.

    Raises:
        StudioError: something is at `target` already, or the disk refuses.
    """
    _refuse_taken(target)
    draft = target.with_name(f"{DRAFT_PREFIX}{secrets.token_hex(_DRAFT_DIGITS // 2)}")
    made = _missing_parents(target)
    try:
        draft.mkdir(parents=True)
        lock = (draft / _LOCK_NAME).open("xb")
    except OSError as error:
        shutil.rmtree(draft, ignore_errors=True)
        raise cannot_write(target, error) from error
    try:
        with _becoming(draft, target, lock):
            yield draft
    except BaseException as error:
        if not _can_be_gone_on_with(draft, error):
            shutil.rmtree(draft, ignore_errors=True)
            for folder in made:
                with contextlib.suppress(OSError):
                    folder.rmdir()
        raise


@contextlib.contextmanager
def reopened_folder(draft: Path, target: Path) -> Iterator[Path]:
    """Give a draft whose maker was killed; it takes the place of `target` as a fresh one does.

    That is for drafts with a file of the name `GO_ON_FILE`. The folder which that lies in is needed
    to go on and removed at the end. The draft goes when the user cancels, and stays otherwise.

    Raises:
        StudioError: somebody works on it, something is at `target` already, or the disk refuses.
    """
    _refuse_taken(target)
    try:
        lock = (draft / _LOCK_NAME).open("ab")
    except OSError as error:
        raise cannot_write(draft, error) from error
    try:
        with _becoming(draft, target, lock):
            yield draft
    except Cancelled as error:
        if not isinstance(error, LeftForLater):
            shutil.rmtree(draft, ignore_errors=True)
        raise


def remove_stale_drafts(folder: Path) -> None:
    """Remove the drafts in `folder` whose maker was killed; those of living ones are left alone.

    So are those that can be gone on with.
    """
    with contextlib.suppress(OSError):
        for draft in folder.glob(f"{DRAFT_PREFIX}*"):
            if not (draft / GO_ON_FILE).exists() and _is_stale(draft):
                shutil.rmtree(draft, ignore_errors=True)
        for finished in folder.glob(f"*/{GO_ON_FILE}"):  # killed just before it was removed
            if not finished.relative_to(folder).parts[0].startswith(DRAFT_PREFIX):
                shutil.rmtree(finished.parent, ignore_errors=True)


def remove_drafts_among_others(folder: Path) -> None:
    """Remove such drafts from a folder that is not ours alone: only what is surely one of ours."""
    with contextlib.suppress(OSError):
        for draft in folder.glob(f"{DRAFT_PREFIX}*"):
            number = draft.name.removeprefix(DRAFT_PREFIX)
            is_ours = len(number) == _DRAFT_DIGITS and not set(number) - set("0123456789abcdef")
            has_lock = (draft / _LOCK_NAME).is_file()
            if is_ours and has_lock and not (draft / GO_ON_FILE).exists() and _is_stale(draft):
                shutil.rmtree(draft, ignore_errors=True)


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """Give a folder among the system's temporary ones, for what is unpacked; it goes at the end.

    Those of programs that were killed are removed first.
    """
    with contextlib.suppress(OSError):
        for lock in Path(tempfile.gettempdir()).glob(f"{_SCRATCH_PREFIX}*/{_LOCK_NAME}"):
            is_old = time.time() - lock.stat().st_mtime > _SCRATCH_IS_LOCKED_AFTER_S
            if is_old and _is_abandoned(lock.parent):
                shutil.rmtree(lock.parent, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=_SCRATCH_PREFIX))
    try:
        with (folder / _LOCK_NAME).open("xb") as own_lock:
            is_held_by_nobody_else(own_lock)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def drafts_to_go_on_with(folder: Path) -> list[Path]:
    """Return the drafts in `folder` that can be gone on with and on which nobody works."""
    if not folder.is_dir():
        return []
    drafts = (each for each in folder.glob(f"{DRAFT_PREFIX}*") if (each / GO_ON_FILE).exists())
    return sorted(each for each in drafts if _is_abandoned(each))


@contextlib.contextmanager
def _becoming(draft: Path, target: Path, lock: BinaryIO) -> Iterator[None]:
    with lock:
        if not is_held_by_nobody_else(lock) and (draft / GO_ON_FILE).exists():
            raise StudioError("Another program works on this already.", "Wait for it to end.")
        yield
        if sys.platform != "win32":  # while it is held, so that nobody takes it for abandoned
            _finish(draft, target)
    if sys.platform == "win32":  # where a folder with an open file cannot be renamed
        (draft / _LOCK_NAME).unlink(missing_ok=True)
        _finish(draft, target)


def _finish(draft: Path, target: Path) -> None:
    try:
        if target.is_dir():
            target.rmdir()  # Windows does not rename onto a folder, not even an empty one
        draft.rename(target)
    except OSError as error:
        raise cannot_write(target, error) from error
    # Only now: until it has its name, it can be gone on with.
    (target / _LOCK_NAME).unlink(missing_ok=True)
    shutil.rmtree((target / GO_ON_FILE).parent, ignore_errors=True)
    sync_folder(target.parent)


def _refuse_taken(target: Path) -> None:
    if target.is_dir() and any(target.iterdir()):
        raise StudioError(f"The folder {target} is not empty.", "Choose another place.")
    if os.path.lexists(target) and not target.is_dir():
        raise StudioError(f"There is a file at {target} already.", "Choose another place.")


def _can_be_gone_on_with(draft: Path, error: BaseException) -> bool:
    """Whether it is worth keeping: not what was cancelled, nor what would only fail again."""
    if not (draft / GO_ON_FILE).exists():
        return False
    if isinstance(error, Cancelled):
        return isinstance(error, LeftForLater)
    # A disk that was full may have room the next time.
    return not isinstance(error, StudioError) or isinstance(error.__cause__, OSError)


def _is_abandoned(draft: Path) -> bool:
    lock = draft / _LOCK_NAME
    try:
        with lock.open("rb") as stream:
            if not is_held_by_nobody_else(stream):
                return False
        if sys.platform == "win32":  # has no such lock, but refuses this while the maker lives
            lock.unlink()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _is_stale(draft: Path) -> bool:
    lock = draft / _LOCK_NAME
    try:
        with lock.open("rb") as stream:
            if not is_held_by_nobody_else(stream):
                return False
        lock.unlink()  # Windows has no such lock, but refuses this while the maker lives
    except FileNotFoundError:
        with contextlib.suppress(OSError):
            return time.time() - draft.stat().st_mtime > _STALE_AFTER_S
        return False
    except OSError:
        return False
    return True


def is_held_by_nobody_else(stream: BinaryIO) -> bool:
    """Lock an open file, where that can be done, until it is closed; False where others hold it."""
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


def set_aside(path: Path) -> Path:
    """Rename a damaged file to NAME.damaged, so that its content is not lost; return its new place.

    Raises:
        StudioError: the disk refuses; the file is where it was.
    """
    target, number = path.with_name(f"{path.name}{SET_ASIDE}"), 2
    while os.path.lexists(target):
        target, number = path.with_name(f"{path.name}{SET_ASIDE}-{number}"), number + 1
    try:
        path.rename(target)
        sync_folder(path.parent)
        return target
    except OSError as error:
        raise StudioError(
            f"{path} is damaged and could not be set aside: {error.strerror or error}.",
            "Nothing is written over it. Move it elsewhere yourself, so that a new one can be"
            " written.",
        ) from error


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
