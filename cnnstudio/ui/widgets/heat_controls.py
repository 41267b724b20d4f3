"""`HeatControls`: which class a heat-map is about, how much it covers, and where it comes from."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSlider, QVBoxLayout, QWidget

from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.bar import Bar
from cnnstudio.ui.widgets.chip_menu import ChipMenu
from cnnstudio.ui.widgets.fit_label import ElidedLabel
from cnnstudio.ui.widgets.primary_button import styled_button

_OPACITY = 65
_MOST_LETTERS = 14


class HeatControls(QWidget):
    """A row of controls, and a line below it: what the map is, or how far its making has come.

    `class_chosen` carries a class index, `opacity_changed` a share from 0 to 1.
    """

    class_chosen = Signal(object)
    opacity_changed = Signal(float)
    second_opinion_wanted = Signal()
    cancel_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._classes = ChipMenu("Class")
        self._classes.setObjectName("predict_heat_class")
        self._classes.setToolTip("The class whose reasons are shown")
        self._classes.value_changed.connect(self.class_chosen)
        self._opacity = QSlider(Qt.Orientation.Horizontal)
        self._opacity.setObjectName("predict_heat_opacity")
        self._opacity.setAccessibleName("Opacity of the heat-map")
        self._opacity.setToolTip("How much of the picture the heat-map covers")
        self._opacity.setRange(0, 100)
        self._opacity.setValue(_OPACITY)
        self._opacity.valueChanged.connect(lambda value: self.opacity_changed.emit(value / 100))
        self._second = styled_button("Second opinion", small=True)
        self._second.setObjectName("predict_heat_second")
        self._second.setToolTip(
            "Hide one place after the other and watch the probability: slower, a few seconds, and"
            " independent of how the network is built"
        )
        self._second.clicked.connect(self.second_opinion_wanted)
        self._cancel = styled_button("Cancel", "destructive", small=True)
        self._cancel.setObjectName("predict_heat_cancel")
        self._cancel.clicked.connect(self.cancel_wanted)
        self._words = ElidedLabel(mode=Qt.TextElideMode.ElideRight)
        self._words.setObjectName("predict_heat_words")
        self._words.setProperty("class", "facts")
        self._bar = Bar(theme)
        self._bar.setAccessibleName("Progress of the second opinion")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._classes)
        row.addWidget(self._opacity, 1)
        row.addWidget(self._second)
        row.addWidget(self._cancel)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self._words, 1)
        line.addWidget(self._bar, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(row)
        layout.addLayout(line)
        self.set_classes((), None)

    @property
    def opacity(self) -> float:
        """How much the map covers, 0 to 1."""
        return self._opacity.value() / 100

    @property
    def class_index(self) -> int | None:
        """The class whose reasons are wanted, None while there is no picture."""
        value = self._classes.value()
        return None if value is None else int(value)

    def set_classes(self, titles: Sequence[str], chosen: int | None) -> None:
        """Offer the classes of a run, and choose one; none where there is nothing to explain."""
        self._classes.set_choices([(place, _short(title)) for place, title in enumerate(titles)])
        if chosen is not None:
            self._classes.set_value(chosen)
        for widget in (self._opacity, self._second):
            widget.setEnabled(chosen is not None)
        self.say("")

    def say(self, words: str) -> None:
        """Say what is shown; nothing is being made any more."""
        self._words.setText(words)
        self._bar.hide()
        self._cancel.hide()
        self._second.show()

    def show_progress(self, words: str, done: float) -> None:
        """Say how far a second opinion has come, 0 to 1, and offer to cancel it."""
        self._words.setText(words)
        self._bar.set_value(done)
        self._bar.show()
        self._second.hide()
        self._cancel.show()


def _short(title: str) -> str:
    """A title that leaves room for the other controls."""
    return title if len(title) <= _MOST_LETTERS else f"{title[: _MOST_LETTERS - 1]}…"
