"""`ImportDialog`: what adding pictures would do, before it is done."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.core.dataset.importing import ImportPlan, SkippedFile
from cnnstudio.core.project import Project
from cnnstudio.ui.theme import class_colour
from cnnstudio.ui.widgets.primary_button import primary_button, styled_button
from cnnstudio.ui.words import classes, count_words, counted, pictures

_WIDTH_PX = 460
_ROW_PX = 30
_MOST_ROWS = 9
_MOST_NAMES = 3
_MOST_REASONS = 6
_SWATCH_PX = 10


class ImportDialog(QDialog):
    """Shows how many pictures go into which classes and what is skipped; *Add* accepts the plan."""

    plan_accepted = Signal(object)

    def __init__(self, plan: ImportPlan, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plan = plan
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("import_dialog")
        self.setWindowTitle("Add pictures")
        self.setMinimumWidth(_WIDTH_PX)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(12)
        heading = _line(_heading(plan), "heading")
        heading.setObjectName("import_heading")
        layout.addWidget(heading)
        if plan.items or plan.class_titles:
            layout.addWidget(_line("They are copied; the originals stay where they are.", "muted"))
            layout.addWidget(_class_table(plan, project))
        if plan.skipped:
            layout.addWidget(_line(f"{counted(len(plan.skipped), 'file')} skipped", "heading"))
            for reason in _reasons(plan.skipped):
                layout.addWidget(_line(reason, "muted"))
        layout.addStretch(1)
        layout.addLayout(self._buttons())

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        cancel = styled_button("Cancel")
        cancel.setObjectName("import_cancel")
        cancel.clicked.connect(self.reject)
        row.addWidget(cancel)
        count = len(self._plan.items)
        if count or self._plan.class_titles:
            words = pictures(count) if count else classes(len(self._plan.class_titles))
            add = primary_button(f"Add {words}")
            add.setObjectName("import_add")
            add.setDefault(True)
            add.clicked.connect(self.accept)
            row.addWidget(add)
        return row

    def accept(self) -> None:
        """Hand the plan over and close."""
        self.plan_accepted.emit(self._plan)
        super().accept()


def _heading(plan: ImportPlan) -> str:
    if not plan.items:
        return "There are no pictures in it."
    titles = [title for title in plan.counts if title is not None]
    if not titles:
        return f"{pictures(len(plan.items))} without a class"
    return f"{pictures(len(plan.items))} for {classes(len({*titles, *plan.class_titles}))}"


def _class_table(plan: ImportPlan, project: Project) -> QTableWidget:
    known = {
        key.casefold(): place
        for place, each in enumerate(project.classes)
        for key in (each.name, each.title)
    }
    titles: dict[str | None, None] = dict.fromkeys((*plan.class_titles, *plan.counts))
    table = QTableWidget(len(titles), 3)
    table.setObjectName("import_classes")
    table.setAccessibleName("Pictures for each class")
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    table.setShowGrid(False)
    table.setIconSize(QSize(_SWATCH_PX, _SWATCH_PX))
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(_ROW_PX)
    header = table.horizontalHeader()
    header.hide()
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    for column in (1, 2):
        header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
    new_place = len(project.classes)
    for row, title in enumerate(titles):
        place = None if title is None else known.get(title.casefold())
        is_new = title is not None and place is None
        if is_new:
            place, new_place = new_place, new_place + 1
        name = QTableWidgetItem("Without a class" if title is None else title)
        if place is not None:
            name.setIcon(_swatch(place))
        count = QTableWidgetItem(count_words(plan.counts.get(title, 0)))
        count.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        table.setItem(row, 0, name)
        table.setItem(row, 1, QTableWidgetItem("new class" if is_new else ""))
        table.setItem(row, 2, count)
    table.setFixedHeight(_ROW_PX * min(len(titles), _MOST_ROWS) + 2)
    return table


def _reasons(skipped: Sequence[SkippedFile]) -> list[str]:
    """Sum up by reason: "notes.txt, a.pdf and 12 more: this is not a picture"."""
    names: dict[str, list[str]] = {}
    for each in skipped:
        names.setdefault(each.reason, []).append(each.path.name)
    lines = []
    for reason, files in list(names.items())[:_MOST_REASONS]:
        shown = ", ".join(files[:_MOST_NAMES])
        more = len(files) - _MOST_NAMES
        lines.append(f"{shown}{f' and {count_words(more)} more' if more > 0 else ''}: {reason}")
    if len(names) > _MOST_REASONS:
        lines.append(f"and {counted(len(names) - _MOST_REASONS, 'other reason')}")
    return lines


def _line(text: str, look: str) -> QLabel:
    label = QLabel(text)
    # Names of files may look like mark-up and must not act like it.
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("class", look)
    label.setWordWrap(True)
    return label


def _swatch(place: int) -> QIcon:
    pixmap = QPixmap(_SWATCH_PX, _SWATCH_PX)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(class_colour(place))
    painter.drawRoundedRect(0, 0, _SWATCH_PX, _SWATCH_PX, 3, 3)
    painter.end()
    return QIcon(pixmap)
