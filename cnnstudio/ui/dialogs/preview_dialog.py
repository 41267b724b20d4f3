"""`PreviewDialog`: the current picture of the grid, large."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from cnnstudio.core.project import Sample
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.thumbnails import Thumbnails
from cnnstudio.ui.widgets.fit_label import ElidedLabel
from cnnstudio.ui.widgets.image_view import ImageView
from cnnstudio.ui.widgets.sample_view import SampleView

_MARGIN_PX = 16
_BUTTON_PX = 30


class PreviewDialog(QDialog):
    """Follows the grid's current picture; keys do here what they do in the grid.

    Arrows go on and back, numbers give the picture a class, Delete removes it, Space or Escape
    closes.
    """

    def __init__(
        self,
        view: SampleView,
        describe: Callable[[Sample], str],
        root: Path,
        icons: Icons,
        thumbnails: Thumbnails,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._view = view
        self._describe = describe
        self._root = root
        self._thumbnails = thumbnails
        self._path: Path | None = None
        self.setObjectName("images_preview")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._image = ImageView(icons.theme, self)
        self._image.setObjectName("images_preview_picture")
        self._name = ElidedLabel()
        self._name.setObjectName("images_preview_name")
        self._name.setProperty("class", "heading")
        self._facts = QLabel()
        self._facts.setObjectName("images_preview_facts")
        self._facts.setTextFormat(Qt.TextFormat.PlainText)
        self._facts.setProperty("class", "muted")
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self._name)
        line.addWidget(self._facts)
        line.addStretch(1)
        line.addWidget(self._button(icons, "up", "Previous picture", -1))
        line.addWidget(self._button(icons, "down", "Next picture", 1))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_MARGIN_PX, _MARGIN_PX, _MARGIN_PX, _MARGIN_PX)
        layout.setSpacing(12)
        layout.addWidget(self._image, 1)
        layout.addLayout(line)
        self.resize(parent.window().size() * 0.85)
        view.selectionModel().currentChanged.connect(self._follow)
        view.model().modelReset.connect(self._follow)
        view.model().dataChanged.connect(self._follow)
        thumbnails.arrived.connect(self._on_arrived)
        thumbnails.failed.connect(self._on_arrived)
        self._follow()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go on, label, remove or close."""
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Down: 1,
        }
        key, text = Qt.Key(event.key()), event.text()
        if key in steps:
            self._step(steps[key])
        elif key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.close()
        elif len(text) == 1 and text in "0123456789":
            self._view.number_pressed.emit(int(text))
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._view.remove_pressed.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask for as many pixels as there is room for."""
        super().resizeEvent(event)
        self._show()

    def _button(self, icons: Icons, icon: str, words: str, step: int) -> QToolButton:
        button = QToolButton()
        button.setObjectName(f"images_preview_{'next' if step > 0 else 'previous'}")
        button.setAccessibleName(words)
        button.setToolTip(f"{words} (arrow keys)")
        button.setFixedSize(_BUTTON_PX, _BUTTON_PX)
        button.setIconSize(QSize(16, 16))
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # arrow keys do the same
        icons.bind(button, icon)
        button.clicked.connect(lambda: self._step(step))
        return button

    def _step(self, step: int) -> None:
        row = self._view.currentIndex().row() + step
        if 0 <= row < self._view.model().rowCount():
            self._view.select_rows([row], current=row)
            self._view.scrollTo(self._view.currentIndex())

    def _follow(self) -> None:
        sample = self._view.current_sample()
        if sample is None:
            if not self._view.model().rowCount():
                self.close()
            return
        self._path = self._root / sample.path
        self.setWindowTitle(sample.file_name)
        self._name.setText(sample.file_name)
        self._facts.setText(self._describe(sample))
        self._show()

    def _show(self) -> None:
        if self._path is None:
            return
        longest = max(self._image.width(), self._image.height())
        size = math.ceil(longest * self.devicePixelRatioF())
        image = self._thumbnails.image(self._path, size) or self._thumbnails.any_image(self._path)
        self._image.set_image(image, self._name.text())

    def _on_arrived(self, absolute_path: str) -> None:
        if self._path is not None and absolute_path == str(self._path):
            self._show()
