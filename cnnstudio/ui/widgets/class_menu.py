"""`ClassMenu`: what can be done with a row of the class card."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from cnnstudio.core.class_edits import merge_class, move_class, set_class_colour, switch_class
from cnnstudio.core.edits import NamedEdit
from cnnstudio.core.project import ImageClass, Project
from cnnstudio.ui.models.class_model import ClassRow
from cnnstudio.ui.swatches import swatch
from cnnstudio.ui.theme import CLASS_COLOUR_NAMES, class_colour


class ClassMenu(QMenu):
    """Asks for edits itself; what needs an answer first is only said."""

    edit_wanted = Signal(object)
    rename_wanted = Signal()
    key_wanted = Signal()
    note_wanted = Signal()
    add_pictures_wanted = Signal()
    record_wanted = Signal()
    remove_wanted = Signal()

    def __init__(self, project: Project, row: ClassRow, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("images_class_menu")
        self.setToolTipsVisible(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        image_class = None if row.name is None else project.image_class(row.name)
        if image_class is not None:
            self._add_words(image_class)
            self._add_places(project, image_class)
        self._add("Add pictures...", self.add_pictures_wanted.emit)
        self._add("Record with the webcam...", self.record_wanted.emit)
        if image_class is not None:
            self.addSeparator()
            self._add("Remove class and its pictures\tDel", self.remove_wanted.emit)

    def _add_words(self, image_class: ImageClass) -> None:
        self._add("Rename\tF2", self.rename_wanted.emit)
        self._add("Letter...", self.key_wanted.emit)
        colours = self.addMenu("Colour")
        group = QActionGroup(colours)
        for place, words in enumerate(CLASS_COLOUR_NAMES):
            is_its_own = place == image_class.colour
            # The swatch takes the place where a check mark would be.
            tick = "\t\N{CHECK MARK}" if is_its_own else ""
            action = colours.addAction(swatch(class_colour(place)), f"{words}{tick}")
            action.setCheckable(True)
            action.setChecked(is_its_own)
            group.addAction(action)
            self._ask_edit(action, set_class_colour(image_class.name, place))
        self._add("Note...", self.note_wanted.emit)
        self.addSeparator()

    def _add_places(self, project: Project, image_class: ImageClass) -> None:
        name, last = image_class.name, len(project.classes) - 1
        at = project.class_index(name)
        for words, step, is_possible in (
            ("Move up\tCtrl+Up", -1, at > 0),
            ("Move down\tCtrl+Down", 1, at < last),
        ):
            action = self.addAction(words)
            action.setEnabled(is_possible)
            self._ask_edit(action, move_class(name, step))
        others = self.addMenu("Merge into")
        others.setEnabled(last > 0)
        for each in project.classes:
            if each.name != name:
                icon = swatch(class_colour(each.colour))
                action = others.addAction(icon, each.title.replace("&", "&&"))
                self._ask_edit(action, merge_class(name, each.name))
        is_on = image_class.is_switched_on
        action = self.addAction("Switch off" if is_on else "Switch on")
        action.setToolTip("Training leaves it out; its pictures stay")
        self._ask_edit(action, switch_class(name, is_on=not is_on))
        self.addSeparator()

    def _add(self, words: str, act: Callable[[], None]) -> None:
        self.addAction(words).triggered.connect(lambda _checked=False: act())

    def _ask_edit(self, action: QAction, edit: NamedEdit) -> None:
        action.triggered.connect(partial(self._emit, edit))

    def _emit(self, edit: NamedEdit, _checked: bool = False) -> None:
        self.edit_wanted.emit(edit)
