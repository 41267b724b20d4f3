"""What was dropped or pasted, as pictures to read: files, folders, and pictures without a file.

Programs offer the same drop in several forms. A file on this computer is taken before anything
else, because its pixels are untouched; a picture itself comes before a link to one.
"""

from __future__ import annotations

import base64
from pathlib import Path, PurePosixPath
from urllib.parse import unquote_to_bytes

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData, QUrl
from PySide6.QtGui import QImage

from cnnstudio.core.errors import StudioError
from cnnstudio.core.predictions import NamedBytes

# Taken as they are; in any other form Qt hands over pixels, which are stored as PNG.
_PICTURE_FORMATS = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "image/tiff": ".tif",
    "image/bmp": ".bmp",
}
_PASTED_NAME = "pasted picture"
# Of Qt's 0 (smallest file) to 100 (no compression): a fraction of a second also for large pictures.
_PNG_QUALITY = 80


def has_sources(mime: QMimeData) -> bool:
    """Whether a drop or the clipboard may hold pictures; cheap enough for every mouse move."""
    return mime.hasImage() or bool(_urls(mime)) or any(map(mime.hasFormat, _PICTURE_FORMATS))


def sources_of(mime: QMimeData) -> list[Path | NamedBytes]:
    """Return the files, folders and pictures in a drop or on the clipboard, in its order.

    Nothing is opened: a path may be of a file that is no picture, and need not exist.

    Raises:
        StudioError: there is only a link to the internet, or nothing to do with pictures.
    """
    urls = _urls(mime)
    found: list[Path | NamedBytes] = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
    if found:
        return found
    found = [each for each in map(_embedded, urls) if each is not None] or _pictures(mime, urls)
    if found:
        return found
    if urls:
        raise StudioError(
            "This is a link to a picture on the internet, and CNN Studio downloads nothing.",
            "Save it from the browser as a file, or copy the picture itself, and add that.",
        )
    raise StudioError(
        "There is no picture in what was dropped or pasted.",
        "Take files, folders, or a picture copied in another program.",
    )


def _urls(mime: QMimeData) -> list[QUrl]:
    """The links, also those that came as text, as file managers paste them."""
    if mime.hasUrls():
        urls = mime.urls()
    else:
        lines = [line.strip() for line in mime.text().splitlines() if line.strip()]
        urls = [QUrl(line) for line in lines if line.startswith("file://")]
    return [url for url in urls if url.scheme() in ("file", "data", "http", "https")]


def _embedded(url: QUrl) -> NamedBytes | None:
    """The picture that a link itself contains (data:image/png;base64,...)."""
    if url.scheme() != "data":
        return None
    head, _, body = url.toString(QUrl.ComponentFormattingOption.FullyEncoded)[5:].partition(",")
    kind, *parameters = head.split(";")
    try:
        content = unquote_to_bytes(body)
        if "base64" in parameters:
            content = base64.b64decode(content)
    except ValueError:
        return None
    return NamedBytes(_PASTED_NAME + _PICTURE_FORMATS.get(kind, ""), content) if content else None


def _pictures(mime: QMimeData, urls: list[QUrl]) -> list[Path | NamedBytes]:
    stem = PurePosixPath(urls[0].path()).stem if urls else ""
    for kind, suffix in _PICTURE_FORMATS.items():
        content = bytes(mime.data(kind).data())
        if content:
            return [NamedBytes((stem or _PASTED_NAME) + suffix, content)]
    image = mime.imageData()
    if isinstance(image, QImage) and not image.isNull():
        return [NamedBytes((stem or _PASTED_NAME) + ".png", _png(image))]
    return []


def _png(image: QImage) -> bytes:
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG", _PNG_QUALITY)  # type: ignore[call-overload]
    buffer.close()
    return bytes(content.data())
