"""The map: all pictures of the project in a plane, near to each other where they look alike."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QColor, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from cnnstudio.core.engine_api import Engine
from cnnstudio.core.errors import StudioError
from cnnstudio.core.inside.map_groups import Colouring
from cnnstudio.core.inside.picture_map import (
    FeaturesMissing,
    PictureMap,
    SpreadMoved,
    look_closely,
    read_map,
    spread,
)
from cnnstudio.core.inside.tsne import Places
from cnnstudio.core.jobs import Task
from cnnstudio.core.project import Project
from cnnstudio.core.runs import Run
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.inside.map_legend import MapLegend
from cnnstudio.ui.inside.map_sights import MapSights
from cnnstudio.ui.inside.map_status import MapStatus
from cnnstudio.ui.inside.map_tools import MapTools
from cnnstudio.ui.inside.page import InsidePage, Subject
from cnnstudio.ui.jobs import Job
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import Theme, class_colour
from cnnstudio.ui.thumbnails import Thumbnails
from cnnstudio.ui.widgets.card import Card
from cnnstudio.ui.widgets.empty_state import EmptyState
from cnnstudio.ui.widgets.map_view import MapPoints, MapView
from cnnstudio.ui.words import count_words, pictures

_SPLIT_COLOURS = (0, 1, 2)
_NO_PICTURES = "No picture here can be read yet. Add some in the Images step."
_UNKNOWN = "It ended in a way that nobody expected."

_Of = tuple[str, Run | None]
"""What the map is of: the project's folder, and the run whose sight it is, if any."""


