"""`ParameterEditor`: what the controls of a `ParameterForm` have in common."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from cnnstudio.core.parameters import Parameter


class ParameterEditor(QWidget):
    """Shows one `Parameter`; `edited(key, value)` is emitted when the user changed it.

    Setting a value from the program emits nothing.
    """

    edited = Signal(str, object)

    def __init__(self, parameter: Parameter) -> None:
        super().__init__()
        self._key = parameter.key
        self.setToolTip(parameter.help)

    def value(self) -> Any:
        """Return the value shown, exactly as it was set."""
        raise NotImplementedError

    def set_value(self, value: Any) -> None:
        """Show a value without emitting."""
        raise NotImplementedError
