"""`TrainingCard`: starts a training, shows how it goes, ends it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.bar import Bar
from cnnstudio.ui.widgets.card import Card
from cnnstudio.ui.widgets.chip import Chip
from cnnstudio.ui.widgets.fit_label import ElidedLabel
from cnnstudio.ui.widgets.primary_button import primary_button, styled_button


class TrainingCard(Card):
    """A headline with its state and buttons, a bar, a line of facts; of one height in every state.

    `settings_toggled` says whether the settings are to be shown in place of the curves.
    """

    start_requested = Signal()
    stop_requested = Signal()
    cancel_requested = Signal()
    settings_toggled = Signal(bool)

    def __init__(self, theme: Theme, prefix: str, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setObjectName(f"{prefix}_card")
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
        self.start = primary_button("Start training")
        self.start.setObjectName(f"{prefix}_start_button")
        self.stop = styled_button("Stop and keep best")
        self.stop.setObjectName(f"{prefix}_stop_button")
        self.cancel = styled_button("Cancel", "destructive")
        self.cancel.setObjectName(f"{prefix}_cancel_button")
        self._bar = Bar(theme)
        self._bar.setObjectName(f"{prefix}_bar")
        self._bar.setAccessibleName("Training progress")
        self._facts = ElidedLabel(mode=Qt.TextElideMode.ElideRight)
        self._facts.setObjectName(f"{prefix}_facts")
        self._facts.setProperty("class", "facts")
        for button in (self.start, self.stop, self.cancel):
            button.setAccessibleName(button.text())
        self._arrange()
        self.settings.toggled.connect(self.settings_toggled)
        for button in (self.stop, self.cancel):
            button.installEventFilter(self)
        self.start.clicked.connect(self.start_requested)
        self.stop.clicked.connect(self.stop_requested)
        self.cancel.clicked.connect(self.cancel_requested)
        self.show_ready("", "", can_start=False)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Pass over the second half of a double click on Start, which lands on what came there."""
        if event.type() == QEvent.Type.MouseButtonDblClick:
            return True
        return super().eventFilter(watched, event)

    def show_ready(self, headline: str, facts: str, *, can_start: bool, done: float = 0.0) -> None:
        """Nothing runs: what would be trained, or what came of the last training."""
        self._is_ending = False
        self._show(headline, "", facts, running=False)
        self.start.setEnabled(can_start)
        self._bar.set_value(done)

    def show_running(self, headline: str, state: str, done: float, facts: str) -> None:
        """A training runs, `done` from 0 to 1. Once it is ending, the facts stay as they are."""
        if not self._is_ending:
            self._show(headline, state, facts, running=True)
        self._bar.set_value(done)

    def show_ending(self, words: str) -> None:
        """The training was asked to end: say so, and take no more wishes."""
        self._is_ending = True
        self._facts.setText(words)
        self._state.setText("ending")
        self.stop.setEnabled(False)
        self.cancel.setEnabled(False)

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

    def _arrange(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self._headline)
        line.addWidget(self._state)
        line.addStretch(1)
        for button in (self.settings, self.start, self.stop, self.cancel):
            line.addWidget(button)
        self.body.addLayout(line)
        self.body.addWidget(self._bar)
        self.body.addWidget(self._facts)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def _show(self, headline: str, state: str, facts: str, *, running: bool) -> None:
        self._headline.setText(headline)
        self._state.setText(state)
        self._facts.setText(facts)
        if self.stop.isHidden() == running:
            self._swap_buttons(running)

    def _swap_buttons(self, running: bool) -> None:
        focused = self.start.hasFocus() or self.stop.hasFocus() or self.cancel.hasFocus()
        for widget in (self._state, self.stop, self.cancel):
            widget.setVisible(running)
            widget.setEnabled(True)
        self.start.setVisible(not running)
        if focused:
            # Else the keyboard's place is lost with the button that went; on Stop, a second Space
            # would end what the first has started.
            (self.settings if running else self.start).setFocus()
