from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QLabel,
    QSlider,
    QWidget,
)
from pytestqt.qtbot import QtBot

from cnnstudio.core.config import AugmentationConfig, TrainingConfig, parameters_of, to_dict
from cnnstudio.core.parameters import Parameter
from cnnstudio.ui.widgets.parameter_form import ParameterForm

PARAMETERS = [
    Parameter("rotation", "Rotation", "float", 0.0, 0, 180, 1, "°", help="Turned either way."),
    Parameter("shift", "Width shift", "float", 0.0, 0, 1, 0.01, scale="percent"),
    Parameter("rate", "Learning rate", "float", 0.001, 1e-6, 1, 0.0001, scale="log"),
    Parameter("epochs", "Epochs", "int", 20, 1, 1000, help="x" * 100),
    Parameter("blocks", "Blocks", "int", 3, 1, 6),
    Parameter("flip", "Horizontal flip", "bool", False),
    Parameter("fill", "Fill with", "choice", "wrap", choices=(("wrap", "itself"), ("no", "black"))),
]


@pytest.fixture
def form(qtbot: QtBot) -> ParameterForm:
    form = ParameterForm(PARAMETERS, "test")
    qtbot.addWidget(form)
    form.resize(420, 500)
    form.show()
    return form


def spin(form: ParameterForm, key: str) -> QDoubleSpinBox:
    return form.findChild(QDoubleSpinBox, f"test_{key}")


def slider(form: ParameterForm, key: str) -> QSlider:
    return form.findChild(QSlider, f"test_{key}_slider")


def heard(form: ParameterForm) -> list[tuple[str, Any]]:
    changes: list[tuple[str, Any]] = []
    form.value_changed.connect(lambda key, value: changes.append((key, value)))
    return changes


def test_a_form_starts_with_the_defaults(form: ParameterForm) -> None:
    assert form.values() == {parameter.key: parameter.default for parameter in PARAMETERS}


def test_numbers_are_shown_in_their_unit(form: ParameterForm) -> None:
    form.set_values({"rotation": 20.0, "shift": 0.2, "rate": 0.001, "epochs": 8})
    shown = [spin(form, key).text() for key in ("rotation", "shift", "rate", "epochs")]
    assert shown == ["20°", "20 %", "0.001", "8"]


def test_the_smallest_learning_rate_is_shown_in_full(form: ParameterForm) -> None:
    form.set_values({"rate": 1e-6})
    assert spin(form, "rate").text() == "0.000001"


def test_set_values_come_back_exactly_and_nothing_is_said(form: ParameterForm) -> None:
    changes = heard(form)
    values = {
        "rotation": 12.34567,
        "shift": 0.123456,
        "rate": 0.00123456789,
        "epochs": 999,
        "blocks": 6,
        "flip": True,
        "fill": "no",
    }
    form.set_values(values)
    assert form.values() == values
    assert changes == []
    assert slider(form, "rotation").value() == 12


def test_values_of_other_forms_are_passed_over(form: ParameterForm) -> None:
    form.set_values({"unknown": 3, "blocks": 2})
    assert form.values()["blocks"] == 2


def test_moving_a_slider_says_every_value_on_the_way(form: ParameterForm) -> None:
    changes = heard(form)
    for position in (5, 6, 7):
        slider(form, "shift").setValue(position)
    assert changes == [("shift", 0.05), ("shift", 0.06), ("shift", 0.07)]
    assert spin(form, "shift").text() == "7 %"


def test_a_slider_moves_with_the_arrow_keys(form: ParameterForm, qtbot: QtBot) -> None:
    qtbot.keyClick(slider(form, "rotation"), Qt.Key.Key_Right)
    assert form.values()["rotation"] == 1.0
    assert isinstance(form.values()["rotation"], float)


def test_a_whole_number_stays_one(form: ParameterForm) -> None:
    changes = heard(form)
    slider(form, "blocks").setValue(4)
    assert changes == [("blocks", 5)]
    assert isinstance(form.values()["blocks"], int)


