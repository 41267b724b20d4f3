"""The Images step, driven with mouse and keys."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QByteArray, QMimeData, Qt, QUrl
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from cnnstudio.core.config import ResizeMode, RunConfig, TrainingConfig
from cnnstudio.core.errors import StudioError
from cnnstudio.core.project import ImageClass, Project, Sample
from tests.builders import coloured_folder, coloured_picture
from tests.robots.images_robot import ImagesRobot

CONTROL = Qt.KeyboardModifier.ControlModifier
AWKWARD = ["emoji 😀", "salt & pepper", "<b>bold</b>", 'it\'s "quoted"', "100 %"]


@pytest.fixture
def errors() -> list[Exception]:
    return []


@pytest.fixture
def robot(images_robot: ImagesRobot, errors: list[Exception]) -> ImagesRobot:
    images_robot.session.failed.connect(errors.append)
    return images_robot


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return coloured_folder(tmp_path / "project", {"blue": 3, "green": 2, "_unlabelled": 4})


@pytest.fixture
def opened(robot: ImagesRobot, project: Path) -> ImagesRobot:
    robot.open(project)
    return robot


def test_a_project_opens_on_all_its_pictures(opened: ImagesRobot) -> None:
    assert opened.classes() == {"blue": 3, "green": 2}
    assert opened.all_counts() == (9, 4)
    assert opened.title() == "All pictures"
    assert opened.facts() == "9 pictures"
    assert len(opened.shown()) == 9


def test_a_class_shows_only_its_pictures(opened: ImagesRobot) -> None:
    opened.choose_class("blue")
    assert opened.title() == "blue"
    assert opened.shown_paths() == ["blue/1.png", "blue/2.png", "blue/3.png"]
    opened.choose_class("Without a class")
    assert len(opened.shown()) == 4


def test_an_empty_project_says_what_to_do(robot: ImagesRobot, tmp_path: Path) -> None:
    robot.session.create(tmp_path / "empty")
    robot.settle()
    assert "Drop a folder here" in robot.sentence_of_empty_grid()
    assert not robot.is_shown("images_show_all")


# Classes


def test_a_new_class_is_named_in_place_and_gets_its_folder(
    opened: ImagesRobot, project: Path
) -> None:
    opened.create_class("red")
    assert opened.classes() == {"blue": 3, "green": 2, "red": 0}
    assert (project / "red").is_dir()
    assert not opened.is_shown("images_new_class_name")
    opened.choose_class("red")
    assert "No pictures here yet" in opened.sentence_of_empty_grid()


def test_escape_makes_no_class(opened: ImagesRobot) -> None:
    opened.begin_class_and_escape("red")
    assert "red" not in opened.classes()
    assert not opened.is_shown("images_new_class_name")


def test_a_second_class_of_a_name_is_refused(opened: ImagesRobot, errors: list[Exception]) -> None:
    opened.create_class("Blue")
    assert [str(error) for error in errors] == [
        "There is a class blue already. Choose another name."
    ]
    assert opened.classes() == {"blue": 3, "green": 2}


@pytest.mark.parametrize("title", AWKWARD)
def test_a_class_may_have_an_awkward_name(opened: ImagesRobot, title: str) -> None:
    opened.create_class(title)
    assert title in opened.classes()
    opened.choose_class(title)
    assert opened.title() == title
    opened.choose_class("Without a class")
    opened.select("1.png")
    opened.press_and_wait("3")
    assert opened.classes()[title] == 1


def test_a_class_with_an_ampersand_can_be_chosen_in_the_menu(opened: ImagesRobot) -> None:
    opened.create_class("salt & pepper")
    opened.choose_class("Without a class")
    opened.select("1.png", "3.png")
    # Two stand for one on screen, where a single one would underline the next letter.
    opened.choose_in_menu("1.png", "Move to class", "salt && pepper")
    assert opened.classes()["salt & pepper"] == 2


def test_a_class_is_renamed_in_its_row_and_stays_chosen(opened: ImagesRobot, project: Path) -> None:
    opened.rename_class("green", "olive & lime")
    assert opened.classes() == {"blue": 3, "olive & lime": 2}
    assert opened.title() == "olive & lime"
    assert len(opened.shown()) == 2
    opened.rename_class_by_double_click("blue", "navy")
    assert (project / "navy" / "1.png").is_file()
    opened.undo()
    opened.undo()
    assert opened.classes() == {"blue": 3, "green": 2}


def test_a_removed_class_comes_back_with_undo(opened: ImagesRobot, project: Path) -> None:
    opened.remove_class("blue")
    assert opened.classes() == {"green": 2}
    assert opened.title() == "All pictures"
    assert not (project / "blue").exists()
    opened.undo()
    assert opened.classes() == {"blue": 3, "green": 2}
    assert (project / "blue" / "3.png").is_file()


# Selecting and labelling


def test_pictures_are_selected_with_shift_ctrl_and_all(opened: ImagesRobot) -> None:
    opened.choose_class("Without a class")
    opened.select("1.png")
    opened.select_up_to("3.png")
    assert opened.selected() == ["1.png", "2.png", "3.png"]
    opened.select("1.png", "4.png")
    assert opened.selected() == ["1.png", "4.png"]
    assert opened.facts() == "4 pictures, 2 selected"
    opened.press("a", CONTROL)
    assert opened.facts() == "4 pictures, 4 selected"
    opened.press(Qt.Key.Key_Escape)
    assert opened.facts() == "4 pictures"


def test_a_click_beside_the_pictures_takes_the_selection_away(opened: ImagesRobot) -> None:
    opened.select("1.png")
    opened.click_beside_the_pictures()
    assert opened.selected() == []


def test_a_rubber_band_selects_what_it_touches(opened: ImagesRobot) -> None:
    opened.choose_class("Without a class")
    opened.stretch_rubber_band_to("3.png")
    assert opened.selected() == ["3.png", "4.png"]


def test_arrows_move_and_shift_extends_the_selection(opened: ImagesRobot) -> None:
    opened.choose_class("Without a class")
    opened.press(Qt.Key.Key_Home)
    opened.press(Qt.Key.Key_Right)
    assert opened.selected() == ["2.png"]
    opened.press(Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert opened.selected() == ["2.png", "3.png"]
    opened.press(Qt.Key.Key_End)
    assert opened.selected() == ["4.png"]


def test_arrows_up_and_down_keep_the_column(robot: ImagesRobot, tmp_path: Path) -> None:
    robot.open(coloured_folder(tmp_path / "p", {"blue": 20}))
    columns = robot.pictures_in_a_row()
    robot.press(Qt.Key.Key_Home)
    robot.press(Qt.Key.Key_Right)
    robot.press(Qt.Key.Key_Down)
    assert robot.selected() == [robot.shown()[1 + columns]]
    robot.press(Qt.Key.Key_Up)
    robot.press(Qt.Key.Key_Up)
    assert robot.selected() == [robot.shown()[1]]


def test_ctrl_and_wheel_make_the_pictures_larger(robot: ImagesRobot, tmp_path: Path) -> None:
    robot.open(coloured_folder(tmp_path / "p", {"blue": 20}))
    columns = robot.pictures_in_a_row()
    robot.zoom_with_the_wheel(4)
    assert robot.pictures_in_a_row() < columns
    robot.zoom_with_the_wheel(-20)
    assert robot.pictures_in_a_row() > columns


def test_a_number_key_gives_the_selection_a_class(opened: ImagesRobot, project: Path) -> None:
    opened.choose_class("Without a class")
    opened.select("2.png", "3.png")
    opened.press_and_wait("1")
    assert opened.classes() == {"blue": 5, "green": 2}
    assert len(list((project / "blue").iterdir())) == 5
    assert opened.shown() == ["1.png", "4.png"]


def test_after_labelling_the_next_picture_is_selected(opened: ImagesRobot) -> None:
    opened.choose_class("Without a class")
    opened.select("2.png")
    opened.press_and_wait("1")
    assert opened.selected() == ["3.png"]


def test_keys_typed_faster_than_files_move_label_one_picture_after_the_other(
    opened: ImagesRobot, errors: list[Exception]
) -> None:
    opened.choose_class("Without a class")
    opened.select("1.png")
    for key in "1212":
        opened.press(key)
    opened.wait_until(lambda: opened.all_counts()[1] == 0)
    opened.settle()
    assert opened.classes() == {"blue": 5, "green": 4}
    assert errors == []


def test_zero_takes_the_class_away(opened: ImagesRobot) -> None:
    opened.choose_class("green")
    opened.press("a", CONTROL)
    opened.press_and_wait("0")
    assert opened.classes() == {"blue": 3, "green": 0}
    assert opened.all_counts() == (9, 6)


def test_among_all_pictures_the_selection_follows_the_pictures(opened: ImagesRobot) -> None:
    opened.select(opened.shown()[0])
    before = opened.grid.selected_samples()[0]
    opened.press_and_wait("2")
    after = opened.grid.selected_samples()
    assert [each.class_name for each in after] == ["green"]
    assert after[0].size_bytes == before.size_bytes


def test_labelling_is_undone_and_redone(opened: ImagesRobot) -> None:
    opened.choose_class("Without a class")
    opened.press("a", CONTROL)
    opened.press_and_wait("2")
    assert opened.all_counts() == (9, 0)
    opened.undo()
    assert opened.all_counts() == (9, 4)
    opened.redo()
    assert opened.classes() == {"blue": 3, "green": 6}


def test_the_panel_gives_the_keyboard_to_the_grid_and_tells_about_the_keys(
    opened: ImagesRobot, qtbot: QtBot
) -> None:
    opened.panel.setFocus()
    assert opened.grid.hasFocus()
    with qtbot.waitSignal(opened.session.said) as said:
        opened.press("a", CONTROL)
    assert said.args == [
        "Press a number to give the 9 pictures selected a class, or type its name. Ctrl+Z undoes."
    ]


def test_a_number_without_a_class_says_so(opened: ImagesRobot, qtbot: QtBot) -> None:
    opened.select(opened.shown()[0])
    with qtbot.waitSignal(opened.session.said) as said:
        opened.press("7")
    assert said.args == ["No class has the key 7."]


def test_giving_pictures_the_class_they_have_leaves_no_step_to_undo(opened: ImagesRobot) -> None:
    opened.choose_class("blue")
    opened.press("a", CONTROL)
    opened.press_and_wait("1")
    assert opened.session.undo_words is None


def test_the_selection_is_dragged_onto_a_class(opened: ImagesRobot) -> None:
    opened.choose_class("Without a class")
    opened.select("1.png", "2.png")
    opened.drag_selection_to_class("green")
    assert opened.classes() == {"blue": 3, "green": 4}


def test_delete_moves_pictures_to_the_bin_and_undo_brings_them_back(
    opened: ImagesRobot, project: Path
) -> None:
    opened.choose_class("blue")
    opened.select("1.png", "3.png")
    opened.press_and_wait(Qt.Key.Key_Delete)
    assert opened.shown() == ["2.png"]
    assert not (project / "blue" / "1.png").exists()
    opened.undo()
    assert opened.shown() == ["1.png", "2.png", "3.png"]
    assert (project / "blue" / "1.png").is_file()


# Looking closer


def test_space_shows_a_picture_large_and_arrows_go_on(opened: ImagesRobot) -> None:
    opened.choose_class("blue")
    opened.select("2.png")
    opened.press(Qt.Key.Key_Space)
    name, facts = opened.preview_words()
    size = (opened.session.project.root / "blue" / "2.png").stat().st_size
    assert name == "2.png"
    assert facts.startswith(f"blue · 16 x 16 pixels · {size} bytes · today ")
    opened.wait_until(lambda: min(opened.preview_size()) > 300)
    opened.press_in_preview(Qt.Key.Key_Right)
    opened.press_in_preview(Qt.Key.Key_Right)
    assert opened.preview_words()[0] == "3.png"
    assert opened.selected() == ["3.png"]
    opened.press_in_preview(Qt.Key.Key_Space)
    assert opened.preview() is None


def test_pictures_are_sorted_in_the_preview_by_number_keys(opened: ImagesRobot) -> None:
    opened.choose_class("Without a class")
    opened.select("3.png")
    opened.press(Qt.Key.Key_Space)
    opened.press_in_preview("2")
    name, facts = opened.preview_words()
    assert name == "4.png"
    assert facts.startswith("without a class · 16 x 16 pixels")
    opened.press_in_preview("2")
    assert opened.preview_words()[0] == "2.png"
    opened.press_in_preview(Qt.Key.Key_Delete)
    opened.press_in_preview(Qt.Key.Key_Delete)
    assert opened.preview() is None
    assert opened.classes() == {"blue": 3, "green": 4}
    assert opened.all_counts() == (7, 0)


def test_home_and_end_go_to_the_first_and_last_picture(opened: ImagesRobot) -> None:
    opened.choose_class("blue")
    opened.select("2.png")
    opened.press(Qt.Key.Key_Space)
    for key, name in ((Qt.Key.Key_End, "3.png"), (Qt.Key.Key_Home, "1.png")):
        opened.press_in_preview(key)
        assert opened.preview_words()[0] == name
    assert opened.preview_path() == str(opened.session.project.root / "blue" / "1.png")
    opened.press_in_preview(Qt.Key.Key_Space)


@pytest.mark.parametrize(
    ("mode", "words", "is_cut"),
    [("crop", "What is dark is cut off", True), ("pad", "grey fills the rest", False)],
)
def test_the_preview_shows_what_the_network_sees(
    robot: ImagesRobot, tmp_path: Path, mode: ResizeMode, words: str, is_cut: bool
) -> None:
    root = coloured_folder(tmp_path / "p", {"blue": 1})
    Image.new("RGB", (60, 30), "red").save(root / "blue" / "1.png")
    (root / "blue" / "2.png").touch()
    robot.open(root)
    training = TrainingConfig(image_size=48, resize_mode=mode)
    robot.session.set_config(RunConfig(training=training))
    robot.select("1.png")
    robot.press(Qt.Key.Key_Space)
    robot.wait_until(lambda: min(robot.preview_size()) > 100)
    robot.see_as_the_network()
    assert robot.seen_words().startswith("48 x 48 pixels. ")
    assert words in robot.seen_words()
    robot.wait_until(lambda: robot.seen_size() == (48, 48))
    width, height = robot.kept_size()
    assert (width == height) == is_cut
    robot.press_in_preview(Qt.Key.Key_Right)
    assert robot.preview_problem() == "Cannot be read: the file is empty"
    robot.wait_until(lambda: robot.seen_size() == (0, 0))
    robot.press_in_preview(Qt.Key.Key_Escape)
    robot.wait_until(lambda: robot.preview() is None)


def test_the_preview_shows_every_pixel_and_is_dragged_about(
    robot: ImagesRobot, tmp_path: Path
) -> None:
    root = coloured_folder(tmp_path / "p", {"blue": 1})
    wide = Image.new("RGB", (3000, 200), "red")
    wide.paste("yellow", (1500, 0, 3000, 200))
    wide.save(root / "blue" / "2.png")
    robot.open(root)
    robot.select("2.png")
    robot.press(Qt.Key.Key_Space)
    robot.wait_until(lambda: robot.preview_size()[0] > 500)
    robot.press_in_preview("+")
    robot.wait_until(lambda: robot.full_size() == (3000, 200))
    middle = robot.full_left()
    robot.drag_preview(-100)
    assert robot.full_left() == middle - 100
    robot.drag_preview(5000)
    assert robot.full_left() == 0
    robot.press_in_preview("-")
    assert robot.full_size() == (0, 0)
    robot.double_click_preview()
    robot.wait_until(lambda: robot.full_size() == (3000, 200))
    robot.press_in_preview(Qt.Key.Key_Left)
    assert robot.full_size() == (0, 0)
    robot.press_in_preview(Qt.Key.Key_Space)


# Finding


def test_names_are_searched_without_regard_to_case(robot: ImagesRobot, tmp_path: Path) -> None:
    root = coloured_folder(tmp_path / "p", {"blue": 2})
    coloured_picture(root / "blue" / "Élan 1.png", "blue")
    robot.open(root)
    robot.search("élan")
    assert robot.shown() == ["Élan 1.png"]
    robot.search("nothing like it")
    assert "No picture has this in its name" in robot.sentence_of_empty_grid()
    robot.click("images_show_all")
    robot.settle()
    assert len(robot.shown()) == 3


def test_pictures_that_cannot_be_read_are_shown_with_their_reason(
    robot: ImagesRobot, tmp_path: Path
) -> None:
    root = coloured_folder(tmp_path / "p", {"blue": 12, "red": 12})
    (root / "blue" / "page <b>.png").write_text("<html>not found</html>")
    (root / "blue" / "empty.png").touch()
    robot.open(root)
    assert robot.banner() == "Health check: 2 pictures cannot be read."
    robot.choose_class("blue")
    robot.click("images_health_show")
    robot.click("images_finding_look_0")
    robot.settle()
    assert sorted(robot.shown()) == ["empty.png", "page <b>.png"]
    assert robot.reason_of("empty.png") == "the file is empty"
    tooltip = robot.tooltip_of("page <b>.png")
    assert "web page" in tooltip
    assert "page &lt;b&gt;.png" in tooltip
    robot.select("empty.png", "page <b>.png")
    robot.press_and_wait(Qt.Key.Key_Delete)
    robot.wait_until(lambda: not robot.is_shown("images_health"))
    assert "No picture is like this" in robot.sentence_of_empty_grid()


def test_without_problems_there_is_no_banner(robot: ImagesRobot, tmp_path: Path) -> None:
    robot.open(coloured_folder(tmp_path / "p", {"blue": 12, "red": 12}))
    robot.settle()
    assert not robot.is_shown("images_health")


def test_a_finding_is_fixed_ignored_and_all_of_it_undone(
    robot: ImagesRobot, tmp_path: Path
) -> None:
    root = coloured_folder(tmp_path / "p", {"blue": 12, "red": 12})
    shutil.copy(root / "blue" / "1.png", root / "red" / "copy.png")
    robot.open(root)
    assert robot.banner() == "Health check: 1 picture is in two classes."
    robot.click("images_health_show")
    menu = robot.panel.findChild(QPushButton, "images_finding_relabel_0").menu()
    next(each for each in menu.actions() if each.text() == "red").trigger()
    robot.wait_until(lambda: not robot.is_shown("images_health"))
    assert not (root / "blue" / "1.png").exists()
    assert (root / "red" / "copy.png").exists()
    robot.undo()
    robot.wait_until(lambda: robot.is_shown("images_health"))
    assert (root / "blue" / "1.png").exists()
    robot.click("images_finding_ignore_0")
    robot.wait_until(lambda: not robot.is_shown("images_health"))
    robot.undo()
    robot.wait_until(lambda: robot.is_shown("images_health"))


# Adding


def test_dropped_files_go_to_the_class_that_is_shown(
    opened: ImagesRobot, project: Path, tmp_path: Path
) -> None:
    picture = coloured_picture(tmp_path / "1.png", "blue", "another")
    opened.choose_class("blue")
    opened.drop_on_grid(picture)
    assert opened.import_dialog() is None
    assert opened.classes()["blue"] == 4
    assert len(opened.shown()) == 4
    assert picture.is_file()
    opened.undo()
    assert opened.classes()["blue"] == 3


def test_files_dropped_on_a_class_belong_to_it(opened: ImagesRobot, tmp_path: Path) -> None:
    files = [coloured_picture(tmp_path / f"new {n}.png", "green", str(n)) for n in range(3)]
    opened.drop_on_class("green", *files)
    assert opened.classes()["green"] == 5


def test_a_dropped_folder_is_previewed_and_brings_its_classes(
    opened: ImagesRobot, tmp_path: Path
) -> None:
    folder = coloured_folder(tmp_path / "more", {"green": 3, "salt & <i>pepper": 2})
    opened.drop_on_grid(folder)
    assert opened.import_rows() == [
        ("green", "", "3"),
        ("salt & <i>pepper", "new class", "2"),
    ]
    assert opened.classes() == {"blue": 3, "green": 2}
    opened.accept_import()
    assert opened.classes() == {"blue": 3, "green": 5, "salt & <i>pepper": 2}


def test_a_cancelled_preview_adds_nothing(opened: ImagesRobot, tmp_path: Path) -> None:
    opened.drop_on_grid(coloured_folder(tmp_path / "more", {"red": 3}))
    opened.click("import_cancel")
    opened.settle()
    assert opened.classes() == {"blue": 3, "green": 2}


def test_what_is_skipped_is_told_before_anything_happens(
    opened: ImagesRobot, tmp_path: Path
) -> None:
    picture = coloured_picture(tmp_path / "new.png", "blue")
    notes = tmp_path / "notes.txt"
    notes.write_text("no picture")
    opened.drop_on_class("blue", picture, notes)
    assert "1 file skipped" in opened.import_lines()
    assert "notes.txt: this is not a picture" in opened.import_lines()
    opened.accept_import()
    assert opened.classes()["blue"] == 4


def test_where_there_is_no_picture_nothing_can_be_added(
    opened: ImagesRobot, tmp_path: Path
) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("no picture")
    opened.drop_on_grid(notes)
    assert "There are no pictures in it." in opened.import_lines()
    assert not opened.is_shown("import_add")


def test_a_folder_dropped_on_without_a_class_makes_no_classes(
    opened: ImagesRobot, tmp_path: Path
) -> None:
    folder = coloured_folder(tmp_path / "more", {"red": 2, "white": 1})
    opened.drop_on_class("Without a class", folder)
    opened.accept_import()
    assert opened.classes() == {"blue": 3, "green": 2}
    assert opened.all_counts() == (12, 7)


def test_a_picture_from_a_browser_is_added(opened: ImagesRobot) -> None:
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    mime = QMimeData()
    mime.setImageData(image)
    mime.setUrls([QUrl("https://example.org/cats/tom.jpg")])
    opened.choose_class("green")
    opened.drop_mime_on_grid(mime)
    assert "tom.png" in opened.shown()
    assert opened.reason_of("tom.png") is None


def test_a_mere_link_is_refused_with_advice(opened: ImagesRobot, errors: list[Exception]) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl("https://example.org/cats/tom.jpg")])
    opened.drop_mime_on_grid(mime)
    [error] = errors
    assert isinstance(error, StudioError)
    assert "link" in error.sentence
    assert error.hint


def test_dropped_bytes_that_are_no_picture_are_told(opened: ImagesRobot) -> None:
    mime = QMimeData()
    mime.setData("image/png", QByteArray(b"this is not a picture"))
    opened.drop_mime_on_grid(mime)
    assert "could not be copied. pasted picture.png: this is not a picture." in opened.error()
    assert opened.all_counts() == (9, 4)


def test_files_are_chosen_in_a_dialog(opened: ImagesRobot, tmp_path: Path) -> None:
    picture = coloured_picture(tmp_path / "chosen.png", "blue")
    opened.choose_class("blue")
    opened.choose_files(picture)
    assert "chosen.png" in opened.shown()


# Many


def test_twenty_thousand_pictures_are_listed_and_only_those_on_screen_are_read(
    robot: ImagesRobot, tmp_path: Path
) -> None:
    root = tmp_path / "many"
    root.mkdir()
    samples = tuple(Sample(f"a/{n:05d}.jpg", "a", 10, n) for n in range(20_000))
    project = Project(root, (ImageClass("a", "a"),), samples)
    asked: set[str] = set()
    robot.panel._thumbnails.failed.connect(lambda path, _reason: asked.add(path))
    robot.session.project = project
    robot.panel._on_project_changed(None, project)
    robot.settle()
    assert robot.facts() == "20,000 pictures"
    robot.wait_until(lambda: robot.panel._thumbnails.waiting_count == 0 and len(asked) > 0)
    visible = robot.grid.visible_rows()
    assert visible.start == 0
    assert 0 < len(visible) < 100
    # What is on screen, and one screen ahead.
    on_screen = {str(root / samples[row].path) for row in visible}
    robot.wait_until(lambda: on_screen <= asked)
    robot.wait_until(lambda: robot.panel._thumbnails.waiting_count == 0)
    assert len(asked) <= 3 * len(visible)
    robot.press(Qt.Key.Key_End)
    assert robot.grid.visible_rows().stop == 20_000
    robot.wait_until(lambda: str(root / "a/19999.jpg") in asked)
    robot.wait_until(lambda: robot.panel._thumbnails.waiting_count == 0)
    assert len(asked) < 300
    robot.press("a", CONTROL)
    assert robot.facts() == "20,000 pictures, 20,000 selected"
