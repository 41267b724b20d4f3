"""Archives for tests: ordinary ones, and those that somebody made to do harm."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.builders import coloured_picture

Maker = Callable[[Path, Mapping[str, bytes]], Path]


def png(folder: Path, seed: str = "", colour: str = "red") -> bytes:
    """Return the bytes of a small picture, the same for the same seed."""
    path = coloured_picture(folder / "_made.png", colour, seed)
    data = path.read_bytes()
    path.unlink()
    return data


def make_zip(path: Path, files: Mapping[str, bytes]) -> Path:
    """Pack a ZIP; names that end with "/" are folders."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def make_tar(path: Path, files: Mapping[str, bytes], mode: str = "w") -> Path:
    """Pack a TAR; `mode` may ask for compression ("w:gz"), names that end with "/" are folders."""
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            if name.endswith("/"):
                info.type = tarfile.DIRTYPE
            archive.addfile(info, io.BytesIO(data))
    return path


def make_tar_of(path: Path, *infos: tarfile.TarInfo) -> Path:
    """Pack a TAR of entries without content: links, devices and so on."""
    with tarfile.open(path, "w") as archive:
        for info in infos:
            archive.addfile(info)
    return path


def entry(name: str, kind: bytes, link: str = "") -> tarfile.TarInfo:
    """Return an entry of a TAR that is no plain file."""
    info = tarfile.TarInfo(name)
    info.type = kind
    info.linkname = link
    return info


def changed_directory(path: Path, offset: int, value: bytes) -> Path:
    """Write over a field of every entry in a ZIP's directory; `offset` counts from its start."""
    data = bytearray(path.read_bytes())
    start = data.find(b"PK\x01\x02")
    while start >= 0:
        data[start + offset : start + offset + len(value)] = value
        start = data.find(b"PK\x01\x02", start + 4)
    path.write_bytes(bytes(data))
    return path


def directory_of(count: int) -> bytes:
    """Return a ZIP with so many empty entries and an end that says it has but one."""
    one = b"PK\x01\x02" + struct.pack(
        "<6H3L5H2L", 20, 20, 0, 0, 0, 33, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0
    )
    directory = (one + b"a") * count
    local = b"PK\x03\x04" + struct.pack("<5H3L2H", 20, 0, 0, 0, 33, 0, 0, 0, 1, 0) + b"a"
    end = b"PK\x05\x06" + struct.pack("<4H2LH", 0, 0, 1, 1, len(directory), len(local), 0)
    return local + directory + end
