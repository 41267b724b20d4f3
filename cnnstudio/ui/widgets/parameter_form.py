"""`ParameterForm`: a form drawn from a table of parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QGridLayout, QLabel, QSlider, QWidget

from cnnstudio.core.parameters import Parameter
from cnnstudio.ui.widgets.parameter_editor import ParameterEditor
from cnnstudio.ui.widgets.parameter_editors import editor_for

# Explanations longer than this are only in the tooltip.
_SHORT_HELP = 72
_GAP_PX = 6


class ParameterForm(QWidget):
    """A row for each parameter: its label, its control, and its explanation below where short.

    `value_changed(key, value)` is emitted when the user changed a value, also while a slider moves;
    `set_values` emits nothing. The control of a parameter has the object name "<prefix>_<key>",
    its slider "<prefix>_<key>_slider".
    """

    value_changed = Signal(str, object)

    def __init__(
        self, parameters: Sequence[Parameter], prefix: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._editors: dict[str, ParameterEditor] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 2)
        for parameter in parameters:
            self._add_row(parameter, f"{prefix}_{parameter.key}")

    def values(self) -> dict[str, Any]:
        """Return the value of every parameter by its key."""
        return {key: editor.value() for key, editor in self._editors.items()}

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Show these values without emitting; keys that have no row here are passed over."""
        for key, editor in self._editors.items():
            if key in values:
                editor.set_value(values[key])

    def add_beside(self, key: str, widget: QWidget) -> None:
        """Put a button right of a parameter's control."""
        editor = self._editors[key]
        layout = editor.layout()
        assert layout is not None
        layout.addWidget(widget)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the wheel scroll the panel unless the control under it was clicked before."""
        if (
            event.type() == QEvent.Type.Wheel
            and isinstance(watched, QWidget)
            and not watched.hasFocus()
        ):
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    def _add_row(self, parameter: Parameter, name: str) -> None:
        editor = editor_for(parameter, name)
        self._editors[parameter.key] = editor
        editor.edited.connect(self.value_changed)
        self._calm(editor)
        # Three grid rows each: the control, its explanation, the gap below.
        row = 3 * (len(self._editors) - 1)
        if parameter.kind == "bool":
            self._grid.addWidget(editor, row, 0, 1, 2)
        else:
            label = QLabel(parameter.label)
            label.setWordWrap(True)
            label.setToolTip(parameter.help)
            self._grid.addWidget(label, row, 0)
            self._grid.addWidget(editor, row, 1)
        if parameter.help and len(parameter.help) <= _SHORT_HELP:
            explanation = QLabel(parameter.help)
            explanation.setProperty("class", "facts")
            explanation.setWordWrap(True)
            self._grid.addWidget(explanation, row + 1, 0, 1, 2)
        self._grid.setRowMinimumHeight(row + 2, _GAP_PX)

    def _calm(self, editor: ParameterEditor) -> None:
        for kind in (QSlider, QAbstractSpinBox, QComboBox):
            for control in editor.findChildren(kind):
                control.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
                control.installEventFilter(self)
