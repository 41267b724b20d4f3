"""The window as a whole: the start page, the steps, drops and pastes, opening and closing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, QObject, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFileDialog,
    QMenu,
    QPushButton,
    QTextBrowser,
    QToolButton,
    QWidget,
)

from cnnstudio.core.class_edits import add_class
from cnnstudio.core.config import RunConfig, TrainingConfig
from cnnstudio.core.runs import list_runs
from cnnstudio.core.storage import project_file
from cnnstudio.ui.evaluation.pages import evaluation_pages
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.thumbnails import Thumbnails
from cnnstudio.ui.widgets.banner import Banner
from tests.builders import coloured_folder, coloured_picture
from tests.fakes import FakeEngine
from tests.robots.window_robot import WindowRobot, files, link
from tests.ui.training.conftest import end_epochs

SMALL = RunConfig(training=TrainingConfig(epochs=2, batch_size=8, image_size=32))


@pytest.fixture
def fruit(tmp_path: Path) -> Path:
    return coloured_folder(tmp_path / "fruit", {"red": 8, "green": 8})


@pytest.fixture
def opened(user: WindowRobot, fruit: Path) -> WindowRobot:
    """The window with a project of two classes, set to two short epochs."""
    user.open(fruit)
    user.session.set_config(SMALL)
    return user


@pytest.fixture
def trained(opened: WindowRobot) -> WindowRobot:
    """The window with a project that has one run."""
    opened.session.train()
    opened.until(lambda: len(opened.session.runs) == 1)
    opened.settle()
    return opened


@pytest.fixture
def training(opened: WindowRobot, fake_engine: FakeEngine) -> WindowRobot:
    """The window in the middle of a training, which waits in its first epoch."""
    fake_engine.may_end_epoch = threading.Event()
    opened.go_to("train")
    opened.click("train_start_button")
    opened.until(lambda: opened.message() == "Training, epoch 1 of 2")
    return opened


def rows_of_answers(user: WindowRobot) -> int:
    from PySide6.QtWidgets import QTableView

    return user.find(QTableView, "predict_table").model().rowCount()


# The start page


def test_the_window_begins_with_the_start_page(user: WindowRobot) -> None:
    assert user.title() == "CNN Studio"
    assert user.step() == ""
    assert all(user.can_click(name) for name in ("start_new", "start_open", "start_sample"))
    assert user.find(QPushButton, "start_new").hasFocus(), "Return makes a new project"


def test_nothing_flashes_on_the_screen_beside_the_window(
    qapp: QApplication, open_window: Callable[[], WindowRobot]
) -> None:
    """What is shown before it has its place is a window of its own, for a moment."""

    class Windows(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Show and isinstance(watched, QWidget):
                seen.extend([watched.objectName()] * watched.isWindow())
            return False

    seen: list[str] = []
    windows = Windows()
    qapp.installEventFilter(windows)
    window = open_window().window
    session, theme = window.session, window.theme
    thumbnails = Thumbnails(session)
    for page in evaluation_pages(session, theme, Icons(theme), thumbnails):
        page.make().setParent(window)
    qapp.removeEventFilter(windows)
    assert seen == ["main_window"]


def test_a_new_project_is_named_made_and_opened(user: WindowRobot, tmp_path: Path) -> None:
    user.click("start_new")
    user.type_into("new_project_name", "Pilze & Beeren")
    user.type_into("new_project_place", str(tmp_path))
    user.click("new_project_create")

    user.until(lambda: user.session.project is not None)
    assert user.project.root == tmp_path / "Pilze & Beeren"
    assert user.title() == "Pilze & Beeren - CNN Studio"
    assert user.facts() == "0 pictures · 0 classes · all saved"
    assert user.step() == "images"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "A project needs a name."),
        ("fruit", "There is a folder of this name already. Choose another name."),
    ],
)
def test_a_new_project_that_cannot_be_made_says_why_before(
    user: WindowRobot, fruit: Path, name: str, sentence: str
) -> None:
    user.click("start_new")
    user.type_into("new_project_place", str(fruit.parent))
    user.type_into("new_project_name", name)
    assert not user.can_click("new_project_create")
    assert sentence in user.words_in("new_project_dialog")
    user.find(QDialog, "new_project_dialog").reject()


def test_open_folder_opens_the_folder_chosen_and_nothing_when_none_is(
    user: WindowRobot, fruit: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["", str(fruit)])
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: next(answers))
    user.click("start_open")
    user.settle()
    assert user.step() == ""

    user.click("start_open")
    user.until(lambda: user.step() == "images")
    assert user.project.root == fruit


def test_the_sample_is_one_click_away_and_written_only_once(user: WindowRobot) -> None:
    user.click("start_sample")
    user.until(lambda: user.session.project is not None)
    user.settle()
    assert user.title() == "Handwritten digits - CNN Studio"
    assert user.facts() == "1,797 pictures · 10 classes · all saved"
    picture = user.project.absolute(user.project.samples[0])
    written = picture.stat().st_mtime_ns

    user.choose_in_menu("sample")
    user.settle()
    assert picture.stat().st_mtime_ns == written


def test_projects_opened_before_are_offered_and_open_with_a_click(
    open_window: Callable[[], WindowRobot], fruit: Path, tmp_path: Path
) -> None:
    first = open_window()
    assert not first.is_shown("start_recent_0")
    first.open(coloured_folder(tmp_path / "salt & pepper", {"white": 1}))
    first.open(fruit)
    first.close()
    second = open_window()
    names = [second.find(QPushButton, f"start_recent_{n}").accessibleName() for n in (0, 1)]
    assert names == ["Open fruit", "Open salt & pepper"]

    second.click("start_recent_1")
    second.until(lambda: second.session.project is not None)
    assert second.project.title == "salt & pepper"


def test_the_project_menu_offers_them_too(opened: WindowRobot, tmp_path: Path) -> None:
    opened.open(coloured_folder(tmp_path / "other", {"white": 1}))
    menu = opened.find(QToolButton, "top_project_menu").defaultAction().menu()
    recent = next(each for each in menu.findChildren(QMenu) if each.title() == "Recent projects")
    recent.aboutToShow.emit()
    assert [action.text() for action in recent.actions()] == ["other", "fruit"]

    recent.actions()[1].trigger()
    opened.until(lambda: opened.project.title == "fruit")
    opened.settle()


# Opening


def test_an_opened_folder_shows_its_pictures_first(user: WindowRobot, fruit: Path) -> None:
    user.open(fruit)
    assert user.title() == "fruit - CNN Studio"
    assert user.text("project_name") == "fruit"
    assert user.facts() == "16 pictures · 2 classes · all saved"
    assert user.step() == "images"


def test_another_project_starts_at_its_pictures_again(opened: WindowRobot, tmp_path: Path) -> None:
    opened.go_to("train")
    opened.open(coloured_folder(tmp_path / "other", {"white": 1}))
    assert opened.step() == "images"
    assert opened.facts() == "1 picture · 1 class · all saved"


def test_a_training_goes_on_when_another_project_is_opened_and_that_is_said(
    training: WindowRobot, fake_engine: FakeEngine, tmp_path: Path
) -> None:
    other = coloured_folder(tmp_path / "other", {"white": 1})
    training.window.open(other)
    training.until(lambda: training.project.root == other)
    assert fake_engine.may_end_epoch is not None
    fake_engine.may_end_epoch.set()
    training.until(lambda: training.message() == "Goes on in fruit: Training, epoch 2 of 2")
    fake_engine.may_end_epoch.set()
    training.until(lambda: training.message().endswith(" is trained; the run is kept in fruit."))
    fake_engine.may_end_epoch = None


def test_a_folder_that_cannot_be_opened_is_said_in_a_sentence(
    user: WindowRobot, tmp_path: Path
) -> None:
    user.window.open(tmp_path / "gone")
    assert "gone" in user.error()
    assert user.step() == ""


# Steps


def test_the_rail_shows_the_steps_by_click(opened: WindowRobot) -> None:
    for step in ("augment", "train", "evaluate", "predict", "images"):
        opened.click(f"rail_{step}")
        assert opened.step() == step


def test_control_and_a_number_show_a_step_from_anywhere(opened: WindowRobot) -> None:
    for keys, step in (
        ("Ctrl+2", "augment"),
        ("Ctrl+5", "predict"),
        ("Ctrl+3", "train"),
        ("Ctrl+4", "evaluate"),
    ):
        opened.press(keys)
        assert opened.step() == step
    opened.find(QWidget, "train_epochs").setFocus()
    opened.press("Ctrl+1")
    assert opened.step() == "images"


# Undo, help, looks


def test_undo_and_redo_are_at_hand_and_say_what_they_would_do(
    opened: WindowRobot, fruit: Path
) -> None:
    assert not opened.can_click("top_undo")
    opened.session.edit(add_class("blue"))
    opened.settle()
    assert opened.find(QToolButton, "top_undo").toolTip().startswith("Undo: Add class blue")
    assert opened.message() == "Add class blue: done. Ctrl+Z takes it back."
    assert opened.facts().startswith("16 pictures · 3 classes")

    opened.click("top_undo")
    opened.settle()
    assert not (fruit / "blue").exists()
    assert opened.message() == "Undone: Add class blue"
    opened.press("Ctrl+Shift+Z")
    opened.settle()
    assert (fruit / "blue").is_dir()
    opened.press("Ctrl+Z")
    opened.settle()
    assert opened.facts().startswith("16 pictures · 2 classes")


def test_help_opens_by_button_and_key(user: WindowRobot) -> None:
    for ask in (lambda: user.click("top_help"), lambda: user.press("F1")):
        ask()
        user.until(lambda: user.is_shown("help_dialog"))
        assert "Validation" in user.find(QTextBrowser, "help_text").toPlainText()
        user.find(QDialog, "help_dialog").close()
        user.until(lambda: not user.is_shown("help_dialog"))


def test_the_chosen_look_is_there_the_next_time(open_window: Callable[[], WindowRobot]) -> None:
    first = open_window()
    was_dark = first.window.theme.is_dark
    first.click("top_theme")
    first.until(lambda: first.window.theme.is_dark != was_dark)
    first.close()
    first.until(lambda: not first.window.isVisible())

    assert open_window().window.theme.is_dark != was_dark


def test_the_device_is_named_and_says_why_there_is_no_gpu(user: WindowRobot) -> None:
    assert not user.is_shown("status_why")
    user.session.find_device()
    user.until(lambda: user.text("status_device") == "CPU, 2 cores")
    user.click("status_why")
    assert user.error() == "CPU, 2 cores No GPU was found."


# Drops and pastes


def test_a_folder_dropped_on_the_start_page_is_opened(user: WindowRobot, fruit: Path) -> None:
    user.drop([fruit])
    user.until(lambda: user.step() == "images")
    assert user.project.root == fruit


def test_a_picture_dropped_on_the_start_page_is_told_where_it_could_go(
    user: WindowRobot, tmp_path: Path
) -> None:
    user.drop([coloured_picture(tmp_path / "apple.png", "red")])
    assert user.error() == (
        "No project is open yet. Drop a folder of class folders here, or choose New project first."
    )


def test_pictures_dropped_on_the_images_are_added(opened: WindowRobot, tmp_path: Path) -> None:
    opened.drop([coloured_picture(tmp_path / "apple.png", "red", "new")])
    opened.until(lambda: opened.facts().startswith("17 pictures"))
    assert (opened.project.root / "_unlabelled" / "apple.png").is_file()


def test_a_folder_dropped_on_the_images_is_shown_before_it_is_added(
    opened: WindowRobot, tmp_path: Path
) -> None:
    opened.drop([coloured_folder(tmp_path / "more", {"blue": 2, "red": 1})])
    opened.until(lambda: opened.is_shown("import_add"))
    assert opened.text("import_heading") == "3 pictures for 2 classes"
    opened.click("import_add")
    opened.until(lambda: opened.facts().startswith("19 pictures · 3 classes"))


@pytest.mark.parametrize("step", ["augment", "train", "predict"])
def test_pictures_dropped_on_any_other_step_are_asked_about(
    trained: WindowRobot, tmp_path: Path, step: str
) -> None:
    trained.go_to(step)
    trained.drop([coloured_picture(tmp_path / "apple.png", "red", "new")])
    trained.until(lambda: rows_of_answers(trained) == 1)
    assert trained.step() == "predict"
    assert trained.facts().startswith("16 pictures"), "nothing was added"


def test_pictures_dropped_on_predict_in_the_rail_are_asked_about_from_the_images(
    trained: WindowRobot, tmp_path: Path
) -> None:
    trained.go_to("images")
    trained.drop([coloured_picture(tmp_path / "apple.png", "red", "new")], on="rail_predict")
    trained.until(lambda: rows_of_answers(trained) == 1)
    assert trained.step() == "predict"
    assert trained.facts().startswith("16 pictures"), "nothing was added"


def test_a_drop_before_any_training_says_to_train_first(
    opened: WindowRobot, tmp_path: Path
) -> None:
    opened.go_to("train")
    opened.drop([coloured_picture(tmp_path / "apple.png", "red", "new")])
    opened.until(lambda: opened.step() == "predict")
    banner = opened.find(Banner, "predict_banner")
    assert banner.isVisible()
    assert "Train one in the Train step first" in banner.sentence()


def test_a_copied_picture_is_pasted_into_the_step_that_is_shown(trained: WindowRobot) -> None:
    picture = QMimeData()
    image = QImage(40, 40, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    picture.setImageData(image)
    trained.go_to("images")
    trained.copy_and_paste(picture)
    trained.until(lambda: trained.facts().startswith("17 pictures"))

    again = QMimeData()
    again.setImageData(image)
    trained.go_to("predict")
    trained.copy_and_paste(again)
    trained.until(lambda: rows_of_answers(trained) == 1)
    trained.settle()
    assert trained.facts().startswith("17 pictures")


def test_pasting_what_is_no_picture_says_so(opened: WindowRobot) -> None:
    words = QMimeData()
    words.setText("just words")
    opened.copy_and_paste(words)
    assert opened.error().startswith("There is no picture in what was dropped or pasted.")


@pytest.mark.parametrize("step", ["images", "augment", "train", "predict"])
def test_a_link_to_the_internet_dropped_anywhere_is_refused_in_a_sentence(
    opened: WindowRobot, step: str
) -> None:
    opened.go_to(step)
    opened.drop(link("https://example.org/cats"))
    assert opened.error().startswith("This is a link to a picture on the internet")


def test_words_cannot_be_dropped(opened: WindowRobot, fruit: Path) -> None:
    words = QMimeData()
    words.setText("just words")
    assert not opened.hover(words)
    assert opened.hover(files([fruit]))


# The status strip


def test_a_training_is_followed_and_stopped_from_any_step(
    training: WindowRobot, fake_engine: FakeEngine
) -> None:
    training.go_to("images")
    training.until(lambda: training.message() == "Training, epoch 1 of 2")
    assert training.find(QPushButton, "status_stop").text() == "Stop and keep"
    training.click("status_stop")
    assert training.message() == "Stopping, keeping the best so far"
    assert not training.can_click("status_stop")
    training.until(lambda: len(training.session.runs) == 1)
    training.until(lambda: not training.is_shown("status_stop"))


def test_a_training_is_cancelled_from_any_step(training: WindowRobot) -> None:
    training.go_to("images")
    training.click("status_cancel")
    training.until(lambda: not training.session.training_is_running)
    training.settle()
    assert training.session.runs == ()
    training.until(lambda: not training.is_shown("status_cancel"))


# Closing


def test_closing_while_nothing_runs_asks_nothing(opened: WindowRobot) -> None:
    opened.settle()
    opened.close()
    opened.until(lambda: not opened.window.isVisible())


def test_closing_while_a_training_runs_asks_and_goes_on_when_told_so(
    training: WindowRobot, fake_engine: FakeEngine
) -> None:
    training.close()
    assert training.is_shown("closing_dialog")
    training.click("closing_go_on")
    training.until(lambda: not training.is_shown("closing_dialog"))
    assert training.window.isVisible()
    assert training.session.training_is_running
    training.close()
    QTest.keyClick(training.find(QDialog, "closing_dialog"), Qt.Key.Key_Escape)

    assert fake_engine.may_end_epoch is not None
    fake_engine.may_end_epoch.set()
    training.until(lambda: not fake_engine.may_end_epoch.is_set())
    fake_engine.may_end_epoch.set()
    training.until(lambda: len(training.session.runs) == 1)
    assert training.window.isVisible()


def test_closing_while_a_training_runs_throws_it_away_when_that_is_wanted(
    training: WindowRobot,
) -> None:
    config = training.project.config
    training.session.set_config(replace(config, training=replace(config.training, epochs=44)))
    training.session.edit(add_class("blue"))

    training.close()
    training.click("closing_discard")
    training.until(lambda: not training.window.isVisible())

    root = training.project.root
    assert list_runs(training.project.runs_folder) == []
    assert project_file.load(root).config.training.epochs == 44
    assert (root / "blue").is_dir(), "an edit under way is not lost"


def test_closing_while_a_training_runs_keeps_what_it_has_learned_when_that_is_wanted(
    training: WindowRobot,
) -> None:
    training.close()
    training.click("closing_keep")
    training.until(lambda: not training.window.isVisible())
    (run,) = list_runs(training.project.runs_folder)
    assert run.status == "stopped"
    assert run.model_file.is_file()


def test_a_paused_training_says_so_below_and_is_kept_when_the_window_closes(
    training: WindowRobot, fake_engine: FakeEngine
) -> None:
    training.click("train_pause_button")
    assert training.message() == "Paused, epoch 1 of 2"
    assert training.text("status_time_left") == ""

    training.close()
    training.click("closing_keep")

    training.until(lambda: not training.window.isVisible())
    assert len(list_runs(training.project.runs_folder)) == 1


def test_a_training_is_left_for_another_time_and_offered_the_next(
    training: WindowRobot, open_window: Callable[[], WindowRobot]
) -> None:
    training.close()
    training.click("closing_later")
    training.until(lambda: not training.window.isVisible())
    assert list_runs(training.project.runs_folder) == []
    root = training.project.root

    tomorrow = open_window()
    tomorrow.open(root)
    tomorrow.go_to("train")

    tomorrow.until(lambda: tomorrow.is_shown("train_resume"))


def test_closing_says_that_trainings_in_line_are_given_up(training: WindowRobot) -> None:
    training.click("train_settings")
    training.click("train_queue_button")
    training.close()
    assert "One that waits in line is not trained." in training.words_in("closing_dialog")

    training.click("closing_keep")

    training.until(lambda: not training.window.isVisible())
    assert len(list_runs(training.project.runs_folder)) == 1


def test_what_was_set_just_before_closing_is_there_the_next_time(opened: WindowRobot) -> None:
    opened.settle()
    config = opened.project.config
    opened.session.set_config(replace(config, training=replace(config.training, epochs=44)))
    opened.close()
    opened.until(lambda: not opened.window.isVisible())
    assert project_file.load(opened.project.root).config.training.epochs == 44


def test_closing_while_a_project_opens_leaves_no_thread_behind(
    user: WindowRobot, fruit: Path
) -> None:
    user.window.open(fruit)
    user.close()
    user.until(lambda: not user.window.isVisible())


def test_the_window_comes_back_at_the_size_it_had(
    open_window: Callable[[], WindowRobot], tmp_path: Path
) -> None:
    first = open_window()
    first.window.resize(1280, 700)
    first.close()
    first.until(lambda: not first.window.isVisible())
    second = open_window(resized=False)
    # The screen of the tests is narrower than the window.
    assert second.window.height() == 700


def test_the_question_ends_with_the_training(
    training: WindowRobot, fake_engine: FakeEngine
) -> None:
    training.close()
    assert training.is_shown("closing_dialog")
    end_epochs(fake_engine)
    training.until(lambda: not training.session.training_is_running)
    training.until(lambda: not training.is_shown("closing_dialog"))
    assert training.window.isVisible()
    training.until(lambda: len(training.session.runs) == 1)


def test_the_question_is_asked_anew_of_the_next_in_line(
    training: WindowRobot, fake_engine: FakeEngine
) -> None:
    training.session.train()
    training.close()
    assert "waits in line" in training.words_in("closing_dialog")
    job = training.session.training_job
    assert job is not None
    job.cancel()
    training.until(lambda: "waits in line" not in training.words_in("closing_dialog"))
    assert training.is_shown("closing_dialog")
    training.click("closing_discard")
    training.until(lambda: not training.window.isVisible())
