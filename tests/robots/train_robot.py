"""Drives the Train step as a person would: with the mouse and the keys, and by looking at it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QListView,
    QPushButton,
    QSpinBox,
    QTableView,
    QTableWidget,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from cnnstudio.ui.models.run_rows import ROW_ROLE, RunRow
from cnnstudio.ui.panels.train_panel import TrainPanel
from cnnstudio.ui.widgets.banner import Banner
from cnnstudio.ui.widgets.curve_card import CurveCard
from cnnstudio.ui.widgets.curve_plot import CurvePlot
from cnnstudio.ui.widgets.overlay_plot import OverlayPlot

_LONGEST_MS = 60_000

Widget = TypeVar("Widget", bound=QWidget)


class TrainRobot:
    """User verbs first, then what the user sees."""

    def __init__(self, qtbot: QtBot, panel: TrainPanel) -> None:
        self.panel = panel
        self._qtbot = qtbot

    # What the user does

    def click(self, name: str) -> None:
        widget = self._widget(QWidget, name)
        assert widget.isVisible(), f"{name} cannot be seen"
        assert widget.isEnabled(), f"{name} is greyed"
        self._qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)

    def double_click(self, name: str) -> None:
        """Only the second half of one, as the window gets it where the first hid a button."""
        self._qtbot.mouseDClick(self._widget(QWidget, name), Qt.MouseButton.LeftButton)

    def train(self, times: int = 1) -> TrainRobot:
        """Train to the end, and wait until the run is listed."""
        for _ in range(times):
            before = len(self.runs())
            self.start()
            self._until(lambda before=before: len(self.runs()) == before + 1)  # type: ignore[misc]
            self.wait_for_start()
            self._until(lambda: not any(row.is_running for row in self.runs()))
        return self

    def start(self) -> None:
        self.click("train_start_button")

    def choose_preset(self, key: str) -> None:
        """Click the card of a way of training, or the chip of one that shares a card."""
        chip = self.panel.findChild(QWidget, f"train_preset_variant_{key}")
        self.click(f"train_preset_{key}" if chip is None else f"train_preset_variant_{key}")

    def add_to_queue(self) -> None:
        if not self.is_shown("train_queue_button"):
            self.toggle_settings()
        self.click("train_queue_button")

    def pause_or_continue(self) -> None:
        self.click("train_pause_button")

    def follow_advice(self, number: int = 1) -> None:
        """Click one of the buttons beside the coach's sentence, counted from 1."""
        self.click(f"train_advice_{number - 1}")

    def toggle_comparing(self) -> None:
        self.click("train_runs_compare")

    def stop_and_keep(self) -> None:
        self.click("train_stop_button")

    def cancel(self) -> None:
        self.click("train_cancel_button")

    def toggle_settings(self) -> None:
        self.click("train_settings")

    def open_network(self) -> None:
        self.click("train_tab_network")

    def set_number(self, name: str, value: float) -> None:
        """Type into a field of a form, and leave it with Return."""
        field = self._widget(QWidget, name)
        assert field.isVisible()
        field.setFocus()
        self._qtbot.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        self._qtbot.keyClicks(field, f"{value:g}")
        self._qtbot.keyClick(field, Qt.Key.Key_Return)

    def select_block(self, number: int) -> None:
        """Click the number of a block at the left of its row."""
        table = self._widget(QTableView, "train_network_blocks")
        header = table.verticalHeader()
        middle = header.sectionViewportPosition(number - 1) + header.sectionSize(number - 1) // 2
        self._qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(8, middle))

    def type_into_block(self, number: int, key: str, value: int) -> None:
        """Click a cell and type a number."""
        self._click_cell(number, key)
        editor_name = f"block_{number}_{key}"
        editor = self._widget(QSpinBox, editor_name)
        self._qtbot.keyClick(editor, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        self._qtbot.keyClicks(editor, str(value))
        self._qtbot.keyClick(editor, Qt.Key.Key_Return)
        self._until(lambda: self.panel.findChild(QSpinBox, editor_name) is None)

    def choose_in_block(self, number: int, key: str, label: str) -> None:
        """Click a cell and choose from its list."""
        self._click_cell(number, key)
        box = self._widget(QComboBox, f"block_{number}_{key}")
        self._until(lambda: box.view().isVisible())
        view = box.view()
        place = next(row for row in range(box.count()) if box.itemText(row) == label)
        self._click_item(view, box.model().index(place, 0))

    def select_run(self, number: int) -> None:
        """Click a run of the list, counted from 1."""
        view = self._widget(QListView, "train_runs")
        self._click_item(view, view.model().index(number - 1, 0))

    def press_in_runs(self, key: Qt.Key) -> None:
        view = self._widget(QListView, "train_runs")
        view.setFocus()
        self._qtbot.keyClick(view, key)

    def type_name(self, name: str) -> None:
        editor = self._widget(QLineEdit, "run_name_editor")
        self._qtbot.keyClick(editor, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        self._qtbot.keyClicks(editor, name)
        self._qtbot.keyClick(editor, Qt.Key.Key_Return)

    def save_picture(self, card: str, folder: Path) -> Path:
        return self._save(card, "picture", folder)

    def save_table(self, card: str, folder: Path) -> Path:
        return self._save(card, "table", folder)

    def close_banner(self) -> None:
        banner = self._widget(Banner, "train_problem")
        cross = banner.findChild(QToolButton)
        self._qtbot.mouseClick(cross, Qt.MouseButton.LeftButton)

    # What the user waits for

    def until(self, seen: Callable[[], bool]) -> None:
        self._until(seen)

    def wait_for_headline(self, part: str) -> None:
        self._until(lambda: part in self.headline())

    def wait_for_start(self) -> None:
        self._until(lambda: self.is_shown("train_start_button"))

    # What the user sees

    def headline(self) -> str:
        return self._text("train_headline")

    def state(self) -> str:
        return self._text("train_state") if self.is_shown("train_state") else ""

    def facts(self) -> str:
        return self._text("train_facts")

    def advice(self) -> str:
        return self._text("train_advice")

    def offered(self) -> list[str]:
        """The words on the buttons beside the coach's sentence."""
        buttons = [self._widget(QPushButton, f"train_advice_{place}") for place in range(3)]
        return [button.text() for button in buttons if button.isVisible()]

    def tooltip_of(self, name: str) -> str:
        return self._widget(QWidget, name).toolTip()

    def words_on(self, name: str) -> str:
        return self._widget(QPushButton, name).text()

    def note(self) -> str:
        banner = self._widget(Banner, "train_note")
        return banner.sentence() if banner.isVisible() else ""

    def interrupted(self) -> str:
        banner = self._widget(Banner, "train_unfinished")
        return banner.sentence() if banner.isVisible() else ""

    def compared(self) -> list[str]:
        """The names of the runs that are laid over each other."""
        plot = self._widget(OverlayPlot, "train_comparison_accuracy_plot")
        return [line.name for line in plot.lines] if plot.isVisible() else []

    def differences(self) -> dict[str, list[str]]:
        """The rows of the table of differences, by their labels."""
        table = self._widget(QTableWidget, "train_comparison_table")
        rows: dict[str, list[str]] = {}
        for row in range(table.rowCount()):
            cells = [table.item(row, column) for column in range(table.columnCount())]
            label, *words = [cell.text() if cell is not None else "" for cell in cells]
            rows[label] = words
        return rows

    def preset_facts(self, key: str = "classic") -> str:
        return self._text(f"train_preset_{key}_facts")

    def problem(self) -> str:
        banner = self._widget(Banner, "train_problem")
        return banner.sentence() if banner.isVisible() else ""

    def warning(self) -> str:
        banner = self._widget(Banner, "train_warning")
        return banner.sentence() if banner.isVisible() else ""

    def network_problem(self) -> str:
        banner = self._widget(Banner, "train_network_layers_problem")
        return banner.sentence() if banner.isVisible() else ""

    def tab_stops(self, first: str) -> list[str]:
        """The names of what Tab stops at, from a widget on, all the way round."""
        began = each = self._widget(QWidget, first)
        names = []
        while True:
            stops = each.focusPolicy() & Qt.FocusPolicy.TabFocus and each.focusProxy() is None
            if stops and each.isVisible() and each.isEnabled():
                names.append(each.objectName())
            each = each.nextInFocusChain()
            if each is began:
                return names

    def is_shown(self, name: str) -> bool:
        return self._widget(QWidget, name).isVisible()

    def can_click(self, name: str) -> bool:
        widget = self._widget(QWidget, name)
        return widget.isVisible() and widget.isEnabled()

    def layers(self) -> list[tuple[str, str, str]]:
        """Layer, output, weights of each row."""
        table = self._widget(QTableWidget, "train_network_layers")
        rows = range(table.rowCount())
        return [tuple(table.item(row, column).text() for column in range(3)) for row in rows]  # type: ignore[misc, union-attr]

    def total(self) -> str:
        return self._text("train_network_layers_total")

    def blocks(self) -> list[list[str]]:
        """The cells of each block."""
        model = self._widget(QTableView, "train_network_blocks").model()
        columns = range(model.columnCount())
        return [
            [model.index(row, column).data() for column in columns]
            for row in range(model.rowCount())
        ]

    def card(self, name: str) -> CurveCard:
        return self._widget(CurveCard, f"train_{name}")

    def plot(self, name: str) -> CurvePlot:
        return self._widget(CurvePlot, f"train_{name}_plot")

    def runs(self) -> list[RunRow]:
        model = self._widget(QListView, "train_runs").model()
        return [model.index(row, 0).data(ROW_ROLE) for row in range(model.rowCount())]

    def run_names(self) -> list[str]:
        return [row.name for row in self.runs()]

    def selected_run(self) -> int:
        """The selected run, counted from 1; 0 for none."""
        return self._widget(QListView, "train_runs").currentIndex().row() + 1

    # How it is done

    def _save(self, card: str, what: str, folder: Path) -> Path:
        button = self._widget(QToolButton, f"train_{card}_menu")
        assert button.isVisible()
        assert button.isEnabled()
        action = next(each for each in button.menu().actions() if what in each.text())
        action.trigger()
        dialog = self.panel.findChild(QFileDialog, "save_file_dialog")
        assert dialog is not None
        suggested = Path(dialog.selectedFiles()[0]).name
        target = folder / suggested
        dialog.selectFile(str(target))
        dialog.accept()
        self._until(target.is_file)
        return target

    def _click_cell(self, number: int, key: str) -> None:
        table = self._widget(QTableView, "train_network_blocks")
        model = table.model()
        keys = [parameter.key for parameter in model.parameters]  # type: ignore[attr-defined]
        self._click_item(table, model.index(number - 1, keys.index(key)))

    def _click_item(self, view: QAbstractItemView, index: QModelIndex) -> None:
        view.scrollTo(index)
        place = view.visualRect(index).center()
        self._qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)

    def _until(self, seen: Callable[[], bool]) -> None:
        self._qtbot.waitUntil(seen, timeout=_LONGEST_MS)

    def _text(self, name: str) -> str:
        return self._widget(QLabel, name).text()

    def _widget(self, kind: type[Widget], name: str) -> Widget:
        every = self.panel.findChildren(kind, name)
        assert every, f"there is no {name}"
        # A dialog that was closed may still be there.
        return next((each for each in every if each.isVisible()), every[0])
