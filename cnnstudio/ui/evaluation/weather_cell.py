"""`WeatherCell`: what one disturbance does to the accuracy, and what can be done about it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cnnstudio.core.config import RunConfig
from cnnstudio.core.evaluation.disturbances import Disturbance
from cnnstudio.core.evaluation.weather import HOLDS_ABOVE, WeatherCurve
from cnnstudio.core.evaluation.weather_remedy import WeatherRemedy, remedy
from cnnstudio.core.evaluation.weather_words import curve_words
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.primary_button import styled_button
from cnnstudio.ui.widgets.step_plot import StepPlot, Steps


class WeatherCell(QWidget):
    """A small chart, a sentence, and a button where an augmentation matches.

    `learned` are the settings that the run was trained with.

    `remedy_wanted` carries the `WeatherRemedy` that was clicked.
    """

    remedy_wanted = Signal(object)

    def __init__(self, theme: Theme, kind: Disturbance, learned: RunConfig) -> None:
        super().__init__()
        self._kind = kind
        self._learned = learned
        self._curve: WeatherCurve | None = None
        self._remedy: WeatherRemedy | None = None
        unit = kind.parameter.unit or ("%" if kind.parameter.scale == "percent" else "")
        unit = "gray levels" if kind.key == "noise" else unit
        heading = QLabel(f"{kind.label}, {unit}" if unit else kind.label)
        heading.setProperty("class", "heading")
        heading.setToolTip(kind.parameter.help)
        self._plot = StepPlot(theme, f"Accuracy by {kind.label}")
        self._words = _facts(f"weather_words_{kind.key}")
        self._hint = _facts(f"weather_hint_{kind.key}")
        self._button = styled_button("", small=True)
        self._button.setObjectName(f"weather_set_{kind.key}")
        self._button.clicked.connect(self._on_clicked)
        button_row = QHBoxLayout()
        button_row.addWidget(self._button)
        button_row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(heading)
        layout.addWidget(self._plot)
        layout.addWidget(self._words)
        layout.addWidget(self._hint)
        layout.addLayout(button_row)
        layout.addStretch(1)
        self.clear()

    @property
    def plot(self) -> StepPlot:
        """The chart."""
        return self._plot

    def clear(self) -> None:
        """Show nothing yet."""
        self._curve = None
        self._plot.show_steps(None)
        self._words.setText("Not tried yet.")
        self._hint.hide()
        self._button.hide()

    def show_curve(self, curve: WeatherCurve, config: RunConfig) -> None:
        """Show what was found, and what the settings have against it."""
        self._curve = curve
        parameter, fall = self._kind.parameter, curve.falls_at
        factor = 100 if parameter.scale == "percent" else 1
        names = tuple(f"{value * factor:g}" for value in (parameter.default, *self._kind.steps))
        limit = HOLDS_ABOVE * curve.accuracies[0]
        marked = None if fall is None else fall + 1
        self._plot.show_steps(Steps(names, curve.accuracies, curve.intervals, limit, marked))
        self._words.setText(curve_words(curve))
        self.show_config(config)

    def show_config(self, config: RunConfig) -> None:
        """Offer what these settings lack."""
        if self._curve is None:
            return
        found = remedy(self._curve, config, self._learned)
        self._remedy = found if isinstance(found, WeatherRemedy) else None
        self._hint.setText("" if self._remedy else str(found))
        self._hint.setVisible(bool(self._hint.text()))
        if self._remedy is not None:
            self._button.setText(self._remedy.label)
        self._button.setVisible(self._remedy is not None)

    def _on_clicked(self) -> None:
        if self._remedy is not None:
            self.remedy_wanted.emit(self._remedy)


def _facts(name: str) -> QLabel:
    label = QLabel()
    label.setObjectName(name)
    label.setProperty("class", "facts")
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label