class MapPage(InsidePage):
    """The map, what its colours mean, and what is selected."""

    name: ClassVar[str] = "map"
    title: ClassVar[str] = "Map"

    def __init__(
        self, session: Session, theme: Theme, icons: Icons, thumbnails: Thumbnails
    ) -> None:
        super().__init__()
        self._session = session
        self._theme = theme
        self._subject: Subject | None = None
        self._read_of: tuple[Project, Run | None] | None = None
        self._of: _Of | None = None
        self._map: PictureMap | None = None
        self._spread: Places | None = None
        self._may_lack = 0
        self._looking: Project | None = None
        self._reading: Job | None = None
        self._view = MapView(theme, thumbnails)
        self._sights = MapSights()
        self._status = MapStatus(theme)
        self._tools = MapTools(self._view, self._status)
        self._legend = MapLegend(theme)
        self._nothing = EmptyState(icons, "look_inside", "")
        self._start = self._nothing.add_button("Look at the pictures", primary=True)
        self._stack = QStackedWidget()
        self._build()
        self._connect()

    def show_subject(self, subject: Subject) -> None:
        """Read the map of another project or run; another picture gets the ring."""
        self._subject = subject
        self._sights.show_run(subject.run)
        if self._read_of is None or (subject.project, subject.run) != self._read_of:
            self._read()
        self._mark()

    def selected_paths(self) -> list[str]:
        """Return the paths of the pictures that are selected, as in the project."""
        rows = self._view.selected().tolist()
        return [] if self._map is None else [self._map.samples[row].path for row in rows]

    def _build(self) -> None:
        self._view.setObjectName("map_view")
        self._view.setAccessibleName("Map of the pictures")
        self._nothing.setObjectName("map_nothing")
        self._start.setObjectName("map_start")
        frame = Card()
        frame.body.addWidget(self._view, 1)
        shown = QWidget()
        below = QHBoxLayout(shown)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(12)
        below.addWidget(frame, 1)
        below.addWidget(self._legend)
        self._stack.addWidget(shown)
        self._stack.addWidget(self._nothing)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._sights)
        layout.addWidget(self._tools)
        layout.addWidget(self._stack, 1)

    def _connect(self) -> None:
        self._theme.changed.connect(self._show_groups)
        self._sights.chosen.connect(self._read)
        self._tools.laid_out.connect(self._on_laid_out)
        self._tools.coloured.connect(self._show_groups)
        self._status.cancelled.connect(self._on_cancelled)
        self._status.ceased.connect(self._on_ceased)
        self._status.failed.connect(self._on_failed)
        self._status.moved.connect(self._on_moved)
        self._view.selection_changed.connect(self._show_selection)
        self._view.open_wanted.connect(self._open_selected)
        self._legend.group_chosen.connect(self._select_group)
        self._legend.open_wanted.connect(self._open_selected)
        self._legend.clear_wanted.connect(self._view.select_none)
        clear = QShortcut(QKeySequence(Qt.Key.Key_Escape), self, self._view.select_none)
        clear.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._legend.left_out_wanted.connect(self._open_left_out)
        self._start.clicked.connect(self._look_closely)

    # Reading and laying out

    @Slot()
    def _read(self) -> None:
        subject = self._subject
        if subject is None or self._session.project is None:
            return
        before, self._read_of = self._read_of, (subject.project, subject.run)
        of = str(subject.project.root), self._sights.run
        if of != self._of or (before is not None and before[1] != subject.run):
            # What was selected while looking at one run says nothing about another.
            self._view.select_none()
        if of != self._of:
            self._of, self._may_lack = of, 0
            self._status.drop()
        run, may_lack, sights = subject.run, self._may_lack, self._sights

        def question(engine: Engine, project: Project) -> Task[PictureMap | FeaturesMissing]:
            return read_map(sights.sight(engine, project), project, run, may_lack)

        if self._reading is not None and not self._reading.has_ended:
            self._reading.cancel()
        self._reading = self._session.ask_map("Reading the map", question)
        self._reading.finished.connect(self._on_read)
        self._reading.failed.connect(self._on_reading_failed)
        if self._map is None and not self._status.is_running:
            self._say_nothing("Reading what is known of the pictures…")

    @Slot(object)
    def _on_read(self, found: PictureMap | FeaturesMissing) -> None:
        if self.sender() is not self._reading:
            return
        if isinstance(found, FeaturesMissing):
            self._map = self._spread = None
            if self._looking is None:
                self._status.drop()
            self._say_nothing(self._missing_words(found), can_start=not self._status.is_running)
            return
        if not len(found.samples):
            self._status.drop()
            self._map = self._spread = None
            self._say_nothing(_NO_PICTURES)
            return
        self._may_lack = len(found.left_out)
        is_same = self._map is not None and self._map.key == found.key
        if not is_same:
            self._status.drop()
        kept = self._spread if is_same else None
        self._map = found
        self._spread = kept if found.spread is None else found.spread
        self._tools.offer(set(found.groups), len(found.components))
        if not is_same:
            self._tools.choose(spread=self._spread is not None)
        self._legend.show_left_out(len(found.left_out))
        self._stack.setCurrentIndex(0)
        self._show_groups()
        self._lay_out()
        self._mark()

    def _missing_words(self, found: FeaturesMissing) -> str:
        run = self._sights.run
        count = f"{count_words(found.missing)} of {pictures(found.total)}"
        if run is None:
            return (
                "The map needs what a pretrained network sees in the pictures. For"
                f" {count} that is not known yet. It is computed once and kept."
            )
        return (
            f"The map needs what the network of {run.name} sees in the pictures. It was not shown"
            f" {count} yet. That is done once, and kept with the run."
        )

    def _lay_out(self) -> None:
        shown = self._map
        if shown is None:
            return
        self._tools.explain()
        if not self._tools.wants_spread:
            self._view.show_places(shown.components[shown.rows][:, :2])
        elif self._spread is not None:
            self._view.show_places(self._spread[shown.rows])

    @Slot()
    def _on_laid_out(self) -> None:
        shown, sights = self._map, self._sights
        self._lay_out()
        if (
            shown is not None
            and self._tools.wants_spread
            and self._spread is None
            and not self._status.is_running
        ):
            self._status.show_job(
                self._session.ask_map(
                    "Arranging the map",
                    lambda engine, project: spread(shown, sights.sight(engine, project)),
                ),
                self._on_spread,
            )

    @Slot(object)
    def _on_moved(self, event: object) -> None:
        if isinstance(event, SpreadMoved) and self._map is not None and self._tools.wants_spread:
            self._view.show_places(event.places[self._map.rows])

    def _on_spread(self, places: Places) -> None:
        self._spread = places
        self._lay_out()

    # Work that takes a while

    @Slot()
    def _look_closely(self) -> None:
        project, sights = self._session.project, self._sights
        if project is None:
            return
        self._start.hide()
        self._looking = project
        job = self._session.ask_engine(
            "Looking closely at the pictures",
            lambda engine, opened: look_closely(sights.sight(engine, opened), opened),
        )
        self._status.show_job(job, self._on_looked)

    def _on_looked(self, _none: None) -> None:
        looked, self._looking = self._looking, None
        subject = self._subject
        if looked is not None and subject is not None and subject.project.samples == looked.samples:
            # What is not known by now cannot be known: a file may have been damaged meanwhile.
            self._may_lack = len(looked.samples)
        self._read()

    @Slot()
    def _on_cancelled(self) -> None:
        self._looking = None
        if self._map is None:
            self._read()
        else:
            self._tools.choose(spread=False)
            self._lay_out()

    @Slot()
    def _on_ceased(self) -> None:
        # What was found out until the cancel was kept.
        if self._map is None and not self._status.is_running and self.isVisible():
            self._read()

    @Slot(object)
    def _on_reading_failed(self, error: Exception) -> None:
        if self.sender() is self._reading:
            self._status.drop()
            self._on_failed(error)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self._looking = None
        self._map = self._spread = None
        is_known = isinstance(error, StudioError)
        self._say_nothing(str(error) if is_known else _UNKNOWN)

    def _say_nothing(self, sentence: str, *, can_start: bool = False) -> None:
        self._nothing.set_sentence(sentence)
        self._start.setVisible(can_start)
        self._tools.offer_nothing()
        self._stack.setCurrentWidget(self._nothing)

    # Colours and selection

    @Slot()
    def _show_groups(self) -> None:
        shown, subject = self._map, self._subject
        if shown is None or subject is None:
            return
        colouring = self._tools.colouring()
        groups = shown.groups[colouring]
        colours = self._colours(colouring, subject.project)

        def words(row: int) -> str:
            return f"{shown.samples[row].file_name} · {groups.names[int(groups.of[row])]}"

        changed = [each.modified_ns for each in shown.samples]
        self._view.show_points(MapPoints(shown.files, changed, words, groups.of, colours))
        counts = np.bincount(groups.of, minlength=len(groups.names)).tolist()
        self._legend.show_groups(groups.names, colours, counts)
        self._show_selection()

    def _colours(self, colouring: Colouring, project: Project) -> list[QColor]:
        palette = self._theme.palette
        if colouring == "answer":
            return [QColor(each) for each in (palette.bad, palette.good, palette.faint)]
        if colouring == "split":
            return [*(class_colour(each) for each in _SPLIT_COLOURS), QColor(palette.faint)]
        return [*(class_colour(each.colour) for each in project.classes), QColor(palette.faint)]

    @Slot(int)
    def _select_group(self, place: int) -> None:
        if self._map is not None:
            of = self._map.groups[self._tools.colouring()].of
            self._view.select(np.flatnonzero(of == place))

    @Slot()
    def _show_selection(self) -> None:
        self._legend.show_selected(len(self._view.selected()))

    @Slot()
    def _open_selected(self) -> None:
        if paths := tuple(self.selected_paths()):
            self._session.samples_wanted.emit("Selected on the map", paths)

    @Slot()
    def _open_left_out(self) -> None:
        if self._map is not None and self._map.left_out:
            self._session.samples_wanted.emit("Not on the map", self._map.left_out)

    def _mark(self) -> None:
        picture = None if self._subject is None else self._subject.picture
        is_there = self._view.mark("" if picture is None else str(picture))
        self._legend.show_ring(picture.name if picture is not None and is_there else "")
