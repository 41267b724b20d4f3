"""Short help: the way through the steps, and the keys."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QTextBrowser, QVBoxLayout, QWidget

from cnnstudio.core.resources import resource_path


class HelpDialog(QDialog):
    """Shows `resources/help/help.md`, beside the window, for as long as it is wanted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Help")
        self.setObjectName("help_dialog")
        self.resize(560, 620)
        text = QTextBrowser()
        text.setObjectName("help_text")
        text.setAccessibleName("Help")
        text.setOpenLinks(False)
        text.setMarkdown(resource_path("help", "help.md").read_text("utf-8"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.addWidget(text)
