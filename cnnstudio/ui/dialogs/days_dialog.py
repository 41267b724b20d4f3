"""`DaysDialog`: from which day to which pictures are shown."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QDate, Signal
from PySide6.QtWidgets import QDateEdit, QDialog, QFormLayout, QHBoxLayout, QVBoxLayout, QWidget

from cnnstudio.ui.widgets.primary_button import primary_button, styled_button


class DaysDialog(QDialog):
    """Two days; `days_chosen` carries them in order."""

    days_chosen = Signal(object, object)

    def __init__(self, first: date | None, last: date | None, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("images_days_dialog")
        self.setWindowTitle("Pictures between two days")
        today = date.today()
        self._first = _field("images_first_day", "First day", first or today.replace(day=1))
        self._last = _field("images_last_day", "Last day", last or today)
        form = QFormLayout()
        form.addRow("From", self._first)
        form.addRow("To", self._last)
        cancel = styled_button("Cancel")
        cancel.setObjectName("images_days_cancel")
        cancel.clicked.connect(self.reject)
        show = primary_button("Show them")
        show.setObjectName("images_days_show")
        show.setDefault(True)
        show.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(show)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(16)
        layout.addLayout(form)
        layout.addLayout(buttons)
        self.finished.connect(self.deleteLater)

    def accept(self) -> None:
        """Hand the days over, the earlier first."""
        days = sorted((_day(self._first.date()), _day(self._last.date())))
        self.days_chosen.emit(*days)
        super().accept()


def _field(name: str, spoken: str, day: date) -> QDateEdit:
    field = QDateEdit(QDate(day.year, day.month, day.day))
    field.setObjectName(name)
    field.setAccessibleName(spoken)
    field.setDisplayFormat("d MMMM yyyy")
    return field


def _day(day: QDate) -> date:
    return date(day.year(), day.month(), day.day())
