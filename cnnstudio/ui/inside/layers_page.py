"""The page that shows what each layer of a network sees in a picture."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.dataset.images import UnreadablePicture
from cnnstudio.core.engine_api import Engine, Pictures
from cnnstudio.core.errors import StudioError
from cnnstudio.core.inside.epochs import NEVER_TRAINED, SeenEpochs, seen_epochs
from cnnstudio.core.inside.layer_words import seen_words
from cnnstudio.core.inside.looking import ShownFilters, look_at_filters, look_at_layer
from cnnstudio.core.inside.maps import ShownMaps
from cnnstudio.core.inside.network_layers import NetworkLayer, depths_of
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.project import Project
from cnnstudio.core.runs import Run
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.inside.channel_side import Channel, ChannelSide
from cnnstudio.ui.inside.epoch_selector import EpochSelector
from cnnstudio.ui.inside.layer_list import FILTERS, LayerList
from cnnstudio.ui.inside.page import InsidePage, Subject
from cnnstudio.ui.jobs import Job
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.array_image import image_of_array
from cnnstudio.ui.widgets.card import Card
from cnnstudio.ui.widgets.empty_state import EmptyState
from cnnstudio.ui.widgets.picture_tiles import PictureTiles, Tile
from cnnstudio.ui.widgets.plain_label import plain_label
from cnnstudio.ui.words import classes, count_words, counted, percent

_LIST_PX = 196
_SIDE_PX = 400
_TILE_PX = 84
_FILTER_PX = 40
_MOST_SEARCHED = 4096
_NO_RUN = "There is no trained network yet. Train one, and what its layers see is shown here."
_NO_PICTURE = "There is no picture to look at. Add pictures, or choose one with Other picture."
_TOO_MANY = (
    "From its start to {layer} the network has too many weights to keep them of every epoch, so"
    " {layer} is shown as the network was kept ({kept})."
)
_TIME_MACHINE = (
    "Fast start trains this layer alone: what it answered after each epoch is in Evaluate, Time"
    " machine."
)
_NO_PLACES = (
    "These numbers have no place in the picture any more, after flattening or averaging, so there"
    " is no map to draw: bars instead."
)
_KEPT_LOOKS = 8
_BELOW_MAPS = " Below each map: its channel · its highest value here."
_BELOW_BARS = " Below each bar: which value · how high it is."
_NO_FILTERS = "The first layer of this network has no filters that could be shown as colours."


@dataclass(frozen=True, eq=False)
class _Insight:
    """What is known of a run before any picture: its layers, and its epochs.

    `by_epoch` names the layers that are known of each of these.
    """

    layers: tuple[NetworkLayer, ...]
    seen: SeenEpochs
    by_epoch: frozenset[str]


@dataclass(frozen=True, eq=False)
class _Looked:
    """What a layer of a run sees, at which epoch; `filters` where these were asked for."""

    insight: _Insight
    file: Path
    layer: NetworkLayer
    epoch: int | None
    maps: ShownMaps
    filters: ShownFilters | None


class LayersPage(InsidePage):
    """Layers at the left, the channels of one in the middle, one channel closely at the right."""

    name: ClassVar[str] = "layers"
    title: ClassVar[str] = "What each layer sees"

    def __init__(self, session: Session, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._session = session
        self._run: Run | None = None
        self._file: Path | None = None
        self._insight: _Insight | None = None
        self._kept_looks: OrderedDict[tuple[str, int | None], _Looked] = OrderedDict()
        self._wanted = ""
        self._looked: _Looked | None = None
        self._channel = -1
        self._job: Job | None = None
        self._list = LayerList()
        self._epochs = EpochSelector()
        self._maps = PictureTiles(theme, "inside_layers_maps", "Channels of the layer", _TILE_PX)
        self._trained = PictureTiles(
            theme, "inside_layers_trained", "Trained filters", _FILTER_PX, has_lines=False
        )
        self._fresh = PictureTiles(
            theme,
            "inside_layers_fresh",
            "Filters before the training",
            _FILTER_PX,
            has_lines=False,
        )
        self._side = ChannelSide(session, theme)
        self._nothing = EmptyState(icons, "look_inside", "")
        self._to_train = self._nothing.add_button("Go to Train", primary=True)
        self._build()

    def show_subject(self, subject: Subject) -> None:
        """Look at another picture, or through another run."""
        if subject.run is None or subject.picture is None:
            self._drop()
            self._run = self._file = None
            self._side.show_channel(None)
            self._nothing.set_sentence(_NO_RUN if subject.run is None else _NO_PICTURE)
            self._to_train.setVisible(subject.run is None)
            self._pages.setCurrentWidget(self._nothing)
            return
        self._pages.setCurrentWidget(self._view)
        is_same_run = self._run is not None and self._run.folder == subject.run.folder
        if is_same_run and self._file == subject.picture:
            self._side.follow_project()
            return
        self._kept_looks.clear()
        if not is_same_run:
            self._insight = None
            self._epochs.show_epochs((), 0, "")
            self._channel = -1
            self._looked = None
            self._list.show_layers((), "")
            self._clear()
        self._run, self._file = subject.run, subject.picture
        self._ask()

    # Parts

    def _build(self) -> None:
        self._to_train.setObjectName("inside_layers_to_train")
        self._to_train.clicked.connect(lambda: self._session.step_wanted.emit("train"))
        self._list.setFixedWidth(_LIST_PX)
        self._list.chosen.connect(self._on_layer)
        self._list.itemClicked.connect(self._on_clicked)
        self._card = Card("")
        self._card.setObjectName("inside_layers_card")
        self._words = plain_label("inside_layers_words", "facts")
        self._fresh_words = plain_label("inside_layers_fresh_words", "facts")
        self._fresh_title = QLabel("Before the training")
        self._trained_title = plain_label("inside_layers_trained_title")
        self._filters = QWidget()
        filters = QVBoxLayout(self._filters)
        filters.setContentsMargins(0, 0, 0, 0)
        filters.setSpacing(8)
        filters.addWidget(self._fresh_words)
        # One beside the other: a filter and what it began as stand in the same row.
        columns = QHBoxLayout()
        columns.setSpacing(8)
        self._fresh_column = _column(self._fresh_title, self._fresh)
        columns.addWidget(self._fresh_column)
        columns.addWidget(_column(self._trained_title, self._trained))
        filters.addLayout(columns, 1)
        self._middle = QStackedWidget()
        self._middle.addWidget(self._maps)
        self._middle.addWidget(self._filters)
        self._card.body.addWidget(self._words)
        self._card.body.addWidget(self._middle, 1)
        self._maps.chosen.connect(self._on_map)
        self._trained.chosen.connect(self._on_filter)
        self._fresh.chosen.connect(self._on_filter)
        listed = Card("Layers")
        listed.body.addWidget(self._list, 1)
        self._side.setFixedWidth(_SIDE_PX)
        self._epochs.chosen.connect(self._on_epoch)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(listed)
        row.addWidget(self._card, 1)
        row.addWidget(self._side)
        self._view = QWidget()
        column_of_all = QVBoxLayout(self._view)
        column_of_all.setContentsMargins(0, 0, 0, 0)
        column_of_all.setSpacing(12)
        column_of_all.addWidget(self._epochs)
        column_of_all.addLayout(row, 1)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._nothing)
        self._pages.addWidget(self._view)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)

    # Looking through a layer

    @Slot(str)
    def _on_layer(self, name: str) -> None:
        self._wanted = name
        self._channel = -1
        self._ask()

    @Slot(object)
    def _on_epoch(self, _epoch: int | None) -> None:
        self._ask()

    @Slot()
    def _on_clicked(self) -> None:
        """Look again where nothing was seen, as after a cancel."""
        if self._job is None and self._looked is None:
            self._ask()

    def _ask(self) -> None:
        run, file, known, wanted = self._run, self._file, self._insight, self._wanted
        if run is None or file is None or self._session.project is None:
            return
        self._drop()
        epoch = self._epochs.epoch
        if (wanted, epoch) in self._kept_looks:
            self._show(self._kept_looks[wanted, epoch])
            return
        before = self._looked

        def question(engine: Engine, _project: Project) -> Task[_Looked]:
            def task(context: TaskContext) -> _Looked:
                insight = known or _insight(engine, run)
                filters, name = None, wanted
                if wanted == FILTERS:
                    filters = look_at_filters(engine, run, insight.seen, epoch)
                    name = "" if filters is None else filters.layer
                layers = insight.layers
                layer = next((each for each in layers if each.name == name), _first(layers))
                then = epoch if layer.name in insight.by_epoch else None
                order: tuple[int, ...] = ()
                if before is not None and (before.layer, before.file) == (layer, file):
                    order = before.maps.channels
                context.checkpoint()
                maps = look_at_layer(
                    engine,
                    run,
                    file,
                    layer.name,
                    then,
                    order,
                    are_shares=_is_answer_of(run, layers, layer),
                )
                return _Looked(insight, file, layer, then, maps, filters)

            return task

        # The heading goes with the list, also when nothing comes of it.
        self._card.set_title(self._list.title)
        is_waiting = not self._session.engine_jobs.is_idle
        if is_waiting:
            self._clear()
        if is_waiting or self._looked is None:
            self._words.setText("Waits until the engine is free" if is_waiting else "Looking")
        self._job = self._session.ask_engine("Looking through a layer", question)
        self._job.finished.connect(self._on_looked)
        self._job.failed.connect(self._on_not_looked)
        self._job.cancelled.connect(self._on_cancelled)

    def _drop(self) -> None:
        if self._job is not None and not self._job.has_ended:
            self._job.cancel()
        self._job = None

    @Slot(object)
    def _on_looked(self, looked: _Looked) -> None:
        if self.sender() is not self._job:
            return
        self._job = None
        if self._insight is None:
            self._take_insight(looked)
        self._kept_looks[self._wanted, self._epochs.epoch] = looked
        if len(self._kept_looks) > _KEPT_LOOKS:
            self._kept_looks.popitem(last=False)
        self._show(looked)

    @Slot(object)
    def _on_not_looked(self, error: Exception) -> None:
        if self.sender() is self._job:
            self._job = None
            self._clear()
            self._words.setText(self._reason(error))

    @Slot()
    def _on_cancelled(self) -> None:
        if self.sender() is self._job:
            self._job = None
            self._clear()
            self._words.setText("Cancelled. A click on the layer looks through it.")

    def _reason(self, error: Exception) -> str:
        project = self._session.project
        is_outside = (
            project is not None
            and self._file is not None
            and not self._file.is_relative_to(project.root)
        )
        if isinstance(error, UnreadablePicture) and is_outside:
            return f"{error.sentence} Choose another picture."  # it is not ours to be removed
        return str(error) if isinstance(error, StudioError) else "Not seen"

    def _clear(self) -> None:
        self._looked = None
        self._card.set_title(self._list.title)
        for tiles in (self._maps, self._trained, self._fresh):
            tiles.show_tiles(())
        self._side.show_map(None, None, "")
        self._side.show_channel(None)

    # What was seen

    def _take_insight(self, looked: _Looked) -> None:
        run = self._run
        assert run is not None, "a run was looked into"
        self._insight = looked.insight
        self._epochs.show_epochs(looked.insight.seen.epochs, run.epochs, run.kept_words)
        if self._wanted != FILTERS:
            self._wanted = looked.layer.name
        self._list.show_layers(looked.insight.layers, self._wanted)

    def _show(self, looked: _Looked) -> None:
        self._looked = looked
        self._epochs.show_note(self._note_on(looked))
        if self._wanted == FILTERS:
            self._show_filters(looked)
        else:
            self._show_maps(looked)

    def _note_on(self, looked: _Looked) -> str:
        """Say why a layer cannot be seen by epoch; "" where it can."""
        insight, layer = looked.insight, looked.layer
        if insight.seen.why:
            is_answer = insight.seen.why == NEVER_TRAINED and self._is_answer(layer)
            return _TIME_MACHINE if is_answer else insight.seen.why
        if self._run is None or layer.name in insight.by_epoch:
            return ""
        return _TOO_MANY.format(layer=layer.name, kept=self._run.kept_words)

    def _show_maps(self, looked: _Looked) -> None:
        layer, maps = looked.layer, looked.maps
        self._card.set_title(self._list.title)
        is_answer = self._is_answer(layer)
        has_places = len(layer.output_shape) > 1
        count = counted(layer.channels, "channel" if has_places else "value")
        if is_answer:
            count = classes(layer.channels)
        if len(maps.channels) < layer.channels:
            count = f"the {count_words(len(maps.channels))} strongest of {count}"
        layers = looked.insight.layers
        words = seen_words(layer.kind, depths_of(layers)[layers.index(layer)])
        if is_answer:
            words = "The answer: how likely each class is"
        name = "" if self._list.title == layer.name else f"{layer.name}. "
        below = "" if is_answer else _BELOW_MAPS if has_places else _BELOW_BARS
        self._words.setText(f"{name}{words}. {count[:1].upper()}{count[1:]}.{below}")
        tiles = []
        for channel, peak, picture in zip(maps.channels, maps.peaks, maps.tiles, strict=True):
            title = self._title(layer, channel)
            value = percent(peak) if is_answer else f"{peak:.3g}"
            tiles.append(
                Tile(image_of_array(picture), f"{title} · {value}", f"{title}: highest {value}")
            )
        self._maps.show_tiles(tiles)
        self._middle.setCurrentWidget(self._maps)
        kept = self._channel if self._channel in maps.channels else maps.channels[0]
        self._maps.choose(maps.channels.index(kept))

    def _show_filters(self, looked: _Looked) -> None:
        filters = looked.filters
        self._card.set_title(self._list.title)
        self._middle.setCurrentWidget(self._filters)
        if filters is None:
            self._words.setText(_NO_FILTERS)
            self._trained.show_tiles(())
            self._fresh.show_tiles(())
            return
        height, width = filters.trained.shape[1:3]
        self._words.setText(
            f"{counted(len(filters.trained), 'filter')} of {width} × {height} pixels in"
            f" {filters.layer}. Grey is a weight of zero; a filter answers to what looks like it."
        )
        self._trained.show_tiles(_filter_tiles(filters.trained))
        self._trained_title.setText(_filters_title(looked, self._epochs.words))
        has_fresh = filters.fresh is not None
        for each in (self._fresh_column, self._fresh_words):
            each.setVisible(has_fresh)
        self._fresh_words.setText(self._moved_words(filters.moved))
        self._fresh.show_tiles(() if filters.fresh is None else _filter_tiles(filters.fresh))
        self._trained.choose(max(0, self._channel))

    def _moved_words(self, moved: float) -> str:
        config = None if self._run is None else self._run.config
        if config is None or training_preset(config.preset).footing == "fine-tuning":
            began = "The training began with the filters of the pretrained network."
        else:
            seed = config.training.seed
            began = f"The training began with random numbers that follow from the seed {seed}."
        if not moved:
            return f"{began} It has not changed them."
        return f"{began} It has moved them by {percent(moved)} of their length."

    @Slot(int)
    def _on_map(self, place: int) -> None:
        if self._looked is not None:
            self._show_channel(self._looked, self._looked.maps.channels[place])

    @Slot(int)
    def _on_filter(self, place: int) -> None:
        for tiles in (self._trained, self._fresh):
            if tiles.tiles():
                tiles.choose(place)
        if self._looked is not None:
            self._show_channel(self._looked, place)

    def _show_channel(self, looked: _Looked, channel: int) -> None:
        run = self._run
        if run is None:
            return
        self._channel = channel
        maps = looked.maps
        if channel in maps.channels:
            place = maps.channels.index(channel)
            peak = maps.peaks[place]
            if maps.maps[place].size > 1:
                self._side.show_map(maps.picture, maps.maps[place], f"Highest {peak:.3g}")
            elif self._is_answer(looked.layer):
                self._side.show_map(maps.picture, None, f"Answer {percent(peak)}. {_NO_PLACES}")
            else:
                self._side.show_map(maps.picture, None, f"Value {peak:.3g}. {_NO_PLACES}")
        else:
            self._side.show_map(None, None, "Its map is not among the strongest")
        layer, title, kind = looked.layer, self._title(looked.layer, channel), "class"
        if not self._is_answer(layer):
            kind = "channel" if len(layer.output_shape) > 1 else "value"
            title = f"{layer.name}, {kind} {title}"
        can_be_searched_for = layer.channels <= _MOST_SEARCHED
        self._side.show_channel(
            Channel(run, layer.name, channel, title, looked.epoch, kind, can_be_searched_for)
        )

    def _title(self, layer: NetworkLayer, channel: int) -> str:
        if self._is_answer(layer) and self._run is not None:
            return self._run.class_titles[channel]
        return str(channel)

    def _is_answer(self, layer: NetworkLayer) -> bool:
        """Whether the channels of a layer are the classes."""
        layers = () if self._insight is None else self._insight.layers
        return self._run is not None and _is_answer_of(self._run, layers, layer)


def _is_answer_of(run: Run, layers: Sequence[NetworkLayer], layer: NetworkLayer) -> bool:
    """Whether the channels of one of the layers are the classes of a run."""
    return layer in layers[-1:] and layer.channels == len(run.class_titles)


def _insight(engine: Engine, run: Run) -> _Insight:
    layers, seen = engine.layers_of(run.model_file), seen_epochs(run)
    return _Insight(_shown_layers(layers), seen, seen.layers_of(layers))


def _column(title: QLabel, tiles: PictureTiles) -> QWidget:
    column = QWidget()
    layout = QVBoxLayout(column)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(4)
    layout.addWidget(title)
    layout.addWidget(tiles, 1)
    return column


def _filters_title(looked: _Looked, moment: str) -> str:
    if looked.insight.seen.why == NEVER_TRAINED:
        return "Filters of the pretrained network"
    return moment if looked.insight.seen.epochs else "As kept"


def _shown_layers(layers: Sequence[NetworkLayer]) -> tuple[NetworkLayer, ...]:
    # What only scales the picture looks for nothing in it.
    return tuple(each for each in layers if each.kind != "Rescaling")


def _first(layers: Sequence[NetworkLayer]) -> NetworkLayer:
    return next((each for each in layers if each.kind == "Conv2D"), layers[0])


def _filter_tiles(filters: Pictures) -> list[Tile]:
    return [Tile(image_of_array(each), "", f"Filter {place}") for place, each in enumerate(filters)]
