"""`PictureSide`: the chosen picture of an evaluation in full, and what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.core.project import Project
from cnnstudio.core.runs import Run
from cnnstudio.ui.models.answer_rows import PredictionRow
from cnnstudio.ui.widgets.answer_card import AnswerCard
from cnnstudio.ui.widgets.card import Card
from cnnstudio.ui.widgets.primary_button import styled_button

# As wide as the card in Predict, and its scroll bar.
_WIDTH_PX = 412
_DOWN = "\N{BLACK DOWN-POINTING SMALL TRIANGLE}"


class PictureSide(QWidget):
    """Words and buttons stay on top, the answer scrolls below them.

    `label_wanted` carries the name of the class chosen, None for none.
    """

    label_wanted = Signal(object)
    exclude_wanted = Signal()
    open_wanted = Signal()

    def __init__(self, answer: AnswerCard) -> None:
        super().__init__()
        self._answer = answer
        self._project: Project | None = None
        self._present: frozenset[str | None] = frozenset()
        self._words = QLabel()
        self._words.setObjectName("evaluate_pictures_words")
        self._standing = QLabel()
        self._standing.setObjectName("evaluate_pictures_standing")
        self._standing.setProperty("class", "muted")
        for label in (self._words, self._standing):
            label.setWordWrap(True)
            # Names of classes may look like mark-up and must not act like it.
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._label = styled_button("", small=True)
        self._label.setObjectName("evaluate_pictures_label")
        self._label.setToolTip(
            "Give the right class; the keys 1 to 9 and the classes' letters do, too"
        )
        self._menu = QMenu(self._label)
        self._menu.setObjectName("evaluate_pictures_label_menu")
        self._menu.aboutToShow.connect(self._fill_menu)
        self._label.clicked.connect(self._open_menu)
        self._exclude = styled_button("", "destructive", small=True)
        self._exclude.setObjectName("evaluate_pictures_exclude")
        self._exclude.setToolTip("Move to the bin, so that the next training leaves it out")
        self._exclude.clicked.connect(self.exclude_wanted)
        self._open = styled_button("Open in Images", small=True)
        self._open.setObjectName("evaluate_pictures_open")
        self._open.clicked.connect(self.open_wanted)
        self._build()
        self.clear()

    def set_colours(self, colours: Sequence[QColor]) -> None:
        """Draw the classes of another run, in these colours."""
        self.clear()
        self._answer.set_colours(colours)

    def clear(self) -> None:
        """Show that no picture is chosen."""
        self._answer.clear()
        self.show_words("Choose a picture to see it in full.", "")
        self.show_actions(None, 0, can_open=False)

    def show_words(self, words: str, standing: str) -> None:
        """Say what the picture is and what has become of it."""
        self._words.setText(words)
        self._standing.setText(standing)
        self._standing.setVisible(bool(standing))

    def show_actions(
        self,
        project: Project | None,
        count: int,
        *,
        present: frozenset[str | None] = frozenset(),
        can_open: bool,
    ) -> None:
        """Offer to change `count` pictures of the project, which are in the classes `present`."""
        self._project, self._present = project, present
        self._label.setText(f"Fix {count:,} labels {_DOWN}" if count > 1 else f"Fix label {_DOWN}")
        self._label.setAccessibleName("Fix the label")
        self._exclude.setText(f"Exclude {count:,}" if count > 1 else "Exclude")
        for button in (self._label, self._exclude):
            button.setEnabled(count > 0)
        self._open.setEnabled(can_open)

    def show_answer(self, row: PredictionRow, run: Run) -> None:
        """Show the picture and its class bars."""
        self._answer.show_answer(row, run)

    def _build(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self._label, self._exclude, self._open):
            buttons.addWidget(button)
        buttons.addStretch(1)
        card = Card()
        for label in (self._words, self._standing):
            card.body.addWidget(label)
        card.body.addLayout(buttons)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self._answer)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(card)
        layout.addWidget(scroll, 1)
        self.setFixedWidth(_WIDTH_PX)

    @Slot()
    def _open_menu(self) -> None:
        button: QPushButton = self._label
        self._menu.popup(button.mapToGlobal(button.rect().bottomLeft()))

    @Slot()
    def _fill_menu(self) -> None:
        self._menu.clear()
        if self._project is None:
            return
        for each in self._project.classes:
            # An ampersand in a name is no key to press.
            self._add(each.title.replace("&", "&&"), each.name)
        self._menu.addSeparator()
        self._add("Without a class", None)

    def _add(self, words: str, class_name: str | None) -> None:
        action = self._menu.addAction(words)
        action.setCheckable(True)
        action.setChecked(self._present == {class_name})
        action.triggered.connect(lambda _=False: self.label_wanted.emit(class_name))
