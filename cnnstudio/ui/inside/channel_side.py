"""`ChannelSide`: one channel of a layer, closely: its map, what excites it most."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QModelIndex, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from cnnstudio.core.engine_api import Engine, Pictures
from cnnstudio.core.errors import StudioError
from cnnstudio.core.events import Progress
from cnnstudio.core.inside.exciting import (
    Excitement,
    ExcitingPicture,
    excite,
    exciting_pictures,
    kept_excitement,
)
from cnnstudio.core.inside.maps import over_picture
from cnnstudio.core.inside.maximising import PictureGrew, kept_maximised, maximise
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.project import Project
from cnnstudio.core.runs import Run
from cnnstudio.ui.jobs import Job
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.array_image import image_of_array
from cnnstudio.ui.widgets.bar import Bar
from cnnstudio.ui.widgets.card import Card
from cnnstudio.ui.widgets.image_view import ImageView
from cnnstudio.ui.widgets.picture_tiles import PictureTiles, Tile
from cnnstudio.ui.widgets.plain_label import plain_label
from cnnstudio.ui.widgets.primary_button import styled_button
from cnnstudio.ui.words import count_words, pictures

_SQUARE_PX = 176
_TILE_PX = 80
_WAITING = "Waits until the engine is free"
_CANCELLING = "Cancelling"
_OVER, _ALONE, _NONE = "Its map over the picture", "The picture", "No map"
_MADE = (
    "A picture made from noise to excite this {kind} as much as possible. It shows what the"
    " {kind} looks for, not a real picture."
)
_TOO_MANY = "The layer has too many values to search for each. Look at the layer before it."
_METHOD = (
    "Activation maximisation: a picture of noise is changed step by step so that the channel"
    " becomes higher (Erhan et al. 2009; Olah et al. 2017)"
)


@dataclass(frozen=True)
class Channel:
    """A channel of a layer of a run; `title` is what it is called on screen.

    `epoch` is the one that it is looked at as of, None for the network as it was kept; `kind` is
    the word for it, "channel" or "class". Of too many in a layer none `can_be_searched_for`.
    """

    run: Run
    layer: str
    number: int
    title: str
    epoch: int | None = None
    kind: str = "channel"
    can_be_searched_for: bool = True

    @property
    def place(self) -> tuple[Path, str, int | None]:
        """What the channel shares with all others of its layer."""
        return self.run.folder, self.layer, self.epoch


@dataclass(frozen=True, eq=False)
class _Kept:
    """What was found out about a channel before.

    `count` is how many of the pictures that were shown to its layer are still in the project.
    """

    maximised: Pictures | None
    excitement: Excitement | None
    exciting: tuple[ExcitingPicture, ...]
    count: int


class ChannelSide(Card):
    """Follows the channel that is chosen; what takes long begins with a click."""

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__("")
        self._session = session
        self._channel: Channel | None = None
        self._excitement: Excitement | None = None
        self._exciting: tuple[ExcitingPicture, ...] = ()
        self._shown_count = 0
        self._reading: Job | None = None
        self._making: Job | None = None
        self._looking: Job | None = None
        self._over = ImageView(theme)
        self._over.setObjectName("inside_layers_over")
        self._over_words = plain_label("inside_layers_over_words", "facts")
        self._made = ImageView(theme)
        self._made.setObjectName("inside_layers_made")
        self._made_words = plain_label("inside_layers_made_words", "facts")
        self._made_words.setToolTip(_METHOD)
        self._make = _button("Make a picture for it", "inside_layers_make", _METHOD)
        self._make_cancel = _cancel_button("inside_layers_make_cancel", "Cancel making the picture")
        self._find = _button(
            "Find",
            "inside_layers_find",
            "Show up to 500 pictures of the project to this layer, once for all its channels",
        )
        self._find_cancel = _cancel_button("inside_layers_find_cancel", "Cancel the search")
        self._bar = Bar(theme)
        self._bar.setAccessibleName("Progress of the search")
        self._found_words = plain_label("inside_layers_found_words", "facts")
        self._found = PictureTiles(
            theme,
            "inside_layers_found",
            "Pictures of the project that excite the channel most",
            _TILE_PX,
            smooth=True,
        )
        self._build()
        self.show_channel(None)

    # What is shown

    def show_channel(self, channel: Channel | None) -> None:
        """Look at another channel, or at none; what was being made for the one before is dropped.

        A search goes on while the layer stays: it is about all channels.
        """
        before, self._channel = self._channel, channel
        if channel == before and channel is not None:
            return
        _cancel(self._making)
        _cancel(self._reading)
        self._making = self._reading = None
        is_same_layer = before is not None and channel is not None and before.place == channel.place
        if not is_same_layer:
            _cancel(self._looking)
            self._looking = None
            self._excitement = None
        self.set_title("No channel" if channel is None else channel.title)
        self._made.set_image(None, "No picture was made yet")
        self._made_words.setText("" if channel is None else "Not made yet")
        self._make.setText("Make a picture for it")
        self._show_found(())
        self._show_buttons()
        if channel is not None:
            self._read(channel)

    def follow_project(self) -> None:
        """Look anew which pictures excite the channel: some may be gone, or moved."""
        if self._channel is not None and self._excitement is not None:
            self._read(self._channel)

    def show_map(
        self, picture: Pictures | None, values: npt.NDArray[np.float32] | None, words: str
    ) -> None:
        """Show a map, shape (height, width), 0 to 1, over its picture (size, size, 3), if any."""
        if picture is None:
            self._over_title.setText(_NONE)
            self._over.set_image(None, _NONE)
        elif values is None:
            self._over_title.setText(_ALONE)
            self._over.set_image(picture, f"{_ALONE}: {words}")
        else:
            self._over_title.setText(_OVER)
            self._over.set_image(
                over_picture(picture, values), f"The map over the picture: {words}"
            )
        self._over_words.setText(words)

    # Parts

    def _build(self) -> None:
        squares = QHBoxLayout()
        squares.setSpacing(12)
        made = QHBoxLayout()
        made.setSpacing(8)
        made.addWidget(self._make)
        made.addWidget(self._make_cancel)
        made.addStretch(1)
        self._make.clicked.connect(self._begin_making)
        self._make_cancel.clicked.connect(self._cancel_making)
        self._over_title = plain_label("inside_layers_over_title")
        for heading, view, words in (
            (self._over_title, self._over, self._over_words),
            (QLabel("What excites it most"), self._made, self._made_words),
        ):
            column = QVBoxLayout()
            column.setSpacing(4)
            view.setFixedSize(_SQUARE_PX, _SQUARE_PX)
            column.addWidget(heading)
            column.addWidget(view)
            words.setFixedWidth(_SQUARE_PX)
            column.addWidget(words)
            column.addStretch(1)
            squares.addLayout(column)
        squares.addStretch(1)
        self.body.addLayout(squares)
        self.body.addLayout(made)
        title = QLabel("Pictures of the project that excite it most")
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(title, 1)
        head.addWidget(self._find)
        head.addWidget(self._find_cancel)
        self._find.clicked.connect(self._begin_looking)
        self._find_cancel.clicked.connect(self._cancel_looking)
        self._found.activated.connect(self._open)
        self.body.addLayout(head)
        self.body.addWidget(self._bar)
        self.body.addWidget(self._found_words)
        self.body.addWidget(self._found, 1)

    def _show_buttons(self) -> None:
        is_making, is_looking = self._making is not None, self._looking is not None
        self._make.setVisible(not is_making)
        self._make.setEnabled(self._channel is not None)
        self._make_cancel.setVisible(is_making)
        self._make_cancel.setEnabled(True)
        self._find.setVisible(not is_looking)
        self._find.setEnabled(self._channel is not None and self._channel.can_be_searched_for)
        self._find.setText("Find" if self._excitement is None else "Look again")
        self._find_cancel.setVisible(is_looking)
        self._find_cancel.setEnabled(True)
        self._bar.setVisible(is_looking)

    # What is known already

    def _read(self, channel: Channel) -> None:
        project, known = self._session.project, self._excitement
        if project is None:
            return

        def task(context: TaskContext) -> _Kept:
            found = known or kept_excitement(channel.run, channel.layer, channel.epoch)
            made = kept_maximised(channel.run, channel.layer, channel.number, channel.epoch)
            there = 0
            if found is not None:
                there = sum(path in project.sample_at for path in found.paths)
            return _Kept(made, found, _exciting(channel, project, found), there)

        self._reading = self._session.view_jobs.start("Reading what is known", task)
        self._reading.finished.connect(self._on_kept)

    @Slot(object)
    def _on_kept(self, kept: _Kept) -> None:
        if self.sender() is not self._reading:
            return
        self._reading = None
        if kept.maximised is not None and self._making is None:
            self._show_made(kept.maximised)
        if kept.excitement is not None:
            self._excitement = kept.excitement
            self._shown_count = kept.count
            self._show_found(kept.exciting)
        self._show_buttons()

    # A picture that is made

    @Slot()
    def _begin_making(self) -> None:
        channel = self._channel
        if channel is None or self._session.project is None:
            return

        def question(engine: Engine, _project: Project) -> Task[Pictures]:
            return maximise(engine, channel.run, channel.layer, channel.number, channel.epoch)

        is_waiting = not self._session.engine_jobs.is_idle
        self._making = self._session.ask_engine("Making a picture for a channel", question)
        self._making.reported.connect(self._on_grew)
        self._making.finished.connect(self._on_made)
        self._making.failed.connect(self._on_not_made)
        self._making.cancelled.connect(self._on_making_cancelled)
        self._made_words.setText(_WAITING if is_waiting else "Begins with noise")
        self._show_buttons()

    @Slot(object)
    def _on_grew(self, event: object) -> None:
        if not self._is_awaited(self._making):
            return
        if isinstance(event, PictureGrew):
            self._made.set_image(event.picture, "The picture so far")
            self._made_words.setText(f"Step {event.step} of {event.steps}")

    def _is_awaited(self, job: Job | None) -> bool:
        """Whether a report is of this job, and nobody has cancelled it."""
        return job is not None and self.sender() is job and not job.is_cancel_requested

    @Slot()
    def _cancel_making(self) -> None:
        # The engine may still have a step to end.
        _cancel(self._making)
        self._made_words.setText(_CANCELLING)
        self._make_cancel.setEnabled(False)

    @Slot(object)
    def _on_made(self, picture: Pictures) -> None:
        if self.sender() is self._making:
            self._making = None
            self._show_made(picture)
            self._show_buttons()

    @Slot(object)
    def _on_not_made(self, error: Exception) -> None:
        if self.sender() is self._making:
            self._end_making(_reason(error))

    @Slot()
    def _on_making_cancelled(self) -> None:
        if self.sender() is self._making:
            self._end_making("Not made yet")
            if self._channel is not None:
                self._read(self._channel)

    def _end_making(self, words: str) -> None:
        self._making = None
        self._made.set_image(None, "No picture was made yet")
        self._made_words.setText(words)
        self._show_buttons()

    def _show_made(self, picture: Pictures) -> None:
        title = "" if self._channel is None else self._channel.title
        self._made.set_image(picture, f"Made to excite {title}")
        self._made_words.setText(
            "" if self._channel is None else _MADE.format(kind=self._channel.kind)
        )
        self._make.setText("Make it again")

    # Pictures of the project

    @Slot()
    def _begin_looking(self) -> None:
        channel = self._channel
        if channel is None or self._session.project is None:
            return

        def question(engine: Engine, project: Project) -> Task[Excitement]:
            return excite(engine, channel.run, project, channel.layer, channel.epoch)

        is_waiting = not self._session.engine_jobs.is_idle
        self._looking = self._session.ask_engine("Showing pictures to a layer", question)
        self._looking.reported.connect(self._on_looked)
        self._looking.finished.connect(self._on_found)
        self._looking.failed.connect(self._on_not_found)
        self._looking.cancelled.connect(self._on_looking_cancelled)
        self._bar.set_value(0)
        self._found_words.setText(_WAITING if is_waiting else "Reading pictures")
        self._show_buttons()

    @Slot(object)
    def _on_looked(self, event: object) -> None:
        if not self._is_awaited(self._looking):
            return
        if isinstance(event, Progress) and event.total:
            self._bar.set_value(event.done / event.total)
            done, total = count_words(event.done), count_words(event.total)
            self._found_words.setText(f"{done} of {total} pictures shown to the layer")

    @Slot()
    def _cancel_looking(self) -> None:
        # A batch of pictures that is on its way is still shown to the layer.
        _cancel(self._looking)
        self._found_words.setText(_CANCELLING)
        self._find_cancel.setEnabled(False)

    @Slot(object)
    def _on_found(self, found: Excitement) -> None:
        if self.sender() is self._looking:
            self._looking = None
            self._excitement = found
            self._show_buttons()
            if self._channel is not None:
                self._read(self._channel)

    @Slot(object)
    def _on_not_found(self, error: Exception) -> None:
        if self.sender() is self._looking:
            self._looking = None
            self._show_buttons()
            self._found_words.setText(_reason(error))

    @Slot()
    def _on_looking_cancelled(self) -> None:
        if self.sender() is self._looking:
            self._looking = None
            self._show_buttons()
            self._show_found(self._exciting)

    def _show_found(self, found: tuple[ExcitingPicture, ...]) -> None:
        self._exciting = found
        project = self._session.project
        titles = {} if project is None else {each.name: each.title for each in project.classes}
        tiles = []
        for each in found:
            title = titles.get(each.class_name or "", "no class")
            name = Path(each.path).name
            spoken = f"{title}: {name}, highest value {each.peak:.3g}"
            tiles.append(Tile(image_of_array(each.picture), title, spoken))
        self._found.show_tiles(tiles)
        if self._looking is not None:
            return
        words = "Not looked for yet"
        if self._excitement is not None:
            words = f"Of {pictures(self._shown_count)}; Enter shows one among the images"
        if self._channel is None:
            words = ""
        elif not self._channel.can_be_searched_for:
            words = _TOO_MANY
        self._found_words.setText(words)

    @Slot(QModelIndex)
    def _open(self, index: QModelIndex) -> None:
        self._session.sample_wanted.emit(self._exciting[index.row()].path)


def _exciting(
    channel: Channel, project: Project, found: Excitement | None
) -> tuple[ExcitingPicture, ...]:
    if found is None or channel.number >= found.peaks.shape[1]:
        return ()
    return exciting_pictures(channel.run, project, found, channel.number)


def _button(text: str, name: str, tip: str) -> QPushButton:
    button = styled_button(text, small=True)
    button.setObjectName(name)
    button.setToolTip(tip)
    return button


def _cancel_button(name: str, spoken: str) -> QPushButton:
    button = styled_button("Cancel", "destructive", small=True)
    button.setObjectName(name)
    button.setAccessibleName(spoken)
    return button


def _reason(error: Exception) -> str:
    return error.sentence if isinstance(error, StudioError) else "This could not be found out"


def _cancel(job: Job | None) -> None:
    if job is not None and not job.has_ended:
        job.cancel()
