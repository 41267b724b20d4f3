"""The page that shows what a network is made of, layer by layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, TypeVar

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from cnnstudio.core.catalog.backbones import backbone_of
from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.engine_api import Engine
from cnnstudio.core.errors import StudioError
from cnnstudio.core.inside.network_layers import (
    LayerGroup,
    NetworkLayer,
    grouped,
    heavy_layer,
    layers_of_table,
)
from cnnstudio.core.inside.pretrained_layers import backbone_size_px, with_kept, with_new_head
from cnnstudio.core.jobs import Task
from cnnstudio.core.network import layer_table
from cnnstudio.core.project import Project
from cnnstudio.core.runs import Run
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.inside.layer_side import LayerSide
from cnnstudio.ui.inside.layer_tree import LayerTree
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
from cnnstudio.ui.words import count_words, counted, percent

_FEWEST_CLASSES = 2
_OF_THE_DESIGN, _OF_THE_RUN = "Network of the Train step", "Network of the run"
_LEGEND = (
    "Each block is a layer: higher with larger maps, wider with more maps or values;"
    " blue with weights, {filled}gray without."
)
_FILLED = "filled if trained, "
_READING = "Reading the network"
_WAITING = "Waits until the engine is free"

T = TypeVar("T")
_Layers = tuple[NetworkLayer, ...]
_Backbone = tuple[str, int]
"""Its key, and the size of the pictures it is given, in px."""


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
        self._backbones: dict[_Backbone, _Layers] = {}
        self._tree = LayerTree(theme, "inside_network_layers")
        self._drawing = NetworkDrawing(theme, "inside_network_drawing")
        self._legend = plain_label("inside_network_legend", "facts")
        self._side = LayerSide()
        self._warning = Banner(icons, "warn")
        self._warning.setObjectName("inside_network_warning")
        self._warning.hide()
        self._nothing = EmptyState(icons, "look_inside", "")
        self._to_train = self._nothing.add_button("Go to Train", primary=True)
        self._to_run = self._nothing.add_button(_OF_THE_RUN)
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
        self._card.add_action(self._other)
        self._to_run.setObjectName("inside_network_to_run")
        for button in (self._other, self._to_run):
            button.clicked.connect(self._on_other)
        self._to_train.setObjectName("inside_network_to_train")
        self._to_train.clicked.connect(lambda: self._session.step_wanted.emit("train"))
        self._card.body.addWidget(self._drawing)
        self._card.body.addWidget(self._legend)
        self._card.body.addWidget(self._tree, 1)
        across = QHBoxLayout()
        across.setSpacing(12)
        across.addWidget(self._card, 1)
        across.addWidget(self._side)
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
        self._tree.pointed.connect(self._on_pointed)
        self._drawing.pointed.connect(self._tree.point_at)

    # The network

    @Slot()
    def _on_other(self) -> None:
        self._wants_design = not self._wants_design
        self._show_wanted()

    def _show_wanted(self) -> None:
        assert self._subject is not None
        run, project = self._subject.run, self._subject.project
        self._other.setVisible(run is not None)
        self._other.setText(_OF_THE_RUN if self._wants_design else _OF_THE_DESIGN)
        if run is not None and not self._wants_design:
            self._show_run(run)
        else:
            self._show_design(project)

    def _show_run(self, run: Run) -> None:
        if not self._is_new(run.folder):
            return

        def question(engine: Engine, _project: Project) -> Task[_Layers]:
            return lambda _context: with_kept(engine.layers_of(run.model_file), run.config)

        self._ask(question).finished.connect(self._on_run_read)

    def _show_design(self, project: Project) -> None:
        config = project.config
        class_count = max(_FEWEST_CLASSES, len(project.learned_classes))
        if training_preset(config.preset).footing == "scratch":
            size = config.training.image_size
            if self._is_new((project.root, config.network, size, class_count)):
                try:
                    rows = layer_table(config.network, size, class_count)
                except StudioError as error:
                    self._say(str(error), is_up_to_train=True)
                else:
                    self._show_layers(
                        "The network of the Train step, which is not trained yet",
                        layers_of_table(rows),
                    )
            return
        backbone = config.transfer.backbone, backbone_size_px(config)
        if backbone in self._backbones:
            layers = with_new_head(self._backbones[backbone], config, class_count)
            if self._is_new(layers):
                label = backbone_of(config.transfer.backbone).label
                self._show_layers(
                    f"The network of the Train step, not trained yet: {label}", layers
                )
        elif self._is_new(backbone):

            def question(engine: Engine, _project: Project) -> Task[tuple[_Backbone, _Layers]]:
                return lambda _context: (backbone, engine.backbone_layers(*backbone))

            self._ask(question).finished.connect(self._on_backbone_read)

    def _is_new(self, wanted: object) -> bool:
        """Whether something else is to be shown from now on; what was being read is dropped."""
        if wanted == self._shown:
            return False
        if self._job is not None and not self._job.has_ended:
            self._job.cancel()
        self._job, self._shown = None, wanted
        return True

    def _ask(self, question: Callable[[Engine, Project], Task[T]]) -> Job:
        self._say(_READING if self._session.engine_jobs.is_idle else _WAITING)
        self._job = self._session.ask_engine(_READING, question)
        self._job.failed.connect(self._on_not_read)
        self._job.cancelled.connect(self._on_cancelled)
        return self._job

    @Slot(object)
    def _on_run_read(self, layers: _Layers) -> None:
        if self.sender() is self._job:
            self._job = None
            assert self._subject is not None
            assert self._subject.run is not None
            self._show_layers(f"Layers of the run {self._subject.run.name}", layers)

    @Slot(object)
    def _on_backbone_read(self, read: tuple[_Backbone, _Layers]) -> None:
        backbone, layers = read
        self._backbones[backbone] = layers
        if self.sender() is self._job:
            self._job = None
            self._show_wanted()

    @Slot(object)
    def _on_not_read(self, error: Exception) -> None:
        if self.sender() is self._job:
            self._job = self._shown = None
            self._say(str(error), is_up_to_train=self._is_about_design)

    @Slot()
    def _on_cancelled(self) -> None:
        if self.sender() is self._job:
            self._job = self._shown = None
            self._say(
                "Cancelled. The layers are read with the next picture or run that you choose."
            )

    def _show_layers(self, title: str, layers: Sequence[NetworkLayer]) -> None:
        self._card.set_title(title)
        self._tree.show_groups(grouped(layers))
        self._drawing.show_layers(layers)
        self._side.show_layers(layers)
        is_pretrained = any(each.kept for each in layers)
        self._legend.setText(_LEGEND.format(filled=_FILLED if is_pretrained else ""))
        heavy = heavy_layer(layers)
        self._warning.setVisible(heavy is not None)
        if heavy is not None:
            parameters = sum(each.parameters for each in layers)
            self._warning.set_finding(
                "warn",
                f"{count_words(heavy.parameters)} of {counted(parameters, 'weight')},"
                f" {percent(heavy.parameters / parameters)}, lie in one layer, {heavy.name}. It"
                " learns training pictures by heart easily. Global average pooling in place of"
                " Flatten, or one more pooling, takes most of them away.",
            )
        self._pages.setCurrentWidget(self._view)
        # Where the learning begins.
        first = next((each for each in layers if each.kept < each.parameters), layers[0])
        self._tree.point_at((heavy or first).name)

    @property
    def _is_about_design(self) -> bool:
        return self._wants_design or self._subject is None or self._subject.run is None

    def _say(self, sentence: str, *, is_up_to_train: bool = False) -> None:
        self._nothing.set_sentence(sentence)
        self._to_train.setVisible(is_up_to_train)
        self._to_run.setVisible(self._wants_design)
        self._pages.setCurrentWidget(self._nothing)

    @Slot(object)
    def _on_pointed(self, of: NetworkLayer | LayerGroup) -> None:
        self._side.explain(of)
        if isinstance(of, NetworkLayer):
            self._drawing.point_at(of.name)
