"""The map: all pictures of the project in a plane, near to each other where they look alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.core.engine_api import Engine
from cnnstudio.core.errors import StudioError
from cnnstudio.core.events import Progress
from cnnstudio.core.inside.picture_map import (
    MOST_SPREAD,
    Colouring,
    FeaturesMissing,
    Groups,
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
from cnnstudio.ui.inside.page import InsidePage, Subject
from cnnstudio.ui.jobs import Job
from cnnstudio.ui.session import Session
from cnnstudio.ui.swatches import swatch
from cnnstudio.ui.theme import Theme, class_colour
from cnnstudio.ui.thumbnails import Thumbnails
from cnnstudio.ui.widgets.bar import Bar
from cnnstudio.ui.widgets.card import Card
from cnnstudio.ui.widgets.chip import Chip
from cnnstudio.ui.widgets.chip_menu import ChipMenu
from cnnstudio.ui.widgets.empty_state import EmptyState
from cnnstudio.ui.widgets.map_view import DragMeaning, MapPoints, MapView
from cnnstudio.ui.widgets.primary_button import styled_button
from cnnstudio.ui.words import count_words, pictures, time_left

_LEGEND_PX = 232
_SPLIT_COLOURS = (0, 1, 2)
_GROUP_ROLE = Qt.ItemDataRole.UserRole
_COLOURINGS: tuple[tuple[Colouring, str], ...] = (
    ("class", "Colour: class"),
    ("answer", "Colour: right or wrong"),
    ("split", "Colour: part"),
)
_PCA_WORDS = "PCA: along the two directions in which the pictures differ most."
_TSNE_WORDS = "t-SNE: near means alike; how far apart two groups lie says little."
_NO_PICTURES = "No picture here can be read yet. Add some in the Images step."


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
        self._shown: tuple[Project, Run | None] | None = None
        self._map: PictureMap | None = None
        self._spread: Places | None = None
        self._may_lack = 0
        self._reading: Job | None = None
        self._job: Job | None = None
        self._view = MapView(theme, thumbnails)
        self._pca, self._tsne = Chip("PCA"), Chip("t-SNE")
        self._select, self._move = Chip("Select"), Chip("Move")
        self._colouring = ChipMenu("Colour")
        self._legend = QListWidget()
        self._words = QLabel()
        self._count = QLabel()
        self._open = styled_button("Open in Images")
        self._bar = Bar(theme)
        self._progress = QLabel()
        self._cancel = styled_button("Cancel", "destructive", small=True)
        self._running = QWidget()
        self._tools: list[QWidget] = []
        self._nothing = EmptyState(icons, "look_inside", "")
        self._start = self._nothing.add_button("Look at the pictures", primary=True)
        self._stack = QStackedWidget()
        self._build()
        theme.changed.connect(self._show_groups)

    def show_subject(self, subject: Subject) -> None:
        """Read the map of another project or run; another picture gets the ring."""
        self._subject = subject
        if self._shown is None or subject.project.root != self._shown[0].root:
            self._may_lack = 0
        if self._shown is None or (subject.project, subject.run) != self._shown:
            self._read()
        self._mark()

    def selected_paths(self) -> list[str]:
        """Return the paths of the pictures that are selected, as in the project."""
        rows = self._view.selected().tolist()
        return [] if self._map is None else [self._map.samples[row].path for row in rows]

    def _build(self) -> None:
        for chips in ((self._pca, self._tsne), (self._select, self._move)):
            group = QButtonGroup(self)
            for chip in chips:
                group.addButton(chip)
            chips[0].setChecked(True)
        self._pca.clicked.connect(self._lay_out)
        self._tsne.clicked.connect(self._on_tsne)
        self._select.clicked.connect(lambda: self._drag("select"))
        self._move.clicked.connect(lambda: self._drag("move"))
        self._colouring.value_changed.connect(self._show_groups)
        near, far, everything = (
            styled_button("+"),
            styled_button("\N{MINUS SIGN}"),
            styled_button("All"),
        )
        near.clicked.connect(lambda: self._view.zoom_by(1.5))
        far.clicked.connect(lambda: self._view.zoom_by(1 / 1.5))
        everything.clicked.connect(self._view.show_all)
        for widget, name, spoken, tip in (
            (self._pca, "pca", "Lay out by PCA", _PCA_WORDS),
            (self._tsne, "tsne", "Lay out by t-SNE", _TSNE_WORDS),
            (self._select, "select", "Dragging selects", "Drag a line around pictures"),
            (
                self._move,
                "move",
                "Dragging moves the map",
                "Drag the map; the middle button does so, too",
            ),
            (self._colouring, "colouring", "", ""),
            (near, "nearer", "Zoom in", "Zoom in (+, or the wheel)"),
            (far, "farther", "Zoom out", "Zoom out (-, or the wheel)"),
            (everything, "all", "Show all", "Show all (0)"),
            (self._legend, "legend", "Groups", "Click a group to select its pictures"),
            (self._open, "open", "Open what is selected in Images", ""),
            (self._cancel, "cancel", "Cancel", ""),
            (self._start, "start", "Look at the pictures", ""),
            (self._nothing, "nothing", "", ""),
            (self._view, "view", "Map of the pictures", ""),
        ):
            widget.setObjectName(f"map_{name}")
            if spoken:
                widget.setAccessibleName(spoken)
            if tip and widget is not self._view:
                widget.setToolTip(tip)
        row = QHBoxLayout()
        row.setSpacing(8)
        for widget in (self._pca, self._tsne, self._colouring):
            row.addWidget(widget)
        self._words.setObjectName("map_words")
        self._words.setProperty("class", "facts")
        row.addWidget(self._words, 1)
        row.addWidget(self._running, 1)
        for widget in (self._select, self._move, far, near, everything):
            row.addWidget(widget)
        self._tools.extend((self._pca, self._tsne, self._colouring, self._select, self._move))
        self._tools.extend((far, near, everything))
        self._build_running()
        self._view.set_drag("select")
        self._view.selection_changed.connect(self._show_selection)
        self._view.open_wanted.connect(self._open_selected)
        frame = Card()
        frame.body.addWidget(self._view, 1)
        shown = QWidget()
        below = QHBoxLayout(shown)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(12)
        below.addWidget(frame, 1)
        below.addWidget(self._build_legend())
        self._start.clicked.connect(self._look_closely)
        self._stack.addWidget(shown)
        self._stack.addWidget(self._nothing)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(row)
        layout.addWidget(self._stack, 1)

    def _build_running(self) -> None:
        self._bar.setAccessibleName("Progress")
        self._progress.setObjectName("map_progress")
        self._progress.setProperty("class", "muted")
        self._cancel.clicked.connect(self._stop)
        row = QHBoxLayout(self._running)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._progress)
        row.addWidget(self._bar, 1)
        row.addWidget(self._cancel)
        self._running.hide()

    def _build_legend(self) -> QWidget:
        self._legend.itemClicked.connect(self._on_group)
        self._legend.itemActivated.connect(self._on_group)
        self._count.setObjectName("map_count")
        self._count.setWordWrap(True)
        self._count.setTextFormat(Qt.TextFormat.PlainText)
        self._count.setProperty("class", "facts")
        self._open.clicked.connect(self._open_selected)
        card = Card("What the colours mean")
        card.setFixedWidth(_LEGEND_PX)
        card.body.addWidget(self._legend, 1)
        card.body.addWidget(self._count)
        card.body.addWidget(self._open)
        return card

    # Reading and laying out

    def _read(self) -> None:
        subject = self._subject
        if subject is None or self._session.project is None:
            return
        self._shown = subject.project, subject.run
        run, may_lack = subject.run, self._may_lack

        def question(engine: Engine, project: Project) -> Task[PictureMap | FeaturesMissing]:
            return read_map(engine, project, run, may_lack)

        if self._reading is not None and not self._reading.has_ended:
            self._reading.cancel()
        self._reading = self._session.ask_map("Reading the map", question)
        self._reading.finished.connect(self._on_read)
        self._reading.failed.connect(self._on_failed)
        if self._map is None:
            self._say_nothing("Reading what is known of the pictures…")

    @Slot(object)
    def _on_read(self, found: PictureMap | FeaturesMissing) -> None:
        if self.sender() is not self._reading:
            return
        if isinstance(found, FeaturesMissing):
            self._forget()
            self._say_nothing(
                f"The map needs what a pretrained network sees in the pictures. For"
                f" {count_words(found.missing)} of {pictures(found.total)} that is not known yet."
                " It is computed once and kept.",
                can_start=self._job is None,
            )
            return
        if not len(found.samples):
            self._forget()
            self._say_nothing(_NO_PICTURES)
            return
        self._may_lack = found.left_out
        is_same = self._map is not None and self._map.key == found.key
        if not is_same and self._job is not None:
            self._job.cancel()
        kept = self._spread if is_same else None
        self._map = found
        self._spread = kept if found.spread is None else found.spread
        for tool in self._tools:
            tool.setEnabled(True)
        can_spread = len(found.components) <= MOST_SPREAD
        self._tsne.setEnabled(can_spread)
        self._tsne.setToolTip(
            _TSNE_WORDS if can_spread else f"For at most {pictures(MOST_SPREAD)}: it takes long"
        )
        if not is_same:
            (self._pca if self._spread is None else self._tsne).setChecked(True)
        choices = [(key, words) for key, words in _COLOURINGS if key in found.groups]
        self._colouring.set_choices(choices)
        self._stack.setCurrentIndex(0)
        self._show_groups()
        self._lay_out()
        self._mark()

    def _forget(self) -> None:
        if self._job is not None:
            self._job.cancel()
        self._map = self._spread = None

    @Slot()
    def _lay_out(self) -> None:
        shown = self._map
        if shown is None:
            return
        wants_spread = self._tsne.isChecked()
        self._words.setText(_TSNE_WORDS if wants_spread else _PCA_WORDS)
        if not wants_spread:
            self._view.show_places(shown.components[shown.rows][:, :2])
        elif self._spread is not None:
            self._view.show_places(self._spread[shown.rows])

    @Slot()
    def _on_tsne(self) -> None:
        shown, subject = self._map, self._subject
        if shown is None or subject is None or self._spread is not None or self._job is not None:
            self._lay_out()
            return
        self._lay_out()
        job = self._session.ask_map("Arranging the map", lambda _, project: spread(shown, project))
        job.reported.connect(self._on_moved)
        self._run(job, self._on_spread)

    @Slot(object)
    def _on_moved(self, event: object) -> None:
        shown = self._map
        if not isinstance(event, SpreadMoved) or self.sender() is not self._job or shown is None:
            return
        if self._tsne.isChecked():
            self._view.show_places(event.places[shown.rows])

    @Slot(object)
    def _on_spread(self, places: Places) -> None:
        self._spread = places
        self._lay_out()

    # Work that takes a while

    @Slot()
    def _look_closely(self) -> None:
        if self._session.project is not None:
            self._start.hide()
            job = self._session.ask_engine("Looking closely at the pictures", look_closely)
            self._run(job, self._on_looked)

    def _on_looked(self, _none: None) -> None:
        # What is not known by now cannot be known: a file may have been damaged meanwhile.
        self._may_lack = len(self._subject.project.samples) if self._subject is not None else 0
        self._read()

    def _run(self, job: Job, finished: Callable[[Any], None]) -> None:
        """Show how far a job is, with a way to cancel it."""

        def on_finished(result: object) -> None:
            if job is self._job:
                self._end()
                finished(result)

        self._job = job
        job.finished.connect(on_finished)
        job.failed.connect(self._on_failed)
        job.cancelled.connect(self._on_cancelled)
        job.reported.connect(self._on_reported)
        self._bar.set_value(0)
        self._progress.setText("Waits for its turn")
        self._words.hide()
        self._running.show()

    def _end(self) -> None:
        self._job = None
        self._running.hide()
        self._words.show()

    @Slot()
    def _stop(self) -> None:
        if self._job is not None:
            self._job.cancel()

    @Slot(object)
    def _on_reported(self, event: object) -> None:
        if self.sender() is self._job and isinstance(event, Progress) and event.total:
            done = f"{event.words}: {event.done / event.total:.0%}".replace("%", " %")
            left = time_left(event.seconds_left)
            self._progress.setText(f"{done} · {left}" if left else done)
            self._bar.set_value(event.done / event.total)

    @Slot()
    def _on_cancelled(self) -> None:
        if self.sender() is not self._job:
            return
        self._end()
        if self._map is None:
            self._read()
        else:
            self._pca.setChecked(True)
            self._lay_out()

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        if self.sender() not in (self._job, self._reading):
            return
        self._end()
        is_known = isinstance(error, StudioError)
        self._say_nothing(str(error) if is_known else "It ended in a way that nobody expected.")

    def _say_nothing(self, sentence: str, *, can_start: bool = False) -> None:
        self._nothing.set_sentence(sentence)
        self._start.setVisible(can_start)
        self._words.setText("")
        for tool in self._tools:
            tool.setEnabled(False)
        self._stack.setCurrentWidget(self._nothing)

    # Colours and selection

    @Slot()
    def _show_groups(self) -> None:
        shown, subject = self._map, self._subject
        if shown is None or subject is None:
            return
        colouring = self._colouring.value()
        groups = shown.groups[colouring]
        colours = self._colours(colouring, groups, subject.project)

        def words(row: int) -> str:
            return f"{shown.samples[row].file_name} · {groups.names[int(groups.of[row])]}"

        self._view.show_points(
            MapPoints(
                shown.files,
                [each.modified_ns for each in shown.samples],
                words,
                groups.of,
                colours,
            )
        )
        counts = np.bincount(groups.of, minlength=len(groups.names)).tolist()
        self._legend.clear()
        for place, (name, count) in enumerate(zip(groups.names, counts, strict=True)):
            if count:
                item = QListWidgetItem(swatch(colours[place]), f"{name} ({count_words(count)})")
                item.setData(_GROUP_ROLE, place)
                item.setToolTip(name)
                self._legend.addItem(item)
        self._show_selection()

    def _colours(self, colouring: Colouring, groups: Groups, project: Project) -> list[QColor]:
        palette = self._theme.palette
        if colouring == "answer":
            return [QColor(each) for each in (palette.bad, palette.good, palette.faint)]
        if colouring == "split":
            return [*(class_colour(each) for each in _SPLIT_COLOURS), QColor(palette.faint)]
        return [*(class_colour(each.colour) for each in project.classes), QColor(palette.faint)]

    @Slot(QListWidgetItem)
    def _on_group(self, item: QListWidgetItem) -> None:
        if self._map is not None:
            of = self._map.groups[self._colouring.value()].of
            self._view.select(np.flatnonzero(of == item.data(_GROUP_ROLE)))

    @Slot()
    def _show_selection(self) -> None:
        chosen = len(self._view.selected())
        if chosen:
            self._count.setText(f"{pictures(chosen)} selected")
        else:
            words = "Drag a line around pictures, or click a group, to select."
            if self._map is not None and self._map.left_out:
                words += f" {pictures(self._map.left_out)} cannot be read and are left out."
            self._count.setText(words)
        self._open.setEnabled(chosen > 0)

    @Slot()
    def _open_selected(self) -> None:
        if paths := tuple(self.selected_paths()):
            self._session.samples_wanted.emit("Selected on the map", paths)

    def _drag(self, meaning: DragMeaning) -> None:
        self._view.set_drag(meaning)

    def _mark(self) -> None:
        picture = None if self._subject is None else self._subject.picture
        self._view.mark("" if picture is None else str(picture))
