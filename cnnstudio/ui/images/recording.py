"""`Recording`: opens the camera and takes its bursts into the project."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from cnnstudio.core.dataset.importing import ImportedPictures
from cnnstudio.core.edits import add_imported
from cnnstudio.core.project import Project
from cnnstudio.ui.camera.frame_source import FrameSource
from cnnstudio.ui.dialogs.camera_dialog import CameraDialog
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.models.class_model import ClassRow, RowKind
from cnnstudio.ui.session import Session


class Recording(QObject):
    """Each burst is one step that can be undone, also from within the dialog."""

    def __init__(
        self,
        session: Session,
        icons: Icons,
        camera: Callable[[], FrameSource],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._session = session
        self._icons = icons
        self._camera = camera
        self._window = window

    @Slot(object)
    def open(self, row: ClassRow | None) -> None:
        """Show the camera's picture; what is recorded goes into the class of a row."""
        project = self._session.project
        if project is None:
            return
        title = _title(project, row)
        dialog = CameraDialog(self._camera(), project, title, self._icons, self._window)
        dialog.burst_recorded.connect(self._on_recorded)
        dialog.undo_wanted.connect(self._session.undo)
        self._session.project_changed.connect(dialog.follow_project)
        self._session.failed.connect(dialog.on_edit_failed)
        dialog.open()

    @Slot(object)
    def _on_recorded(self, burst: ImportedPictures) -> None:
        if burst.pictures:
            self._session.edit(add_imported(burst))


def _title(project: Project, row: ClassRow | None) -> str | None:
    """The class to begin with; None is without a class, "" waits for a name."""
    if row is not None and row.kind is RowKind.WITHOUT_CLASS:
        return None
    if row is not None and row.name is not None:
        return row.title
    return project.classes[0].title if project.classes else ""
