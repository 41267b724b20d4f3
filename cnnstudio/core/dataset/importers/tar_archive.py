"""TAR archives, plain or compressed as a whole: read from the start to the end, once each time.

When a TAR is looked at, its pictures are fingerprinted on the way: reading it again to compare
them would mean unpacking it again.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from tarfile import TarFile, TarInfo
from typing import BinaryIO, Protocol, Self

from cnnstudio.core.dataset.import_plan import ArchiveMember, ImportItem
from cnnstudio.core.dataset.importers.archive import (
    MOST_BYTES_A_PICTURE,
    MOST_ENTRIES,
    MOST_NAME_LENGTH,
    ArchiveRefused,
    Member,
    add_members,
    check_total,
    has_changed,
    needs_a_look,
    reading,
    too_many_entries,
)
from cnnstudio.core.dataset.importers.gathering import Gathering
from cnnstudio.core.dataset.picture_kinds import HEAD_BYTES, PICTURE_SUFFIXES, kind_of
from cnnstudio.core.dataset.reading import new_fingerprint
from cnnstudio.core.events import Progress
from cnnstudio.core.jobs import TaskContext

_GZIP, _BZIP2, _XZ = b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00"
_SUFFIXES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tbz", ".tar.xz", ".txz")
_DAMAGE = {"InvalidHeaderError", "TruncatedHeaderError"}
_MAGIC_AT, _MAGIC = 257, b"ustar"
_PIECE_BYTES = 1 << 20
# What `xz -9` needs is 65 MB; a header may ask for 4 GB.
_XZ_MEMORY_BYTES = 256 << 20
# Long names and attributes stand before a member and are kept in memory whole.
_LONGEST_HEADER_BYTES = 1 << 20


def recognises(path: Path, head: bytes) -> bool:
    """Whether a file begins like a TAR, or like something compressed that may be one."""
    if head.startswith((_GZIP, _BZIP2, _XZ)) or head[_MAGIC_AT:].startswith(_MAGIC):
        return True
    return path.name.casefold().endswith(_SUFFIXES)


def look(path: Path, gathering: Gathering) -> None:
    """Gather the pictures of a TAR; of one that is damaged, those before the damage."""
    members: list[Member] = []
    try:
        with reading(path):
            for number, (info, stream) in enumerate(_walk(path, gathering.context)):
                if number >= MOST_ENTRIES:
                    raise too_many_entries()
                # Only once it was read to its end is it known to be whole.
                members.append(_member(number, info, stream))
    except ArchiveRefused as refused:
        if not members:
            gathering.skip(path, _instead(path, refused))
            return
        gathering.skip(path, f"only its first {len(members):,} files: {refused.reason}")
    add_members(path, members, gathering)


def contents(
    path: Path, items: Sequence[ImportItem], context: TaskContext
) -> Iterator[tuple[ImportItem, Iterator[bytes]]]:
    """Give pictures of a TAR in the order they lie in it, each with its bytes in pieces.

    Raises:
        StudioError: the archive cannot be read any more, or has changed.
    """
    wanted: dict[int, tuple[ArchiveMember, ImportItem]] = {}
    for item in items:
        assert isinstance(item.source, ArchiveMember)
        wanted[item.source.number] = item.source, item
    with reading(path):
        for number, (info, stream) in enumerate(_walk(path, context)):
            if number not in wanted:
                continue
            member, item = wanted.pop(number)
            if (info.name, info.size) != (member.name, member.size_bytes):
                raise has_changed(path)
            yield item, _pieces(path, stream)
            if not wanted:
                return
    raise has_changed(path)


class _Stream(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class _Metered:
    """What a TAR is read from: counts bytes, refuses bombs, reports, and takes checkpoints."""

    def __init__(self, path: Path, raw: BinaryIO, context: TaskContext) -> None:
        self._raw = raw
        self._stream = _uncompressed(raw)
        self._is_compressed = self._stream is not raw
        self._size = os.fstat(raw.fileno()).st_size
        self._words = f"Reading {path.name}"
        self._context = context
        self._out = 0
        self.may_read = 0

    def read(self, size: int) -> bytes:
        """Give at most so many bytes."""
        self._context.checkpoint()
        data = self._stream.read(size)
        self._out += len(data)
        self.may_read -= len(data)
        if self.may_read < 0:
            raise ArchiveRefused("the description of one of its files is endless")
        bytes_in = self._raw.tell()
        if self._is_compressed:
            check_total(self._out, bytes_in)
        self._context.report(Progress(self._words, min(bytes_in, self._size), self._size))
        return data


class _Xz:
    """Decompresses XZ within a limit of memory, which `lzma.open` does not know."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw
        self._decompressor = self._fresh()
        self._rest = b""

    @staticmethod
    def _fresh() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY_BYTES)

    def read(self, size: int = -1, /) -> bytes:
        """Give at most `size` bytes; none at the end."""
        while True:
            if self._decompressor.eof:
                # Another stream may follow, with zeros between them.
                rest = self._decompressor.unused_data or self._raw.read(_PIECE_BYTES)
                rest = rest.lstrip(b"\0")
                if not rest:
                    return b""
                self._decompressor, self._rest = self._fresh(), rest
            data = b""
            if self._decompressor.needs_input:
                data = self._rest or self._raw.read(64 * 1024)
                self._rest = b""
                if not data:
                    raise EOFError("the end is missing")
            if piece := self._decompressor.decompress(data, size):
                return piece


