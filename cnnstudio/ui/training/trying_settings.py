"""`TryingSettings`: the dialogs that find settings: learning rate, variants, backbone."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from cnnstudio.core.errors import StudioError
from cnnstudio.core.finding_rate import find_rate
from cnnstudio.core.searching import search_settings
from cnnstudio.core.training import check_before_training
from cnnstudio.ui.dialogs.backbones_dialog import BackbonesDialog
from cnnstudio.ui.dialogs.rate_finder_dialog import RateFinderDialog
from cnnstudio.ui.dialogs.search_dialog import SearchDialog
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.models.setting_paths import with_value
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import Theme


class TryingSettings(QObject):
    """`config_found` carries settings that the user takes, `refused` says why nothing is tried."""

    config_found = Signal(object)
    refused = Signal(str)

    def __init__(
        self, session: Session, theme: Theme, icons: Icons, weights: Path, window: QWidget
    ) -> None:
        super().__init__(window)
        self._session = session
        self._theme = theme
        self._icons = icons
        self._weights = weights
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

    @Slot()
    def choose_backbone(self) -> None:
        """Show the backbones there are."""
        project = self._session.project
        if project is not None:
            dialog = BackbonesDialog(
                self._session.download_jobs,
                self._weights,
                project.config.transfer.backbone,
                self._theme,
                self._icons,
                self._window,
            )
            dialog.backbone_chosen.connect(self._take_backbone)
            dialog.open()

    @Slot(float)
    def _take_rate(self, rate: float) -> None:
        project = self._session.project
        if project is not None:
            self.config_found.emit(with_value(project.config, "training.learning_rate", rate))

    @Slot(str)
    def _take_backbone(self, key: str) -> None:
        project = self._session.project
        if project is not None:
            self.config_found.emit(with_value(project.config, "transfer.backbone", key))

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
