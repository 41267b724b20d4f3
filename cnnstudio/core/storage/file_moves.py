"""Moving files of a project: all of them or none, whatever happens in between.

The moves are written down in a journal and brought to the disk before the first of them. Whoever
opens the folder after a kill calls `recover`, which takes the moves that were made back.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TextIO

from cnnstudio.core.errors import StudioError
from cnnstudio.core.project import STATE_FOLDER
from cnnstudio.core.storage.atomic import sync_folder, write_text

if sys.platform != "win32":
    import fcntl

JOURNAL_NAME = "moves.json"
_REPORT_EVERY = 200
_LOT = 1000

# What systems drop into every folder they show; it would keep an empty folder from going away.
_LITTER = {".ds_store", "thumbs.db", "desktop.ini"}


@dataclass(frozen=True)
class FileMove:
    """One file or folder that gets another place; both paths are relative to the project.

    A `source` of None makes an empty folder at `target`; a `target` of None removes the empty
    folder at `source`.
    """

    source: str | None
    target: str | None


def reverse(moves: Iterable[FileMove]) -> tuple[FileMove, ...]:
    """Return the moves that take `moves` back."""
    return tuple(FileMove(move.target, move.source) for move in reversed(tuple(moves)))


def apply(
    root: Path, moves: Sequence[FileMove], report: Callable[[int, int], None] | None = None
) -> None:
    """Make all moves, in order, or none. Missing parent folders are made; nothing is overwritten.

    `report` is told now and then how many moves are made, and of how many.

    Raises:
        StudioError: a move is not possible; everything is as it was before.
    """
    _refuse_outside(root, moves)
    recover(root)
    steps = with_parents(root, moves)
    if not steps:
        return
    journal = root / STATE_FOLDER / JOURNAL_NAME
    write_text(journal, _written(steps))
    done = 0
    try:
        with journal.open("a", encoding="utf-8") as progress:
            _lock(progress)
            for step in steps:
                _make(root, step)
                done += 1
                # One mark per move tells `recover` how far we came. It need not reach the disk:
                # after a power cut `recover` looks at the files themselves.
                progress.write(".")
                progress.flush()
                if report is not None and done % _REPORT_EVERY == 0:
                    report(done, len(steps))
    except BaseException as error:
        _take_back(root, steps[:done])
        _remove_journal(journal)
        if isinstance(error, OSError):
            raise StudioError(
                f"The files could not be moved: {error.strerror or error}.",
                "Nothing was changed. Check that you may write in the project's folder.",
            ) from error
        raise
    _sync_folders(root, steps)
    _remove_journal(journal)
    _prune_state_folder(root, moves)


def _written(steps: Sequence[FileMove]) -> str:
    """The steps as one line of JSON, in lots: all at once would hold other threads up."""
    lots = (steps[at : at + _LOT] for at in range(0, len(steps), _LOT))
    texts = (json.dumps([[step.source, step.target] for step in lot])[1:-1] for lot in lots)
    return f"[{', '.join(texts)}]\n"


def recover(root: Path) -> bool:
    """Take back the moves that a killed program left half done; True when there were any.

    Raises:
        StudioError: they cannot be taken back now; the journal stays for the next time.
    """
    journal = root / STATE_FOLDER / JOURNAL_NAME
    try:
        with journal.open(encoding="utf-8") as stream:
            _lock(stream)
            content = stream.read()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise StudioError(f"{journal} cannot be read: {error.strerror or error}.") from error
    first, _, marks = content.partition("\n")
    try:
        steps = [FileMove(source, target) for source, target in json.loads(first)]
    except (ValueError, TypeError):
        # The journal is written whole before the first move, so nothing was moved.
        _remove_journal(journal)
        return False
    done = len(marks.strip())
    # The last move may have been made without its mark.
    while done < len(steps) and _seems_made(root, steps[done]):
        done += 1
    _take_back(root, steps[:done])
    _remove_journal(journal)
    return True


def _lock(journal: TextIO) -> None:
    """Hold the journal while it is open, so that no other program takes living moves back."""
    if sys.platform != "win32":  # Windows does not let others remove an open file anyway
        try:
            fcntl.flock(journal, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StudioError(
                "Another CNN Studio is just moving files in this project.", "Try again in a moment."
            ) from None
        except OSError:
            return  # some network drives know no locks


def _make(root: Path, move: FileMove) -> None:
    """Make one move, and never write over anything."""
    if move.source is None and move.target is not None:
        folder = root / move.target
        try:
            folder.mkdir()
        except FileExistsError:
            raise _in_the_way(move.target) from None
    elif move.target is None and move.source is not None:
        _remove_empty_folder(root / move.source)
    elif move.source is not None and move.target is not None:
        # Text instead of paths, here and below: 100,000 files may move at once.
        source, target = os.path.join(root, move.source), os.path.join(root, move.target)
        try:
            facts = os.lstat(source)
        except OSError:
            raise StudioError(
                f"{move.source} is no longer there.", "Open the project again to see what changed."
            ) from None
        # Where upper and lower case are one, "cats" is there already when it becomes "Cats".
        if os.path.lexists(target) and not _is_same_place(source, target):
            raise _in_the_way(move.target)
        if stat.S_ISLNK(facts.st_mode):
            _refuse_breaking_a_link(Path(source), Path(target))
        os.rename(source, target)


def _take_back(root: Path, made: Sequence[FileMove]) -> None:
    for move in reverse(made):
        try:
            _make(root, move)
        except (OSError, StudioError) as error:
            raise StudioError(
                f"A change was interrupted and could not be taken back: {error}",
                "Close programs that use these files and open the project again.",
            ) from error


def _seems_made(root: Path, move: FileMove) -> bool:
    is_source_gone = move.source is None or not os.path.lexists(root / move.source)
    is_target_there = move.target is None or os.path.lexists(root / move.target)
    return is_source_gone and is_target_there


def with_parents(root: Path, moves: Sequence[FileMove]) -> list[FileMove]:
    """Return moves with the making of missing parent folders before the move that needs them."""
    steps: list[FileMove] = []
    # Writing the journal makes our own folder.
    there = {"", STATE_FOLDER}
    brought: list[FileMove] = []
    for move in moves:
        if move.target is not None:
            missing = []
            parent = move.target.rpartition("/")[0]
            while parent not in there:
                there.add(parent)
                if os.path.isdir(os.path.join(root, _before(parent, brought))):
                    break
                missing.append(parent)
                parent = parent.rpartition("/")[0]
            steps += [FileMove(None, folder) for folder in reversed(missing)]
            # A folder that is made or moved here has no need of being made again.
            if move.source is None or os.path.isdir(os.path.join(root, move.source)):
                there.add(move.target)
                if move.source is not None:
                    brought.append(move)
        steps.append(move)
    return steps


def _refuse_outside(root: Path, moves: Sequence[FileMove]) -> None:
    """Refuse paths that leave the project, by their words or through a link."""
    inside = root.resolve()
    seen: dict[str, bool] = {}
    for path in (path for move in moves for path in (move.source, move.target) if path is not None):
        parent, _, name = path.rpartition("/")
        if parent not in seen:
            pure, place = PurePosixPath(parent), root / parent
            # On Windows "C:x" leaves the project without being absolute for POSIX.
            seen[parent] = (
                not pure.is_absolute()
                and ".." not in pure.parts
                and place.drive.casefold() == root.drive.casefold()
                and _real(place).is_relative_to(inside)
            )
        is_plain = name not in ("", ".", "..") and not path.startswith("/")
        if os.name == "nt":
            is_plain = is_plain and ":" not in name
        if not is_plain or not seen[parent]:
            raise StudioError(
                f"{path} lies outside the project folder.",
                "Pictures outside the project are never moved. Copy them into it instead.",
            )


def _real(folder: Path) -> Path:
    """Where a folder really is, or will be once it is made."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder.resolve()


