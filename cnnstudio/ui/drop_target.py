"""Lets any widget take drops of pictures and folders."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from cnnstudio.core.errors import StudioError
from cnnstudio.core.predictions import GivenSource
from cnnstudio.ui.mime_sources import has_sources, sources_of

Take = Callable[[Sequence[GivenSource]], None]


class DropTarget(QObject):
    """Watches a widget: `receiving` while a drop hovers, `take` with what was dropped."""

    receiving = Signal(bool)
    refused = Signal(object)

    def __init__(self, widget: QWidget, take: Take) -> None:
        super().__init__(widget)
        self._take = take
        widget.setAcceptDrops(True)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Handle the drag events; all others go on."""
        if isinstance(event, QDropEvent) and event.type() == QEvent.Type.Drop:
            self._drop(event)
            return True
        if isinstance(event, QDragEnterEvent) and event.type() == QEvent.Type.DragEnter:
            if has_sources(event.mimeData()):
                self._accept(event)
                self.receiving.emit(True)
                return True
        elif event.type() == QEvent.Type.DragLeave:
            self.receiving.emit(False)
        return False

    def _drop(self, event: QDropEvent) -> None:
        self._accept(event)
        self.receiving.emit(False)
        try:
            sources = sources_of(event.mimeData())
        except StudioError as error:
            self.refused.emit(error)
            return
        # The drag's own event loop must end before anything opens.
        QTimer.singleShot(0, self, lambda: self._take(sources))

    def _accept(self, event: QDropEvent) -> None:
        # A copy: whoever dragged it keeps the file.
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
