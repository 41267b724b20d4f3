"""`RunList`: the runs of a project, newest first, and what can be done with one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPoint, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QListView,
    QMenu,
    QStackedLayout,
    QWidget,
)

from cnnstudio.ui.icons import Icons
from cnnstudio.ui.models.run_rows import ROW_ROLE, RunRow, RunRows
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.card import PADDING_PX, Card
from cnnstudio.ui.widgets.icon_button import icon_button
from cnnstudio.ui.widgets.primary_button import styled_button
from cnnstudio.ui.widgets.run_delegate import INSET_PX, RunDelegate


class RunList(Card):
    """A card with the runs. F2 renames, Delete removes, Return uses a run for predictions.

    The signals carry a run's key; `run_selected` only what the user selected. While runs are
    compared, a click or Space puts a run among them or takes it away: `mark_toggled`.
    """

    run_selected = Signal(str)
    rename_wanted = Signal(str, str)
    removal_wanted = Signal(str)
    use_wanted = Signal(str)
    comparing_toggled = Signal(bool)
    mark_toggled = Signal(str)

    def __init__(
        self, theme: Theme, icons: Icons, prefix: str, parent: QWidget | None = None
    ) -> None:
        super().__init__("Runs", parent)
        self.setObjectName(f"{prefix}_card")
        self._model = RunRows(self)
        self.view = _RunView()
        self.view.setObjectName(prefix)
        self.view.setModel(self._model)
        self.view.setItemDelegate(RunDelegate(theme, icons, self.view))
        self.compare = styled_button("Compare", small=True)
        self.compare.setObjectName(f"{prefix}_compare")
        self.compare.setAccessibleName("Compare runs")
        self.compare.setCheckable(True)
        self.add_action(self.compare)
        self._empty = QLabel("No runs yet. Each training is kept here, with its curves.")
        self._empty.setProperty("class", "muted")
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._empty.setContentsMargins(INSET_PX, 0, INSET_PX, 0)
        self._use = styled_button("Use for predictions", small=True)
        self._use.setObjectName(f"{prefix}_use")
        self._rename = icon_button(icons, "rename", "Rename this run (F2)", f"{prefix}_rename")
        self._remove = icon_button(icons, "trash", "Delete this run", f"{prefix}_remove")
        self._arrange()
        self._model.renamed.connect(self.rename_wanted)
        self.view.selectionModel().currentChanged.connect(self._current_changed)
        self.view.removal_wanted.connect(self._ask_removal)
        self.view.use_wanted.connect(self._ask_use)
        self.view.customContextMenuRequested.connect(self._open_menu)
        self.compare.toggled.connect(self._on_compare)
        self.view.clicked.connect(self._on_clicked)
        self.view.mark_wanted.connect(self._toggle_mark)
        self._use.clicked.connect(self._ask_use)
        self._rename.clicked.connect(self.edit_name)
        self._remove.clicked.connect(self._ask_removal)
        self.set_runs(())

    @property
    def rows(self) -> tuple[RunRow, ...]:
        """The rows shown, in order."""
        return self._model.rows

    def set_runs(self, rows: Sequence[RunRow]) -> None:
        """Show these runs; the selected one stays selected where it is still there."""
        selected = self.selected()
        with QSignalBlocker(self.view.selectionModel()):
            self._model.set_rows(rows)
        self.select(selected)
        self._stack.setCurrentIndex(1 if rows else 0)
        self._actions.setVisible(bool(rows))
        self._enable()

    def selected(self) -> str:
        """Return the key of the selected run, "" for none."""
        row = self._selected_row()
        return row.key if row is not None else ""

    def select(self, key: str) -> None:
        """Select a run without emitting; a key that is not here takes the selection away."""
        place = self._model.place_of(key)
        with QSignalBlocker(self.view.selectionModel()):
            self.view.setCurrentIndex(self._model.index(place) if place >= 0 else QModelIndex())
        self.view.viewport().update()
        self._enable()

    @property
    def is_comparing(self) -> bool:
        """Whether runs are compared."""
        return self.compare.isChecked()

    def edit_name(self) -> None:
        """Let the user type another name for the selected run."""
        index = self.view.currentIndex()
        if index.isValid() and index.flags() & Qt.ItemFlag.ItemIsEditable:
            self.view.edit(index)

    def _arrange(self) -> None:
        room = QWidget()
        self._stack = QStackedLayout(room)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.view)
        # The marking of the selected row is wider than its words, which stand below the title.
        side = PADDING_PX - INSET_PX
        outer = self.layout()
        assert outer is not None
        outer.setContentsMargins(side, PADDING_PX, side, PADDING_PX)
        self._header.setContentsMargins(INSET_PX, 0, INSET_PX, 0)
        self.body.addWidget(room, 1)
        self._actions = QWidget()
        line = QHBoxLayout(self._actions)
        line.setContentsMargins(INSET_PX, 0, INSET_PX, 0)
        line.setSpacing(4)
        line.addWidget(self._use)
        line.addStretch(1)
        line.addWidget(self._rename)
        line.addWidget(self._remove)
        self.body.addWidget(self._actions)

    def _selected_row(self) -> RunRow | None:
        index = self.view.currentIndex()
        row = index.data(ROW_ROLE) if index.isValid() else None
        return row if isinstance(row, RunRow) else None

    def _current_changed(self) -> None:
        self._enable()
        row = self._selected_row()
        if row is not None and not self.is_comparing:
            self.run_selected.emit(row.key)

    def _on_compare(self, comparing: bool) -> None:
        self.compare.setText("Done" if comparing else "Compare")
        self.comparing_toggled.emit(comparing)

    def _on_clicked(self) -> None:
        if self.is_comparing:
            self._toggle_mark()

    def _toggle_mark(self) -> None:
        row = self._selected_row()
        if row is not None and row.mark:
            self.mark_toggled.emit(row.key)

    def _enable(self) -> None:
        row = self._selected_row()
        has_ended = row is not None and row.has_ended
        ended = [each for each in self._model.rows if each.has_ended]
        self.compare.setEnabled(self.is_comparing or len(ended) > 1)
        self._use.setEnabled(row is not None and has_ended and not row.is_used)
        self._use.setText("Used for predictions" if row and row.is_used else "Use for predictions")
        self._rename.setEnabled(has_ended)
        is_waiting = row is not None and row.is_waiting
        self._remove.setEnabled(has_ended or is_waiting)
        words = "Take out of the queue" if is_waiting else "Delete this run"
        self._remove.setToolTip(words)
        self._remove.setAccessibleName(words)

    def _ask_use(self) -> None:
        row = self._selected_row()
        if row is not None and row.has_ended and not row.is_used:
            self.use_wanted.emit(row.key)

    def _ask_removal(self) -> None:
        row = self._selected_row()
        if row is not None and not row.is_running:
            self.removal_wanted.emit(row.key)

    def _open_menu(self, place: QPoint) -> None:
        row = self._selected_row()
        if row is None or not self.view.indexAt(place).isValid():
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        actions = (
            ("Use for predictions", self._ask_use, row.has_ended and not row.is_used),
            ("Rename", self.edit_name, row.has_ended),
            (
                "Take out of the queue" if row.is_waiting else "Delete",
                self._ask_removal,
                not row.is_running,
            ),
        )
        for words, slot, possible in actions:
            action = QAction(words, menu)
            action.triggered.connect(slot)
            action.setEnabled(possible)
            menu.addAction(action)
        menu.popup(self.view.viewport().mapToGlobal(place))


class _RunView(QListView):
    """The list itself, with its keys."""

    removal_wanted = Signal()
    use_wanted = Signal()
    mark_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Runs")
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Remove with Delete, use with Return, mark with Space."""
        if self.state() == QAbstractItemView.State.EditingState:
            super().keyPressEvent(event)
        elif event.key() == Qt.Key.Key_Delete:
            self.removal_wanted.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.use_wanted.emit()
        elif event.key() == Qt.Key.Key_Space:
            self.mark_wanted.emit()
        else:
            super().keyPressEvent(event)
