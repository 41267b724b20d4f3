from __future__ import annotations

import math

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cnnstudio.ui.icons import Icons
from cnnstudio.ui.theme import DARK, LIGHT, Theme
from cnnstudio.ui.widgets.curve_card import CurveCard
from cnnstudio.ui.widgets.curve_plot import CurvePlot


@pytest.fixture
def plot(qtbot: QtBot, theme: Theme) -> CurvePlot:
    plot = CurvePlot(theme, "Accuracy", "share")
    qtbot.addWidget(plot)
    plot.resize(420, 360)
    plot.show()
    plot.set_values([0.45, 0.7, 0.81, 0.9], [0.5, 0.65, 0.78, 0.77], axis_epochs=4, best_epoch=3)
    return plot


@pytest.fixture
def loss(qtbot: QtBot, theme: Theme) -> CurvePlot:
    plot = CurvePlot(theme, "Loss")
    qtbot.addWidget(plot)
    plot.set_values([3.4, 0.4, 0.02], [3.0, 0.9, 0.07], axis_epochs=3)
    return plot


def test_left_and_right_move_the_crosshair_from_epoch_to_epoch(
    plot: CurvePlot, qtbot: QtBot
) -> None:
    qtbot.keyClick(plot, Qt.Key.Key_Right)
    qtbot.keyClick(plot, Qt.Key.Key_Right)
    assert plot.readout() == "epoch 2: training 70.0 %, validation 65.0 %"

    qtbot.keyClick(plot, Qt.Key.Key_End)
    assert plot.pointed_epoch == 4
    qtbot.keyClick(plot, Qt.Key.Key_Left)
    assert plot.readout() == "epoch 3: training 81.0 %, validation 78.0 %"

    qtbot.keyClick(plot, Qt.Key.Key_Escape)
    assert plot.readout() == ""


def test_the_crosshair_snaps_to_the_epoch_nearest_to_the_mouse(
    plot: CurvePlot, qtbot: QtBot
) -> None:
    pointed: list[int] = []
    plot.epoch_pointed.connect(pointed.append)

    for x in range(60, 405, 5):
        qtbot.mouseMove(plot.viewport(), QPoint(x, 150))

    assert pointed == [1, 2, 3, 4]


def test_the_axis_of_shares_ends_at_a_hundred_per_cent_and_begins_below_the_first_epoch(
    plot: CurvePlot,
) -> None:
    assert plot.value_range() == (0.4, 1.0)


def test_a_batch_trace_far_off_does_not_squeeze_the_curves(plot: CurvePlot) -> None:
    plot.set_values([0.9, 0.95], [0.9, 0.93], axis_epochs=4, trace_x=[0.1, 0.5], trace=[0.02, 0.4])
    assert plot.value_range() == (0.8, 1.0)


def test_a_logarithmic_axis_holds_all_values_between_round_numbers(loss: CurvePlot) -> None:
    assert loss.value_range() == (0.0, 4.0)
    loss.set_log(True)
    assert loss.value_range() == pytest.approx((0.02, 5.0))


def test_losses_of_zero_and_nan_are_drawn_without_complaint(loss: CurvePlot) -> None:
    for is_log in (False, True):
        loss.set_log(is_log)
        loss.set_values([0.0, math.nan], [0.0, math.inf], axis_epochs=2, best_epoch=1)
        loss.point_at(2)
        low, high = loss.value_range()
        assert low < high


def test_the_tick_labels_of_a_small_loss_keep_their_decimals(
    loss: CurvePlot,
) -> None:
    axis = loss.getAxis("left")
    loss.set_values([0.004], [0.0035], axis_epochs=1)
    ((spacing, ticks),) = axis.tickValues(*loss.value_range(), 300)
    assert axis.tickStrings(ticks, 1.0, spacing) == ["0.000", "0.001", "0.002", "0.003", "0.004"]


@pytest.mark.parametrize(
    ("epochs", "first", "last"), [(3, "1", "3"), (20, "1", "20"), (400, "1", "400")]
)
def test_epochs_are_whole_numbers_from_one(
    loss: CurvePlot, epochs: int, first: str, last: str
) -> None:
    axis = loss.getAxis("bottom")
    loss.set_values([1.0] * epochs, [1.0] * epochs, axis_epochs=epochs)
    ((spacing, ticks),) = axis.tickValues(1.0, float(epochs), 400)
    labels = axis.tickStrings(ticks, 1.0, spacing)
    assert (labels[0], labels[-1]) == (first, last)
    assert len(labels) <= 9


def test_the_plot_takes_the_colours_of_the_theme(plot: CurvePlot, theme: Theme) -> None:
    def ground() -> QColor:
        return plot.grab().toImage().pixelColor(2, 2)

    assert ground() == QColor(LIGHT.surface)
    theme.set_choice("dark")
    assert ground() == QColor(DARK.surface)


def test_an_empty_card_says_what_will_appear_and_has_nothing_to_save(
    qtbot: QtBot, theme: Theme, icons: Icons
) -> None:
    card = CurveCard(theme, icons, "Loss", "loss", can_be_log=True)
    qtbot.addWidget(card)
    card.show()
    assert card.is_empty
    assert not card.plot.isVisible()

    card.set_empty(False)

    assert card.plot.isVisible()


def test_a_saved_picture_leaves_the_buttons_where_they_were(
    qtbot: QtBot, theme: Theme, icons: Icons
) -> None:
    card = CurveCard(theme, icons, "Loss", "loss", can_be_log=True)
    qtbot.addWidget(card)
    card.resize(400, 300)
    card.show()
    card.set_empty(False)
    before = card.grab().toImage()

    assert card.png().startswith(b"\x89PNG")

    assert card.grab().toImage() == before


@pytest.mark.parametrize("height_px", [150, 200, 360])
def test_the_label_of_the_best_epoch_stands_above_the_highest_value(
    plot: CurvePlot, height_px: int
) -> None:
    plot.resize(420, height_px)
    plot.set_values([1.0] * 4, [0.9] * 4, axis_epochs=4, best_epoch=3, best_words="best, epoch 3")

    plot.grab()  # the label finds its place when it is drawn
    label = plot._best_label
    below = label.mapRectToScene(label.boundingRect()).bottom()
    highest = plot.plotItem.vb.mapViewToScene(QPointF(3, 1.0)).y()
    assert below <= highest + 4, "the margin of the label may touch the line, its letters not"


def test_a_plot_that_is_gone_leaves_no_menus_behind(theme: Theme) -> None:
    before = len(QApplication.allWidgets())
    CurvePlot(theme, "Loss").deleteLater()
    for _ in range(2):  # the plot, then what goes with it
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert len(QApplication.allWidgets()) <= before
