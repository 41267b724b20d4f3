"""What a file is, told from its name and its first bytes.

Nothing here decodes a picture; that is `images`. Only the kinds listed here are ever handed to a
decoder, so that a stray file cannot reach a rarely used one (PostScript, for example).
"""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path
from typing import BinaryIO, Literal

PictureKind = Literal[
    "AVIF", "BMP", "GIF", "HEIF", "JPEG", "JPEG2000", "PNG", "PPM", "TIFF", "WEBP"
]

PICTURE_SUFFIXES = frozenset(
    {
        ".apng", ".avif", ".bmp", ".dib", ".gif", ".heic", ".heif", ".hif", ".j2k", ".jfif", ".jif",
        ".jp2", ".jpe", ".jpeg", ".jpf", ".jpg", ".jpx", ".pbm", ".pgm", ".png", ".pnm", ".ppm",
        ".svg", ".tif", ".tiff", ".webp",
    }
)  # fmt: skip
"""Endings of names, in lower case, of the files that are tried as pictures.

Drawings (SVG) are tried so that they are reported: they would be missed without a word.
"""

HEAD_BYTES = 512
"""How much of a file's beginning `kind_of` and `not_a_picture_because` want to see."""

# Left behind by operating systems, archive programs and network drives.
_JUNK_FOLDERS = frozenset(
    {
        "__macosx", "__pycache__", "$recycle.bin", "#recycle", "@eadir", "lost+found", "recycler",
        "system volume information",
    }
)  # fmt: skip

_SIGNATURES: tuple[tuple[bytes, PictureKind], ...] = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"II+\x00", "TIFF"),
    (b"MM\x00+", "TIFF"),
    (b"\xff\x4f\xff\x51", "JPEG2000"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "JPEG2000"),
)

_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEIF_BRANDS = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
)

# What people most often have among their pictures, with what to do about it.
_OTHER_FILES: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF", "a PDF document", "Save its pictures as JPEG or PNG."),
    (b"PK\x03\x04", "a zip archive", "Unpack it first."),
    (b"Rar!", "a RAR archive", "Unpack it first."),
    (b"7z\xbc\xaf", "a 7z archive", "Unpack it first."),
    (b"8BPS", "a Photoshop document", "Save it as JPEG or PNG."),
    (b"\xff\x0a", "a JPEG XL picture, which is not read yet", "Save it as JPEG or PNG."),
    (
        b"\x00\x00\x00\x0cJXL ",
        "a JPEG XL picture, which is not read yet",
        "Save it as JPEG or PNG.",
    ),
    (b"\x00\x00\x01\x00", "an icon", "Save it as PNG."),
    (b"\x00\x05\x16\x07", "a companion file of macOS", "It can be deleted."),
    (b"\x1a\x45\xdf\xa3", "a video", "Save single pictures of it."),
)


class NotARegularFile(OSError):
    """A pipe, a device or a socket: reading it may wait for ever, or never come to an end."""


class LinkToNowhere(FileNotFoundError):
    """A link whose file is not there."""


def open_file(path: Path) -> io.BufferedReader:
    """Open a file for reading, but nothing that only looks like one; links are followed.

    Raises:
        NotARegularFile: it is a pipe, a device or a socket; it was not opened.
        LinkToNowhere: it is a link whose file is not there.
        OSError: it cannot be opened.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        if path.is_symlink():
            raise LinkToNowhere(f"{path} is a link to nowhere") from None
        raise
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):  # opening a folder fails in its own words
        raise NotARegularFile(f"{path} is not a regular file")
    return path.open("rb")


def is_junk_folder(name: str) -> bool:
    """Whether a folder of this name holds no pictures of the user's, such as `__MACOSX`."""
    return name.startswith(".") or name.casefold() in _JUNK_FOLDERS


def may_be_picture(path: Path) -> bool:
    """Whether to try the file as a picture, going by its name; hidden and other files are not.

    Only a file without an ending is opened, to look at its first bytes. A file that cannot be
    opened is not a picture; nothing is raised.
    """
    name = path.name
    if name.startswith("."):
        return False
    suffix = path.suffix.casefold()
    if suffix in PICTURE_SUFFIXES:
        return True
    # In "Photo 2024.05.03" the last part is a date, not an ending.
    if suffix and not suffix[1:].isdigit():
        return False
    try:
        with open_file(path) as stream:
            return kind_of(stream.read(HEAD_BYTES)) is not None
    except OSError:
        return False


def kind_of(head: bytes) -> PictureKind | None:
    """The kind of picture that begins with these bytes; None when it is none that is read."""
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[:1] == b"P" and head[1:2] in b"123456" and head[2:3].isspace():
        return "PPM"
    if head[4:8] == b"ftyp":
        brands = _brands(head)
        if brands & _AVIF_BRANDS:
            return "AVIF"
        if brands & _HEIF_BRANDS:
            return "HEIF"
    return None


def not_a_picture_because(head: bytes) -> tuple[str, str]:
    """What a file with these first bytes is instead of a picture, and what to do about it."""
    for signature, what, advice in _OTHER_FILES:
        if head.startswith(signature):
            return f"this is {what}", advice
    if head[4:8] == b"ftyp" or (head[:4] == b"RIFF" and head[8:11] == b"AVI"):
        return "this is a video", "Save single pictures of it."
    if head and not head.strip(b"\x00"):
        return "the file holds only zeros", "Copy it again from where it came from."
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if b"<svg" in start and start.startswith(b"<"):
        return "this is a line drawing (SVG), not a photo", "Save it as PNG."
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<script")):
        return (
            "this is not a picture (it begins like a web page)",
            "Download the picture itself rather than the page that shows it.",
        )
    if start and all(byte >= 32 or byte in b"\t\r\n\f" for byte in start):
        return "this is not a picture (it begins like text)", "Remove it."
    return (
        "this is not a picture (its first bytes are of no known kind)",
        "Remove it, or save it as JPEG or PNG in the program that made it.",
    )


def ends_too_early(stream: BinaryIO, kind: PictureKind) -> bool:
    """Whether the file's own account of its length says that its end is missing.

    Decoders often call a file cut short merely invalid; this finds the better reason. Kinds that
    do not state their length give False.
    """
    length = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    head = stream.read(16)
    if kind == "WEBP":
        return int.from_bytes(head[4:8], "little") + 8 > length
    if kind == "TIFF" and head[2:3] in b"*\x00" and head[3:4] != b"+":
        directory = int.from_bytes(head[4:8], "little" if head[:1] == b"I" else "big")
        return directory > length
    if kind == "PNG":
        return b"IEND" not in _tail(stream, length)
    if kind == "JPEG":
        return b"\xff\xd9" not in _tail(stream, length)
    if kind in ("AVIF", "HEIF"):
        return _boxes_reach(stream, length) > length
    return False


def _brands(head: bytes) -> set[bytes]:
    box = head[: int.from_bytes(head[:4], "big")]
    return {box[8:12]} | {box[start : start + 4] for start in range(16, len(box), 4)}


def _tail(stream: BinaryIO, length: int) -> bytes:
    stream.seek(max(0, length - 1024))
    return stream.read()


def _boxes_reach(stream: BinaryIO, length: int) -> int:
    """Where the last top-level box of an ISO media file ends, in bytes from its start."""
    position = 0
    while position < length:
        stream.seek(position)
        header = stream.read(16)
        size = int.from_bytes(header[:4], "big")
        if size == 1:
            size = int.from_bytes(header[8:16], "big")
        if size < 8:  # 0: up to the end of the file; anything else is nonsense
            break
        position += size
    return position
