"""Which endings belong to which kind of picture."""

from __future__ import annotations

from pathlib import PurePosixPath

from cnnstudio.core.dataset.images import PICTURE_SUFFIXES

_ENDINGS = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif", ".jif"),
    "MPO": (".jpg", ".jpeg", ".jpe", ".jfif", ".jif"),
    "PNG": (".png", ".apng"),
    "GIF": (".gif",),
    "WEBP": (".webp",),
    "BMP": (".bmp", ".dib"),
    "TIFF": (".tif", ".tiff"),
    "AVIF": (".avif",),
}
"""By the format that Pillow gives (MPO is a JPEG with more than one picture); the usual first."""


def right_ending(kind: str) -> str:
    """Return the usual ending for a format, "" where none is known."""
    return _ENDINGS.get(kind, ("",))[0]


def has_wrong_ending(path: str, kind: str) -> bool:
    """Whether the name says another kind of picture than the content; no ending is no lie."""
    suffix = PurePosixPath(path).suffix.casefold()
    return kind in _ENDINGS and suffix in PICTURE_SUFFIXES and suffix not in _ENDINGS[kind]
