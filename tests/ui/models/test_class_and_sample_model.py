"""The two models of the Images step keep Qt's contract and harmless names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from cnnstudio.core.arranging import (
    Arrangement,
    Knowledge,
    Problem,
    SampleFilter,
    SampleOrder,
    arrange,
)
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import ImageClass, Project, Sample
from cnnstudio.ui.models.class_model import ROW_ROLE, ClassModel, RowKind
from cnnstudio.ui.models.sample_model import (
    BADGE_ROLE,
    COLOUR_ROLE,
    SUGGESTION_ROLE,
    SampleModel,
)
from cnnstudio.ui.theme import class_colour

PROJECT = Project(
    Path("/p"),
    (ImageClass("b_", "<b> & co"), ImageClass("empty", "empty"), ImageClass("c", "c")),
    (
        Sample("b_/1.jpg", "b_", 1, 1),
        Sample("c/2.jpg", "c", 1, 2),
        Sample("c/3.jpg", "c", 1, 3),
        Sample("_unlabelled/4.jpg", None, 1, 4),
    ),
)


def test_the_class_list_has_counts_keys_and_shares(
    qtbot: QtBot, qtmodeltester: ModelTester
) -> None:
    model = ClassModel()
    model.set_project(PROJECT)
    qtmodeltester.check(model)
    rows = [(row.title, row.count, row.key, row.share) for row in model.rows]
    assert rows == [
        ("All pictures", 4, "", 0.0),
        ("Without a class", 1, "0", 0.0),
        ("<b> & co", 1, "1", 0.5),
        ("empty", 0, "2", 0.0),
        ("c", 2, "3", 1.0),
    ]


def test_only_the_first_nine_classes_have_a_key(qtbot: QtBot) -> None:
    model = ClassModel()
    classes = tuple(ImageClass(str(n), str(n), n) for n in range(12))
    model.set_project(Project(Path("/p"), classes))
    assert [row.key for row in model.rows[-4:]] == ["9", "", "", ""]
    assert len({row.colour.name() for row in model.rows if row.colour is not None}) == 12


def test_titles_in_tooltips_do_not_act_like_markup(qtbot: QtBot) -> None:
    model = ClassModel()
    model.set_project(PROJECT)
    index = model.index(model.row_of(RowKind.CLASS, "b_"))
    assert index.data(Qt.ItemDataRole.ToolTipRole).startswith("&lt;b&gt; &amp; co: 1 picture")
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "<b> & co, 1 picture, key 1"


def test_only_a_class_with_a_new_title_asks_to_be_renamed(qtbot: QtBot) -> None:
    model = ClassModel()
    model.set_project(PROJECT)
    wanted: list[tuple[str, str]] = []
    model.rename_wanted.connect(lambda name, title: wanted.append((name, title)))
    index = model.index(model.row_of(RowKind.CLASS, "c"))
    assert not model.setData(index, " c ")
    assert not model.setData(index, "  ")
    assert model.setData(index, " d ")
    assert wanted == [("c", "d")]
    assert not model.index(0).flags() & Qt.ItemFlag.ItemIsEditable


def test_counts_change_without_a_reset(qtbot: QtBot) -> None:
    model = ClassModel()
    model.set_project(PROJECT)
    with qtbot.assertNotEmitted(model.modelReset):
        model.set_project(replace(PROJECT, samples=PROJECT.samples[:1]))
    assert model.index(0).data(ROW_ROLE).count == 1


def arranged(project: Project, shown: Arrangement | None = None) -> Arrangement:
    return arrange(project, SampleFilter(), SampleOrder(), Knowledge(), TaskContext(), shown)


def test_samples_tell_name_class_and_problems(qtbot: QtBot, qtmodeltester: ModelTester) -> None:
    model = SampleModel()
    problems = (Problem("unreadable", "the file is <empty>"), Problem("near twins"))
    knowledge = Knowledge(problems={"b_/1.jpg": problems})
    assert model.set_arrangement(PROJECT, arranged(PROJECT), knowledge)
    qtmodeltester.check(model)
    assert model.index(0).data(Qt.ItemDataRole.ToolTipRole) == (
        "1.jpg<br>&lt;b&gt; &amp; co<br>Cannot be read: the file is &lt;empty&gt;"
        "<br>Another picture looks nearly the same"
    )
    assert [model.index(row).data(BADGE_ROLE) for row in (0, 1)] == ["cannot be read", None]
    assert model.index(3).data(Qt.ItemDataRole.AccessibleTextRole) == "4.jpg, without a class"
    assert model.row_of("c/2.jpg") == 1
    assert model.row_of("gone.jpg") == -1


def test_a_suggested_class_is_told_with_its_probability(qtbot: QtBot) -> None:
    model = SampleModel()
    model.set_arrangement(PROJECT, arranged(PROJECT), Knowledge())
    with qtbot.waitSignal(model.dataChanged):
        model.set_suggestions({"_unlabelled/4.jpg": ("c", 0.97)})
    spoken = model.index(3).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "4.jpg, without a class, The network suggests c, 97 %"
    assert model.index(0).data(SUGGESTION_ROLE) is None


def test_a_class_keeps_the_colour_the_project_gave_it(qtbot: QtBot) -> None:
    model = SampleModel()
    project = replace(PROJECT, classes=(ImageClass("b_", "b", colour=2), ImageClass("c", "c")))
    model.set_arrangement(project, arranged(project), Knowledge())
    assert model.index(0).data(COLOUR_ROLE) == class_colour(2)
    assert model.index(3).data(COLOUR_ROLE) is None


def test_the_same_pictures_in_the_same_order_are_no_reset(qtbot: QtBot) -> None:
    model = SampleModel()
    first = arranged(PROJECT)
    model.set_arrangement(PROJECT, first, Knowledge())
    with qtbot.assertNotEmitted(model.modelReset), qtbot.waitSignal(model.dataChanged):
        assert not model.set_arrangement(PROJECT, arranged(PROJECT, first), Knowledge())
    fewer = replace(PROJECT, samples=PROJECT.samples[:2])
    assert model.set_arrangement(fewer, arranged(fewer, first), Knowledge())
