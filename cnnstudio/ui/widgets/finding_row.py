"""`FindingRow`: one finding of the health check, and the buttons that do something about it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from cnnstudio.core.dataset.health.findings import Finding, Fix, Gravity
from cnnstudio.ui.finding_words import button_tooltip, button_words, look_words
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.widgets.fit_label import ElidedLabel
from cnnstudio.ui.widgets.icon_view import IconView
from cnnstudio.ui.widgets.primary_button import Look, styled_button

ROW_PX = 52
_ICON_PX = 16
# The same for all rows, so that the buttons stand below each other.
_BUTTON_PX = 122
_IGNORE_PX = 72

# The words say it too, so that colour never stands alone.
_ICONS: Mapping[Gravity, tuple[str, str]] = {
    "bad": ("error", "bad"),
    "warn": ("warning", "warn_ink"),
    "info": ("help", "muted"),
}

_LOOKS: Mapping[Fix, Look] = {Fix.REMOVE: "destructive", Fix.IGNORE: "quiet"}


class FindingRow(QFrame):
    """Icon, words, why it matters, then "Look at them" and a button for each fix.

    `fix_wanted` carries the fix and, for `Fix.RELABEL`, the name of the class that is right.
    """

    show_wanted = Signal()
    fix_wanted = Signal(object, str)

    def __init__(
        self,
        icons: Icons,
        finding: Finding,
        titles: Mapping[str, str],
        number: int,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.finding = finding
        self.number = number
        self.setFixedHeight(ROW_PX)
        self.setAccessibleName(f"{finding.words} {finding.why}")
        icon, role = _ICONS[finding.gravity]
        words = ElidedLabel(finding.words)
        why = ElidedLabel(finding.why, mode=Qt.TextElideMode.ElideRight)
        why.setProperty("class", "facts")
        lines = QVBoxLayout()
        lines.setSpacing(2)
        lines.addStretch(1)
        lines.addWidget(words)
        lines.addWidget(why)
        lines.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 8, 0)
        row.setSpacing(8)
        row.addWidget(IconView(icons, icon, _ICON_PX, role))
        row.addLayout(lines, 1)
        self._all_buttons = self._buttons(titles)
        for button in self._all_buttons:
            row.addWidget(button)

    def sizeHint(self) -> QSize:
        """As tall as every row."""
        return QSize(super().sizeHint().width(), ROW_PX)

    def has_focus(self) -> bool:
        """Whether the keyboard is at one of the buttons."""
        return any(button.hasFocus() for button in self._all_buttons)

    def take_focus(self) -> None:
        """Take the keyboard to the first button."""
        if self._all_buttons:
            self._all_buttons[0].setFocus()

    def _buttons(self, titles: Mapping[str, str]) -> list[QPushButton]:
        buttons = []
        if self.finding.paths:
            look = self._named(styled_button(look_words(self.finding), small=True), "look")
            look.setMinimumWidth(_BUTTON_PX)
            look.clicked.connect(self.show_wanted)
            buttons.append(look)
        for fix in self.finding.fixes:
            button = styled_button(button_words(fix), _LOOKS.get(fix, "plain"), small=True)
            button.setMinimumWidth(_IGNORE_PX if fix is Fix.IGNORE else _BUTTON_PX)
            button.setToolTip(button_tooltip(fix))
            if fix is Fix.RELABEL:
                button.setMenu(self._menu(button, titles))
            else:
                button.clicked.connect(lambda _=False, how=fix: self.fix_wanted.emit(how, ""))
            buttons.append(self._named(button, fix.value.replace(" ", "_")))
        return buttons

    def _menu(self, button: QPushButton, titles: Mapping[str, str]) -> QMenu:
        menu = QMenu(button)
        for name in self.finding.class_names:
            action = menu.addAction(titles.get(name, name).replace("&", "&&"))
            action.triggered.connect(
                lambda _=False, right=name: self.fix_wanted.emit(Fix.RELABEL, right)
            )
        return menu

    def _named(self, button: QPushButton, what: str) -> QPushButton:
        button.setObjectName(f"images_finding_{what}_{self.number}")
        button.setAccessibleName(f"{button.text()}: {self.finding.words}")
        return button