def _refuse_breaking_a_link(source: Path, target: Path) -> None:
    """Refuse to move a link whose way to its picture starts at its own place."""
    if STATE_FOLDER in (*source.parts, *target.parts):
        return
    way = source.readlink()
    if not way.is_absolute() and source.parent != target.parent:
        before = os.path.normpath(source.parent / way)
        if before != os.path.normpath(target.parent / way):
            raise StudioError(
                f"{source.name} is a link to a picture elsewhere and cannot be moved.",
                "Copy the picture itself into the project.",
            )


def _remove_empty_folder(folder: Path) -> None:
    entries = list(folder.iterdir())
    if all(entry.name.casefold() in _LITTER for entry in entries):
        for entry in entries:
            entry.unlink()
        folder.rmdir()
        return
    raise StudioError(
        f"The folder {folder.name} is not empty: it holds {entries[0].name}.",
        "Move what is in it elsewhere first.",
    )


def _is_same_place(source: str, target: str) -> bool:
    return source.casefold() == target.casefold() and os.path.samefile(source, target)


def _in_the_way(path: str) -> StudioError:
    return StudioError(
        f"There is something at {path} already; nothing is written over.",
        "Open the project again to see what changed.",
    )


def _sync_folders(root: Path, steps: Sequence[FileMove]) -> None:
    paths = (path for step in steps for path in (step.source, step.target) if path is not None)
    for folder in {path.rpartition("/")[0] for path in paths}:
        sync_folder(root / folder)


def _remove_journal(journal: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        journal.unlink()
    sync_folder(journal.parent)


def _prune_state_folder(root: Path, moves: Sequence[FileMove]) -> None:
    """Remove folders of the bin that an undo has emptied."""
    emptied: dict[str, None] = {}
    for move in moves:
        if move.source is not None and move.source.startswith(f"{STATE_FOLDER}/"):
            folder = move.source.rpartition("/")[0]
            # The two outermost, .cnnstudio and .cnnstudio/bin, stay.
            while folder.count("/") > 1 and folder not in emptied:
                emptied[folder] = None
                folder = folder.rpartition("/")[0]
    # The innermost first.
    for folder in sorted(emptied, key=lambda each: -each.count("/")):
        with contextlib.suppress(OSError):
            (root / folder).rmdir()


def _before(folder: str, brought: Sequence[FileMove]) -> str:
    """Where a folder is now that these moves of folders will have brought to its place."""
    for move in reversed(brought):
        if f"{folder}/".startswith(f"{move.target}/"):
            folder = f"{move.source}{folder[len(move.target or '') :]}"
    return folder
