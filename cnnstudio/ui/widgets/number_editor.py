"""`NumberEditor`: a number with its unit and, where it can be slid to, a slider."""

from __future__ import annotations

import math
import re
from typing import Any

from PySide6.QtCore import QLocale, QSignalBlocker, Qt
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QSlider

from cnnstudio.core.parameters import Parameter
from cnnstudio.ui.widgets.parameter_editor import ParameterEditor

# A slider with more steps than it has pixels cannot be set to each of them.
_MOST_SLIDER_STEPS = 360
_LOG_STEPS_A_DECADE = 40
_MOST_DECIMALS = 8
_ENDLESS = 2**31 - 1
_SPIN_WIDTH_PX = 88
# With a word for the unit, such as "epochs".
_WIDE_SPIN_WIDTH_PX = 112
_NUMBER_SO_FAR = re.compile(r"[+-]?\d*[.,]?\d*([eE][+-]?\d*)?")


class NumberEditor(ParameterEditor):
    """A spin box with its unit and, where the range is one to slide over, a slider before it."""

    def __init__(self, parameter: Parameter, name: str) -> None:
        super().__init__(parameter)
        self._scale = _NumberScale(parameter)
        self._is_whole = parameter.kind == "int"
        self._value: float = parameter.default
        self._spin = _spin_box(parameter, self._scale)
        self._spin.setObjectName(name)
        self._spin.setAccessibleName(parameter.label)
        self._spin.valueChanged.connect(self._typed)
        self._slider: QSlider | None = None
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        if self._scale.slider_steps:
            self._slider = QSlider(Qt.Orientation.Horizontal)
            self._slider.setRange(0, self._scale.slider_steps)
            self._slider.setPageStep(max(1, self._scale.slider_steps // 10))
            self._slider.setMinimumWidth(60)
            self._slider.setObjectName(f"{name}_slider")
            self._slider.setAccessibleName(f"{parameter.label}, slider")
            self._slider.valueChanged.connect(self._slid)
            layout.addWidget(self._slider, 1)
        else:
            layout.addStretch(1)
        layout.addWidget(self._spin)
        self.set_value(parameter.default)

    def value(self) -> Any:
        """Return an int or a float, by the parameter's kind."""
        self._spin.interpretText()
        return self._value

    def set_value(self, value: Any) -> None:
        """Show a number without emitting."""
        self._show(value, on_spin=True, on_slider=True)

    def _slid(self, position: int) -> None:
        self._edit(self._scale.value_at(position), on_spin=True)

    def _typed(self, shown: float) -> None:
        self._edit(self._scale.value_of(shown), on_slider=True)

    def _edit(self, value: float, *, on_spin: bool = False, on_slider: bool = False) -> None:
        if value != self._value:
            self._show(value, on_spin=on_spin, on_slider=on_slider)
            self.edited.emit(self._key, self._value)

    def _show(self, value: float, *, on_spin: bool, on_slider: bool) -> None:
        self._value = round(value) if self._is_whole else float(value)
        if on_spin:
            with QSignalBlocker(self._spin):
                self._spin.setValue(self._scale.shown(value))
        if on_slider and self._slider is not None:
            with QSignalBlocker(self._slider):
                self._slider.setValue(self._scale.position(value))


class _NumberScale:
    """Converts between a value, what the spin box shows of it, and the slider's position."""

    def __init__(self, parameter: Parameter) -> None:
        self.minimum = -_ENDLESS if parameter.minimum is None else parameter.minimum
        self.maximum = _ENDLESS if parameter.maximum is None else parameter.maximum
        self.factor = 100 if parameter.scale == "percent" else 1
        span = self.maximum - self.minimum
        self.step = parameter.step or (1 if parameter.kind == "int" else span / 100)
        self.is_log = parameter.scale == "log" and self.minimum > 0
        if self.is_log:
            decades = math.log10(self.maximum / self.minimum)
            self.slider_steps = math.ceil(decades * _LOG_STEPS_A_DECADE)
        else:
            steps = round(span / self.step)
            self.slider_steps = steps if steps <= _MOST_SLIDER_STEPS else 0

    def shown(self, value: float) -> float:
        return value * self.factor

    def value_of(self, shown: float) -> float:
        # Twelve digits are more than anyone types and hide that 0.07 * 100 is not quite 7.
        return round(shown / self.factor, 12)

    def position(self, value: float) -> int:
        if self.is_log:
            share = math.log(value / self.minimum) / math.log(self.maximum / self.minimum)
            return round(share * self.slider_steps)
        return round((value - self.minimum) / self.step)

    def value_at(self, position: int) -> float:
        if self.is_log:
            share = position / self.slider_steps
            value = self.minimum * (self.maximum / self.minimum) ** share
            value = float(f"{value:.2g}")
        else:
            value = round(self.minimum + position * self.step, 12)
        return min(max(value, self.minimum), self.maximum)


class NumberBox(QDoubleSpinBox):
    """A spin box that shows no more decimals than the number has.

    What is typed is read as people write numbers: 0.0001, 0,0001 or 1e-4. A number beyond the
    limits becomes the limit; Qt would leave out digits that lead beyond it, and take 1e-4 for 1.
    """

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Let any beginning of a number stand; called by Qt at each key."""
        typed = self._typed_part(text)
        if not _NUMBER_SO_FAR.fullmatch(typed):
            return QValidator.State.Invalid, text, position
        is_whole = _number_in(typed) is not None
        state = QValidator.State.Acceptable if is_whole else QValidator.State.Intermediate
        return state, text, position

    def valueFromText(self, text: str) -> float:  # noqa: N802 - Qt's name
        """Return the number that was typed, within the limits."""
        number = _number_in(self._typed_part(text))
        if number is None:
            return self.value()
        return min(max(number, self.minimum()), self.maximum())

    def _typed_part(self, text: str) -> str:
        return text.removeprefix(self.prefix()).removesuffix(self.suffix()).strip()

    def textFromValue(self, value: float) -> str:  # noqa: N802 - Qt's name
        """Return the number without trailing zeros."""
        text = f"{value:.{self.decimals()}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text


def _number_in(typed: str) -> float | None:
    try:
        number = float(typed.replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _spin_box(parameter: Parameter, scale: _NumberScale) -> QDoubleSpinBox:
    box = NumberBox()
    # The rest of the window writes numbers with a point, whatever the desktop's language.
    box.setLocale(QLocale(QLocale.Language.English))
    box.setGroupSeparatorShown(False)
    if parameter.kind == "int":
        box.setDecimals(0)
    elif scale.is_log:
        box.setDecimals(_MOST_DECIMALS)
        box.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
    else:
        box.setDecimals(1 if scale.factor > 1 else 3)
    box.setRange(scale.shown(scale.minimum), scale.shown(scale.maximum))
    box.setSingleStep(scale.step * scale.factor)
    # Half a typed number is no wish yet: "22" on the way to "224".
    box.setKeyboardTracking(False)
    box.setAlignment(Qt.AlignmentFlag.AlignRight)
    box.setFixedWidth(_WIDE_SPIN_WIDTH_PX if len(parameter.unit) > 2 else _SPIN_WIDTH_PX)
    unit = "%" if scale.factor > 1 else parameter.unit
    if unit:
        box.setSuffix(unit if unit == "°" else f" {unit}")
    return box
