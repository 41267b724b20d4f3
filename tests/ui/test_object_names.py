"""Whatever people act on has a name for screen readers, and a stable one for scripts."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QAccessible, QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QHeaderView,
    QLineEdit,
    QMenu,
    QScrollArea,
    QScrollBar,
    QSpinBox,
    QTableView,
    QTextEdit,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from cnnstudio.core.catalog.backbones import DEFAULT_BACKBONE
from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.config import RunConfig, TrainingConfig, with_setting
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.foreign.choices import guessed_choices
from cnnstudio.core.foreign.found_model import FoundModel
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.storage import recents
from cnnstudio.core.training import train_project
from cnnstudio.ui.dialogs.backbones_dialog import BackbonesDialog
from cnnstudio.ui.dialogs.camera_dialog import CameraDialog
from cnnstudio.ui.dialogs.export_dialog import ExportDialog
from cnnstudio.ui.dialogs.model_import_dialog import ModelImportDialog
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.messages import show_error
from cnnstudio.ui.panels.predict_panel import PredictPanel
from cnnstudio.ui.predicting.live_dialog import LiveDialog
from cnnstudio.ui.predicting.sharing import Sharing
from cnnstudio.ui.predicting.sorting_out import SortingOut
from cnnstudio.ui.predicting.watching import Watching
from cnnstudio.ui.widgets.backbone_row import BackboneRow
from cnnstudio.ui.widgets.sample_view import SampleView
from tests.builders import coloured_folder
from tests.camera_fakes import FakeCamera
from tests.fakes import FakeEngine, write_fake_model
from tests.robots.evaluate_robot import EvaluateRobot
from tests.robots.window_robot import WindowRobot

CONTRIBUTING = Path(__file__).resolve().parents[2] / "CONTRIBUTING.md"
INTERACTIVE = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QTextEdit,
)


@dataclass
class Tour:
    """What was seen on a walk through the whole window."""

    names: set[str] = field(default_factory=set)
    interactive: set[str] = field(default_factory=set)
    nameless: set[str] = field(default_factory=set)
    unspoken: set[str] = field(default_factory=set)

    def look(self, where: str) -> None:
        """Note every widget that is on the screen now."""
        for widget in QApplication.allWidgets():
            if not widget.isVisible():
                continue
            self.names.add(widget.objectName())
            if is_interactive(widget):
                described = f"{where}: {type(widget).__name__} {widget.objectName()!r}"
                self.interactive.add(widget.objectName())
                if not widget.objectName():
                    self.nameless.add(f"{described} in {widget.parentWidget()}")
                if not spoken_name(widget):
                    self.unspoken.add(described)


def is_interactive(widget: QWidget) -> bool:
    parent = widget.parentWidget()
    # Qt's own parts are named by the widget they belong to.
    if isinstance(widget, QHeaderView | QScrollBar | QScrollArea):
        return False
    if isinstance(parent, QAbstractSpinBox | QComboBox | QLineEdit | QAbstractScrollArea):
        return False
    if parent is not None and parent.metaObject().className().startswith("QComboBoxPrivate"):
        return False
    reached_by_tab = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
    return isinstance(widget, INTERACTIVE) or reached_by_tab


def spoken_name(widget: QWidget) -> str:
    """What a screen reader says."""
    spoken = QAccessible.queryAccessibleInterface(widget)
    return spoken.text(QAccessible.Text.Name).strip() if spoken is not None else ""


def close_dialogs(user: WindowRobot) -> None:
    for dialog in user.window.findChildren(QDialog):
        dialog.reject()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture(scope="module")
def walk() -> dict[str, Tour]:
    """Keeps the tour, which takes seconds, for all tests of this file."""
    return {}


@pytest.fixture
def tour(
    walk: dict[str, Tour],
    open_window: Callable[[], WindowRobot],
    fake_engine: FakeEngine,
    tmp_path: Path,
) -> Tour:
    """A walk through every step and dialog."""
    if "tour" not in walk:
        root = coloured_folder(tmp_path / "fruit", {"red": 8, "green": 8})
        spoil(root)
        recents.add(tmp_path / "settings", root)
        walk["tour"] = go_everywhere(open_window(), fake_engine, root)
    return walk["tour"]


def spoil(root: Path) -> None:
    """One fault for each fix: a broken file, copies in a class and across two, a wrong ending."""
    (root / "red" / "broken.png").write_bytes(b"no picture")
    shutil.copy(root / "red" / "1.png", root / "green" / "copy.png")
    shutil.copy(root / "red" / "2.png", root / "red" / "copy.png")
    (root / "red" / "3.png").rename(root / "red" / "3.jpg")


def go_everywhere(user: WindowRobot, engine: FakeEngine, root: Path) -> Tour:
    tour = Tour()
    user.session.find_device()
    user.until(lambda: user.is_shown("status_why"))
    tour.look("start page")
    user.click("start_new")
    tour.look("new project")
    close_dialogs(user)
    show_error(user.window, ValueError("unexpected"))
    tour.look("error")
    close_dialogs(user)
    user.click("top_help")
    tour.look("help")
    close_dialogs(user)
    user.window.begin_tour()
    user.settle()
    tour.look("guided tour")
    user.click("tour_leave")
    user.open(root)
    user.session.set_config(
        RunConfig(training=TrainingConfig(epochs=1, batch_size=8, image_size=32))
    )
    look_at_images(tour, user)
    look_at_cameras(tour, user)
    user.go_to("augment")
    tour.look("augment")
    look_at_training(tour, user, engine)
    look_at_backbones(tour, user)
    look_at_model_import(tour, user)
    look_at_evaluation(tour, user)
    look_at_trust(tour, user)
    look_at_exporting(tour, user, engine)
    look_at_convolution(tour, user)
    look_at_layers(tour, user, engine)
    look_at_the_map(tour, user)
    user.go_to("predict")
    user.drop([root / "green" / "1.png"])
    user.settle()
    tour.look("predict")
    look_at_similar_pictures(tour, user)
    look_at_predicting(tour, user, root)
    look_at_what_was_cut_off(tour, user)
    tour.names |= {each.objectName() for each in user.window.findChildren(QObject)}
    return tour


def look_at_images(tour: Tour, user: WindowRobot) -> None:
    user.until(lambda: user.is_shown("images_health"))
    classes = user.find(QAbstractItemView, "images_classes")
    index = classes.model().index(classes.model().rowCount() - 1, 0)
    QTest.mouseClick(
        classes.viewport(), Qt.MouseButton.LeftButton, pos=classes.visualRect(index).center()
    )
    QTest.keyClick(classes, Qt.Key.Key_F2)
    tour.look("a class being renamed")
    QTest.keyClick(user.find(QLineEdit, "images_class_title"), Qt.Key.Key_Escape)
    look_at_classes(tour, user, classes)
    user.click("images_new_class")
    tour.look("images")
    user.click("images_health_show")
    tour.look("findings of the health check")
    user.click("images_finding_look_1")
    tour.look("images that cannot be read")
    user.type_into("images_search", "nothing is called that")
    user.until(lambda: user.is_shown("images_show_all"))
    tour.look("images, nothing found")
    user.click("images_show_all")
    grid = user.find(SampleView, "images_grid")
    user.until(lambda: grid.model().rowCount() > 0)
    grid.select_rows([0], current=0)
    grid.setFocus()
    QTest.keyClick(grid, Qt.Key.Key_Space)
    user.until(lambda: user.is_shown("images_preview"))
    user.click("images_preview_seen")
    tour.look("preview")
    close_dialogs(user)
    user.drop([coloured_folder(user.project.root.parent / "more", {"blue": 2})])
    user.until(lambda: user.is_shown("import_add"))
    tour.look("import")
    close_dialogs(user)


def look_at_cameras(tour: Tour, user: WindowRobot) -> None:
    project = user.session.project
    assert project is not None
    for where, plugged_in in (("two cameras", ("Webcam", "Microscope")), ("no camera", ())):
        camera = FakeCamera(plugged_in=plugged_in)
        dialog = CameraDialog(camera, project, "red", Icons(user.window.theme), user.window)
        dialog.open()
        shown = "camera_view" if plugged_in else "camera_try_again"
        user.until(dialog.findChild(QWidget, shown).isVisible)
        tour.look(where)
        close_dialogs(user)


def look_at_backbones(tour: Tour, user: WindowRobot) -> None:
    theme = user.window.theme
    dialog = BackbonesDialog(
        user.session.file_jobs,
        user.project.root / "no weights",
        DEFAULT_BACKBONE.key,
        theme,
        Icons(theme),
        user.window,
    )
    dialog.open()
    user.until(dialog.findChild(QWidget, "backbones_use").isEnabled)
    tour.look("choosing a backbone")
    dialog.take_from(str(user.project.root / "no weights"))
    user.until(dialog.findChild(QWidget, "backbones_problem").isVisible)
    # A download would need a network: its row is shown as it is while one runs.
    row = dialog.findChild(BackboneRow)
    row.show_waiting()
    tour.look("choosing a backbone, downloading")
    close_dialogs(user)


def look_at_exporting(tour: Tour, user: WindowRobot, engine: FakeEngine) -> None:
    """What is held back, and what is asked about it."""
    engine.swaps_on_export = True
    user.go_to("predict")
    user.click("predict_export")
    dialog = user.find(ExportDialog, "export_dialog")
    dialog.export_into(user.project.root.parent / "exports")
    dialog.findChild(QAbstractButton, "export_choice_keras").setChecked(False)
    dialog.findChild(QAbstractButton, "export_choice_onnx").setChecked(True)
    tour.look("exporting")
    QTest.mouseClick(dialog.findChild(QWidget, "export_start"), Qt.MouseButton.LeftButton)
    tour.look("exporting, while it runs")
    user.settle()
    tour.look("exporting, held back")
    QTest.mouseClick(dialog.findChild(QWidget, "export_keep_onnx"), Qt.MouseButton.LeftButton)
    user.settle()
    tour.look("exporting, kept")
    user.session.chosen_run.model_file.rename(user.session.chosen_run.folder / "away")
    QTest.mouseClick(dialog.findChild(QWidget, "export_start"), Qt.MouseButton.LeftButton)
    user.settle()
    tour.look("exporting, without a model")
    (user.session.chosen_run.folder / "away").rename(user.session.chosen_run.model_file)
    close_dialogs(user)
    user.settle()


def look_at_classes(tour: Tour, user: WindowRobot, classes: QAbstractItemView) -> None:
    for words, where in (("Letter...", "letter of a class"), ("Note...", "note on a class")):
        QTest.keyClick(classes, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
        menu = user.find(QMenu, "images_class_menu")
        tour.look("menu of a class")
        next(each for each in menu.actions() if each.text() == words).trigger()
        menu.close()
        tour.look(where)
        user.find(QWidget, "images_class_key").hide()
        close_dialogs(user)
    user.click("images_class_counts")
    tour.look("counts")
    close_dialogs(user)


def look_at_training(tour: Tour, user: WindowRobot, engine: FakeEngine) -> None:
    user.go_to("train")
    tour.look("train")
    pinned = user.project.absolute(user.project.samples[0])
    user.session.pinning.add([pinned])
    user.settle()
    tour.look("train, with a pinned picture")
    look_at_settings(tour, user)
    engine.may_end_epoch = threading.Event()
    user.click("train_start_button")
    user.until(lambda: user.is_shown("status_stop"))
    tour.look("training")
    user.click("train_settings")
    tour.look("settings while a training runs")
    user.click("train_queue_button")
    user.close()
    tour.look("closing")
    user.click("closing_go_on")
    for count in (1, 2):
        engine.may_end_epoch.set()
        user.until(lambda count=count: len(user.session.runs) == count)
    user.settle()
    tour.look("trained")
    user.click("train_runs_rename")
    tour.look("a run being renamed")
    QTest.keyClick(user.find(QLineEdit, "run_name_editor"), Qt.Key.Key_Escape)
    user.click("train_runs_compare")
    user.settle()
    tour.look("comparing")
    user.click("train_runs_compare")
    engine.may_end_epoch = None


def look_at_evaluation(tour: Tour, user: WindowRobot) -> None:
    user.go_to("evaluate")
    user.settle()
    tour.look("evaluate")
    for page in ("curves", "pictures", "duel", "cheating", "weather"):
        user.click(f"evaluate_tab_{page}")
        user.settle()
        tour.look(f"evaluate, {page}")
    user.click("weather_start")
    user.settle()
    tour.look("evaluate, weather tried")
    user.session.train(with_setting(training_preset("fast").config, "epochs", "2"))
    user.until(lambda: len(user.session.runs) == 3)
    user.settle()
    EvaluateRobot(user).choose_run(1)
    user.click("evaluate_tab_moments")
    user.settle()
    tour.look("evaluate, time machine")


def look_at_settings(tour: Tour, user: WindowRobot) -> None:
    """The form of every way of training, and the dialogs that find settings."""
    config = user.project.config
    for key, control in (("fast", "train_variants"), ("fine", "train_find_rate")):
        QTest.mouseClick(user.find(QWidget, f"train_preset_{key}"), Qt.MouseButton.LeftButton)
        user.until(lambda control=control: user.is_shown(control))  # type: ignore[misc]
        tour.look(f"settings of {key}")
    user.click("train_find_rate")
    tour.look("looking for a learning rate")
    user.until(lambda: user.can_click("rate_finder_use"))
    tour.look("finding a learning rate")
    close_dialogs(user)
    user.session.set_config(training_preset("fast").config)
    user.until(lambda: user.is_shown("train_search"))
    user.click("train_search")
    tour.look("trying settings")
    user.settle()
    tour.look("settings tried")
    close_dialogs(user)
    user.session.set_config(config)
    user.until(lambda: user.is_shown("train_tab_network"))
    user.click("train_tab_network")
    tour.look("network")


def look_at_similar_pictures(tour: Tour, user: WindowRobot) -> None:
    user.until(lambda: user.can_click("predict_similar_1"))
    user.click("predict_similar_1")
    user.settle()
    tour.look("similar training picture")
    close_dialogs(user)


def look_at_predicting(tour: Tour, user: WindowRobot, root: Path) -> None:
    """Filters, the watched folder, pictures that were moved, and the live camera."""
    user.drop([root / "green", root / "red"])
    user.settle()
    panel = user.window.findChild(PredictPanel)
    sorting = panel.findChild(SortingOut)
    sorting.done.emit("1 picture moved.", True)
    watching = panel.findChild(Watching)
    watching.watch(root / "green")
    tour.look("filters, a watched folder")
    watching.stop()
    look_at_sharing(tour, user, panel)
    session = user.session
    for plugged_in in (("Webcam", "Microscope"), ()):
        assert session.chosen_run is not None
        colours = [QColor("red")] * len(session.chosen_run.class_names)
        icons = Icons(user.window.theme)
        camera = FakeCamera(plugged_in=plugged_in)
        dialog = LiveDialog(camera, session, session.chosen_run, colours, icons, user.window)
        dialog.open()
        tour.look("live camera, before the first answer")
        shown = "live_view" if plugged_in else "live_try_again"
        user.until(dialog.findChild(QWidget, shown).isVisible)
        tour.look("live camera")
        close_dialogs(user)


def look_at_sharing(tour: Tour, user: WindowRobot, panel: PredictPanel) -> None:
    """As it is while a service runs for the chosen run, and for another: none is started."""
    service, session = panel.findChild(Sharing).service, user.session
    for run in session.runs[:2]:
        service.run, service.url = run, "http://127.0.0.1:8000/"
        service.changed.emit()
        tour.look("sharing")
    service.run, service.url = None, ""
    service.changed.emit()


def look_at_model_import(tour: Tour, user: WindowRobot) -> None:
    file = write_fake_model(user.project.root.parent / "theirs.onnx", [(1, 2, 3), (4, 5, 6)])
    found = FoundModel("onnx", 2, None, 3, "NCHW", "x", "y", "scores", "imagenet", digest="unused")
    choices = guessed_choices(file, found)
    theme = user.window.theme
    dialog = ModelImportDialog(file, found, choices, user.session, theme, user.window)
    dialog.open()
    user.settle()
    tour.look("importing a model")
    close_dialogs(user)


def look_at_trust(tour: Tour, user: WindowRobot) -> None:
    user.go_to("evaluate")
    user.settle()
    for page in ("caution", "enough"):
        user.click(f"evaluate_tab_{page}")
        user.settle()
        tour.look(f"evaluate, {page}")


def look_at_convolution(tour: Tour, user: WindowRobot) -> None:
    user.go_to("look_inside")
    for page in ("why", "convolution"):
        user.click(f"inside_tab_{page}")
        user.settle()
        tour.look(f"look inside, {page}")


def look_at_layers(tour: Tour, user: WindowRobot, engine: FakeEngine) -> None:
    """Look inside: the network, what its layers see, and what takes long while it runs."""
    user.go_to("look_inside")
    user.click("inside_tab_network")
    user.settle()
    tour.look("look inside, the network")
    user.click("inside_tab_layers")
    user.settle()
    tour.look("look inside, what each layer sees")
    engine.may_grow = threading.Event()
    user.click("inside_layers_make")
    user.click("inside_layers_find")
    tour.look("look inside, a channel being looked at")
    engine.may_grow = None
    user.click("inside_layers_make_cancel")
    user.settle()
    layers = user.find(QAbstractItemView, "inside_layers_list")
    layers.setFocus()
    QTest.keyClick(layers, Qt.Key.Key_Home)
    user.settle()
    tour.look("look inside, first filters")


def look_at_the_map(tour: Tour, user: WindowRobot) -> None:
    user.go_to("look_inside")
    user.click("inside_tab_map")
    user.settle()
    tour.look("map, pictures not looked at")
    if user.is_shown("map_start"):
        user.click("map_start")
        user.settle()
    tour.look("map")
    user.click("map_tsne")
    tour.look("map, being arranged")
    user.settle()
    user.click("top_help")
    tour.look("help for a step")
    close_dialogs(user)


def look_at_what_was_cut_off(tour: Tour, user: WindowRobot) -> None:
    """A training that was killed, and the question before what is left of it is discarded."""

    class Killed(BaseException):
        """Ends a training as a kill does."""

    root = coloured_folder(user.project.root.parent / "birds", {"owls": 8, "hawks": 8})
    project = scan(root).with_config(user.project.config)
    with pytest.raises(Killed):
        train_project(FakeEngine(fail_with=Killed()), project)(TaskContext())  # type: ignore[arg-type]
    user.open(root)
    user.go_to("train")
    user.until(lambda: user.is_shown("train_resume"))
    tour.look("a training that was cut off")
    user.click("train_discard")
    tour.look("discarding it")
    close_dialogs(user)


def documented() -> dict[str, str]:
    """Object names of the table in CONTRIBUTING.md, and what they are; `*` stands for anything."""
    text = CONTRIBUTING.read_text(encoding="utf-8").partition("## Stable object names")[2]
    rows = re.findall(r"^\| `([^`]+)` \| ([^|]+) \| ([^|]+) \|$", text, re.MULTILINE)
    return {name: what for name, _, what in rows}


def test_every_documented_name_is_in_the_window(tour: Tour) -> None:
    names = documented()
    assert len(names) > 100, "the table cannot be read"
    missing = [name for name in names if not any(fnmatchcase(each, name) for each in tour.names)]
    assert missing == []


def test_whatever_people_act_on_is_documented(tour: Tour) -> None:
    known = documented()
    unknown = [
        name for name in tour.interactive if not any(fnmatchcase(name, each) for each in known)
    ]
    assert sorted(unknown) == []


def test_whatever_people_act_on_has_an_object_name(tour: Tour) -> None:
    assert tour.nameless == set()


def test_whatever_people_act_on_has_a_name_that_a_screen_reader_says(tour: Tour) -> None:
    assert len(tour.interactive) > 80, "the walk went nowhere"
    assert tour.unspoken == set()


@pytest.mark.parametrize("kind", [QLineEdit, QSpinBox, QTableView, QToolButton])
def test_a_widget_without_a_name_would_be_noticed(qtbot: QtBot, kind: type[QWidget]) -> None:
    widget = kind()
    qtbot.addWidget(widget)
    assert is_interactive(widget)
    assert spoken_name(widget) == ""
