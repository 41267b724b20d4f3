"""Pictures that come into a folder while it is watched, each once it is whole."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from cnnstudio.core.dataset.images import may_be_picture
from cnnstudio.core.dataset.scanning import picture_files
from cnnstudio.core.errors import StudioError
from cnnstudio.core.jobs import TaskContext

SETTLED_AFTER_S = 1.0
_LOOK_EVERY_MS = 200

_State = tuple[int, int]
"""Size in bytes and time of change in nanoseconds."""


def arrivals(
    folder: Path,
    context: TaskContext,
    ignored: Path | None = None,
    settled_after_s: float = SETTLED_AFTER_S,
) -> Iterator[list[Path]]:
    """Give the pictures in a folder and below it, then those that arrive, in lots; never ends.

    A picture counts once its file has not changed for `settled_after_s`: whoever copies it there
    may take a while. One that is written anew is given again. Whoever cancels ends it.

    Args:
        folder: what is watched.
        context: cancelling.
        ignored: a folder in it whose pictures do not count.
        settled_after_s: how long a file must not change, in seconds.

    Raises:
        StudioError: the folder is not there, goes away, or cannot be watched.
        Cancelled: the user cancelled; noticed within a quarter of a second.
    """
    from watchfiles import Change, watch

    if not folder.is_dir():
        raise StudioError(f"There is no folder {folder}.", "Choose a folder that is there.")
    folder = folder.absolute()
    waiting = _Waiting(settled_after_s)
    has_looked = False
    try:
        for changes in watch(
            folder,
            watch_filter=None,
            rust_timeout=_LOOK_EVERY_MS,
            debounce=_LOOK_EVERY_MS,
            step=_LOOK_EVERY_MS // 4,
            yield_on_timeout=True,
            raise_interrupt=True,
            ignore_permission_denied=True,
        ):
            context.checkpoint()
            if not folder.is_dir():
                raise StudioError(
                    f"The folder {folder} is gone.", "Watch it again once it is back, or another."
                )
            if not has_looked:  # only now that nothing is missed any more
                has_looked = True
                for path in picture_files(folder, context):
                    waiting.add(path)
            there = [Path(text) for change, text in changes if change != Change.deleted]
            for path in _pictures_among(there, folder, context):
                waiting.add(path)
            found = [path for path in waiting.settled() if not _is_below(path, ignored)]
            if found:
                yield found
    except (OSError, RuntimeError) as error:
        raise StudioError(
            f"The folder {folder} cannot be watched: {error}.",
            "Some network drives cannot be watched. Ask about the folder as it is instead.",
        ) from error


def _pictures_among(paths: Iterable[Path], folder: Path, context: TaskContext) -> Iterator[Path]:
    for path in paths:
        if _is_hidden(path, folder):
            continue
        if path.is_dir():  # it came with what is in it
            yield from picture_files(path, context)
        elif may_be_picture(path):
            yield path


class _Waiting:
    """Files that may still be written."""

    def __init__(self, settled_after_s: float) -> None:
        self._after_s = settled_after_s
        self._seen: dict[Path, tuple[_State, float]] = {}

    def add(self, path: Path) -> None:
        """Wait for a file that was written to just now."""
        state = _state(path)
        if state is not None:
            self._seen[path] = state, time.monotonic()

    def settled(self) -> list[Path]:
        """Return the files that have not changed for long enough, and wait for them no more."""
        now, found = time.monotonic(), []
        for path, (before, since) in list(self._seen.items()):
            if now - since < self._after_s:
                continue
            state = _state(path)
            if state == before:
                found.append(path)
            if state == before or state is None:
                del self._seen[path]
            else:
                self._seen[path] = state, now
        return found


def _state(path: Path) -> _State | None:
    """What changes while a file is written; None when there is none, or nothing in it yet."""
    try:
        facts = path.stat()
    except OSError:
        return None
    return (facts.st_size, facts.st_mtime_ns) if facts.st_size else None


def _is_hidden(path: Path, folder: Path) -> bool:
    """Whether a file is hidden, or lies in a hidden folder: these are drafts."""
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


def _is_below(path: Path, folder: Path | None) -> bool:
    return folder is not None and path.absolute().is_relative_to(folder.absolute())
