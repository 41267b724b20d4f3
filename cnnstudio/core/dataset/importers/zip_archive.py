"""ZIP archives: listed from their directory, which comes last, and read member by member."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from zipfile import ZipFile, ZipInfo

from cnnstudio.core.dataset.import_plan import ArchiveMember, ImportItem
from cnnstudio.core.dataset.importers.archive import (
    MOST_ENTRIES,
    ArchiveRefused,
    Member,
    add_members,
    check_total,
    damaged_member,
    has_changed,
    needs_a_look,
    reading,
    too_many_entries,
)
from cnnstudio.core.dataset.importers.gathering import Gathering
from cnnstudio.core.dataset.picture_kinds import HEAD_BYTES, kind_of
from cnnstudio.core.errors import Cancelled, StudioError
from cnnstudio.core.jobs import TaskContext

_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_ENTRY_SIGNATURE = b"PK\x01\x02"
# An entry of the directory takes about 100 bytes, and never more than 192 KiB.
_LARGEST_DIRECTORY_BYTES = 64 << 20
_PIECE_BYTES = 1 << 20
# LZMA is left out: a member may ask for gigabytes of memory before its first byte.
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2}
# The shortest that stands before a member; names make it longer.
_LOCAL_HEADER_BYTES = 30
_ENCRYPTED, _UTF8 = 0x1, 0x800
# Office documents, books, programs: ZIP files, but not of somebody's pictures.
_DOCUMENT_MARKS = {"[Content_Types].xml", "mimetype", "META-INF/MANIFEST.MF"}


def recognises(path: Path, head: bytes) -> bool:
    """Whether a file begins like a ZIP."""
    return head.startswith(_SIGNATURES)


def look(path: Path, gathering: Gathering) -> None:
    """Gather the pictures of a ZIP."""
    try:
        with reading(path), _Directory(path.open("rb", buffering=0)) as raw, ZipFile(raw) as file:
            add_members(path, _listed(file, gathering.context), gathering)
    except ArchiveRefused as refused:
        gathering.skip(path, refused.reason)


def contents(
    path: Path, items: Sequence[ImportItem], context: TaskContext
) -> Iterator[tuple[ImportItem, Iterator[bytes]]]:
    """Give pictures of a ZIP in the order they lie in it, each with its bytes in pieces.

    The pieces raise `UnreadablePicture` where the member is damaged.

    Raises:
        StudioError: the archive cannot be read any more, or has changed.
    """
    with reading(path), _Directory(path.open("rb", buffering=0)) as raw, ZipFile(raw) as file:
        infos = file.infolist()
        chosen = []
        for item in items:
            member = item.source
            assert isinstance(member, ArchiveMember)
            if member.number >= len(infos) or _name(infos[member.number]) != member.name:
                raise has_changed(path)
            chosen.append((infos[member.number], item))
        for info, item in sorted(chosen, key=lambda each: each[0].header_offset):
            yield item, _pieces(path, file, info, context)


class _Directory(io.BufferedReader):
    """The file of a ZIP; counts the entries of its directory before they become objects.

    What the end of the archive says of their number may be a lie.
    """

    def read(self, size: int | None = -1) -> bytes:
        """Read, as any file does; refuse a directory that would fill the memory."""
        if size is not None and size > _LARGEST_DIRECTORY_BYTES:
            raise too_many_entries()
        data = super().read(size)
        if data.count(_ENTRY_SIGNATURE) > MOST_ENTRIES:
            raise too_many_entries()
        return data


def _listed(file: ZipFile, context: TaskContext) -> list[Member]:
    infos = file.infolist()
    if any(info.filename in _DOCUMENT_MARKS for info in infos):
        raise ArchiveRefused("this is a document or a program, not an archive of pictures")
    check_total(sum(info.file_size for info in infos), sum(info.compress_size for info in infos))
    _refuse_overlaps(infos)
    members = []
    for number, info in enumerate(infos):
        context.checkpoint()
        name, problem = _name(info), _problem(info)
        is_folder = name.endswith(("/", "\\"))
        is_picture = None
        if not problem and not is_folder and needs_a_look(name):
            is_picture = _is_picture(file, info)
        members.append(Member(number, name, info.file_size, is_folder, problem, is_picture))
    return members


def _refuse_overlaps(infos: Sequence[ZipInfo]) -> None:
    """Refuse members that share bytes: so a few MB unpack to petabytes (the "better zip bomb")."""
    end = 0
    for info in sorted(infos, key=lambda each: each.header_offset):
        if info.header_offset < end:
            raise ArchiveRefused("parts of it lie on top of each other, as in a zip bomb")
        end = info.header_offset + _LOCAL_HEADER_BYTES + info.compress_size


def _problem(info: ZipInfo) -> str:
    mode = info.external_attr >> 16
    if stat.S_ISLNK(mode):
        return "this is a link, not a picture"
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "this is not a regular file"
    if info.flag_bits & _ENCRYPTED:
        return "it is protected by a password; unpack it first"
    if info.compress_type not in _METHODS:
        return "it is packed in a way that is not read; unpack it first"
    return ""


def _name(info: ZipInfo) -> str:
    """The name as its writer meant it: many programs write UTF-8 without saying so."""
    if info.flag_bits & _UTF8:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def _is_picture(file: ZipFile, info: ZipInfo) -> bool:
    try:
        with file.open(info) as stream:
            return kind_of(stream.read(HEAD_BYTES)) is not None
    except Exception:  # noqa: BLE001 - on damaged archives readers raise anything
        return False


def _pieces(path: Path, file: ZipFile, info: ZipInfo, context: TaskContext) -> Iterator[bytes]:
    """Give the bytes of a member.

    Raises:
        UnreadablePicture: they are not as promised.
        ArchiveRefused: the disk cannot be read any more.
    """
    name, length = Path(_name(info)).name, 0
    try:
        with file.open(info) as stream:
            while piece := stream.read(_PIECE_BYTES):
                context.checkpoint()
                length += len(piece)
                yield piece
    except (StudioError, Cancelled):
        raise
    except Exception as error:  # on damaged archives readers raise anything
        if isinstance(error, OSError) and error.errno is not None:
            raise ArchiveRefused(f"it cannot be opened ({error.strerror})") from error
        raise damaged_member(name) from error
    if length != info.file_size:
        raise damaged_member(name)
