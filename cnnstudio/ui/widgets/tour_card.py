"""`TourCard`: a step of the guided tour, above what it is about."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cnnstudio.ui.guided_tour import GuidedTour
from cnnstudio.ui.widgets.primary_button import styled_button


class TourCard(QWidget):
    """Where the tour is, what to do and why, and the way back, on and out; hidden without one."""

    def __init__(self, tour: GuidedTour, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tour = tour
        self._title = QLabel()
        self._title.setObjectName("tour_title")
        self._title.setProperty("class", "heading")
        self._text = QLabel()
        self._text.setObjectName("tour_text")
        self._text.setTextFormat(Qt.TextFormat.MarkdownText)
        self._text.setWordWrap(True)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._title)
        words.addWidget(self._text)
        frame = QFrame()
        frame.setProperty("class", "banner")
        row = QHBoxLayout(frame)
        row.setContentsMargins(14, 10, 14, 10)
        row.setSpacing(8)
        row.addLayout(words, 1)
        self._back, self._next = styled_button("Back"), styled_button("Next")
        self._leave = styled_button("Leave")
        self._train = styled_button("Train first", "primary")
        for button, name, spoken, act in (
            (self._train, "train", "Tour: train first", tour.train_first),
            (self._back, "back", "Tour: back", tour.back),
            (self._next, "next", "Tour: next", tour.go_on),
            (self._leave, "leave", "Leave the tour", tour.leave),
        ):
            button.setObjectName(f"tour_{name}")
            button.setAccessibleName(spoken)
            button.clicked.connect(act)
            row.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 0)
        layout.addWidget(frame)
        tour.changed.connect(self._show)
        self.hide()

    @Slot()
    def _show(self) -> None:
        step, tour = self._tour.step, self._tour
        self.setVisible(step is not None)
        if step is None:
            return
        self._title.setText(f"Step {tour.number} of {tour.count}: {step.title}")
        self._text.setText(step.text)
        self._train.setVisible(tour.lacks_training)
        self._back.setVisible(tour.number > 1)
        is_last = tour.number == tour.count
        self._next.setText("Done" if is_last else "Next")
        self._leave.setVisible(not is_last)
