"""Drives the Predict step with mouse, keys and drops, and tells what is to be seen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QMenu, QSlider, QTableView

from cnnstudio.ui.widgets.banner import Banner
from cnnstudio.ui.widgets.card import Card
from cnnstudio.ui.widgets.chip_menu import ChipMenu
from cnnstudio.ui.widgets.class_bars import ClassBars
from cnnstudio.ui.widgets.drop_area import DropArea
from cnnstudio.ui.widgets.image_view import ImageView
from cnnstudio.ui.widgets.similar_tile import SimilarTile
from tests.robots.window_robot import WindowRobot

_LEFT = Qt.MouseButton.LeftButton
_NO_MODIFIER = Qt.KeyboardModifier.NoModifier
COLUMNS = ("Picture", "Class", "Probability")


class PredictRobot:
    """A person in front of the Predict step."""

    def __init__(self, user: WindowRobot) -> None:
        self.user = user

    # What the user does

    def drop(self, what: Sequence[Path] | QMimeData) -> None:
        """Drop and wait for all answers."""
        self.user.drop(what)
        self.wait()

    def wait(self) -> None:
        """Wait until everything is answered and drawn."""
        self.user.until(lambda: not self.user.is_shown("predict_cancel"))
        self.user.settle()

    def sort_by(self, column: str) -> None:
        """Click the column's title."""
        header = self._table.horizontalHeader()
        section = COLUMNS.index(column)
        place = QPoint(header.sectionViewportPosition(section) + 20, header.height() // 2)
        QTest.mouseClick(header.viewport(), _LEFT, _NO_MODIFIER, place)

    def choose(self, name: str) -> None:
        """Click the row of a picture."""
        index = self._table.model().index(self.names().index(name), 0)
        self._table.scrollTo(index)
        place = self._table.visualRect(index).center()
        QTest.mouseClick(self._table.viewport(), _LEFT, _NO_MODIFIER, place)
        self.user.settle()

    def press_in_table(self, key: Qt.Key) -> None:
        self._table.setFocus()
        QTest.keyClick(self._table, key)
        self.user.settle()

    def choose_run(self, number: int) -> None:
        """Choose a run in the list above the answers, counted from 1."""
        self._runs.menu_of_choices.actions()[number - 1].trigger()

    def save_table(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), ""))
        self.click("save_table")
        self.user.until(lambda: self.user.session.file_jobs.is_idle)

    def sort_into(self, folder: Path, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Choose an entry of *Sort into folders*, and the folder."""
        monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
        self.choose_to_sort(how)
        self.user.until(lambda: self.user.session.file_jobs.is_idle)

    def choose_to_sort(self, how: str) -> None:
        """Open the menu of *Sort into folders* and choose an entry."""
        self.click("sort")
        menu = self.user.find(QMenu, "predict_sort_menu")
        entry = next(each for each in menu.actions() if each.text() == how)
        assert entry.isVisible()
        entry.trigger()
        menu.close()

    def choose_filter(self, name: str, choice: str) -> None:
        """Choose an entry of the chips *classes* or *doubts* above the table."""
        menu = self.user.find(ChipMenu, f"predict_{name}")
        assert menu.isVisible()
        actions = menu.menu_of_choices.actions()
        next(each for each in actions if each.iconText() == choice).trigger()
        self.user.settle()

    def click(self, name: str) -> None:
        self.user.click(f"predict_{name}")

    # What the user sees

    def rows(self) -> list[tuple[str, str, str]]:
        """Picture, class (or what is wrong with it) and probability of every row, as sorted."""
        model = self._table.model()
        return [
            tuple(model.index(row, column).data() for column in range(3))  # type: ignore[misc]
            for row in range(model.rowCount())
        ]

    def names(self) -> list[str]:
        return [name for name, _, _ in self.rows()]

    def classes(self) -> dict[str, str]:
        """What each picture is taken for."""
        return {name: answer for name, answer, _ in self.rows()}

    def chosen_row(self) -> str:
        """The picture of the selected row, "" for none."""
        rows = self._table.selectionModel().selectedRows()
        return rows[0].data() if rows else ""

    def has_thumbnail(self, name: str) -> bool:
        index = self._table.model().index(self.names().index(name), 0)
        return index.data(Qt.ItemDataRole.DecorationRole) is not None

    def colour_of(self, name: str) -> str:
        """The colour beside the class of a picture."""
        index = self._table.model().index(self.names().index(name), 1)
        swatch = index.data(Qt.ItemDataRole.DecorationRole)
        return str(swatch.toImage().pixelColor(5, 5).name())

    def heading(self) -> str:
        """The title of the card with the answers."""
        return self.user.find(Card, "predict_answers").findChildren(QLabel)[0].text()

    def bars(self) -> list[str]:
        """Each line of the bars, such as "coat 88.4 %"."""
        return self.user.find(ClassBars, "predict_bars").lines()

    def percentages(self) -> dict[str, float]:
        """Class and percentage of each bar."""
        rows = [line.removesuffix(" %").rpartition(" ") for line in self.bars()]
        return {name: float(figure.lstrip("<>")) for name, _, figure in rows}

    def sentence(self) -> str:
        """What is said below the picture."""
        # It is hidden while it says nothing, and the pictures of the Evaluate step have one, too.
        label = self.user.window.panel("predict").findChild(QLabel, "predict_sentence")
        assert isinstance(label, QLabel)
        return label.text()

    def name_shown(self) -> str:
        return self.user.text("predict_name")

    def picture(self) -> QImage:
        """The large picture, as it is painted."""
        return self.user.find(ImageView, "predict_image").grab().toImage()

    def has_picture(self) -> bool:
        return not self.user.find(ImageView, "predict_image").picture_rect().isEmpty()

    def banner(self) -> str:
        """What the banner says, "" while there is none."""
        banner = self.user.find(Banner, "predict_banner")
        return banner.sentence() if banner.isVisible() else ""

    def choices(self, name: str) -> list[str]:
        """What the chips *classes* or *doubts* offer."""
        menu = self.user.find(ChipMenu, f"predict_{name}")
        return [each.iconText() for each in menu.menu_of_choices.actions()]

    def what_was_sorted(self) -> str:
        """What the banner about sorting says, "" while there is none."""
        banner = self.user.find(Banner, "predict_sorted")
        return banner.sentence() if banner.isVisible() else ""

    def watching(self) -> str:
        """What the line about the watched folder says, "" while there is none."""
        banner = self.user.find(Banner, "predict_watching")
        return banner.sentence() if banner.isVisible() else ""

    def sharing(self) -> str:
        """What the line about sharing says, "" while there is none."""
        banner = self.user.find(Banner, "predict_sharing")
        return banner.sentence() if banner.isVisible() else ""

    def drop_area(self) -> str:
        return self.user.find(DropArea, "predict_drop").sentence()

    def is_lit(self) -> bool:
        """Whether the place for drops says that what hovers may be dropped."""
        return bool(self.user.find(DropArea, "predict_drop").property("receiving"))

    def run_shown(self) -> str:
        return self._runs.text()

    def chosen_run(self) -> int:
        """The run that is ticked in the list, counted from 1."""
        actions = self._runs.menu_of_choices.actions()
        return [action.isChecked() for action in actions].index(True) + 1

    # What decided, and similar pictures

    def ask_about(self, number: int) -> None:
        """Choose the class whose reasons are shown, counted from 1."""
        self.user.find(ChipMenu, "predict_heat_class").menu_of_choices.actions()[
            number - 1
        ].trigger()
        self.user.settle()

    def asked_about(self) -> str:
        """The class whose reasons are shown."""
        return self.user.find(ChipMenu, "predict_heat_class").text()[:-2]

    def set_opacity(self, percent: int) -> None:
        self.user.find(QSlider, "predict_heat_opacity").setValue(percent)

    def reasons(self) -> str:
        """The line below the controls of the heat-map."""
        return self.user.text("predict_heat_words")

    def similar_words(self) -> str:
        return self.user.text("predict_similar_words")

    def similar(self) -> list[tuple[str, str]]:
        """Label and similarity of each similar picture."""
        tiles = [self._tile(number) for number in range(1, 6)]
        return [tile.lines() for tile in tiles if tile.isEnabled()]

    def similar_place(self, number: int) -> Path:
        """The file of a similar picture, counted from 1."""
        picture = self._tile(number).picture
        assert picture is not None
        return picture.place

    def fix_similar(self, number: int, title: str) -> None:
        """Right click a similar picture and choose a class."""
        tile = self._tile(number)
        middle = tile.rect().center()
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, middle, tile.mapToGlobal(middle))
        QApplication.sendEvent(tile, event)
        menu = self.user.find(QMenu, "predict_similar_menu")
        next(each for each in menu.actions() if each.text() == title).trigger()
        menu.close()
        self.user.settle()

    def _tile(self, number: int) -> SimilarTile:
        return self.user.find(SimilarTile, f"predict_similar_{number}")

    # How it is done

    @property
    def _table(self) -> QTableView:
        return self.user.find(QTableView, "predict_table")

    @property
    def _runs(self) -> ChipMenu:
        return self.user.find(ChipMenu, "predict_run")
