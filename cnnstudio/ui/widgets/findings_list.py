"""`FindingsList`: what the health check found, above the pictures it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from cnnstudio.core.dataset.health.findings import Finding
from cnnstudio.ui.finding_words import findings_in_a_line
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.widgets.banner import Banner, Level
from cnnstudio.ui.widgets.finding_row import ROW_PX, FindingRow
from cnnstudio.ui.words import counted

_ROWS_SEEN = 3
_ROWS_MADE = 30
_MORE_PX = 32
_BORDER_PX = 1
_LINE_PX = 1
_AROUND_PX = 4  # the border of the card and the room beside it, above and below


class FindingsList(QWidget):
    """One line that sums up; Show unfolds the findings, the gravest first. Hidden without any.

    `show_wanted` carries a `Finding`, `fix_wanted` a `Finding`, a `Fix` and the name of the class
    that is right, "" where the fix wants none.
    """

    show_wanted = Signal(object)
    fix_wanted = Signal(object, object, str)

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._findings: tuple[Finding, ...] = ()
        self._titles: dict[str, str] = {}
        self._banner = Banner(icons, "warn", title="Health check")
        self._banner.setObjectName("images_health")
        self._toggle = self._banner.add_button("Show")
        self._toggle.setObjectName("images_health_show")
        self._toggle.clicked.connect(self._on_toggled)
        self._shown: list[FindingRow] = []
        self._rows = QVBoxLayout()
        self._area = self._built_area()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._banner)
        layout.addWidget(self._area)
        self._unfold(False)
        self.hide()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings shown, the gravest first."""
        return self._findings

    @property
    def is_unfolded(self) -> bool:
        """Whether the findings are seen one by one."""
        return not self._area.isHidden()

    def set_findings(self, findings: Sequence[Finding], titles: Mapping[str, str]) -> None:
        """Show these findings; `titles` are those of the classes, by name.

        Whether the list is unfolded stays as it is.
        """
        if (tuple(findings), dict(titles)) == (self._findings, self._titles):
            return
        self._findings, self._titles = tuple(findings), dict(titles)
        self.setVisible(bool(findings))
        is_grave = any(each.gravity != "info" for each in findings)
        level: Level = "warn" if is_grave else "info"
        self._banner.set_finding(level, findings_in_a_line(findings), title="Health check")
        if self.is_unfolded:
            self._show_rows()

    def _on_toggled(self) -> None:
        self._unfold(not self.is_unfolded)

    def _unfold(self, unfolded: bool) -> None:
        self._area.setVisible(unfolded)
        self._toggle.setText("Hide" if unfolded else "Show")
        self._toggle.setAccessibleName(f"{self._toggle.text()} what the health check found")
        if unfolded:
            self._show_rows()

    def _built_area(self) -> QFrame:
        card = QFrame()
        card.setProperty("class", "card")
        inside = QWidget()
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(0)
        inside.setLayout(self._rows)
        self._scroll = QScrollArea()
        self._scroll.setObjectName("images_findings")
        self._scroll.setAccessibleName("Findings of the health check")
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(inside)
        around = QVBoxLayout(card)
        around.setContentsMargins(_BORDER_PX, _BORDER_PX, _BORDER_PX, _BORDER_PX)
        around.addWidget(self._scroll)
        return card

    def _show_rows(self) -> None:
        """Make the rows anew: as many as a person works through, the others follow when fixed."""
        focused = next((row.number for row in self._shown if row.has_focus()), None)
        self._shown = [
            self._built_row(finding, number)
            for number, finding in enumerate(self._findings[:_ROWS_MADE])
        ]
        while (item := self._rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for row in self._shown:
            if row.number:
                self._rows.addWidget(_hairline())
            self._rows.addWidget(row)
            row.show()  # at once, or it could not have the keyboard
        more = len(self._findings) - _ROWS_MADE
        if more > 0:
            label = QLabel(f"{counted(more, 'more finding')} will follow once these are done.")
            label.setProperty("class", "muted")
            label.setContentsMargins(12, 0, 12, 0)
            label.setFixedHeight(_MORE_PX)
            self._rows.addWidget(label)
        self._rows.addStretch(1)
        seen = min(len(self._findings), _ROWS_SEEN)
        if focused is not None and self._shown:
            self._shown[min(focused, len(self._shown) - 1)].take_focus()
        self._area.setFixedHeight(seen * (ROW_PX + _LINE_PX) + _AROUND_PX)

    def _built_row(self, finding: Finding, number: int) -> FindingRow:
        row = FindingRow(self._icons, finding, self._titles, number)
        row.show_wanted.connect(lambda: self.show_wanted.emit(finding))
        row.fix_wanted.connect(lambda fix, name: self.fix_wanted.emit(finding, fix, name))
        return row


def _hairline() -> QFrame:
    line = QFrame()
    line.setProperty("class", "hairline")
    return line
