"""Asks for the name and the place of a new project."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.core.project import folder_name_for
from cnnstudio.ui.widgets.primary_button import styled_button


class NewProjectDialog(QDialog):
    """A name and a folder to make the project in; `project_named` carries the new folder."""

    project_named = Signal(object)

    def __init__(self, place: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("New project")
        self.setObjectName("new_project_dialog")
        self.setMinimumWidth(480)
        self._name = QLineEdit("My project")
        self._name.setObjectName("new_project_name")
        self._name.setAccessibleName("Name of the project")
        self._name.selectAll()
        self._place = QLineEdit(str(place))
        self._place.setObjectName("new_project_place")
        self._place.setAccessibleName("Folder to make the project in")
        browse = styled_button("Browse")
        browse.setObjectName("new_project_browse")
        browse.clicked.connect(self._browse)
        row = QHBoxLayout()
        row.addWidget(self._place, 1)
        row.addWidget(browse)
        form = QFormLayout()
        form.addRow("Name", self._name)
        form.addRow("In the folder", row)
        self._sentence = QLabel()
        self._sentence.setProperty("class", "facts")
        self._sentence.setWordWrap(True)
        self._buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Cancel | QDialogButtonBox.StandardButton.Ok
        )
        create = self._buttons.button(QDialogButtonBox.StandardButton.Ok)
        create.setText("Create")
        create.setObjectName("new_project_create")
        create.setProperty("class", "primary")
        cancel = self._buttons.button(QDialogButtonBox.StandardButton.Cancel)
        cancel.setObjectName("new_project_cancel")
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addLayout(form)
        layout.addWidget(self._sentence)
        layout.addWidget(self._buttons)
        for field in (self._name, self._place):
            field.textChanged.connect(self._check)
        self._check()

    @property
    def root(self) -> Path:
        """The folder that the answers name."""
        name = folder_name_for(self._name.text().strip(), set())
        return Path(self._place.text().strip()).expanduser() / name

    def accept(self) -> None:
        """Say which folder was named, and close."""
        self.project_named.emit(self.root)
        super().accept()

    def _check(self) -> None:
        place = self._place.text().strip()
        if not self._name.text().strip():
            reason = "A project needs a name."
        elif not place or not Path(place).expanduser().is_absolute():
            reason = "Choose the folder to make the project in."
        elif self.root.exists():
            reason = "There is a folder of this name already. Choose another name."
        else:
            reason = ""
        self._sentence.setText(reason or f"Makes {self.root}. Pictures you add are copied there.")
        self._buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(not reason)

    def _browse(self) -> None:
        place = QFileDialog.getExistingDirectory(
            self, "Folder to make the project in", self._place.text()
        )
        if place:
            self._place.setText(place)
