"""The line above the map that says, and lets the user choose, what pictures are compared by."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from cnnstudio.core.engine_api import Engine
from cnnstudio.core.inside.pretrained_sight import PretrainedSight
from cnnstudio.core.inside.run_sight import RunSight, sees_like_pretrained
from cnnstudio.core.inside.sight import Sight
from cnnstudio.core.project import Project
from cnnstudio.core.runs import Run
from cnnstudio.ui.widgets.chip_menu import ChipMenu
from cnnstudio.ui.widgets.fit_label import ElidedLabel

SightKind = Literal["pretrained", "run"]

_PRETRAINED = "It knows everyday pictures and has not learned your classes."
_RUN = "The numbers by which its last layer decides: classes that it tells apart lie apart."
_SAME = "Fast start decides by just that, so this run has no map of its own."
_NO_RUN = "Once you have trained a network, you can look through its eyes, too."


class MapSights(QWidget):
    """A menu of what a map may be of; `chosen` follows the user.

    What was chosen is gone back to when a run comes that offers it.
    """

    chosen = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._wished: SightKind = "pretrained"
        self._run: Run | None = None
        before = QLabel("Near to each other by")
        self._menu = ChipMenu("What pictures are compared by")
        self._menu.setObjectName("map_sight")
        self._menu.value_changed.connect(self._on_chosen)
        self._words = ElidedLabel()
        self._words.setObjectName("map_sight_words")
        self._words.setProperty("class", "facts")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(before)
        row.addWidget(self._menu)
        row.addWidget(self._words, 1)

    @property
    def run(self) -> Run | None:
        """The run whose sight is chosen, None for the pretrained network."""
        return self._run if self._menu.value() == "run" else None

    def show_run(self, run: Run | None) -> None:
        """Offer the sight of a run, where it has one of its own."""
        self._run = run
        choices = [("pretrained", "what a pretrained network sees")]
        has_own = run is not None and not sees_like_pretrained(run)
        if run is not None and has_own:
            choices.append(("run", f"what the network of {run.name} sees"))
        self._menu.set_choices(choices)
        self._menu.set_value(self._wished)
        self._menu.setEnabled(has_own)
        self._say()

    def sight(self, engine: Engine, project: Project) -> Sight:
        """Return what is chosen, for a project."""
        if self.run is None:
            return PretrainedSight(engine, project)
        return RunSight(engine, project, self.run)

    def _on_chosen(self, kind: SightKind) -> None:
        self._wished = kind
        self._say()
        self.chosen.emit()

    def _say(self) -> None:
        if self._run is None:
            words = _NO_RUN
        elif sees_like_pretrained(self._run):
            words = _SAME
        else:
            words = _PRETRAINED if self.run is None else _RUN
        self._words.setText(words)
