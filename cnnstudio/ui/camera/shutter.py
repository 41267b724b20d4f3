"""`Shutter`: when a burst begins and ends, from what a person does with one button."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QObject, QTimer, Signal, Slot

HANDS_FREE_S = 5


class ShutterState(Enum):
    """What the shutter does."""

    READY = "ready"
    COUNTING = "counting"
    RECORDING = "recording"


class Shutter(QObject):
    """Records while it is held.

    With a countdown it may be let go: it then counts down by itself and records for five seconds,
    so that people can step in front of the camera. Pressed again it ends that sooner.

    `counted` carries the seconds left. `ended` says that the burst is kept, `abandoned` that it is
    not, or that the countdown was given up.
    """

    counted = Signal(int)
    began = Signal()
    ended = Signal()
    abandoned = Signal()

    def __init__(self, parent: QObject | None = None, second_ms: int = 1000) -> None:
        super().__init__(parent)
        self.countdown_s = 0
        self._state = ShutterState.READY
        self._is_held = False
        self._seconds_left = 0
        self._tick = QTimer(self, interval=second_ms)
        self._tick.timeout.connect(self._on_second)

    @property
    def state(self) -> ShutterState:
        """What it does now."""
        return self._state

    @property
    def is_held(self) -> bool:
        """Whether somebody holds it; else it works by itself, or not at all."""
        return self._is_held

    @Slot()
    def press(self) -> None:
        """Begin; while it works by itself, end."""
        if self._state is ShutterState.READY:
            self._is_held = True
            if self.countdown_s:
                self._state = ShutterState.COUNTING
                self._seconds_left = self.countdown_s
                self._tick.start()
                self.counted.emit(self._seconds_left)
            else:
                self._begin()
        elif self._state is ShutterState.COUNTING:
            self.cancel()
        else:
            self._end()

    @Slot()
    def release(self) -> None:
        """Let go: a burst that was held ends."""
        if self._is_held and self._state is ShutterState.RECORDING:
            self._end()
        self._is_held = False

    def interrupt(self) -> None:
        """End because something else has come up: what was recorded is kept."""
        if self._state is ShutterState.RECORDING:
            self._end()
        else:
            self.cancel()

    def cancel(self) -> None:
        """Throw the burst away, or give up the countdown."""
        if self._state is not ShutterState.READY:
            self._stop()
            self.abandoned.emit()

    def _begin(self) -> None:
        self._tick.stop()
        self._state = ShutterState.RECORDING
        if not self._is_held:
            self._seconds_left = HANDS_FREE_S
            self._tick.start()
        self.began.emit()

    def _end(self) -> None:
        self._stop()
        self.ended.emit()

    def _stop(self) -> None:
        self._tick.stop()
        self._state = ShutterState.READY
        self._is_held = False

    @Slot()
    def _on_second(self) -> None:
        self._seconds_left -= 1
        if self._state is ShutterState.RECORDING:
            if self._seconds_left <= 0:
                self._end()
        elif self._seconds_left <= 0:
            self._begin()
        else:
            self.counted.emit(self._seconds_left)
