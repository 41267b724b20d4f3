"""A model file that was dropped becomes a run that answers, after a look at what was guessed."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QRadioButton

from cnnstudio.ui.dialogs.model_import_dialog import ModelImportDialog
from cnnstudio.ui.models.run_words import IMPORTED_WORDS
from cnnstudio.ui.widgets.empty_state import EmptyState
from cnnstudio.ui.widgets.names_field import NamesField
from cnnstudio.ui.widgets.trial_tiles import TrialTiles
from tests.builders import COLOURS, coloured_folder
from tests.fakes import write_fake_model
from tests.robots.window_robot import WindowRobot

NAMES = ("red", "green")


@pytest.fixture
def project(user: WindowRobot, tmp_path: Path) -> WindowRobot:
    user.show()
    user.open(coloured_folder(tmp_path / "pictures", {"red": 4, "green": 4}))
    user.go_to("predict")
    return user


def dropped(user: WindowRobot, file: Path) -> ModelImportDialog:
    user.drop([file])
    user.until(lambda: user.window.findChild(ModelImportDialog) is not None)
    user.settle()
    dialog = user.window.findChild(ModelImportDialog)
    assert isinstance(dialog, ModelImportDialog)
    return dialog


def words(user: WindowRobot, name: str) -> str:
    return user.find(QLabel, name).text()


def test_a_dropped_model_shows_its_answers_and_becomes_the_run_that_answers(
    project: WindowRobot, tmp_path: Path
) -> None:
    user = project
    file = write_fake_model(tmp_path / "m.tflite", [COLOURS[each] for each in NAMES], NAMES)
    dialog = dropped(user, file)
    # The file suggests another scaling, but is right on all pictures with this one.
    assert words(user, "model_import_right_0") == "8 of 8 right"
    assert user.find(QRadioButton, "model_import_scaling_0").isChecked()
    assert "right most often" in words(user, "model_import_reason")
    # 4 pictures more may well be luck.
    assert "may be by chance: 8 and 4 of 8 right" in words(user, "model_import_reason")
    tiles = user.find(TrialTiles, "model_import_tiles").tiles
    assert len(tiles) == 6
    assert {each.verdict for each in tiles} == {"right"}
    user.click("model_import_scaling_2")
    tiles = user.find(TrialTiles, "model_import_tiles").tiles
    assert any(each.verdict.startswith("really") for each in tiles)
    assert dialog.choices.feeding.scaling == "-1..1"
    user.click("model_import_scaling_0")
    user.click("model_import_accept")
    user.until(lambda: user.session.chosen_run is not None)
    user.settle()
    run = user.session.chosen_run
    assert run is not None
    assert (run.name, run.imported_from, run.test_accuracy) == ("m", "m.tflite", 1.0)
    assert user.step() == "predict"
    # Nothing is said of a training that nobody here knows of.
    assert _sentences(user).count(IMPORTED_WORDS) == 2, "in the place of both curves"
    user.go_to("evaluate")
    user.settle()
    user.click("evaluate_tab_moments")
    assert f"{IMPORTED_WORDS} There are no epochs to go back to." in "".join(_sentences(user))
    user.click("evaluate_tab_enough")
    assert "how many pictures it has learned is not known" in words(user, "enough_words")
    assert not user.window.findChild(QPushButton, "enough_start").isVisible()


def _sentences(user: WindowRobot) -> list[str]:
    """What stands where there is nothing to show."""
    return [each.sentence() for each in user.window.findChildren(EmptyState)]


def test_names_that_do_not_fit_keep_the_model_from_being_imported(
    project: WindowRobot, tmp_path: Path
) -> None:
    user = project
    dialog = dropped(user, write_fake_model(tmp_path / "m.onnx", [(0, 0, 0), (9, 9, 9)]))
    assert dialog.choices.titles == ("class 1", "class 2")
    assert "nobody can count" in words(user, "model_import_said")
    user.find(QPlainTextEdit, "model_import_classes").setPlainText("red")
    assert not user.find(QPushButton, "model_import_accept").isEnabled()
    assert "2 classes apart; the list has 1 name." in words(user, "model_import_labels_from")
    names = tmp_path / "names.txt"
    names.write_text("green\nred\n")
    dialog.take_labels(names)
    user.until(lambda: words(user, "model_import_labels_from") == "From names.txt.")
    assert dialog.choices.titles == ("green", "red")
    field = user.find(NamesField, "model_import_classes")
    field.setPlainText("owl\nowl")
    assert 'Equal names got a number: "owl (2)"' in words(user, "model_import_labels_from")
    QGuiApplication.clipboard().setText("x\n" * 1_000_000)
    field.paste()
    assert "1,000,001 lines" in words(user, "model_import_labels_from")
    field.setPlainText("green\nred")
    user.until(lambda: "of 8 right" in words(user, "model_import_right_0"))
    user.click("model_import_cancel")
    assert not user.session.runs


def test_a_file_that_is_refused_says_why(project: WindowRobot, tmp_path: Path) -> None:
    (tmp_path / "m.keras").write_bytes(b"no model")
    project.drop([tmp_path / "m.keras"])
    project.until(lambda: "damaged" in project.error())
    assert project.window.findChild(ModelImportDialog) is None
