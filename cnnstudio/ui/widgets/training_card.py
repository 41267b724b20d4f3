"""`TrainingCard`: starts a training, shows how it goes, ends it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.advice_row import AdviceRow
from cnnstudio.ui.widgets.bar import Bar
from cnnstudio.ui.widgets.card import Card
from cnnstudio.ui.widgets.chip import Chip
from cnnstudio.ui.widgets.fit_label import ElidedLabel
from cnnstudio.ui.widgets.primary_button import Look, primary_button, styled_button
from cnnstudio.ui.widgets.restyle import restyle

_KEEPING = "Stop and keep best"
_QUEUE_WORDS = "Trains with the settings as they are now, after what runs"


class TrainingCard(Card):
    """A headline with its state and buttons, a bar, facts and advice; of one height in every state.

    `settings_toggled` says whether the settings are to be shown in place of the curves,
    `action_chosen` carries the key of an advised action.
    """

    start_requested = Signal()
    queue_requested = Signal()
    pause_requested = Signal()
    stop_requested = Signal()
    cancel_requested = Signal()
    settings_toggled = Signal(bool)
    action_chosen = Signal(str)

    def __init__(self, theme: Theme, prefix: str, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setObjectName(f"{prefix}_card")
        self._prefix = prefix
        self._is_ending = False
        self._headline = ElidedLabel(mode=Qt.TextElideMode.ElideRight)
        self._headline.setObjectName(f"{prefix}_headline")
        self._headline.setProperty("class", "heading")
        self._state = QLabel()
        self._state.setObjectName(f"{prefix}_state")
        self._state.setProperty("class", "badge")
        self.settings = Chip("Settings")
        self.settings.setObjectName(f"{prefix}_settings")
        self.settings.setAccessibleName("Show the settings in place of the curves")
        self.start = self._button("start_button", "Start training", "primary")
        self.queue = self._button("queue_button", "Add to queue")
        self.pause = self._button("pause_button", "Pause")
        self.stop = self._button("stop_button", _KEEPING)
        self.cancel = self._button("cancel_button", "Cancel", "destructive")
        # As wide as the longer words, so that nothing moves when they change.
        for button, words in ((self.pause, "Continue"), (self.stop, _KEEPING)):
            button.setMinimumWidth(button.fontMetrics().horizontalAdvance(words) + 34)
        self._bar = Bar(theme)
        self._bar.setObjectName(f"{prefix}_bar")
        self._bar.setAccessibleName("Training progress")
        self._facts = ElidedLabel(mode=Qt.TextElideMode.ElideRight)
        self._facts.setObjectName(f"{prefix}_facts")
        self._facts.setProperty("class", "facts")
        self.advice = AdviceRow(f"{prefix}_advice")
        self._arrange()
        self.settings.toggled.connect(self._show_queue)
        self.settings.toggled.connect(self.settings_toggled)
        for button in (self.pause, self.stop, self.cancel):
            button.installEventFilter(self)
        self.start.clicked.connect(self.start_requested)
        self.queue.clicked.connect(self.queue_requested)
        self.pause.clicked.connect(self.pause_requested)
        self.stop.clicked.connect(self.stop_requested)
        self.cancel.clicked.connect(self.cancel_requested)
        self.advice.action_chosen.connect(self.action_chosen)
        self.show_ready("", "")
        self.start.setEnabled(False)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Pass over the second half of a double click on Start, which lands on what came there."""
        if event.type() == QEvent.Type.MouseButtonDblClick:
            return True
        return super().eventFilter(watched, event)

    def show_ready(self, headline: str, facts: str, *, done: float = 0.0) -> None:
        """Nothing runs: what would be trained, or what came of the last training."""
        self._is_ending = False
        self._show(headline, "", facts, running=False)
        self._bar.set_value(done)

    def show_running(self, headline: str, state: str, done: float, facts: str) -> None:
        """A training runs, `done` from 0 to 1. Once it is ending, the facts stay as they are."""
        if not self._is_ending:
            self._show(headline, state, facts, running=True)
        self._bar.set_value(done)

    def show_pausing(self, *, can_pause: bool, is_paused: bool) -> None:
        """Offer a pause, or to go on after it; a paused training is marked as such."""
        if self._is_ending:
            return
        self.pause.setEnabled(can_pause or is_paused)
        self.pause.setText("Continue" if is_paused else "Pause")
        self.pause.setAccessibleName(f"{self.pause.text()} the training")
        if self._state.property("level") != ("warn" if is_paused else ""):
            self._state.setProperty("level", "warn" if is_paused else "")
            restyle(self._state)

    def show_stopping(self, *, keeps: bool) -> None:
        """Say on the button whether there is anything that a stop would keep."""
        words = _KEEPING if keeps else "Stop"
        if words != self.stop.text():
            self.stop.setText(words)
            self.stop.setAccessibleName(words)

    def show_ending(self, words: str) -> None:
        """The training was asked to end: say so, and take no more wishes."""
        self.show_pausing(can_pause=False, is_paused=False)
        self._is_ending = True
        self._facts.setText(words)
        self._state.setText("ending")
        self.advice.clear()
        for button in (self.pause, self.stop, self.cancel):
            button.setEnabled(False)

    def set_can_train(self, problem: str) -> None:
        """Let trainings be started and put in line, unless a problem is in the way."""
        for button, words in ((self.start, ""), (self.queue, _QUEUE_WORDS)):
            button.setEnabled(not problem)
            button.setToolTip(problem or words)
            button.setAccessibleDescription(problem)

    def show_advice(self, sentence: str, actions: Sequence[tuple[str, str]] = ()) -> None:
        """Say below the facts what is to be made of them; `actions` are keys and their words."""
        if not self._is_ending:
            self.advice.show_advice(sentence, actions)

    def set_settings_shown(self, shown: bool) -> None:
        """Set the settings chip; emits when that changes it."""
        self.settings.setChecked(shown)

    @property
    def headline(self) -> str:
        """What runs or would run."""
        return self._headline.text()

    @property
    def state(self) -> str:
        """How the training goes, "" while none runs."""
        return self._state.text() if not self._state.isHidden() else ""

    @property
    def facts(self) -> str:
        """The line below the bar."""
        return self._facts.text()

    def _button(self, name: str, words: str, look: Look = "plain") -> QPushButton:
        button = primary_button(words) if look == "primary" else styled_button(words, look)
        button.setObjectName(f"{self._prefix}_{name}")
        button.setAccessibleName(words)
        return button

    def _arrange(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self._headline)
        line.addWidget(self._state)
        line.addStretch(1)
        for button in (
            self.settings,
            self.start,
            self.queue,
            self.pause,
            self.stop,
            self.cancel,
        ):
            line.addWidget(button)
        self.body.addLayout(line)
        self.body.addWidget(self._bar)
        self.body.addWidget(self._facts)
        self.body.addWidget(self.advice)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def _show(self, headline: str, state: str, facts: str, *, running: bool) -> None:
        self._headline.setText(headline)
        self._state.setText(state)
        self._facts.setText(facts)
        if self.stop.isHidden() == running:
            self._swap_buttons(running)

    def _swap_buttons(self, running: bool) -> None:
        parts = (self.start, self.queue, self.pause, self.stop, self.cancel)
        focused = any(button.hasFocus() for button in parts)
        # What goes goes first: all of them at once would make the window wider.
        if running:
            self.start.hide()
        for widget in (self.pause, self.stop, self.cancel):
            widget.setVisible(running)
            widget.setEnabled(True)
        self._show_queue()
        if not running:
            self.start.show()
        if focused:
            # Else the keyboard's place is lost with the button that went; on Stop, a second Space
            # would end what the first has started.
            (self.settings if running else self.start).setFocus()

    def _show_queue(self) -> None:
        """What is put in line are the settings that are seen; beside curves it would take room.

        Beside that button there is none for the badge: the headline says what runs.
        """
        is_running, is_shown = not self.stop.isHidden(), self.settings.isChecked()
        self._state.setVisible(is_running and not is_shown)
        self.queue.setVisible(is_running and is_shown)
