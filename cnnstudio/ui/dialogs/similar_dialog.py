"""`SimilarDialog`: a similar training picture, large, where its label can be fixed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QMenu, QVBoxLayout, QWidget

from cnnstudio.core.dataset.images import thumbnail
from cnnstudio.core.evaluation.similar import SimilarPicture
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Project
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.image_view import ImageView
from cnnstudio.ui.widgets.path_field import PathField
from cnnstudio.ui.widgets.primary_button import primary_button, styled_button

_PICTURE_PX = 1024
_WIDTH_PX, _HEIGHT_PX = 560, 560


class SimilarDialog(QDialog):
    """The picture, what it was learned as, and a menu of classes.

    `label_wanted` carries the path in the project and a class name, None for none.
    """

    label_wanted = Signal(str, object)

    def __init__(
        self,
        picture: SimilarPicture,
        words: str,
        session: Session,
        theme: Theme,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("similar_dialog")
        self.setWindowTitle("Similar training picture")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._picture = picture
        self._view = ImageView(theme)
        self._view.setObjectName("similar_picture")
        said = QLabel(words)
        said.setObjectName("similar_words")
        said.setWordWrap(True)
        # Names of classes may look like mark-up and must not act like it.
        said.setTextFormat(Qt.TextFormat.PlainText)
        path = PathField()
        path.setObjectName("similar_path")
        path.setAccessibleName("Path of the picture")
        path.set_path(str(picture.place))
        fix = styled_button("Fix label \N{BLACK DOWN-POINTING SMALL TRIANGLE}")
        fix.setObjectName("similar_label")
        fix.setAccessibleName("Fix the label")
        fix.setToolTip("Move the picture to another class; undo takes it back")
        fix.setEnabled(picture.path is not None and session.project is not None)
        self._menu = QMenu(fix)
        if session.project is not None:
            fill_label_menu(self._menu, session.project, picture, self._on_label)
        fix.clicked.connect(lambda: self._menu.popup(fix.mapToGlobal(fix.rect().bottomLeft())))
        close = primary_button("Close")
        close.setObjectName("similar_close")
        close.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(fix)
        buttons.addStretch(1)
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(self._view, 1)
        layout.addWidget(said)
        layout.addWidget(path)
        layout.addLayout(buttons)
        self.resize(_WIDTH_PX, _HEIGHT_PX)
        close.setFocus()

        def task(context: TaskContext) -> npt.NDArray[np.uint8]:
            return np.asarray(thumbnail(picture.place, _PICTURE_PX))

        job = session.preview_jobs.start("Reading a picture", task)
        job.finished.connect(self._on_read)
        job.failed.connect(self._on_unreadable)

    @Slot(object)
    def _on_read(self, pixels: npt.NDArray[np.uint8]) -> None:
        self._view.set_image(pixels, f"Training picture {self._picture.place.name}")

    @Slot(object)
    def _on_unreadable(self, _error: Exception) -> None:
        self._view.set_image(None, "The picture is no longer there")

    def _on_label(self, path: str, class_name: str | None) -> None:
        self.label_wanted.emit(path, class_name)
        self.accept()


def fill_label_menu(
    menu: QMenu,
    project: Project,
    picture: SimilarPicture,
    label: Callable[[str, str | None], None],
) -> None:
    """Add every class of the project, and none; `label` hears of the choice."""
    path = picture.path
    if path is None:
        return
    choices = [(each.title.replace("&", "&&"), each.name) for each in project.classes]
    for words, name in [*choices, ("Without a class", None)]:
        action = menu.addAction(words)
        action.setCheckable(True)
        action.setChecked(name == picture.class_name)
        action.triggered.connect(lambda _=False, name=name: label(path, name))
