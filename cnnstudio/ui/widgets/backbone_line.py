"""`BackboneLine`: the pretrained network that is built upon, and the way to choose another."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cnnstudio.core.catalog.backbones import Backbone
from cnnstudio.ui.widgets.fit_label import ElidedLabel
from cnnstudio.ui.widgets.primary_button import styled_button


class BackboneLine(QWidget):
    """A row for the form of the settings: names the backbone; `choice_wanted` asks for others."""

    choice_wanted = Signal()

    def __init__(self, prefix: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = QLabel("Backbone")
        self._name = QLabel()
        self._name.setObjectName(f"{prefix}_backbone")
        self._name.setProperty("class", "heading")
        self._words = ElidedLabel(mode=Qt.TextElideMode.ElideRight)
        self._words.setProperty("class", "facts")
        choose = styled_button("Choose…", small=True)
        choose.setObjectName(f"{prefix}_choose_backbone")
        choose.setAccessibleName("Choose another backbone")
        choose.clicked.connect(self.choice_wanted)
        line = QHBoxLayout()
        line.setSpacing(12)
        line.addWidget(title)
        line.addStretch(1)
        line.addWidget(self._name)
        line.addWidget(choose)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 6)
        layout.setSpacing(2)
        layout.addLayout(line)
        layout.addWidget(self._words)

    def show_backbone(self, backbone: Backbone) -> None:
        """Name a backbone."""
        self._name.setText(backbone.label)
        self._words.setText(backbone.help)
