"""`ClassCard`: the classes of a project, what is done with them, and the bin at the foot."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from cnnstudio.core.class_counts import class_counts
from cnnstudio.core.class_edits import (
    add_class,
    move_class,
    place_class,
    remove_class,
    rename_class,
    set_class_key,
    set_class_note,
)
from cnnstudio.core.project import Project
from cnnstudio.ui.dialogs.counts_dialog import CountsDialog
from cnnstudio.ui.dialogs.note_dialog import NoteDialog
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.models.class_model import ClassModel, ClassRow, RowKind
from cnnstudio.ui.widgets.bin_row import BinRow
from cnnstudio.ui.widgets.class_list import SCROLL_BAR_PX, ClassList
from cnnstudio.ui.widgets.class_menu import ClassMenu
from cnnstudio.ui.widgets.class_row_painter import ROW_INSET_PX
from cnnstudio.ui.widgets.fit_label import ElidedLabel
from cnnstudio.ui.widgets.icon_button import icon_button
from cnnstudio.ui.widgets.key_field import KeyField
from cnnstudio.ui.widgets.primary_button import styled_button

_CARD_TOP_PX = 14
_PADDING_PX = 8
_LEAST_WIDTH_PX = 180
_NARROW_PX = 216


class ClassCard(QFrame):
    """Heading, the field for a new class, the list, the bin.

    Knows neither session nor disk: `edit_wanted` carries a `NamedEdit` to be made, `save_wanted`
    a path and the text to be written there. The other signals carry the `ClassRow` that was acted
    on; `sources_dropped` what was dropped before it.
    """

    row_chosen = Signal(object)
    edit_wanted = Signal(object)
    number_pressed = Signal(int)
    letter_pressed = Signal(str)
    samples_dropped = Signal(object)
    sources_dropped = Signal(object, object)
    add_pictures_wanted = Signal(object)
    record_wanted = Signal(object)
    save_wanted = Signal(object, str)

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("images_class_card")
        self.setProperty("class", "card")
        self.setMinimumWidth(_LEAST_WIDTH_PX)
        self._icons = icons
        self._project: Project | None = None
        self._model = ClassModel(self)
        self._list = ClassList(self._model, icons)
        self._bin = BinRow(icons)
        self._key_field = KeyField(self)
        self._build()
        self._connect()

    def set_project(self, project: Project) -> None:
        """Show the classes of a project; one that is new to the list is scrolled to."""
        before, self._project = self._project, project
        self._model.set_project(project)
        self._counts.setEnabled(bool(project.classes))
        if before is not None and before.root == project.root:
            known = {each.name for each in before.classes}
            fresh = [each.name for each in project.classes if each.name not in known]
            if len(fresh) == 1 and len(project.classes) > len(before.classes):
                at = self._model.row_of(RowKind.CLASS, fresh[0])
                self._list.scrollTo(self._model.index(at))

    def set_binned_count(self, count: int) -> None:
        """Show how many pictures can be restored."""
        self._bin.set_count(count)
        if self._bin.isChecked():
            self._bin.update()

    def chosen_row(self) -> ClassRow | None:
        """Return the row that is chosen, None before a project is open."""
        return self._bin.row if self._bin.isChecked() else self._list.chosen_row()

    def choose(self, kind: RowKind, name: str | None = None) -> None:
        """Choose a row as if the user had clicked it; all pictures where it is not there."""
        if kind is RowKind.BIN:
            self._choose_bin()
        else:
            self._let_go_of_bin()
            self._list.choose(kind, name)

    # Parts

    def choose_none(self) -> None:
        """Choose no row, as when pictures are shown that are no row of it."""
        self._list.choose_none()
        self._let_go_of_bin()

    def _build(self) -> None:
        self._title = ElidedLabel("Classes", mode=Qt.TextElideMode.ElideRight)
        self._title.setProperty("class", "heading")
        self._counts = icon_button(
            self._icons, "chart", "How many pictures each class has", "images_class_counts"
        )
        self._counts.setEnabled(False)
        self._new_class = styled_button("New class", small=True)
        self._new_class.setObjectName("images_new_class")
        self._new_class.setAccessibleName("New class")
        self._icons.bind(self._new_class, "add")
        self._new_name = QLineEdit()
        self._new_name.setObjectName("images_new_class_name")
        self._new_name.setAccessibleName("Name of the new class")
        self._new_name.setPlaceholderText("Name, then Enter")
        self._new_name.hide()
        self._list.setObjectName("images_classes")
        self._list.setAccessibleName("Classes")
        self._bin.setObjectName("images_bin")
        header = QHBoxLayout()
        header.setSpacing(4)
        header.addWidget(self._title, 1)
        header.addWidget(self._new_class)
        field = QHBoxLayout()
        field.addWidget(self._new_name)
        column = QVBoxLayout(self)
        # The ground of a row reaches into the padding, and its words line up with the title; the
        # list's scroll bar lies in the padding at the right.
        column.setContentsMargins(_PADDING_PX, _CARD_TOP_PX, 0, _PADDING_PX)
        column.setSpacing(8)
        right = ROW_INSET_PX + SCROLL_BAR_PX
        for line in (header, field):
            line.setContentsMargins(ROW_INSET_PX, 0, right, 0)
            column.addLayout(line)
        column.addWidget(self._list, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(0, 0, SCROLL_BAR_PX, 0)
        foot.setSpacing(0)
        foot.addWidget(self._bin)
        foot.addWidget(self._counts)
        column.addLayout(foot)

    def _connect(self) -> None:
        self._model.rename_wanted.connect(self._rename)
        each = self._list
        each.row_chosen.connect(self._on_row_chosen)
        each.number_pressed.connect(self.number_pressed)
        each.letter_pressed.connect(self.letter_pressed)
        each.remove_wanted.connect(self._remove)
        each.step_wanted.connect(self._move)
        each.place_wanted.connect(self._place)
        each.menu_wanted.connect(self._open_menu)
        each.left_downwards.connect(self._bin.click)
        for source in (self._list, self._bin):
            source.samples_dropped.connect(self.samples_dropped)
        each.sources_dropped.connect(self.sources_dropped)
        self._bin.clicked.connect(self._choose_bin)
        self._bin.left_upwards.connect(self._leave_bin)
        self._key_field.key_chosen.connect(self._set_key)
        self._counts.clicked.connect(self._open_counts)
        self._new_class.clicked.connect(self._begin_new_class)
        self._new_name.returnPressed.connect(self._make_class)
        self._new_name.editingFinished.connect(self._end_new_class)
        leave = QShortcut(QKeySequence(Qt.Key.Key_Escape), self._new_name)
        leave.setContext(Qt.ShortcutContext.WidgetShortcut)
        leave.activated.connect(self._cancel_new_class)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where the card is narrow, the button keeps only its sign."""
        super().resizeEvent(event)
        is_narrow = self.width() < _NARROW_PX
        self._new_class.setText("" if is_narrow else "New class")
        self._new_class.setToolTip("New class" if is_narrow else "")

    # Choosing

    @Slot(object)
    def _on_row_chosen(self, row: ClassRow) -> None:
        self._let_go_of_bin()
        self.row_chosen.emit(row)

    @Slot()
    def _choose_bin(self) -> None:
        self._bin.setChecked(True)
        self._bin.setFocus()
        self._list.choose_none()
        self.row_chosen.emit(self._bin.row)

    def _let_go_of_bin(self) -> None:
        self._bin.setChecked(False)

    @Slot()
    def _leave_bin(self) -> None:
        row = self._model.rows[-1]
        self._list.setFocus()
        self._list.choose(row.kind, row.name)

    # A new class

    @Slot()
    def _begin_new_class(self) -> None:
        self._new_name.clear()
        self._new_name.show()
        self._new_name.setFocus()

    @Slot()
    def _make_class(self) -> None:
        title = self._new_name.text().strip()
        # The field stays, for the next one.
        self._new_name.clear()
        if title:
            self.edit_wanted.emit(add_class(title))

    @Slot()
    def _end_new_class(self) -> None:
        if not self._new_name.hasFocus():
            if self._new_name.isVisible():
                self._make_class()
            self._new_name.hide()

    @Slot()
    def _cancel_new_class(self) -> None:
        self._new_name.clear()
        self._new_name.hide()
        self._list.setFocus()

    # What is done with a class

    @Slot(str, str)
    def _rename(self, name: str, title: str) -> None:
        self.edit_wanted.emit(rename_class(name, title))

    @Slot(str)
    def _remove(self, name: str) -> None:
        self.edit_wanted.emit(remove_class(name))

    @Slot(str, int)
    def _move(self, name: str, steps: int) -> None:
        self.edit_wanted.emit(move_class(name, steps))

    @Slot(str, object)
    def _place(self, name: str, before: str | None) -> None:
        self.edit_wanted.emit(place_class(name, before))

    @Slot(object, QPoint)
    def _open_menu(self, row: ClassRow, place: QPoint) -> None:
        # Some systems turn Shift+F10 into a wish for the menu themselves.
        is_open = any(each.isVisible() for each in self.findChildren(ClassMenu))
        if self._project is None or is_open:
            return
        menu = ClassMenu(self._project, row, self)
        menu.edit_wanted.connect(self.edit_wanted)
        menu.add_pictures_wanted.connect(lambda: self.add_pictures_wanted.emit(row))
        menu.record_wanted.connect(lambda: self.record_wanted.emit(row))
        if (name := row.name) is not None:
            menu.rename_wanted.connect(lambda: self._list.edit_title(name))
            menu.key_wanted.connect(lambda: self._ask_key(row))
            menu.note_wanted.connect(lambda: self._ask_note(row))
            menu.remove_wanted.connect(lambda: self._remove(name))
        menu.popup(place)

    def _ask_key(self, row: ClassRow) -> None:
        if self._project is None or row.name is None:
            return
        others = {
            each.key: each.title
            for each in self._project.classes
            if each.key and each.name != row.name
        }
        place = self._list.rect_of(row.kind, row.name).bottomLeft()
        self._key_field.ask(row.name, row.title, others, self._list.viewport().mapToGlobal(place))

    @Slot(str, str)
    def _set_key(self, name: str, letter: str) -> None:
        row = self._model.row_of(RowKind.CLASS, name)
        if row >= 0 and self._model.rows[row].letter != letter:
            self.edit_wanted.emit(set_class_key(name, letter))

    def _ask_note(self, row: ClassRow) -> None:
        dialog = NoteDialog(row.title, row.note, self)
        dialog.note_accepted.connect(lambda note: self._set_note(row, note))
        dialog.open()

    def _set_note(self, row: ClassRow, note: str) -> None:
        if row.name is not None and note != row.note:
            self.edit_wanted.emit(set_class_note(row.name, note))

    @Slot()
    def _open_counts(self) -> None:
        if self._project is not None:
            dialog = CountsDialog(class_counts(self._project), self._icons.theme, self)
            dialog.save_wanted.connect(self.save_wanted)
            dialog.open()
