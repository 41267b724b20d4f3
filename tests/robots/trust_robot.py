"""Drives the pages "Not sure" and "Enough pictures?" with mouse and keys."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QSlider, QTableWidget, QWidget

from cnnstudio.ui.widgets.doubt_tiles import DoubtTiles
from cnnstudio.ui.widgets.share_curve import ShareCurve
from tests.robots.evaluate_robot import EvaluateRobot
from tests.robots.window_robot import WindowRobot


class TrustRobot:
    """A person who wants to know how far a run can be trusted."""

    def __init__(self, user: WindowRobot) -> None:
        self.user = user
        self.evaluate = EvaluateRobot(user)

    # What the user does

    def open(self, page: str) -> None:
        self.evaluate.open_page(page)
        self.evaluate.wait()

    def press_on_slider(self, key: Qt.Key, times: int = 1) -> None:
        slider = self.user.find(QSlider, "caution_slider")
        slider.setFocus()
        for _ in range(times):
            QTest.keyClick(slider, key)

    def click_left_end(self) -> None:
        """Drag the handle to the strictest end with the mouse."""
        slider = self.user.find(QSlider, "caution_slider")
        left = Qt.MouseButton.LeftButton
        share = slider.value() / slider.maximum()
        place = QPoint(int(8 + share * (slider.width() - 16)), slider.height() // 2)
        end = QPoint(1, slider.height() // 2)
        QTest.mousePress(slider, left, Qt.KeyboardModifier.NoModifier, place)
        QTest.mouseMove(slider, end)
        QTest.mouseRelease(slider, left, Qt.KeyboardModifier.NoModifier, end)

    def toggle_unfamiliar(self) -> None:
        box = self.user.find(QCheckBox, "caution_unfamiliar")
        middle = QPoint(8, box.height() // 2)
        QTest.mouseClick(box, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle)

    def wait_until_saved(self) -> None:
        page = self.user.find(QWidget, "caution_slider")
        assert page.isVisible()
        self.user.settle()

    # What the user sees

    def wish(self) -> str:
        return self.user.text("caution_wish")

    def promise(self) -> str:
        return self.user.text("caution_promise")

    def on_test_pictures(self) -> str:
        return self.user.text("caution_judged")

    def plot_words(self) -> str:
        return self.user.find(ShareCurve, "caution_plot").accessibleDescription()

    def reasons(self) -> list[str]:
        tiles = self.user.window.findChild(DoubtTiles)
        assert isinstance(tiles, DoubtTiles)
        return [tile.reason for tile in tiles.tiles]

    def sentences(self) -> list[str]:
        table = self.user.find(QTableWidget, "enough_classes")
        items = [table.item(row, 0) for row in range(table.rowCount())]
        return [item.text() for item in items if item is not None]
