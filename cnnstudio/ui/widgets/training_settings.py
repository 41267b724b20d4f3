"""`TrainingSettings`: how the network is trained, and the network itself, on one card."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
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

from cnnstudio.core.catalog.backbones import backbone_of
from cnnstudio.core.catalog.training_presets import Footing, TrainingPreset, training_preset
from cnnstudio.core.config import NetworkConfig, RunConfig
from cnnstudio.core.search_variants import MOST_VARIANTS
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.models.setting_paths import parameter_at, value_at, with_value
from cnnstudio.ui.widgets.backbone_line import BackboneLine
from cnnstudio.ui.widgets.card import Card
from cnnstudio.ui.widgets.chip import Chip
from cnnstudio.ui.widgets.network_editor import NetworkEditor
from cnnstudio.ui.widgets.parameter_form import ParameterForm
from cnnstudio.ui.widgets.primary_button import styled_button
from cnnstudio.ui.widgets.tab_stops import tab_stops

RATE = "training.learning_rate"
BACKBONE = "transfer.backbone"


class TrainingSettings(Card):
    """The form of the settings that matter for a way of training, and the editor of its network.

    `config_changed` carries the whole `RunConfig` after each change by the user. Only a network
    from scratch can be edited; chips then switch between form and editor.
    """

    config_changed = Signal(object)
    rate_finder_wanted = Signal()
    backbones_wanted = Signal()
    search_wanted = Signal()

    def __init__(self, icons: Icons, prefix: str, parent: QWidget | None = None) -> None:
        super().__init__("Settings", parent)
        self.setObjectName(f"{prefix}_settings_card")
        self._prefix = prefix
        self._config = RunConfig()
        self._drawn = ""
        self._forms: list[ParameterForm] = []
        self._columns = [QVBoxLayout(), QVBoxLayout()]
        self._backbone = BackboneLine(prefix)
        self._columns[0].addWidget(self._backbone)
        self.network = NetworkEditor(icons, f"{prefix}_network")
        self._search = styled_button("Try 12 variants", small=True)
        self._search.setObjectName(f"{prefix}_search")
        self._search.setToolTip("Tries a dozen sensible settings on the pictures for validation")
        self._reset = styled_button("Reset the network", small=True)
        self._reset.setObjectName(f"{prefix}_reset_network")
        self._pages = QStackedWidget()
        self._pages.addWidget(self._training_page())
        self._pages.addWidget(self._network_page())
        self.body.addWidget(self._pages, 1)
        self._chips = QButtonGroup(self)
        self.add_action(self._search)
        self.add_action(self._reset)
        for place, words in enumerate(("Training", "Network")):
            chip = Chip(words)
            chip.setObjectName(f"{prefix}_tab_{words.lower()}")
            chip.setAccessibleName(f"Settings of the {words.lower()}")
            self._chips.addButton(chip, place)
            self.add_action(chip)
        self._chips.idClicked.connect(self._show_page)
        self._reset.clicked.connect(self._reset_network)
        self._backbone.choice_wanted.connect(self.backbones_wanted)
        self._search.clicked.connect(self.search_wanted)
        self.network.network_changed.connect(self._on_network)
        self.set_config(self._config, 0)

    def set_config(self, config: RunConfig, class_count: int) -> None:
        """Show settings for that many classes; nothing is emitted."""
        self._config = config
        preset = training_preset(config.preset)
        if self._drawn != preset.key:
            self._draw(preset)
        values = {path.rpartition(".")[2]: value_at(config, path) for path in preset.settings}
        for form in self._forms:
            form.set_values(values)
        self._backbone.show_backbone(backbone_of(config.transfer.backbone))
        # A network for fewer than two classes is none; its table is one for two.
        self.network.set_network(config.network, config.training.image_size, max(class_count, 2))
        self._reset.setEnabled(config.network != preset.config.network)

    def show_search_time(self, words: str) -> None:
        """Say beforehand how long trying variants takes; "" where that is not known."""
        self._search.setText(f"Try {MOST_VARIANTS} variants" + f" ({words})" * bool(words))
        self._search.setAccessibleName(self._search.text())

    @property
    def problem(self) -> str:
        """Why the network cannot be built, "" when it can."""
        is_scratch = training_preset(self._config.preset).footing == "scratch"
        return self.network.problem if is_scratch else ""

    def _training_page(self) -> QScrollArea:
        inside = self._inside = QWidget()
        line = QHBoxLayout(inside)
        line.setContentsMargins(0, 4, 8, 0)
        line.setSpacing(32)
        for column in self._columns:
            column.setSpacing(0)
            column.addStretch(1)
            line.addLayout(column, 1)
        return _scrolled(inside)

    def _network_page(self) -> QScrollArea:
        inside = QWidget()
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.network)
        return _scrolled(inside)

    def _draw(self, preset: TrainingPreset) -> None:
        """Draw the form anew: what matters is another for each way of training."""
        self._drawn = preset.key
        for form in self._forms:
            # Without a parent it would be a window of its own until it goes.
            form.hide()
            form.deleteLater()
        self._backbone.setVisible(BACKBONE in preset.settings)
        settings = [path for path in preset.settings if path != BACKBONE]
        middle = len(settings) // 2
        self._forms = []
        halves = settings[:middle], settings[middle:]
        for column, paths in zip(self._columns, halves, strict=True):
            form = ParameterForm([parameter_at(path) for path in paths], self._prefix, self._inside)
            form.value_changed.connect(self._on_value)
            self._add_buttons(form, paths, preset.footing)
            column.insertWidget(column.count() - 1, form)
            self._forms.append(form)
        is_scratch = preset.footing == "scratch"
        for chip in self._chips.buttons():
            chip.setVisible(is_scratch)
        self._search.setVisible(preset.footing == "features")
        self._chips.button(0).setChecked(True)
        self._show_page(0)
        self._order_tabs()

    def _add_buttons(self, form: ParameterForm, paths: Sequence[str], footing: Footing) -> None:
        if RATE in paths and footing != "features":
            find = styled_button("Find…", small=True)
            find.setObjectName(f"{self._prefix}_find_rate")
            find.setAccessibleName("Find a good learning rate")
            find.clicked.connect(self.rate_finder_wanted)
            form.add_beside("learning_rate", find)

    def _order_tabs(self) -> None:
        """Let Tab go through the forms where they are seen; new ones would come at the very end."""
        stops: list[QWidget] = [self._search, self._reset, *self._chips.buttons()]
        for part in (self._backbone, *self._forms):
            stops += tab_stops(part)
        for before, after in itertools.pairwise([*stops, *tab_stops(self.network)]):
            QWidget.setTabOrder(before, after)

    def _show_page(self, place: int) -> None:
        self._pages.setCurrentIndex(place)
        self._reset.setVisible(place == 1)

    def _on_value(self, key: str, value: Any) -> None:
        preset = training_preset(self._config.preset)
        path = next(each for each in preset.settings if each.rpartition(".")[2] == key)
        self._change(with_value(self._config, path, value))

    def _on_network(self, network: NetworkConfig) -> None:
        self._change(replace(self._config, network=network))

    def _reset_network(self) -> None:
        preset = training_preset(self._config.preset)
        self._change(replace(self._config, network=preset.config.network))

    def _change(self, config: RunConfig) -> None:
        if config != self._config:
            self._config = config
            self.config_changed.emit(config)


def _scrolled(inside: QWidget) -> QScrollArea:
    area = QScrollArea()
    # What is in it is stopped at, and scrolled to.
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(inside)
    return area
