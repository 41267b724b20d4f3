"""Drives the Augment step with mouse and keys, and tells what is to be seen."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QLabel,
    QScrollArea,
    QSlider,
    QSpinBox,
    QWidget,
)

from cnnstudio.core.config import AugmentationConfig, Parameter
from cnnstudio.ui.widgets.chip_menu import ChipMenu
from cnnstudio.ui.widgets.sample_grid import SampleGrid
from tests.robots.window_robot import WindowRobot

_LEFT = Qt.MouseButton.LeftButton


class AugmentRobot:
    """A person in front of the Augment step."""

    def __init__(self, user: WindowRobot) -> None:
        self.user = user
        self._panel = user.window.panel("augment")

    # What the user does

    def set_value(self, parameter: Parameter, value: Any) -> None:
        """Use the control of one augmentation: type, tick or choose."""
        control = self._control(f"augment_{parameter.key}")
        if isinstance(control, QCheckBox):
            if control.isChecked() != value:
                QTest.mouseClick(control, _LEFT, pos=QPoint(8, control.height() // 2))
        elif isinstance(control, QComboBox):
            labels = dict(parameter.choices)
            control.setFocus()
            while control.currentText() != labels[value]:
                before = control.currentIndex()
                QTest.keyClick(control, Qt.Key.Key_Down)
                assert control.currentIndex() != before, f"{labels[value]} is not offered"
        else:
            assert isinstance(control, QAbstractSpinBox)
            shown = value * 100 if parameter.scale == "percent" else value
            self._type(control, f"{shown:g}")

    def slide(self, key: str, steps: int) -> None:
        """Press an arrow key on a slider again and again, as fast as the keyboard does."""
        slider = self._control(f"augment_{key}_slider")
        assert isinstance(slider, QSlider)
        slider.setFocus()
        for _ in range(steps):
            QTest.keyClick(slider, Qt.Key.Key_Right)

    def type_seed(self, seed: int) -> None:
        control = self._control("augment_seed")
        assert isinstance(control, QAbstractSpinBox)
        self._type(control, str(seed))

    def choose_class(self, label: str) -> None:
        menu = self._class_menu().menu_of_choices
        action = next(each for each in menu.actions() if each.iconText() == label)
        action.trigger()

    def click(self, name: str) -> None:
        self.user.click(f"augment_{name}")

    # What the user sees

    @property
    def config(self) -> AugmentationConfig:
        return self.user.project.config.augmentation

    def gallery(self) -> list[NDArray[np.uint8]]:
        """Wait until the gallery is drawn; its pictures, the original first."""
        self.user.until(lambda: self.user.session.preview_jobs.is_idle)
        assert self._grid.isVisible(), self.sentence()
        return [_array(image) for image, _ in self._grid.samples()]

    def captions(self) -> list[str]:
        return [caption for _, caption in self._grid.samples()]

    def picture_of_the_screen(self) -> QImage:
        """The gallery as it is painted."""
        self.user.until(lambda: self.user.session.preview_jobs.is_idle)
        return self._grid.grab().toImage()

    def chosen_preset(self) -> str:
        """The label of the preset that is lit, "" for a choice of one's own."""
        chips = self._panel.findChildren(QAbstractButton)
        lit = [chip.text() for chip in chips if chip.isCheckable() and chip.isChecked()]
        lit = [text for text in lit if text in ("None", "Tutorial", "Strong")]
        return lit[0] if lit else ""

    def seed(self) -> int:
        control = self._control("augment_seed")
        assert isinstance(control, QSpinBox)
        return control.value()

    def file_name(self) -> str:
        return self.user.text("augment_name")

    def classes_offered(self) -> list[str]:
        return [action.iconText() for action in self._class_menu().menu_of_choices.actions()]

    def class_shown(self) -> str:
        return self._class_menu().text()

    def sentence(self) -> str:
        """What is said in place of the gallery, "" while the gallery is there."""
        empty = self._panel.findChild(QWidget, "augment_empty")
        assert empty is not None
        labels = empty.findChildren(QLabel)
        return " ".join(label.text() for label in labels if label.isVisible())

    # How it is done

    @property
    def _grid(self) -> SampleGrid:
        return self.user.find(SampleGrid, "augment_gallery")

    def _class_menu(self) -> ChipMenu:
        return self.user.find(ChipMenu, "augment_class")

    def _control(self, name: str) -> QWidget:
        control = self.user.find(QWidget, name)
        area = control.parentWidget()
        while area is not None and not isinstance(area, QScrollArea):
            area = area.parentWidget()
        if area is not None:
            area.ensureWidgetVisible(control)
        assert control.isVisible(), f"{name} cannot be seen"
        return control

    def _type(self, box: QAbstractSpinBox, text: str) -> None:
        box.setFocus()
        box.selectAll()
        QTest.keyClicks(box, text)
        QTest.keyClick(box, Qt.Key.Key_Return)


def _array(image: QImage) -> NDArray[np.uint8]:
    """The pixels of a picture, uint8 (height, width, 3)."""
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(rgb.constBits(), np.uint8).reshape(rgb.height(), rgb.bytesPerLine())
    return rows[:, : 3 * rgb.width()].reshape(rgb.height(), rgb.width(), 3).copy()
