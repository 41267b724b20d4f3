"""What ZIP and TAR have in common: the limits, and what becomes of their members.

Nothing is ever unpacked to a path that an archive names. A member's name is split into plain parts
that say its class; its bytes go into a file that we name.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from cnnstudio.core.dataset.images import UnreadablePicture
from cnnstudio.core.dataset.import_plan import ArchiveMember, ImportItem
from cnnstudio.core.dataset.importers.gathering import Gathering
from cnnstudio.core.dataset.importers.layout import Parts, layout_of
from cnnstudio.core.dataset.importers.names import file_name_for, parts_of
from cnnstudio.core.dataset.importers.video import VIDEO_SUFFIXES
from cnnstudio.core.dataset.picture_kinds import PICTURE_SUFFIXES, is_junk_folder
from cnnstudio.core.dataset.scanning import natural_key
from cnnstudio.core.errors import Cancelled, StudioError

MOST_ENTRIES = 200_000
"""Twice the largest projects we know of; a million entries would fill the memory with names."""

MOST_BYTES_A_PICTURE = 1 << 30
"""The largest picture that is read, 200 megapixels, takes 800 MB without any compression."""

MOST_BYTES_IN_ALL = 1 << 40
"""More than fits on the disks of those who sort pictures on one computer: 1 TB."""

MOST_NAME_LENGTH = 4096
"""Letters in a member's name: no system has longer paths, and many such names fill the memory."""

MOST_DEPTH = 64
"""Folders within each other."""

MOST_RATIO = 200
"""Bytes out of one byte in. Pictures are compressed already; drawings saved as BMP reach 50."""

RATIO_COUNTS_FROM_BYTES = 256 << 20
"""Below this much content an archive is harmless, however well it was compressed."""

_MEMBERS_BETWEEN_CHECKPOINTS = 500
_SHOWN_LENGTH = 200

ARCHIVE_SUFFIXES = {
    ".7z", ".bz2", ".gz", ".rar", ".tar", ".tbz", ".tbz2", ".tgz", ".txz", ".xz", ".zip", ".zst",
}  # fmt: skip


class ArchiveRefused(StudioError):
    """An archive, or the rest of it, that is not read; `reason` is a few words for a table."""

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(f"This archive is not read: {reason}.", hint)
        self.args = (reason, hint)  # for pickling
        self.reason = reason


@dataclass(frozen=True)
class Member:
    """One entry of an archive, as it is listed.

    `problem` is why it cannot be a picture, for what is no plain file or is locked. `is_picture` is
    what its first bytes say, where they were looked at.
    """

    number: int
    name: str
    size_bytes: int = 0
    is_folder: bool = False
    problem: str = ""
    is_picture: bool | None = None
    fingerprint: str = ""


def needs_a_look(name: str) -> bool:
    """Whether only its first bytes can tell if a member is a picture: it has no ending."""
    return PurePosixPath(name).suffix == ""


def add_members(archive: Path, members: Sequence[Member], gathering: Gathering) -> None:
    """Take the pictures among the members; the rest is skipped, each with its reason."""
    folders: dict[Parts, dict[str, None]] = defaultdict(dict)
    holding: set[Parts] = set()
    plain: list[tuple[Parts, Member]] = []
    for parts, member in _plain_names(archive, members, gathering):
        inner = parts if member.is_folder else parts[:-1]
        for depth, name in enumerate(inner):
            folders[inner[:depth]][name] = None
        if not member.is_folder:
            plain.append((parts, member))
            if not _why_not(member):
                holding.add(parts[:-1])
    layout = layout_of(
        lambda folder: sorted(folders.get(folder, ()), key=natural_key), holding.__contains__
    )
    for title in layout.class_titles:
        gathering.add_class(title)
    plain.sort(key=lambda each: [natural_key(part) for part in each[0]])
    for number, (parts, member) in enumerate(plain):
        if number % _MEMBERS_BETWEEN_CHECKPOINTS == 0:
            gathering.context.checkpoint()
        place = layout.place_of(parts)
        reason = _why_not(member)
        if place is None and not reason:
            reason = "it lies beside the folders train, validation and test, in no class"
        if reason or place is None:
            gathering.skip(_shown(archive, member), reason)
        else:
            gathering.add_picture(_item(archive, member, parts), place)


