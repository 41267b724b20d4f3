"""What may be asked about: pictures, folders, and whatever else pictures can be imported from.

Pictures of archives and frames of videos are unpacked one by one into a folder that the caller
throws away; nothing comes into a project.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cnnstudio.core.dataset.images import UnreadablePicture
from cnnstudio.core.dataset.import_plan import ArchiveMember, ImportItem, VideoSampling
from cnnstudio.core.dataset.importers import csv_table, tar_archive, video, zip_archive
from cnnstudio.core.dataset.importers.gathering import Gathering
from cnnstudio.core.dataset.picture_kinds import HEAD_BYTES, PICTURE_SUFFIXES, open_file
from cnnstudio.core.dataset.scanning import picture_files
from cnnstudio.core.errors import StudioError
from cnnstudio.core.file_names import legible
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.predictions import NamedFile, PictureProblem, PictureSource, name_of
from cnnstudio.core.project import Project

Asked = PictureSource | PictureProblem
"""A picture to be asked about, or what stands in its place and why it cannot be read."""

_Names = Container[str]
_Contents = Callable[
    [Path, Sequence[ImportItem], TaskContext], Iterator[tuple[ImportItem, Iterator[bytes]]]
]
_LONGEST_SUFFIX = 16


@dataclass(frozen=True)
class AskedPictures:
    """What some sources hold, without those pictures whose `legible` names are in `skipped`.

    `count(skipped)` says how many these are; None: nobody knows yet. `unpacked(skipped)` gives them
    one by one; those that are skipped are not even unpacked. It may be called once.
    """

    count: Callable[[_Names], int | None]
    unpacked: Callable[[_Names], Iterator[Asked]]


def look_into(
    sources: Iterable[PictureSource], scratch: Path, context: TaskContext | None = None
) -> AskedPictures:
    """Return the pictures that sources stand for, in order.

    A folder stands for the pictures below it, an archive for those in it, a table for those that it
    names, a video for two frames a second. Any other file stands for itself, so that whatever
    is wrong with it is shown.

    Args:
        sources: what was named, dropped or pasted.
        scratch: a folder for what is unpacked.
        context: progress and cancelling.

    Raises:
        Cancelled: the user cancelled.
    """
    context = context or TaskContext()
    looks = [_look(source, scratch, context) for source in sources]

    def count(skipped: _Names) -> int | None:
        counts = [each.count(skipped) for each in looks]
        return None if None in counts else sum(each for each in counts if each is not None)

    def unpacked(skipped: _Names) -> Iterator[Asked]:
        return itertools.chain.from_iterable(each.unpacked(skipped) for each in looks)

    return AskedPictures(count, unpacked)


def _look(source: PictureSource, scratch: Path, context: TaskContext) -> AskedPictures:
    if not isinstance(source, Path):
        return _plain([source])
    if source.is_dir():
        # As texts: a hundred thousand paths take five times the memory.
        return _plain([str(each) for each in picture_files(source, context)])
    head = _head(source)
    for kind, unpack in _KINDS:
        if kind.recognises(source, head):
            # The project's only part is to refuse pictures of its own.
            gathering = Gathering(Project(scratch), context, "pictures")
            kind.look(source, gathering)
            return unpack(source, gathering, scratch, context)
    return _plain([source])


def _plain(found: Sequence[Asked | str]) -> AskedPictures:
    def left(skipped: _Names) -> Iterator[Asked | str]:
        for each in found:
            if legible(each if isinstance(each, str) else _name(each)) not in skipped:
                yield each

    def unpacked(skipped: _Names) -> Iterator[Asked]:
        return (Path(each) if isinstance(each, str) else each for each in left(skipped))

    return AskedPictures(lambda skipped: sum(1 for _ in left(skipped)), unpacked)


def _in_table(
    _table: Path, gathering: Gathering, _scratch: Path, _context: TaskContext
) -> AskedPictures:
    found: list[Asked] = [item.place for item in gathering.items]
    found += [PictureProblem(str(each.path), each.reason) for each in gathering.skipped]
    return _plain(found)


def _in_zip(
    archive: Path, gathering: Gathering, scratch: Path, context: TaskContext
) -> AskedPictures:
    return _in_archive(archive, gathering, zip_archive.contents, scratch, context)


def _in_tar(
    archive: Path, gathering: Gathering, scratch: Path, context: TaskContext
) -> AskedPictures:
    return _in_archive(archive, gathering, tar_archive.contents, scratch, context)


def _in_archive(
    archive: Path,
    gathering: Gathering,
    contents: _Contents,
    scratch: Path,
    context: TaskContext,
) -> AskedPictures:
    # Other files in an archive are passed over as in a folder; the archive itself is not.
    problems = [
        PictureProblem(str(each.path), each.reason)
        for each in gathering.skipped
        if each.path == archive or each.path.suffix.casefold() in PICTURE_SUFFIXES
    ]

    def left(skipped: _Names) -> tuple[list[ImportItem], list[PictureProblem]]:
        return (
            [item for item in gathering.items if legible(str(item.place)) not in skipped],
            [each for each in problems if legible(each.source) not in skipped],
        )

    def unpacked(skipped: _Names) -> Iterator[Asked]:
        wanted, unreadable = left(skipped)
        place = _fresh_folder(scratch)
        try:
            if wanted:
                for number, (item, pieces) in enumerate(contents(archive, wanted, context)):
                    yield _unpacked(item, pieces, place / _file_name(number, item.file_name))
        except StudioError as error:
            yield PictureProblem(str(archive), error.sentence)
        yield from unreadable

    def count(skipped: _Names) -> int:
        wanted, unreadable = left(skipped)
        return len(wanted) + len(unreadable)

    return AskedPictures(count, unpacked)


def _in_video(
    path: Path, gathering: Gathering, scratch: Path, context: TaskContext
) -> AskedPictures:
    if not gathering.clips:
        return _plain([PictureProblem(str(path), each.reason) for each in gathering.skipped])
    clip, sampling = gathering.clips[0], VideoSampling(skips_alike=False)

    def unpacked(skipped: _Names) -> Iterator[Asked]:
        place = _fresh_folder(scratch)
        try:
            for name, data in video.frames_of(clip, sampling, context):
                if legible(shown := str(path / name)) not in skipped:
                    (place / name).write_bytes(data)
                    yield NamedFile(shown, place / name)
        except UnreadablePicture as problem:
            yield PictureProblem(str(path), problem.reason)

    return AskedPictures(lambda _: None, unpacked)


def _unpacked(item: ImportItem, pieces: Iterable[bytes], target: Path) -> Asked:
    assert isinstance(item.source, ArchiveMember)
    name = str(item.place)
    try:
        with target.open("xb") as stream:
            stream.writelines(pieces)
    except UnreadablePicture as problem:
        return PictureProblem(name, problem.reason)
    except OSError as error:
        raise StudioError(
            f"{name} could not be unpacked: {error.strerror or error}.",
            "Make room on the disk where temporary files are kept.",
        ) from error
    return NamedFile(name, target)


def _name(asked: Asked) -> str:
    return asked.source if isinstance(asked, PictureProblem) else name_of(asked)


def _fresh_folder(scratch: Path) -> Path:
    for number in itertools.count():
        folder = scratch / f"{number}"
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        return folder
    raise AssertionError


def _file_name(number: int, name: str) -> str:
    return f"{number:06d}{Path(name).suffix[:_LONGEST_SUFFIX]}"


def _head(path: Path) -> bytes:
    """The first bytes of a file; none of what is no file, or cannot be opened."""
    try:
        with open_file(path) as stream:
            return stream.read(HEAD_BYTES)
    except OSError:
        return b""


_KINDS = (
    (zip_archive, _in_zip),
    (tar_archive, _in_tar),
    (csv_table, _in_table),
    (video, _in_video),
)
