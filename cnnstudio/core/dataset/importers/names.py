"""Names from elsewhere: of members of archives, of pictures dropped by a browser.

They are words, never paths: what comes out of here is one plain file name or a row of plain parts.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

from cnnstudio.core.project import FORBIDDEN_CHARACTERS, RESERVED_NAMES

_LONGEST_NAME_BYTES = 200
_LONGEST_SUFFIX_BYTES = 16
_DRIVE = re.compile(r"^[A-Za-z]:/")
# "00001IMG_00001_BURST20190101120000123.jpg" carries the moment; "IMG_0815_BURST002.jpg" a number.
_BURST = re.compile(r"^(?P<before>.*?)[ _-]?burst[ _-]?(?P<number>\d+)", re.IGNORECASE)
_DIGITS_OF_A_MOMENT = 8


def file_name_for(name: str) -> str:
    """Return a file name that every system takes, as near as can be to the last part of `name`.

    Empty when nothing is left of it.
    """
    last = _readable(name).replace("\\", "/").rpartition("/")[2]
    suffix = PurePosixPath(last).suffix
    if len(suffix.encode()) > _LONGEST_SUFFIX_BYTES:
        suffix = ""
    stem = "".join(map(_legal, last[: len(last) - len(suffix)])).lstrip(".").rstrip(" .")
    if not stem.strip(" _\N{REPLACEMENT CHARACTER}"):
        return ""
    if stem.partition(".")[0].strip().lower() in RESERVED_NAMES:
        stem = f"_{stem}"
    suffix = "".join(char for char in suffix if char.isalnum() or char == ".")
    room = _LONGEST_NAME_BYTES - len(suffix.encode())
    return stem.encode()[:room].decode("utf-8", "ignore").rstrip(" .") + suffix


def parts_of(name: str) -> tuple[str, ...] | None:
    """Return the folders and the file of a member's name; None when it leads out of the archive.

    Absolute names and drives lead out, and so does every "..", even one that comes back.
    """
    text = _readable(name).replace("\\", "/")
    if text.startswith("/") or _DRIVE.match(text) or "\0" in text:
        return None
    parts = tuple(part for part in text.split("/") if part not in ("", "."))
    return None if ".." in parts else parts


def readable_title(title: str) -> str:
    """Return a class title whose letters can all be written; those that cannot become "�"."""
    return _readable(title)


def burst_of(file_name: str) -> str:
    """Return what the pictures of one burst of a camera share in their names; "" for others."""
    found = _BURST.match(file_name)
    if found is None:
        return ""
    number = found["number"]
    return f"burst {number if len(number) >= _DIGITS_OF_A_MOMENT else found['before']}"


def _legal(char: str) -> str:
    if unicodedata.category(char)[0] == "C":  # control characters, and marks that turn words round
        return ""
    return "_" if char in FORBIDDEN_CHARACTERS else char


def _readable(text: str) -> str:
    """Replace what stands for bytes that are no UTF-8."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