def _plain_names(
    archive: Path, members: Sequence[Member], gathering: Gathering
) -> Iterator[tuple[Parts, Member]]:
    """Give the members that may count, with the parts of their names; others are skipped."""
    for number, member in enumerate(members):
        if number % _MEMBERS_BETWEEN_CHECKPOINTS == 0:
            gathering.context.checkpoint()
        # Before anything is made of it: what is made of a name may grow with its square.
        if len(member.name) > MOST_NAME_LENGTH or member.name.count("/") > MOST_DEPTH:
            gathering.skip(_shown(archive, member), "its name is too long")
            continue
        parts = parts_of(member.name)
        if parts is None:
            gathering.skip(_shown(archive, member), "its name leads out of the archive")
        elif parts and not any(map(is_junk_folder, parts)):
            yield parts, member


@contextlib.contextmanager
def reading(archive: Path) -> Iterator[None]:
    """Turn whatever goes wrong in a damaged archive into `ArchiveRefused`, in plain words."""
    try:
        yield
    except (StudioError, Cancelled):
        raise
    except PermissionError:
        raise ArchiveRefused("there is no permission to read it") from None
    except Exception as error:  # on damaged archives readers raise anything
        if isinstance(error, OSError) and error.errno is not None:
            raise ArchiveRefused(f"it cannot be opened ({error.strerror})") from error
        if isinstance(error, MemoryError):
            raise ArchiveRefused("it needs more memory than this computer has") from error
        raise ArchiveRefused("it is damaged, or its end is missing; copy it again") from error


def check_total(bytes_out: int, bytes_in: int) -> None:
    """Refuse what is a bomb, or so large that it must be one.

    Raises:
        ArchiveRefused: it is.
    """
    if bytes_out > MOST_BYTES_IN_ALL:
        raise ArchiveRefused(f"it would unpack to more than {MOST_BYTES_IN_ALL >> 40} TB")
    if bytes_out > RATIO_COUNTS_FROM_BYTES and bytes_out > MOST_RATIO * max(1, bytes_in):
        raise ArchiveRefused(
            f"it would unpack to more than {MOST_RATIO} times its size,"
            " as files do that are made to fill a disk"
        )


def too_many_entries() -> ArchiveRefused:
    """Return the refusal of an archive with more than `MOST_ENTRIES`."""
    return ArchiveRefused(
        f"it holds more than {MOST_ENTRIES:,} files; unpack it and add its folders one by one"
    )


def has_changed(archive: Path) -> StudioError:
    """Return the error for an archive that is another than the one that was looked at."""
    return StudioError(
        f"{archive.name} has changed since it was looked at.", "Nothing was added. Add it again."
    )


def damaged_member(name: str) -> UnreadablePicture:
    """Return the reason for a picture whose bytes in the archive are not what was promised."""
    return UnreadablePicture("it is damaged inside the archive", name=name)


def _why_not(member: Member) -> str:
    """Why a member does not become a picture; "" when it does."""
    if member.problem:
        return member.problem
    suffix = PurePosixPath(member.name.replace("\\", "/")).suffix.casefold()
    if member.is_picture is False or (member.is_picture is None and suffix not in PICTURE_SUFFIXES):
        if suffix in ARCHIVE_SUFFIXES:
            return "an archive inside an archive is not opened; unpack it first"
        if suffix in VIDEO_SUFFIXES:
            return "a video inside an archive is not read; unpack it first"
        return "this is not a picture"
    if member.size_bytes > MOST_BYTES_A_PICTURE:
        return f"it is larger than {MOST_BYTES_A_PICTURE >> 30} GB"
    return ""


def _item(archive: Path, member: Member, parts: Parts) -> ImportItem:
    suffix = PurePosixPath(parts[-1]).suffix
    return ImportItem(
        ArchiveMember(archive, member.number, member.name, member.size_bytes),
        file_name_for(parts[-1]) or f"picture {member.number + 1}{file_name_for('x' + suffix)[1:]}",
        size_bytes=member.size_bytes,
        fingerprint=member.fingerprint,
    )


def _shown(archive: Path, member: Member) -> Path:
    """A member as a path, for words only."""
    return archive / (file_name_for(member.name[-_SHOWN_LENGTH:]) or "file without a name")
