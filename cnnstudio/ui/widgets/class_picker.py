"""`ClassPicker`: chooses one of the classes, or names a new one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, QSize, Signal
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from cnnstudio.core.project import ImageClass
from cnnstudio.ui.swatches import SWATCH_PX, swatch
from cnnstudio.ui.theme import class_colour

WITHOUT_CLASS = "Without a class"


class ClassPicker(QComboBox):
    """A list of classes into which a new name can be typed.

    `title_changed` says that another class is meant, `chosen` that the choice is made: a line of
    the list was taken, or Enter pressed.
    """

    title_changed = Signal()
    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumContentsLength(8)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        # A new class "cat" must not turn into "cats" while it is typed.
        self.setCompleter(None)  # type: ignore[arg-type]  # Qt takes none, its stub does not
        self.setIconSize(QSize(SWATCH_PX, SWATCH_PX))
        self.editTextChanged.connect(self._on_typed)
        self.activated.connect(self.chosen)
        field = self.lineEdit()
        if field is not None:
            field.setPlaceholderText("Class, or a new name")
            field.returnPressed.connect(self.chosen)

    def set_classes(self, classes: Sequence[ImageClass], title: str | None) -> None:
        """Offer these classes, in the project's order, and show `title`, which may be a new one."""
        with QSignalBlocker(self):
            self.clear()
            for each in classes:
                self.addItem(swatch(class_colour(each.colour)), each.title)
            self.addItem(WITHOUT_CLASS)
            self.set_title(title)
        self.title_changed.emit()

    def set_title(self, title: str | None) -> None:
        """Show another class; None is without one."""
        words = WITHOUT_CLASS if title is None else title
        place = self._place_of(words)
        self.setCurrentIndex(place)
        if place < 0:
            self.setEditText(words)

    def title(self) -> str | None:
        """Return the class that is meant, None for none; "" while nothing is typed."""
        typed = self._typed()
        place = self._place_of(typed)
        if place == self.count() - 1:
            return None
        return self.itemText(place) if place >= 0 else typed

    def is_new(self) -> bool:
        """Whether the class that is typed does not exist yet."""
        typed = self._typed()
        return bool(typed) and self._place_of(typed) < 0

    def _on_typed(self, words: str) -> None:
        field = self.lineEdit()
        place = self._place_of(self._typed())
        # The colour of a class must not stay beside another name.
        if field is not None and place != self.currentIndex():
            cursor = field.cursorPosition()
            with QSignalBlocker(self):
                self.setCurrentIndex(place)
                field.setText(words)
                field.setCursorPosition(cursor)
        self.title_changed.emit()

    def _typed(self) -> str:
        return " ".join(self.currentText().split())

    def _place_of(self, words: str) -> int:
        # As the project compares them: without regard to upper and lower case.
        wanted = words.casefold()
        found = (at for at in range(self.count()) if self.itemText(at).casefold() == wanted)
        return next(found, -1)
