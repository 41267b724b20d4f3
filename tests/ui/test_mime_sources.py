"""What drops and pastes from different programs turn into."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QByteArray, QMimeData, QUrl
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from cnnstudio.core.errors import StudioError
from cnnstudio.core.predictions import NamedBytes
from cnnstudio.ui.mime_sources import has_sources, sources_of


@pytest.fixture
def image(qtbot: QtBot) -> QImage:
    made = QImage(30, 20, QImage.Format.Format_RGB32)
    made.fill(QColor(200, 30, 40))
    return made


def mime_of_urls(*urls: str) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl(url) for url in urls])
    return mime


def test_files_and_folders_keep_their_order_and_awkward_names() -> None:
    paths = [Path("/tmp/b & c 100%.jpg"), Path("/tmp/ü 😀"), Path("/tmp/a#1.png")]
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    assert has_sources(mime)
    assert sources_of(mime) == paths


def test_file_links_pasted_as_text_are_files() -> None:
    mime = QMimeData()
    mime.setText("file:///tmp/a%20b.jpg\r\nfile:///tmp/c.jpg\r\n")
    assert sources_of(mime) == [Path("/tmp/a b.jpg"), Path("/tmp/c.jpg")]


def test_a_file_is_preferred_to_the_picture_that_comes_with_it(image: QImage) -> None:
    mime = mime_of_urls("file:///tmp/a.jpg")
    mime.setImageData(image)
    assert sources_of(mime) == [Path("/tmp/a.jpg")]


def test_a_copied_picture_becomes_a_png_with_the_same_pixels(image: QImage) -> None:
    mime = QMimeData()
    mime.setImageData(image)
    assert has_sources(mime)
    [source] = sources_of(mime)
    assert isinstance(source, NamedBytes)
    assert source.name.endswith(".png")
    picture = Image.open(BytesIO(source.data))
    assert (picture.size, picture.convert("RGB").getpixel((3, 3))) == ((30, 20), (200, 30, 40))


def test_a_picture_dropped_from_a_browser_is_named_after_its_link(image: QImage) -> None:
    mime = mime_of_urls("https://example.org/cats/tom%20cat.jpg?width=300")
    mime.setImageData(image)
    [source] = sources_of(mime)
    assert isinstance(source, NamedBytes)
    assert source.name == "tom cat.png"


def test_bytes_of_a_picture_are_taken_as_they_are() -> None:
    mime = QMimeData()
    mime.setData("image/jpeg", QByteArray(b"\xff\xd8\xff jpeg"))
    [source] = sources_of(mime)
    assert source == NamedBytes("pasted picture.jpg", b"\xff\xd8\xff jpeg")


def test_a_picture_inside_a_link_is_taken_out() -> None:
    assert sources_of(mime_of_urls("data:image/png;base64,iVBORw0KGgo=")) == [
        NamedBytes("pasted picture.png", b"\x89PNG\r\n\x1a\n")
    ]


def test_a_mere_link_says_that_nothing_is_downloaded() -> None:
    with pytest.raises(StudioError, match="downloads nothing") as refused:
        sources_of(mime_of_urls("https://example.org/cat.jpg"))
    assert refused.value.hint


def test_text_holds_no_picture() -> None:
    mime = QMimeData()
    mime.setText("hello")
    assert not has_sources(mime)
    with pytest.raises(StudioError, match="no picture"):
        sources_of(mime)
