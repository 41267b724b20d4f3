"""The page that shows what a network is made of, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.engine_api import Engine
from cnnstudio.core.errors import StudioError
from cnnstudio.core.inside.layer_words import words_of
from cnnstudio.core.inside.network_layers import (
    LayerGroup,
    NetworkLayer,
    grouped,
    heavy_layer,
    layers_of_table,
)
from cnnstudio.core.jobs import Task
from cnnstudio.core.network import layer_table
from cnnstudio.core.project import Project
from cnnstudio.core.runs import Run
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.inside.layer_tree import LayerTree, shape_words
from cnnstudio.ui.inside.network_drawing import NetworkDrawing
from cnnstudio.ui.inside.page import InsidePage, Subject
from cnnstudio.ui.jobs import Job
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.banner import Banner
from cnnstudio.ui.widgets.card import Card
from cnnstudio.ui.widgets.empty_state import EmptyState
from cnnstudio.ui.widgets.plain_label import plain_label
from cnnstudio.ui.widgets.primary_button import styled_button
from cnnstudio.ui.words import count_words, counted, memory_words, millions, percent

_SIDE_PX = 320
_FEWEST_CLASSES = 2
_PRETRAINED = (
    "Fast start and Fine-tune take over a network that others have trained on everyday pictures."
    " Its layers can be seen here once you have trained with it, or choose a network that starts"
    " from scratch."
)
_NONE_OF_ITS_OWN = "Fast start and Fine-tune have none of their own"
_CANNOT_BE = "It cannot be built as it is set there"
_OF_THE_DESIGN, _OF_THE_RUN = "Network of the Train step", "Network of the run"
_LEGEND = (
    "Each block is a layer: the higher, the larger its maps; the wider, the more maps or"
    " values; blue with weights, gray without."
)
_READING = "Reading the network"
_WAITING = "Waits until the engine is free"
_GROUP_WORDS = (
    "Layers that work together. What a block makes of the maps goes into the next one: from block"
    " to block the maps become smaller and more, and each sees more of the picture."
)


class NetworkPage(InsidePage):
    """All layers with shapes, weights, memory and multiplications, and a paragraph on each kind."""

    name: ClassVar[str] = "network"
    title: ClassVar[str] = "The network"

    def __init__(self, session: Session, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._session = session
        self._subject: Subject | None = None
        self._wants_design = False
        self._shown: object = None
        self._job: Job | None = None
        self._tree = LayerTree(theme, "inside_network_layers")
        self._drawing = NetworkDrawing(theme, "inside_network_drawing")
        self._warning = Banner(icons, "warn")
        self._warning.setObjectName("inside_network_warning")
        self._warning.hide()
        self._nothing = EmptyState(icons, "look_inside", "")
        self._to_train = self._nothing.add_button("Go to Train", primary=True)
        self._build()

    def show_subject(self, subject: Subject) -> None:
        """Show the network of a run, or the one that is being designed."""
        before = self._subject
        if before is None or before.run != subject.run:
            self._wants_design = False
        self._subject = subject
        self._show_wanted()

    # Parts

    def _build(self) -> None:
        self._card = Card("Layers")
        self._other = styled_button("", small=True)
        self._other.setObjectName("inside_network_other")
        self._other.clicked.connect(self._on_other)
        self._other_why = QLabel()
        self._other_why.setObjectName("inside_network_other_why")
        self._other_why.setProperty("class", "facts")
        self._card.add_action(self._other_why)
        self._card.add_action(self._other)
        self._to_train.setObjectName("inside_network_to_train")
        self._to_train.clicked.connect(lambda: self._session.step_wanted.emit("train"))
        self._card.body.addWidget(self._drawing)
        legend = plain_label("inside_network_legend", "facts")
        legend.setText(_LEGEND)
        self._card.body.addWidget(legend)
        self._card.body.addWidget(self._tree, 1)
        totals = Card("In all")
        figures = QGridLayout()
        figures.setHorizontalSpacing(12)
        figures.setVerticalSpacing(6)
        self._totals: dict[str, QLabel] = {}
        for row, (name, words) in enumerate(
            (
                ("weights", "Weights"),
                ("memory", "Outputs for one picture"),
                ("multiplications", "Multiplications for it"),
            )
        ):
            figure = QLabel()
            figure.setObjectName(f"inside_network_{name}")
            figure.setProperty("class", "heading")
            self._totals[name] = figure
            label = QLabel(words)
            label.setProperty("class", "muted")
            figures.addWidget(label, row, 0)
            figures.addWidget(figure, row, 1, Qt.AlignmentFlag.AlignRight)
        figures.setColumnStretch(0, 1)
        totals.body.addLayout(figures)
        self._kind = Card("")
        self._facts = plain_label("inside_network_facts", "facts")
        self._words = plain_label("inside_network_words")
        self._figures = plain_label("inside_network_figures", "facts")
        for label in (self._facts, self._words, self._figures):
            self._kind.body.addWidget(label)
        self._kind.body.addStretch(1)
        side = QWidget()
        side.setFixedWidth(_SIDE_PX)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(totals)
        column.addWidget(self._kind, 1)
        across = QHBoxLayout()
        across.setSpacing(12)
        across.addWidget(self._card, 1)
        across.addWidget(side)
        view = QWidget()
        whole = QVBoxLayout(view)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(12)
        whole.addWidget(self._warning)
        whole.addLayout(across, 1)
        self._view = view
        self._pages = QStackedWidget()
        self._pages.addWidget(self._nothing)
        self._pages.addWidget(view)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)
        self._tree.pointed.connect(self._explain)
        self._drawing.pointed.connect(self._tree.point_at)

    # The network

    @Slot()
    def _on_other(self) -> None:
        self._wants_design = not self._wants_design
        self._show_wanted()

    def _show_wanted(self) -> None:
        assert self._subject is not None
        run, project = self._subject.run, self._subject.project
        layers, problem = _designed(project)
        # What cannot be shown would hide the way back.
        self._wants_design &= not problem
        self._other.setVisible(run is not None)
        self._other.setText(_OF_THE_RUN if self._wants_design else _OF_THE_DESIGN)
        self._other.setEnabled(not problem)
        self._other.setToolTip(problem)
        self._other_why.setText(_NONE_OF_ITS_OWN if problem == _PRETRAINED else _CANNOT_BE)
        self._other_why.setVisible(run is not None and bool(problem))
        if run is not None and not self._wants_design:
            self._show_run(run)
        else:
            self._show_design(project, layers, problem)

    def _show_run(self, run: Run) -> None:
        wanted = run.folder
        if self._shown == wanted:
            return
        self._drop()
        self._shown = wanted

        def question(engine: Engine, _project: Project) -> Task[tuple[NetworkLayer, ...]]:
            return lambda _context: engine.layers_of(run.model_file)

        is_waiting = not self._session.engine_jobs.is_idle
        self._say(_WAITING if is_waiting else _READING)
        self._card.set_title(f"Layers of the run {run.name}")
        self._job = self._session.ask_engine(_READING, question)
        self._job.finished.connect(self._on_read)
        self._job.failed.connect(self._on_not_read)
        self._job.cancelled.connect(self._on_cancelled)

    def _show_design(
        self, project: Project, layers: tuple[NetworkLayer, ...], problem: str
    ) -> None:
        wanted = (project.root, layers, problem)
        if self._shown == wanted:
            return
        self._drop()
        self._shown = wanted
        if problem:
            self._say(problem, is_up_to_train=True)
            return
        self._card.set_title("The network of the Train step, which is not trained yet")
        self._show_layers(layers)

    @Slot(object)
    def _on_read(self, layers: tuple[NetworkLayer, ...]) -> None:
        if self.sender() is self._job:
            self._job = None
            self._show_layers(layers)

    @Slot(object)
    def _on_not_read(self, error: Exception) -> None:
        if self.sender() is self._job:
            self._job = self._shown = None
            self._say(str(error))

    @Slot()
    def _on_cancelled(self) -> None:
        if self.sender() is self._job:
            self._job = self._shown = None
            self._say(
                "Cancelled. The layers are read with the next picture or run that you choose."
            )

    def _show_layers(self, layers: Sequence[NetworkLayer]) -> None:
        groups = grouped(layers)
        self._tree.show_groups(groups)
        self._drawing.show_layers(layers)
        parameters = sum(each.parameters for each in layers)
        self._totals["weights"].setText(count_words(parameters))
        self._totals["memory"].setText(memory_words(sum(each.memory_bytes for each in layers)))
        self._totals["multiplications"].setText(
            millions(sum(each.multiplications for each in layers))
        )
        heavy = heavy_layer(layers)
        self._warning.setVisible(heavy is not None)
        if heavy is not None:
            self._warning.set_finding(
                "warn",
                f"{count_words(heavy.parameters)} of {counted(parameters, 'weight')},"
                f" {percent(heavy.parameters / parameters)}, lie in one layer, {heavy.name}. It"
                " learns training pictures by heart easily. Global average pooling in place of"
                " Flatten, or one more pooling, takes most of them away.",
            )
        self._pages.setCurrentWidget(self._view)
        first = next((each for each in layers if each.parameters), layers[0])
        self._tree.point_at((heavy or first).name)

    def _say(self, sentence: str, *, is_up_to_train: bool = False) -> None:
        self._nothing.set_sentence(sentence)
        self._to_train.setVisible(is_up_to_train)
        self._pages.setCurrentWidget(self._nothing)

    def _drop(self) -> None:
        if self._job is not None and not self._job.has_ended:
            self._job.cancel()
        self._job = None

    # One layer

    @Slot(object)
    def _explain(self, of: NetworkLayer | LayerGroup) -> None:
        if isinstance(of, NetworkLayer):
            explained = words_of(of.kind)
            self._kind.set_title(explained.title)
            self._facts.setText(f"{of.name}: {of.detail}" if of.detail else of.name)
            self._words.setText(explained.words)
            figures = [f"Output {shape_words(of.output_shape)}"]
            self._drawing.point_at(of.name)
        else:
            self._kind.set_title(of.title)
            self._facts.setText(counted(len(of.layers), "layer"))
            self._words.setText(_GROUP_WORDS)
            figures = [f"Output {shape_words(of.layers[-1].output_shape)}"]
        if of.parameters:
            share = percent(self._tree.share(of))
            figures.append(f"{counted(of.parameters, 'weight')}, {share} of all")
        else:
            figures.append("Nothing to learn")
        figures.append(f"{memory_words(of.memory_bytes)} for one picture")
        if of.multiplications:
            figures.append(f"{millions(of.multiplications)} multiplications")
        self._figures.setText("\n".join(figures))


def _designed(project: Project) -> tuple[tuple[NetworkLayer, ...], str]:
    """Return the layers of the network of the Train step, or none and why there are none."""
    config = project.config
    if training_preset(config.preset).footing != "scratch":
        return (), _PRETRAINED
    class_count = max(_FEWEST_CLASSES, len(project.learned_classes))
    try:
        rows = layer_table(config.network, config.training.image_size, class_count)
    except StudioError as error:
        return (), str(error)
    return layers_of_table(rows), ""