class _Info(TarInfo):
    """A header that says so when it is damaged, where `tarfile` would silently end the archive."""

    @classmethod
    def fromtarfile(cls, tarfile_: TarFile) -> Self:
        """Read the next header."""
        try:
            return super().fromtarfile(tarfile_)
        except tarfile.HeaderError as error:
            if type(error).__name__ in _DAMAGE:
                raise tarfile.ReadError(str(error)) from error
            raise


def _uncompressed(raw: BinaryIO) -> _Stream:
    head = raw.read(HEAD_BYTES)
    raw.seek(0)
    if head.startswith(_GZIP):
        return gzip.GzipFile(fileobj=raw)
    if head.startswith(_BZIP2):
        return bz2.BZ2File(raw)
    if head.startswith(_XZ):
        return _Xz(raw)
    return raw


def _walk(path: Path, context: TaskContext) -> Iterator[tuple[TarInfo, _Stream | None]]:
    """Give every member with the stream of its bytes, None for what is no plain file."""
    with path.open("rb") as raw:
        metered = _Metered(path, raw, context)
        metered.may_read = _LONGEST_HEADER_BYTES
        with TarFile.open(mode="r|", fileobj=metered, tarinfo=_Info) as tar:  # type: ignore[call-overload]
            for info in tar:
                tar.members.clear()  # they would gather in memory
                tar.pax_headers.clear()
                metered.may_read = info.size + _LONGEST_HEADER_BYTES
                is_plain = info.isreg() and not info.issparse()
                yield info, tar.extractfile(info) if is_plain else None


def _member(number: int, info: TarInfo, stream: _Stream | None) -> Member:
    """Read a member to its end, for its fingerprint and what its first bytes say."""
    problem = _problem(info)
    fingerprint, is_picture = "", None
    suffix = os.path.splitext(info.name)[1].casefold()  # noqa: PTH122
    is_asked = needs_a_look(info.name)
    if stream is not None and not problem and (is_asked or suffix in PICTURE_SUFFIXES):
        head = stream.read(HEAD_BYTES)
        if is_asked:
            is_picture = kind_of(head) is not None
        if is_picture is not False and info.size <= MOST_BYTES_A_PICTURE:
            digest = new_fingerprint()
            while head:
                digest.update(head)
                head = stream.read(_PIECE_BYTES)
            fingerprint = digest.hexdigest()
    # The beginning of an endless name is enough to know that it is one.
    name = info.name[: MOST_NAME_LENGTH + 1]
    return Member(number, name, info.size, info.isdir(), problem, is_picture, fingerprint)


def _problem(info: TarInfo) -> str:
    if info.issym() or info.islnk():
        return "this is a link, not a picture"
    if info.issparse() or not (info.isreg() or info.isdir()):
        return "this is not a regular file"
    return ""


def _pieces(path: Path, stream: _Stream | None) -> Iterator[bytes]:
    with reading(path):
        while stream is not None and (piece := stream.read(_PIECE_BYTES)):
            yield piece


def _instead(path: Path, refused: ArchiveRefused) -> str:
    """Why nothing of it is read: most compressed files that are no TAR are no archive at all."""
    if isinstance(refused.__cause__, tarfile.ReadError) and not path.name.casefold().endswith(
        _SUFFIXES
    ):
        return "this is a compressed file, but not an archive of pictures"
    return refused.reason