def test_a_typed_number_moves_the_slider_and_is_said_once(
    form: ParameterForm, qtbot: QtBot
) -> None:
    changes = heard(form)
    box = spin(form, "shift")
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, "25")
    assert changes == []
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert changes == [("shift", 0.25)]
    assert slider(form, "shift").value() == 25


def test_a_number_still_being_typed_counts_when_the_form_is_read(
    form: ParameterForm, qtbot: QtBot
) -> None:
    box = spin(form, "epochs")
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, "50")
    assert form.values()["epochs"] == 50


def test_a_learning_rate_slider_goes_by_powers_of_ten(form: ParameterForm) -> None:
    rate = slider(form, "rate")
    rate.setValue(rate.minimum())
    assert form.values()["rate"] == pytest.approx(1e-6)
    rate.setValue(rate.maximum())
    assert form.values()["rate"] == pytest.approx(1.0)
    rate.setValue(rate.maximum() // 2)
    assert form.values()["rate"] == pytest.approx(1e-3)


def test_a_range_too_wide_to_slide_over_has_no_slider(form: ParameterForm) -> None:
    assert slider(form, "epochs") is None
    assert slider(form, "blocks") is not None


def test_a_switch_and_a_choice_say_their_new_value(form: ParameterForm, qtbot: QtBot) -> None:
    changes = heard(form)
    form.findChild(QCheckBox, "test_flip").click()
    box = form.findChild(QComboBox, "test_fill")
    qtbot.keyClick(box, Qt.Key.Key_Down)
    assert changes == [("flip", True), ("fill", "no")]
    assert form.values()["fill"] == "no"


def test_a_form_may_answer_a_change_by_setting_its_values(form: ParameterForm) -> None:
    changes = heard(form)
    form.value_changed.connect(lambda key, value: form.set_values({key: value}))
    slider(form, "rotation").setValue(90)
    assert changes == [("rotation", 90.0)]
    assert spin(form, "rotation").text() == "90°"


def turn_wheel(widget: QWidget) -> None:
    centre = QPointF(widget.rect().center())
    event = QWheelEvent(
        centre,
        widget.mapToGlobal(centre),
        QPoint(0, 120),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def test_the_wheel_changes_only_what_was_clicked(form: ParameterForm, qtbot: QtBot) -> None:
    qtbot.waitExposed(form)
    form.activateWindow()
    spin(form, "epochs").setFocus()
    before = form.values()
    for key in ("rotation", "shift", "blocks"):
        turn_wheel(slider(form, key))
        turn_wheel(spin(form, key))
    turn_wheel(form.findChild(QComboBox, "test_fill"))
    assert form.values() == before
    slider(form, "rotation").setFocus()
    qtbot.waitUntil(slider(form, "rotation").hasFocus)
    turn_wheel(slider(form, "rotation"))
    assert form.values()["rotation"] > 0


def test_every_control_can_be_named_by_a_screen_reader(form: ParameterForm) -> None:
    for parameter in PARAMETERS:
        control = form.findChild(QWidget, f"test_{parameter.key}")
        assert control.accessibleName() == parameter.label


def test_short_explanations_stand_below_and_long_ones_in_the_tooltip(form: ParameterForm) -> None:
    lines = [label.text() for label in form.findChildren(QLabel)]
    assert "Turned either way." in lines
    assert "x" * 100 not in lines
    tooltips = [label.toolTip() for label in form.findChildren(QLabel) if label.text() == "Epochs"]
    assert tooltips == ["x" * 100]


@pytest.mark.parametrize("settings", [AugmentationConfig, TrainingConfig])
def test_every_setting_of_a_run_can_be_drawn(settings: type, qtbot: QtBot) -> None:
    form = ParameterForm(parameters_of(settings), "run")
    qtbot.addWidget(form)
    assert form.values() == to_dict(settings())
