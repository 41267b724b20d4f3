"""Copying what an import plan holds into the project's bin, wholly or not at all."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from cnnstudio.core.dataset.images import UnreadablePicture
from cnnstudio.core.dataset.import_plan import (
    ArchiveMember,
    ImportItem,
    ImportPlan,
    SkippedFile,
    StagedPicture,
    VideoClip,
)
from cnnstudio.core.dataset.importers import tar_archive, video, zip_archive
from cnnstudio.core.dataset.importers.archive import ArchiveRefused
from cnnstudio.core.dataset.picture_kinds import HEAD_BYTES, kind_of, open_file
from cnnstudio.core.dataset.reading import new_fingerprint
from cnnstudio.core.errors import StudioError
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.progress_clock import ProgressClock

_PIECE_BYTES = 1 << 20
_KEPT_FREE_BYTES = 100 << 20
"""A disk filled to its last byte makes other programs fail: what they need for a while."""

_LONGEST_SUFFIX = 16


class Staging:
    """Copies pictures into a draft folder, one after the other.

    Raises from its methods:
        StudioError: a source is gone, or the project cannot be written to.
        Cancelled: the user cancelled.
    """

    def __init__(self, draft: Path, place: str, plan: ImportPlan, context: TaskContext) -> None:
        self.pictures: list[StagedPicture] = []
        self.skipped: list[SkippedFile] = []
        self._draft = draft
        self._place = place
        self._plan = plan
        self._context = context
        frames = sum(plan.frame_counts.values())
        self._clock = ProgressClock("Copying pictures", len(plan.taken) + frames, context)
        self._expected = len(plan.taken) + frames
        self._done = 0
        self._sizes: dict[Path, int] = {}

    def copy_all(self) -> None:
        """Copy everything that the plan holds."""
        for item, pieces in self._contents():
            self._context.checkpoint()
            self._copy(item, pieces)
            self._count()
        groups = _group_names(self._plan.clips)
        for clip, group in zip(self._plan.clips, groups, strict=True):
            self._cut(clip, group)

    def _contents(self) -> Iterator[tuple[ImportItem, Iterator[bytes]]]:
        """Give the pictures; those of one archive together, so that it is read once."""
        for archive, group in itertools.groupby(
            sorted(self._plan.taken, key=_archive_key), key=_archive_of
        ):
            if archive is None:
                yield from ((item, _pieces(item)) for item in group)
                continue
            items = list(group)
            self._sizes[archive] = _size_of(archive)
            try:
                kind = zip_archive if _is_zip(archive) else tar_archive
                yield from kind.contents(archive, items, self._context)
            except (ArchiveRefused, OSError) as error:
                raise _gone(archive) from error

    def _copy(self, item: ImportItem, pieces: Iterator[bytes]) -> None:
        target = self._draft / f"{len(self.pictures):06d}{_suffix(item.file_name)}"
        try:
            fingerprint = self._write(target, pieces)
        except UnreadablePicture as problem:
            target.unlink(missing_ok=True)
            archive = _archive_of(item)
            if archive is not None and _size_of(archive) != self._sizes[archive]:
                # Not a damaged member: the archive itself was cut short or taken away meanwhile.
                raise _gone(archive) from problem
            self.skipped.append(SkippedFile(item.place, problem.reason))
            return
        except ArchiveRefused as refused:
            raise _gone(_archive_of(item) or item.place) from refused
        facts = target.stat()
        self.pictures.append(
            StagedPicture(
                f"{self._place}/{target.name}",
                item.file_name,
                item.class_title,
                item.split,
                facts.st_size,
                facts.st_mtime_ns,
                fingerprint,
                item.group,
            )
        )

    def _write(self, target: Path, pieces: Iterable[bytes]) -> str:
        """Write one picture and return its fingerprint; its bytes are read once."""
        digest = new_fingerprint()
        with target.open("xb") as stream:
            for piece in pieces:
                self._context.checkpoint()
                digest.update(piece)
                stream.write(piece)
        return digest.hexdigest()

    def _cut(self, clip: VideoClip, group: str) -> None:
        frames = video.frames_of(clip, self._plan.sampling, self._context)
        try:
            for name, data in frames:
                item = ImportItem(data, name, clip.class_title, clip.split, group)
                self._copy(item, iter((data,)))
                self._count()
        except UnreadablePicture as problem:
            self.skipped.append(SkippedFile(clip.path, problem.reason))
        if not clip.path.exists():  # to the decoder a stick that was pulled is a video's end
            raise _gone(clip.path)

    def _count(self) -> None:
        # How many frames a video has is known only at its end.
        self._done = min(self._done + 1, self._expected)
        self._clock.report(max(1, self._done))


def refuse_without_room(plan: ImportPlan, root: Path) -> None:
    """Look whether the disk has room for what is to be copied, where its size is known.

    Raises:
        StudioError: it has not.
    """
    with contextlib.suppress(OSError):  # some network drives do not say
        free = shutil.disk_usage(root).free - _KEPT_FREE_BYTES
        if plan.size_bytes > free:
            raise StudioError(
                f"These pictures need {_bytes(plan.size_bytes)}, but the disk of the project"
                f" has only {_bytes(max(0, free))} free.",
                "Make room on the disk, or add fewer pictures at a time.",
            )


def _pieces(item: ImportItem) -> Iterator[bytes]:
    """Give the bytes of a file or a pasted picture.

    Raises:
        UnreadablePicture: this one cannot be read.
        StudioError: the folder it lies in is gone, so no other could be read either.
    """
    if isinstance(item.source, bytes):
        if kind_of(item.source[:HEAD_BYTES]) is None:
            raise UnreadablePicture("this is not a picture", name=item.file_name)
        yield item.source
        return
    assert isinstance(item.source, Path)
    try:
        with open_file(item.source) as stream:
            while piece := stream.read(_PIECE_BYTES):
                yield piece
    except OSError as error:
        if not _is_reachable(item.source.parent):
            raise _gone(item.source.parent) from error
        # An error of ours, such as for a pipe, has its own words and no number.
        reason = f"the file cannot be opened ({error.strerror or 'it is not a regular file'})"
        raise UnreadablePicture(reason, name=item.file_name) from error


def _is_reachable(folder: Path) -> bool:
    try:
        with os.scandir(folder) as entries:
            next(entries, None)
    except PermissionError:
        return True
    except OSError:
        return False
    return True


def _size_of(path: Path) -> int:
    """How long a file is, -1 when it is not there any more."""
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _gone(source: Path) -> StudioError:
    return StudioError(
        f"{source.name} can no longer be read.",
        "Nothing was added. Look whether the drive it lies on is still connected, and add it"
        " again.",
    )


def _archive_of(item: ImportItem) -> Path | None:
    return item.source.archive if isinstance(item.source, ArchiveMember) else None


def _archive_key(item: ImportItem) -> str:
    return str(_archive_of(item) or "")


def _is_zip(archive: Path) -> bool:
    with archive.open("rb") as stream:
        return zip_archive.recognises(archive, stream.read(HEAD_BYTES))


def _suffix(file_name: str) -> str:
    return Path(file_name).suffix[:_LONGEST_SUFFIX]


def _group_names(clips: Sequence[VideoClip]) -> list[str]:
    """A name for the frames of each video: two may be called the same."""
    met: Counter[str] = Counter()
    names = []
    for clip in clips:
        met[clip.path.name] += 1
        number = met[clip.path.name]
        names.append(clip.path.name if number == 1 else f"{clip.path.name} ({number})")
    return names


def _bytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"
