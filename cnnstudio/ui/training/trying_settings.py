"""`TryingSettings`: the dialogs that find settings: learning rate, variants, backbone."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from cnnstudio.core.config import RunConfig
from cnnstudio.core.errors import StudioError
from cnnstudio.core.finding_rate import find_rate
from cnnstudio.core.searching import search_settings
from cnnstudio.core.training import check_before_training
from cnnstudio.ui.dialogs.rate_finder_dialog import RateFinderDialog
from cnnstudio.ui.dialogs.search_dialog import SearchDialog
from cnnstudio.ui.models.setting_paths import with_value
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import Theme


class TryingSettings(QObject):
    """`config_found` carries settings that the user takes, `refused` says why nothing is tried."""

    config_found = Signal(object)
    refused = Signal(str)

    def __init__(self, session: Session, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._theme = theme
        self._window = window

    @Slot()
    def find_rate(self) -> None:
        """Try rising learning rates."""
        project = self._session.project
        if project is None or not self._is_possible():
            return
        job = self._session.ask_engine("Trying learning rates", find_rate)
        present = project.config.training.learning_rate
        dialog = RateFinderDialog(job, present, self._theme, self._window)
        dialog.rate_chosen.connect(self._take_rate)
        dialog.open()

    @Slot()
    def search(self) -> None:
        """Try a dozen settings of Fast start."""
        if not self._is_possible():
            return
        job = self._session.ask_engine("Trying settings", search_settings, can_stop=True)
        dialog = SearchDialog(job, self._theme, self._window)
        dialog.config_chosen.connect(self.config_found)
        dialog.open()

    @Slot(float)
    def _take_rate(self, rate: float) -> None:
        project = self._session.project
        if project is not None:
            self.config_found.emit(with_value(project.config, "training.learning_rate", rate))

    def take_backbone(self, key: str) -> None:
        """Build upon another backbone."""
        project = self._session.project
        if project is not None:
            config: RunConfig = project.config
            transfer = replace(config.transfer, backbone=key)
            self.config_found.emit(replace(config, transfer=transfer))

    def _is_possible(self) -> bool:
        project = self._session.project
        if project is None:
            return False
        try:
            check_before_training(project, project.config)
        except StudioError as error:
            self.refused.emit(str(error))
            return False
        return True
