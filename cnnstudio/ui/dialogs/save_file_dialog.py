"""`SaveFileDialog`: asks where to save, without holding the window up."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QDir, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

_FORBIDDEN = '<>:"/\\|?*'


class SaveFileDialog(QFileDialog):
    """Suggests a name and adds the suffix where none is typed; `path_chosen` carries a `Path`."""

    path_chosen = Signal(object)

    def __init__(
        self, parent: QWidget, caption: str, suggestion: str, suffix: str, kind: str
    ) -> None:
        super().__init__(parent, caption, QDir.homePath(), f"{kind} (*.{suffix})")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("save_file_dialog")
        self.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        self.setFileMode(QFileDialog.FileMode.AnyFile)
        self.setDefaultSuffix(suffix)
        self.selectFile(f"{file_name_for(suggestion)}.{suffix}")
        self.fileSelected.connect(lambda name: self.path_chosen.emit(Path(name)))


def file_name_for(words: str) -> str:
    """Return words as a file name that is legal on every system, without a suffix."""
    name = "".join("_" if c in _FORBIDDEN or ord(c) < 32 else c for c in words).strip(" .")
    return name or "curves"
