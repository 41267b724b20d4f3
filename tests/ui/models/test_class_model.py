"""The rows of the class list follow the project."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QPersistentModelIndex, Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from cnnstudio.core.project import ImageClass, Project
from cnnstudio.ui.models.class_model import ROW_ROLE, ClassModel, RowKind
from cnnstudio.ui.theme import class_colour

HAT = ImageClass("hat", "Hat", 5, "h", "Caps, too.\nNo <hoods>.")
PROJECT = Project(
    Path("/p"), (HAT, ImageClass("coat", "Coat", 2, is_switched_on=False), ImageClass("x", "X"))
)


def shown(project: Project) -> ClassModel:
    model = ClassModel()
    model.set_project(project)
    return model


def test_a_class_is_shown_in_its_own_colour_whatever_its_place(qtbot: QtBot) -> None:
    turned = replace(PROJECT, classes=PROJECT.classes[::-1])
    for project in (PROJECT, turned):
        colours = {row.name: row.colour for row in shown(project).rows if row.name}
        assert colours == {"hat": class_colour(5), "coat": class_colour(2), "x": class_colour(0)}


def test_a_row_tells_its_keys_its_note_and_that_it_is_off(qtbot: QtBot) -> None:
    model = shown(PROJECT)
    hat, coat = (model.index(model.row_of(RowKind.CLASS, name)) for name in ("hat", "coat"))
    assert hat.data(ROW_ROLE).keys == "1 h"
    assert hat.data(Qt.ItemDataRole.AccessibleTextRole) == (
        "Hat, 0 pictures, key 1 or h, has a note"
    )
    assert hat.data(Qt.ItemDataRole.ToolTipRole) == (
        "Hat: 0 pictures<br>Press 1 or h to give it to the selected pictures"
        "<br><br>Caps, too.<br>No &lt;hoods&gt;."
    )
    assert coat.data(Qt.ItemDataRole.AccessibleTextRole).endswith("switched off")
    assert "left out of training" in coat.data(Qt.ItemDataRole.ToolTipRole)


def test_views_follow_a_class_to_its_new_place(qtbot: QtBot, qtmodeltester: ModelTester) -> None:
    model = shown(PROJECT)
    qtmodeltester.check(model)
    held = {row.name: QPersistentModelIndex(model.index(at)) for at, row in enumerate(model.rows)}
    with qtbot.assertNotEmitted(model.modelReset):
        model.set_project(replace(PROJECT, classes=PROJECT.classes[::-1]))
    assert model.class_names() == ["x", "coat", "hat"]
    for name in ("hat", "coat", "x"):
        assert held[name].data(ROW_ROLE).name == name


def test_a_renamed_class_keeps_its_row(qtbot: QtBot) -> None:
    model = shown(PROJECT)
    held = QPersistentModelIndex(model.index(model.row_of(RowKind.CLASS, "hat")))
    renamed = replace(HAT, name="cap", title="Cap")
    model.set_project(replace(PROJECT, classes=(renamed, *PROJECT.classes[1:])))
    assert held.data(ROW_ROLE).title == "Cap"
