r"""File names as text that can be written anywhere.

On Linux a name is bytes and need not be UTF-8: Python keeps the odd bytes as lone surrogates, which
no UTF-8 file and no JSON may hold. Whatever people and programs read has them as `\xe9` instead, as
Python's own `backslashreplace` writes bytes; all places alike, so that one finds in a table what
the terminal said.
"""

from __future__ import annotations

import codecs

LEGIBLE = "cnnstudio.legible"
r"""What to do with characters that an encoding lacks, for `str.encode` and streams.

Odd bytes become `\xe9`, others `\u5e3d`."""

_FIRST_ODD, _LAST_ODD, _ODD_BYTES_FROM = "\udc80", "\udcff", 0xDC00


def legible(name: str) -> str:
    """Return a name with its odd bytes spelled out; nearly all names are returned as they are."""
    return name.encode("utf-8", LEGIBLE).decode("utf-8")


def _spelled_out(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    character, error.end = error.object[error.start], error.start + 1
    if _FIRST_ODD <= character <= _LAST_ODD:
        return f"\\x{ord(character) - _ODD_BYTES_FROM:02x}", error.end
    return codecs.backslashreplace_errors(error)


codecs.register_error(LEGIBLE, _spelled_out)
