"""`StatusStrip`: what runs, how far it is, and on what device, at the bottom of the window."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.bar import Bar
from cnnstudio.ui.widgets.fit_label import ElidedLabel
from cnnstudio.ui.widgets.primary_button import styled_button
from cnnstudio.ui.words import time_left

HEIGHT_PX = 34
_BAR_WIDTH_PX = 180

_KEEPING = "Stop and keep"


class StatusStrip(QFrame):
    """Left a message, or the job that runs with its bar and buttons; right the device in words."""

    stop_requested = Signal()
    cancel_requested = Signal()
    device_clicked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("status_strip")
        self.setFixedHeight(HEIGHT_PX)
        self._message = ElidedLabel()
        self._message.setObjectName("status_message")
        self._bar = Bar(theme)
        self._bar.setObjectName("status_bar")
        self._bar.setAccessibleName("Progress")
        self._bar.setFixedWidth(_BAR_WIDTH_PX)
        self._time_left = QLabel()
        self._time_left.setObjectName("status_time_left")
        self._time_left.setProperty("class", "muted")
        # The longest estimate's width, so that the buttons beside it stay where they are.
        widest = self.fontMetrics().horizontalAdvance(time_left(11 * 3600 + 59 * 60))
        self._time_left.setMinimumWidth(widest)
        self._stop = styled_button(_KEEPING, small=True)
        self._stop.setMinimumWidth(self._stop.sizeHint().width())
        self._stop.setObjectName("status_stop")
        self._stop.clicked.connect(self.stop_requested)
        self._cancel = styled_button("Cancel", "destructive", small=True)
        self._cancel.setObjectName("status_cancel")
        self._cancel.clicked.connect(self.cancel_requested)
        self._device = ElidedLabel()
        self._device.setObjectName("status_device")
        self._device.setProperty("class", "muted")
        self._why = styled_button("why?", "link")
        self._why.setObjectName("status_why")
        self._why.setAccessibleName("Why is this device used?")
        self._why.clicked.connect(self.device_clicked)
        self._job_parts = (self._bar, self._time_left)
        self._job_is_shown = False
        self._waiting_message = ""
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 0, 16, 0)
        for widget in (self._message, *self._job_parts, self._stop, self._cancel):
            layout.addWidget(widget)
        layout.addStretch(1)
        layout.addWidget(self._device)
        layout.addWidget(self._why)
        layout.setSpacing(8)
        self.clear_job()
        self.set_device("")

    def show_message(self, message: str) -> None:
        """Say something at the left; while a job runs, it waits there until the job is over."""
        self._waiting_message = message
        if not self._job_is_shown:
            self._message.setText(message)

    def show_job(self, name: str, *, can_stop: bool = False, can_cancel: bool = True) -> None:
        """Show a job with an empty bar and the buttons that make sense for it."""
        self._job_is_shown = True
        self._message.setText(name)
        self._stop.setVisible(can_stop)
        self._cancel.setVisible(can_cancel)
        for widget in (self._stop, self._cancel):
            widget.setEnabled(True)
        for part in self._job_parts:
            part.show()
        self.set_progress(0.0)

    def show_stopping(self, *, keeps: bool) -> None:
        """Say on the button whether there is anything that a stop would keep."""
        self._stop.setText(_KEEPING if keeps else "Stop")

    def show_words(self, words: str) -> None:
        """Say what the job that is shown does now."""
        if self._job_is_shown:
            self._message.setText(words)

    def set_progress(self, done: float, seconds_left: float | None = None) -> None:
        """Show how far the job is (0 to 1) and, where it is known, how long it still takes."""
        self._bar.set_value(done)
        self._time_left.setText(time_left(seconds_left))

    def show_ending(self, words: str) -> None:
        """Say that the job was asked to end, such as "Stopping"; its buttons are greyed."""
        self._message.setText(words)
        for widget in (self._stop, self._cancel):
            widget.setEnabled(False)

    def clear_job(self, message: str = "") -> None:
        """Take the job away; `message`, or the one that waited meanwhile, is in its place."""
        self._job_is_shown = False
        for widget in (*self._job_parts, self._stop, self._cancel):
            widget.hide()
        self.show_message(message or self._waiting_message)

    def set_device(self, words: str, *, has_reason: bool = False) -> None:
        """Name the device; with a reason to tell, a link "why?" emits `device_clicked`."""
        self._device.setText(words)
        self._why.setVisible(has_reason)
