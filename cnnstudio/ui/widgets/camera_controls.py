"""`CameraControls`: how pictures are taken: mirror, countdown, pictures a second, camera."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.ui.camera.frame_source import Camera
from cnnstudio.ui.widgets.chip import Chip
from cnnstudio.ui.widgets.chip_menu import ChipMenu
from cnnstudio.ui.words import counted

_COUNTDOWNS_S = (0, 3, 10)
_MOST_A_SECOND = 10
_FIRST_A_SECOND = 5

_SAVED = {
    (True, False): "Saved as the camera sees it, not mirrored.",
    (True, True): "Saved mirrored, as you see it.",
    (False, False): "Saved as you see it.",
}


class CameraControls(QWidget):
    """The settings of a burst but for its class.

    Clicking them leaves the keys where they are, so that the Space bar goes on recording; with Tab
    they are reached all the same. `camera_chosen` carries the camera's id.
    """

    mirror_changed = Signal(bool)
    countdown_changed = Signal(int)
    camera_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._camera = ChipMenu("Camera")
        self._camera.setObjectName("camera_choice")
        self._camera.value_changed.connect(self.camera_chosen)
        self._camera.setAutoDefault(False)
        self._camera.hide()
        self._mirror = QCheckBox("Mirror the view")
        self._mirror.setObjectName("camera_mirror")
        self._mirror.setChecked(True)
        self._save_mirrored = QCheckBox("Save pictures mirrored, too")
        self._save_mirrored.setObjectName("camera_save_mirrored")
        self._saved = _line("")
        self._saved.setObjectName("camera_saved_words")
        self._countdowns = QButtonGroup(self)
        self._rate = QSlider(Qt.Orientation.Horizontal)
        self._rate.setObjectName("camera_rate")
        self._rate.setRange(1, _MOST_A_SECOND)
        self._rate.setPageStep(1)
        self._rate_words = QLabel()
        self._rate_words.setObjectName("camera_rate_words")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._camera, 0, Qt.AlignmentFlag.AlignLeft)
        for widget in (self._mirror, self._save_mirrored, self._saved):
            layout.addWidget(widget)
        layout.addSpacing(8)
        layout.addLayout(self._build_countdown())
        layout.addSpacing(8)
        layout.addWidget(self._rate_words)
        layout.addWidget(self._rate)
        for each in (self._mirror, self._save_mirrored, self._rate, self._camera):
            each.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._mirror.toggled.connect(self._on_mirror)
        self._save_mirrored.toggled.connect(self._show_saved)
        self._rate.valueChanged.connect(self._show_rate)
        self._rate.setValue(_FIRST_A_SECOND)
        self._show_rate()
        self._show_saved()

    @property
    def pictures_a_second(self) -> int:
        """How many pictures are taken in a second, 1 to 10."""
        return self._rate.value()

    @property
    def mirrors_view(self) -> bool:
        """Whether the live picture is shown as in a mirror."""
        return self._mirror.isChecked()

    @property
    def saves_mirrored(self) -> bool:
        """Whether pictures are saved mirrored, which only a mirrored view offers."""
        return self.mirrors_view and self._save_mirrored.isChecked()

    @property
    def countdown_s(self) -> int:
        """Seconds to count down before recording, 0 for none."""
        return self._countdowns.checkedId()

    def set_cameras(self, cameras: Sequence[Camera], chosen_id: str) -> None:
        """Offer the cameras, if there is a choice."""
        self._camera.set_choices([(each.id, each.title) for each in cameras])
        self._camera.set_value(chosen_id)
        self._camera.setVisible(len(cameras) > 1)

    def _build_countdown(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(QLabel("Countdown"))
        row.addStretch(1)
        for seconds in _COUNTDOWNS_S:
            chip = Chip(f"{seconds} s" if seconds else "Off")
            chip.setObjectName(f"camera_countdown_{seconds}")
            chip.setAccessibleName(f"Countdown: {f'{seconds} seconds' if seconds else 'off'}")
            chip.setAutoDefault(False)
            chip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            chip.setChecked(seconds == 0)
            self._countdowns.addButton(chip, seconds)
            row.addWidget(chip)
        self._countdowns.buttonToggled.connect(self._on_countdown)
        return row

    def _on_countdown(self, chip: QAbstractButton, checked: bool) -> None:
        if checked:
            self.countdown_changed.emit(self._countdowns.id(chip))

    def _on_mirror(self) -> None:
        self._save_mirrored.setEnabled(self.mirrors_view)
        self._show_saved()
        self.mirror_changed.emit(self.mirrors_view)

    def _show_saved(self) -> None:
        self._saved.setText(_SAVED[self.mirrors_view, self.saves_mirrored])

    def _show_rate(self) -> None:
        words = f"{counted(self._rate.value(), 'picture')} a second"
        self._rate_words.setText(words)
        self._rate.setAccessibleName(f"Pictures a second: {self._rate.value()}")


def _line(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("class", "facts")
    label.setWordWrap(True)
    return label
