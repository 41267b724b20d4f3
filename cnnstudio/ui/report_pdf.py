"""Prints the HTML of a report card as a PDF file."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from PySide6.QtCore import QByteArray, QMarginsF, QPointF, QRectF, QSizeF, Qt, QUrl
from PySide6.QtGui import (
    QGuiApplication,
    QImage,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QTextBlock,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)
from PySide6.QtSvg import QSvgRenderer

from cnnstudio.core.storage.atomic import cannot_write, write_bytes

_CHART = re.compile(r"<svg .*?</svg>", re.DOTALL)
_MARGIN_MM = 12.0
# The page's width in a screen's dots at which letters have their size, and at which they are as
# small as can still be read.
_WIDTH, _WIDEST = 720, 1000
# Charts become pictures: so many dots for each of a screen make them sharp on paper.
_DOTS = 4


def write_pdf(html: str, path: Path) -> None:
    """Write HTML as a PDF of A4 pages, atomically. It may be called in any thread.

    Raises:
        StudioError: the disk refuses.
    """
    _application()
    document = QTextDocument()
    document.setDocumentMargin(0)
    document.setHtml(_with_pictures(html, document))
    try:
        with tempfile.TemporaryDirectory() as folder:
            draft = Path(folder, "report.pdf")
            _print(document, draft)
            write_bytes(path, draft.read_bytes())
    except OSError as error:
        raise cannot_write(path, error) from error


def _print(document: QTextDocument, path: Path) -> None:
    """Print on A4: on one page where that leaves the letters legible, else on several."""
    writer = QPdfWriter(str(path))
    writer.setCreator("CNN Studio")
    writer.setTitle(document.metaInformation(QTextDocument.MetaInformation.DocumentTitle))
    margins = QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM)
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4),
            QPageLayout.Orientation.Portrait,
            margins,
            QPageLayout.Unit.Millimeter,
        )
    )
    room = writer.pageLayout().paintRectPixels(writer.resolution()).size()
    shape = room.height() / room.width()
    # Wider than the page's width in letters of their own size: what is wide is printed small.
    widths = range(_WIDTH, _WIDEST, _WIDTH // 50)
    for width in widths:
        document.setPageSize(QSizeF(width, -1))
        if document.size().height() <= width * shape:
            break
    else:
        width = _WIDTH
    page = QSizeF(width, width * shape)
    document.setPageSize(page)
    _keep_headings(document)
    painter = QPainter(writer)
    for number in range(document.pageCount()):
        if number:
            writer.newPage()
        painter.save()
        painter.scale(room.width() / width, room.width() / width)
        painter.translate(0, -number * page.height())
        document.drawContents(painter, QRectF(QPointF(0, number * page.height()), page))
        painter.restore()
    painter.end()


def _keep_headings(document: QTextDocument) -> None:
    """Begin a page with a heading where what follows it would begin that page."""
    layout, height = document.documentLayout(), document.pageSize().height()

    def page(block: QTextBlock) -> int:
        return int(layout.blockBoundingRect(block).top() // height)

    block = document.begin()
    while (following := block.next()).isValid():
        if block.blockFormat().headingLevel() and page(block) < page(following):
            style = block.blockFormat()
            style.setPageBreakPolicy(QTextFormat.PageBreakFlag.PageBreak_AlwaysBefore)
            QTextCursor(block).setBlockFormat(style)
        block = following


def _with_pictures(html: str, document: QTextDocument) -> str:
    """Put pictures in the place of charts: Qt's rich text has no SVG."""

    def picture(found: re.Match[str]) -> str:
        renderer = QSvgRenderer(QByteArray(found.group().encode()))
        size = renderer.defaultSize()
        image = QImage(size * _DOTS, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        renderer.render(painter, QRectF(image.rect()))
        painter.end()
        name = f"chart:{found.start()}"
        document.addResource(QTextDocument.ResourceType.ImageResource, QUrl(name), image)
        return f'<img src="{name}" width="{size.width()}" height="{size.height()}">'

    return _CHART.sub(picture, html)


def _application() -> QGuiApplication:
    """Return the application that fonts need; without a window, one that shows nothing."""
    running = QGuiApplication.instance()
    if isinstance(running, QGuiApplication):
        return running
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    return _kept.setdefault("application", QGuiApplication(["cnnstudio"]))


# Destroyed at the end of the process: Qt allows no second one.
_kept: dict[str, QGuiApplication] = {}
