"""`TrainingSettings`: how the network is trained, and the network itself, on one card."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.core.config import NetworkConfig, RunConfig, TrainingConfig
from cnnstudio.core.parameters import Parameter, parameters_of
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.widgets.card import Card
from cnnstudio.ui.widgets.chip import Chip
from cnnstudio.ui.widgets.network_editor import NetworkEditor
from cnnstudio.ui.widgets.parameter_form import ParameterForm
from cnnstudio.ui.widgets.primary_button import styled_button


class TrainingSettings(Card):
    """Two chips switch between the form of the training and the editor of the network.

    `config_changed` carries the whole `RunConfig` after each change by the user.
    """

    config_changed = Signal(object)

    def __init__(self, icons: Icons, prefix: str, parent: QWidget | None = None) -> None:
        super().__init__("Settings", parent)
        self.setObjectName(f"{prefix}_settings_card")
        self._config = RunConfig()
        self._forms = [
            ParameterForm(parameters, prefix)
            for parameters in _halves(parameters_of(TrainingConfig))
        ]
        self.network = NetworkEditor(icons, f"{prefix}_network")
        self._reset = styled_button("Reset to the classic network", small=True)
        self._reset.setObjectName(f"{prefix}_reset_network")
        self._pages = QStackedWidget()
        self._pages.addWidget(self._training_page())
        self._pages.addWidget(self.network)
        self.body.addWidget(self._pages, 1)
        self._chips = QButtonGroup(self)
        self.add_action(self._reset)
        for place, words in enumerate(("Training", "Network")):
            chip = Chip(words)
            chip.setObjectName(f"{prefix}_tab_{words.lower()}")
            chip.setAccessibleName(f"Settings of the {words.lower()}")
            self._chips.addButton(chip, place)
            self.add_action(chip)
        self._chips.idClicked.connect(self._show_page)
        self._reset.clicked.connect(self._reset_network)
        self.network.network_changed.connect(self._on_network)
        for form in self._forms:
            form.value_changed.connect(self._on_value)
        self._chips.button(0).setChecked(True)
        self._show_page(0)

    def set_config(self, config: RunConfig, class_count: int) -> None:
        """Show settings for that many classes; nothing is emitted."""
        self._config = config
        values = {
            each.key: getattr(config.training, each.key) for each in parameters_of(TrainingConfig)
        }
        for form in self._forms:
            form.set_values(values)
        # A network for fewer than two classes is none; its table is one for two.
        self.network.set_network(config.network, config.training.image_size, max(class_count, 2))
        self._reset.setEnabled(config.network != NetworkConfig())

    @property
    def problem(self) -> str:
        """Why the network cannot be built, "" when it can."""
        return self.network.problem

    def show_network(self) -> None:
        """Show the editor of the network."""
        self._chips.button(1).click()

    def _training_page(self) -> QScrollArea:
        inside = QWidget()
        line = QHBoxLayout(inside)
        line.setContentsMargins(0, 4, 8, 0)
        line.setSpacing(32)
        for form in self._forms:
            column = QVBoxLayout()
            column.addWidget(form)
            column.addStretch(1)
            line.addLayout(column, 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        return area

    def _show_page(self, place: int) -> None:
        self._pages.setCurrentIndex(place)
        self._reset.setVisible(place == 1)

    def _on_value(self, key: str, value: Any) -> None:
        self._change(replace(self._config, training=replace(self._config.training, **{key: value})))

    def _on_network(self, network: NetworkConfig) -> None:
        self._change(replace(self._config, network=network))

    def _reset_network(self) -> None:
        self._change(replace(self._config, network=NetworkConfig()))

    def _change(self, config: RunConfig) -> None:
        if config != self._config:
            self._config = config
            self.config_changed.emit(config)


def _halves(parameters: list[Parameter]) -> tuple[list[Parameter], list[Parameter]]:
    middle = (len(parameters) + 1) // 2
    return parameters[:middle], parameters[middle:]
