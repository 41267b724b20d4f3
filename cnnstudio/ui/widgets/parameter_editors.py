"""The switch and the choice of a `ParameterForm`, and which control a parameter gets."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
)

from cnnstudio.core.parameters import Parameter
from cnnstudio.ui.widgets.number_editor import NumberEditor
from cnnstudio.ui.widgets.parameter_editor import ParameterEditor


class SwitchEditor(ParameterEditor):
    """A check box with its label."""

    def __init__(self, parameter: Parameter, name: str) -> None:
        super().__init__(parameter)
        self._box = QCheckBox(parameter.label)
        self._box.setObjectName(name)
        self._box.setAccessibleName(parameter.label)
        self._box.setChecked(parameter.default)
        self._box.toggled.connect(self._toggled)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._box)
        layout.addStretch(1)

    def value(self) -> Any:
        """Return True or False."""
        return self._box.isChecked()

    def set_value(self, value: Any) -> None:
        """Check or clear the box without emitting."""
        with QSignalBlocker(self._box):
            self._box.setChecked(value)

    def _toggled(self, checked: bool) -> None:
        self.edited.emit(self._key, checked)


class ChoiceEditor(ParameterEditor):
    """A drop-down list of the choices' labels."""

    def __init__(self, parameter: Parameter, name: str) -> None:
        super().__init__(parameter)
        self._values = [value for value, _ in parameter.choices]
        self._box = _ElidingComboBox()
        self._box.setObjectName(name)
        self._box.setAccessibleName(parameter.label)
        self._box.addItems([label for _, label in parameter.choices])
        # Long choices show in full in the list and do not widen the form.
        self._box.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self._box.setMinimumContentsLength(6)
        self._box.view().setMinimumWidth(self._box.view().sizeHintForColumn(0) + 32)
        self._box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._box.currentIndexChanged.connect(self._picked)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._box)
        self.set_value(parameter.default)

    def value(self) -> Any:
        """Return the value whose label is shown."""
        return self._values[self._box.currentIndex()]

    def set_value(self, value: Any) -> None:
        """Show the label of a value without emitting."""
        with QSignalBlocker(self._box):
            self._box.setCurrentIndex(self._values.index(value))

    def _picked(self, index: int) -> None:
        self.edited.emit(self._key, self._values[index])


def editor_for(parameter: Parameter, name: str) -> ParameterEditor:
    """Return the control for a parameter; the part people act on has the object name `name`."""
    if parameter.kind == "bool":
        return SwitchEditor(parameter, name)
    if parameter.kind == "choice":
        return ChoiceEditor(parameter, name)
    return NumberEditor(parameter, name)


class _ElidingComboBox(QComboBox):
    """A combo box that ends a choice too long for it with dots."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as ever, with the text that fits."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        room = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, self
        )
        option.currentText = self.fontMetrics().elidedText(
            option.currentText, Qt.TextElideMode.ElideRight, room.width()
        )
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
