"""`SamplingEditor`: which frames of a video become pictures."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.core.dataset.import_plan import SamplingUnit, VideoSampling

_UNITS: dict[SamplingUnit, tuple[str, int, int]] = {
    "a second": ("frames a second", 2, 60),
    "every n-th": ("frames apart", 10, 10_000),
}
"""For each unit its words, the number that is tried first, and the largest."""


class SamplingEditor(QWidget):
    """As in "Take 2 frames a second", and whether frames that look alike are left out."""

    edited = Signal(object)

    def __init__(self, sampling: VideoSampling, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._count = QSpinBox()
        self._count.setObjectName("import_frames")
        self._count.setAccessibleName("How many frames")
        self._unit = QComboBox()
        self._unit.setObjectName("import_frames_unit")
        self._unit.setAccessibleName("Frames a second, or one every so many frames")
        for unit, (words, _, _) in _UNITS.items():
            self._unit.addItem(words, unit)
        self._unit.setCurrentIndex(self._unit.findData(sampling.unit))
        self._count.setRange(1, _UNITS[sampling.unit][2])
        self._count.setValue(sampling.count)
        self._skips_alike = QCheckBox("Leave out frames that look like the one before")
        self._skips_alike.setObjectName("import_frames_alike")
        self._skips_alike.setToolTip(
            "Two frames look alike when, both made very small (16 x 16 squares of grey), no square"
            " differs by more than 3 %. So nothing that stands still fills the project."
        )
        self._skips_alike.setChecked(sampling.skips_alike)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(QLabel("Take"))
        row.addWidget(self._count)
        row.addWidget(self._unit)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(row)
        layout.addWidget(self._skips_alike)
        self._count.valueChanged.connect(self._tell)
        self._unit.currentIndexChanged.connect(self._change_unit)
        self._skips_alike.toggled.connect(self._tell)

    @property
    def sampling(self) -> VideoSampling:
        """What is chosen now."""
        return VideoSampling(
            self._unit.currentData(), self._count.value(), self._skips_alike.isChecked()
        )

    @Slot()
    def _change_unit(self) -> None:
        _, first, most = _UNITS[self._unit.currentData()]
        self._count.blockSignals(True)
        self._count.setRange(1, most)
        self._count.setValue(first)
        self._count.blockSignals(False)
        self._tell()

    @Slot()
    def _tell(self) -> None:
        self.edited.emit(self.sampling)
