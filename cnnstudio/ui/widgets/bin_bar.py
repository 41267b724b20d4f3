"""`BinBar`: what can be done with removed pictures, above them."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from cnnstudio.ui.icons import Icons
from cnnstudio.ui.widgets.banner import Banner


class BinBar(Banner):
    """Restores what is selected or all of it, or empties the bin."""

    restore_wanted = Signal()
    restore_all_wanted = Signal()
    empty_wanted = Signal()

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        words = "Removed pictures can be brought back at any time."
        super().__init__(icons, "info", words, title="Bin", parent=parent)
        self.setObjectName("images_bin_bar")
        for name, text, wanted in (
            ("images_restore", "Restore selected", self.restore_wanted),
            ("images_restore_all", "Restore all", self.restore_all_wanted),
            ("images_empty_bin", "Empty the bin...", self.empty_wanted),
        ):
            button = self.add_button(text)
            button.setObjectName(name)
            button.clicked.connect(wanted)
        self.hide()
