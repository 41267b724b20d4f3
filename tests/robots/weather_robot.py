"""Drives the Weather lab with mouse and keys, and tells what is to be seen."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QSlider, QWidget

from cnnstudio.ui.evaluation.weather_cell import WeatherCell
from cnnstudio.ui.widgets.class_bars import ClassBars
from cnnstudio.ui.widgets.image_view import ImageView
from tests.robots.window_robot import WindowRobot


class WeatherRobot:
    """A person in front of the Weather lab."""

    def __init__(self, user: WindowRobot) -> None:
        self.user = user

    # What the user does

    def type_strength(self, key: str, text: str) -> None:
        """Type how strong a disturbance is to be."""
        box = self.user.find(QAbstractSpinBox, f"weather_{key}")
        assert box.isVisible()
        box.setFocus()
        box.selectAll()
        QTest.keyClicks(box, text)
        QTest.keyClick(box, Qt.Key.Key_Return)
        self.user.settle()

    def slide(self, key: str, steps: int) -> None:
        """Press an arrow key on a slider again and again, without waiting."""
        slider = self.user.find(QSlider, f"weather_{key}_slider")
        slider.setFocus()
        for _ in range(abs(steps)):
            QTest.keyClick(slider, Qt.Key.Key_Right if steps > 0 else Qt.Key.Key_Left)
        self.user.settle()

    def test_all(self) -> None:
        """Start the test of all pictures and wait for its end."""
        self.user.click("weather_start")
        self.user.settle()

    # What the user sees

    def picture_brightness(self) -> float:
        """The mean of what the picture's middle looks like, 0 to 255."""
        image = self.user.find(ImageView, "weather_picture").grab().toImage()
        middle = image.pixelColor(image.width() // 2, image.height() // 2)
        return (middle.red() + middle.green() + middle.blue()) / 3

    def answer(self) -> str:
        return self.user.text("weather_answer")

    def bars(self) -> list[str]:
        page = self.user.find(QWidget, "weather_picture").parentWidget()
        bars = page.findChild(ClassBars)
        assert isinstance(bars, ClassBars)
        return bars.lines()

    def words(self, key: str) -> str:
        """What is said below a chart."""
        return self.user.text(f"weather_words_{key}")

    def hint(self, key: str) -> str:
        """What is said where there is no button."""
        shown = self.user.is_shown(f"weather_hint_{key}")
        return self.user.text(f"weather_hint_{key}") if shown else ""

    def button(self, key: str) -> str:
        """What the button below a chart says, "" where there is none."""
        button = self.user.find(QAbstractButton, f"weather_set_{key}")
        return button.text() if button.isVisible() else ""

    def chart(self, key: str) -> list[str]:
        """The figures of a chart."""
        words = self.user.find(QWidget, f"weather_words_{key}")
        cell = words.parentWidget()
        assert isinstance(cell, WeatherCell)
        return [] if cell.plot.steps is None else cell.plot.steps.lines()

    def start_button(self) -> str:
        return self.user.find(QAbstractButton, "weather_start").text()
