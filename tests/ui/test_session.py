"""The session: what is open, what may change it, and that nothing of it gets lost."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from cnnstudio.core.catalog.training_presets import TRAINING_PRESETS
from cnnstudio.core.class_edits import add_class, remove_class, rename_class
from cnnstudio.core.config import RunConfig, TrainingConfig
from cnnstudio.core.dataset.importing import plan_import
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.edits import NamedEdit, label_samples, remove_samples
from cnnstudio.core.events import Progress
from cnnstudio.core.project import STATE_FOLDER, Project
from cnnstudio.core.storage import project_file
from cnnstudio.ui.session import Session
from tests.builders import coloured_folder
from tests.fakes import FakeEngine


class SessionRobot:
    """What a panel does with a session, and what anybody sees of it."""

    def __init__(self, qtbot: QtBot, session: Session) -> None:
        self.session = session
        self.failures: list[str] = []
        self.said: list[str] = []
        self._qtbot = qtbot
        session.failed.connect(lambda error: self.failures.append(str(error)))
        session.said.connect(self.said.append)

    def until(self, seen: Callable[[], bool]) -> None:
        self._qtbot.waitUntil(seen, timeout=20_000)

    def settle(self) -> None:
        """Wait until nothing runs and nothing waits to be saved."""
        session = self.session
        queues = (session.file_jobs, session.background_jobs, session.engine_jobs)
        for _ in ("work", "what the work left to save"):
            self.until(lambda: all(queue.is_idle for queue in queues))
            self.until(lambda: not session.inspection.is_running)
            session.flush()
        self.until(lambda: all(queue.is_idle for queue in queues))

    def open(self, root: Path) -> Project:
        self.session.open(root)
        self.settle()
        assert self.project.root == root
        return self.project

    def edit(self, *edits: NamedEdit) -> None:
        """Make edits, all at once."""
        for edit in edits:
            self.session.edit(edit)

    def set_epochs(self, epochs: int) -> None:
        config = self.project.config
        self.session.set_config(replace(config, training=replace(config.training, epochs=epochs)))

    @property
    def project(self) -> Project:
        assert self.session.project is not None, f"no project is open: {self.failures}"
        return self.session.project

    def class_names(self) -> list[str]:
        return [each.name for each in self.project.classes]


@pytest.fixture
def new_robot(
    qtbot: QtBot, tmp_path: Path, fake_engine: FakeEngine
) -> Iterator[Callable[..., SessionRobot]]:
    sessions: list[Session] = []

    def start(*, beside: bool = False) -> SessionRobot:
        # As when the program is started again, unless a second window is wanted.
        if not beside:
            for earlier in sessions:
                earlier.close()
        sessions.append(Session(fake_engine, tmp_path / "settings"))
        return SessionRobot(qtbot, sessions[-1])

    yield start
    for session in sessions:
        session.close()


@pytest.fixture
def robot(new_robot: Callable[..., SessionRobot]) -> SessionRobot:
    return new_robot()


@pytest.fixture
def fruit(tmp_path: Path) -> Path:
    return coloured_folder(tmp_path / "fruit", {"red": 6, "green": 4, "_unlabelled": 3})


def contents(root: Path) -> dict[str, bytes | None]:
    """Every file and folder of a project with what is in it, without our own folder."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes() if path.is_file() else None
        for path in root.rglob("*")
        if STATE_FOLDER not in path.parts
    }


def twenty_edits() -> list[NamedEdit]:
    """Edits that build on each other: each is only right after those before it."""
    edits = [add_class(f"class {number}") for number in range(5)]
    edits += [label_samples([f"red/{number}.png"], f"class {number - 1}") for number in range(1, 6)]
    edits += [rename_class(f"class {number}", f"kind {number}") for number in range(3)]
    edits += [remove_samples([f"kind {number}/{number + 1}.png"]) for number in range(3)]
    edits += [remove_class("class 4"), label_samples(["_unlabelled/1.png"], "kind 0")]
    edits += [label_samples(["green/1.png", "green/2.png"], None), remove_class("green")]
    assert len(edits) == 20
    return edits


# Edits


def test_twenty_edits_at_once_are_made_one_after_the_other(
    robot: SessionRobot, fruit: Path
) -> None:
    robot.open(fruit)

    robot.edit(*twenty_edits())
    robot.settle()

    assert robot.failures == []
    assert robot.class_names() == ["red", "kind 0", "kind 1", "kind 2", "class 3"]
    words = [f"{edit.words}: done. Ctrl+Z takes it back." for edit in twenty_edits()]
    assert robot.said == ["", *words], "opening says nothing, each edit its own words"
    assert scan(fruit).samples == robot.project.samples, "the folder says what the project says"


def test_as_many_undos_give_the_folder_as_it_was_and_redos_as_it_became(
    robot: SessionRobot, fruit: Path
) -> None:
    robot.open(fruit)
    as_it_was, project = contents(fruit), robot.project

    robot.edit(*twenty_edits())
    robot.settle()
    as_it_became = contents(fruit)
    for _ in range(20):
        robot.session.undo()
    robot.settle()
    assert contents(fruit) == as_it_was
    assert robot.project == project
    assert robot.session.undo_words is None

    for _ in range(20):
        robot.session.redo()
    robot.settle()
    assert contents(fruit) == as_it_became
    assert robot.session.redo_words is None
    assert robot.failures == []


def test_edits_undos_and_redos_fired_without_waiting_end_where_they_should(
    robot: SessionRobot, fruit: Path
) -> None:
    robot.open(fruit)

    robot.edit(add_class("one"), add_class("two"))
    robot.session.undo()
    robot.edit(add_class("three"))
    robot.session.undo()
    robot.session.redo()
    robot.session.redo()
    robot.settle()

    assert robot.class_names() == ["green", "red", "one", "three"]
    assert (robot.session.undo_words, robot.session.redo_words) == ("Add class three", None)
    assert (fruit / "three").is_dir()
    assert not (fruit / "two").exists()


def test_undo_keeps_settings_that_were_changed_since(robot: SessionRobot, fruit: Path) -> None:
    robot.open(fruit)
    robot.edit(remove_class("green"))
    robot.settle()
    robot.set_epochs(7)

    robot.session.undo()
    robot.settle()

    assert robot.class_names() == ["green", "red"]
    assert robot.project.config.training.epochs == 7
    robot.session.redo()
    robot.settle()
    assert robot.project.config.training.epochs == 7


def test_a_move_that_fails_leaves_project_files_and_history_as_they_were(
    robot: SessionRobot, fruit: Path
) -> None:
    robot.open(fruit)
    robot.edit(add_class("blue"))
    robot.settle()
    before = robot.project
    # Somebody took a picture away with another program.
    (fruit / "red" / "3.png").unlink()
    on_disk = contents(fruit)

    robot.edit(label_samples([f"red/{number}.png" for number in range(1, 6)], "blue"))
    robot.settle()

    assert len(robot.failures) == 1
    assert robot.project == before
    assert contents(fruit) == on_disk, "those before the missing one went back"
    assert robot.session.undo_words == "Add class blue"
    robot.edit(label_samples(["red/1.png"], "blue"))
    robot.settle()
    assert (fruit / "blue" / "1.png").is_file(), "the next edit is made as ever"


def test_an_edit_that_is_not_possible_says_why_and_those_after_it_are_made(
    robot: SessionRobot, fruit: Path
) -> None:
    robot.open(fruit)
    robot.edit(add_class("red"), add_class("blue"))
    robot.settle()
    assert robot.failures == ["There is a class red already. Choose another name."]
    assert robot.class_names() == ["green", "red", "blue"]


def test_an_edit_with_no_project_open_says_so(robot: SessionRobot) -> None:
    robot.edit(add_class("red"))
    assert robot.failures == ["No project is open. Open a folder or make a new project first."]


# Settings


def test_settings_are_saved_once_the_slider_rests_and_are_there_after_reopening(
    robot: SessionRobot, new_robot: Callable[..., SessionRobot], fruit: Path
) -> None:
    robot.open(fruit)
    saves: list[str] = []
    robot.session.file_jobs.job_started.connect(lambda job: saves.append(job.words))

    for epochs in range(2, 60):
        robot.set_epochs(epochs)
    robot.until(lambda: project_file.load(fruit).config.training.epochs == 59)
    robot.settle()

    assert saves.count("Saving") == 1
    robot.session.close()
    assert new_robot().open(fruit).config.training.epochs == 59


def test_settings_changed_just_before_closing_are_saved(robot: SessionRobot, fruit: Path) -> None:
    robot.open(fruit)
    robot.set_epochs(33)
    robot.session.close()
    assert project_file.load(fruit).config.training.epochs == 33


def test_settings_changed_just_before_another_project_opens_are_saved_where_they_belong(
    robot: SessionRobot, fruit: Path, tmp_path: Path
) -> None:
    robot.open(fruit)
    other = coloured_folder(tmp_path / "other", {"red": 1, "blue": 1})
    robot.session.open(other)
    robot.set_epochs(33)
    robot.until(lambda: robot.project.root == other)
    robot.settle()
    assert project_file.load(fruit).config.training.epochs == 33
    assert robot.project.config.training.epochs == TRAINING_PRESETS[0].config.training.epochs


def test_an_edit_just_before_closing_is_made_whole(robot: SessionRobot, fruit: Path) -> None:
    robot.open(fruit)
    robot.edit(label_samples(["red/1.png", "red/2.png"], "green"))
    robot.session.close()
    assert not (fruit / "red" / "1.png").exists()
    assert len(list((fruit / "green").iterdir())) == 6


def test_a_folder_that_cannot_be_written_says_so_once(robot: SessionRobot, fruit: Path) -> None:
    robot.open(fruit)
    shutil.rmtree(fruit / STATE_FOLDER, ignore_errors=True)
    (fruit / STATE_FOLDER).write_text("a file where our folder should be")

    for epochs in (2, 3, 4):
        robot.set_epochs(epochs)
        robot.settle()

    assert len(robot.failures) == 1
    assert "could not be written" in robot.failures[0]
    assert robot.project.config.training.epochs == 4, "it counts as long as the window is open"


# Opening


def test_opening_another_project_while_edits_run_mixes_nothing_up(
    robot: SessionRobot, fruit: Path, tmp_path: Path
) -> None:
    robot.open(fruit)
    other = coloured_folder(tmp_path / "other", {"red": 2, "white": 2})
    others = contents(other)

    robot.edit(add_class("blue"), label_samples(["red/1.png"], "blue"), remove_class("red"))
    robot.session.open(other)
    robot.edit(remove_class("red"))
    robot.until(lambda: robot.project.root == other)
    robot.settle()
    robot.session.undo()
    robot.settle()

    assert robot.failures == []
    assert robot.class_names() == ["red", "white"]
    assert (robot.session.undo_words, robot.session.redo_words) == (None, None)
    assert contents(other) == others
    robot.open(fruit)
    assert robot.class_names() == ["green", "blue"], "what was asked for before was made"


def test_pictures_being_added_while_another_project_opens_stay_out_of_it(
    robot: SessionRobot, fruit: Path, tmp_path: Path
) -> None:
    robot.open(fruit)
    source = coloured_folder(tmp_path / "source", {"yellow": 2})
    other = coloured_folder(tmp_path / "other", {"blue": 2, "white": 2})

    robot.session.open(other)
    robot.session.import_pictures(plan_import([source], robot.project, None))
    robot.until(lambda: robot.project.root == other)
    robot.settle()

    assert robot.failures == []
    assert robot.class_names() == ["blue", "white"]


def test_a_project_that_another_window_has_open_is_refused_until_that_one_closes(
    robot: SessionRobot, new_robot: Callable[..., SessionRobot], fruit: Path, tmp_path: Path
) -> None:
    robot.open(fruit)
    other = new_robot(beside=True)
    other.session.open(fruit)
    other.settle()
    assert other.failures == [
        "fruit is open in another window already. "
        "Close it there first: two windows would undo each other's work."
    ]
    assert other.session.project is None

    robot.open(coloured_folder(tmp_path / "elsewhere", {"red": 1}))
    assert other.open(fruit).root == fruit
    other.session.close()
    assert robot.open(fruit).root == fruit


def test_a_project_whose_file_is_damaged_opens_all_the_same(
    robot: SessionRobot, fruit: Path
) -> None:
    (fruit / STATE_FOLDER).mkdir()
    (fruit / STATE_FOLDER / "project.json").write_text('{"classes": [{"name":')

    robot.open(fruit)

    assert len(robot.failures) == 1
    assert "project.json is damaged" in robot.failures[0]
    assert "kept as .cnnstudio/project.json.damaged" in robot.failures[0]
    assert robot.class_names() == ["green", "red"]
    assert robot.project.config == TRAINING_PRESETS[0].config
    assert (fruit / STATE_FOLDER / "project.json.damaged").is_file(), "nothing is thrown away"


def test_a_folder_that_is_gone_is_said_and_what_was_open_stays_open(
    robot: SessionRobot, fruit: Path, tmp_path: Path
) -> None:
    robot.open(fruit)
    robot.session.open(tmp_path / "gone")
    robot.settle()
    assert len(robot.failures) == 1
    assert robot.project.root == fruit


def test_a_new_project_is_not_made_in_a_folder_that_holds_something(
    robot: SessionRobot, fruit: Path
) -> None:
    robot.session.create(fruit)
    robot.settle()
    assert robot.failures == [
        "The folder fruit is not empty. Choose another name, or open it with Open folder."
    ]
    assert robot.session.project is None


def test_projects_opened_last_come_first_and_those_gone_are_left_out(
    robot: SessionRobot, new_robot: Callable[..., SessionRobot], fruit: Path, tmp_path: Path
) -> None:
    robot.session.create(tmp_path / "new one")
    robot.settle()
    robot.open(coloured_folder(tmp_path / "short-lived", {"red": 1}))
    robot.open(fruit)
    shutil.rmtree(tmp_path / "short-lived")
    assert new_robot().session.recent_projects() == [fruit, tmp_path / "new one"]


def test_pictures_that_cannot_be_read_are_found_with_their_reason(
    robot: SessionRobot, fruit: Path
) -> None:
    (fruit / "red" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n, and no more")
    robot.open(fruit)
    assert list(robot.session.inspection.problems()) == ["red/broken.png"]

    robot.edit(label_samples(["red/broken.png"], "green"))
    robot.settle()

    assert list(robot.session.inspection.problems()) == ["green/broken.png"]


# Adding pictures


def test_added_pictures_are_one_edit_that_can_be_undone_and_redone(
    robot: SessionRobot, fruit: Path, tmp_path: Path
) -> None:
    robot.open(fruit)
    before = contents(fruit)
    source = coloured_folder(tmp_path / "source", {"yellow": 3, "red": 2})

    robot.session.import_pictures(plan_import([source], robot.project, None))
    robot.settle()
    after = contents(fruit)
    assert len(after) == len(before) + 6, "five pictures and a folder"
    robot.session.undo()
    robot.settle()
    assert contents(fruit) == before
    robot.session.redo()
    robot.settle()
    assert contents(fruit) == after
    assert len(contents(source)) == 7, "the originals stay where they are"


def test_cancelling_while_pictures_are_copied_leaves_nothing(
    robot: SessionRobot, fruit: Path, tmp_path: Path
) -> None:
    robot.open(fruit)
    robot.settle()
    everything = sorted(fruit.rglob("*"))
    project = robot.project
    source = coloured_folder(tmp_path / "source", {"yellow": 300}, size=4)

    job = robot.session.import_pictures(plan_import([source], robot.project, None))
    seen: list[Progress] = []
    job.reported.connect(seen.append)
    job.reported.connect(lambda _event: job.cancel())
    endings: list[str] = []
    job.cancelled.connect(lambda: endings.append("cancelled"))
    job.finished.connect(lambda _result: endings.append("finished"))
    robot.until(lambda: bool(endings))
    robot.settle()

    assert endings == ["cancelled"]
    assert robot.project == project
    assert robot.session.undo_words is None
    ours = {fruit / STATE_FOLDER / name for name in ("incoming", "bin")}
    assert set(everything) >= set(fruit.rglob("*")) - ours


# Training and runs


def small(robot: SessionRobot) -> None:
    robot.session.set_config(
        RunConfig(training=TrainingConfig(epochs=2, batch_size=4, image_size=32))
    )


def test_a_run_that_ends_while_another_project_is_open_is_there_when_its_own_is_opened_again(
    robot: SessionRobot, fake_engine: FakeEngine, tmp_path: Path
) -> None:
    first = coloured_folder(tmp_path / "first", {"red": 6, "green": 6})
    second = coloured_folder(tmp_path / "second", {"blue": 3, "white": 3})
    fake_engine.may_end_epoch = threading.Event()
    robot.open(first)
    small(robot)
    job = robot.session.train()
    robot.session.open(second)
    robot.until(lambda: robot.project.root == second)
    fake_engine.may_end_epoch.set()
    robot.until(lambda: bool(fake_engine.trained))
    robot.until(lambda: job.has_ended or not fake_engine.may_end_epoch.is_set())
    fake_engine.may_end_epoch.set()
    robot.settle()

    assert robot.session.runs == ()
    assert robot.session.chosen_run is None
    robot.open(first)
    assert len(robot.session.runs) == 1
    assert robot.session.chosen_run == robot.session.runs[0]


def test_runs_that_are_read_while_another_project_opens_are_not_taken_for_its_own(
    robot: SessionRobot, tmp_path: Path
) -> None:
    robot.open(coloured_folder(tmp_path / "first", {"red": 6, "green": 6}))
    small(robot)
    robot.session.train()
    robot.until(lambda: len(robot.session.runs) == 1)
    robot.settle()
    second = coloured_folder(tmp_path / "second", {"blue": 3, "white": 3})

    robot.session.open(second)
    robot.session.reload_runs()
    robot.until(lambda: robot.project.root == second)
    robot.settle()

    assert robot.session.runs == ()
    assert robot.session.chosen_run is None


def test_a_second_training_waits_for_the_first_and_keeps_the_settings_it_was_asked_for_with(
    robot: SessionRobot, fake_engine: FakeEngine, tmp_path: Path
) -> None:
    fake_engine.may_end_epoch = threading.Event()
    robot.open(coloured_folder(tmp_path / "p", {"red": 6, "green": 6}))
    small(robot)
    first = robot.session.train()
    robot.set_epochs(1)
    second = robot.session.train()
    robot.set_epochs(7)
    assert [each.job for each in robot.session.trainings.waiting] == [second]

    first.cancel()
    robot.until(lambda: len(fake_engine.trained) > 0 and not robot.session.trainings.waiting)
    robot.until(lambda: not robot.session.training_is_running or fake_engine.may_end_epoch.set())
    robot.settle()

    assert [run.epochs for run in robot.session.runs] == [1]
    assert robot.session.runs[0].name == "From scratch 2"


def test_the_newest_run_answers_unless_another_is_chosen(
    robot: SessionRobot, tmp_path: Path
) -> None:
    robot.open(coloured_folder(tmp_path / "p", {"red": 6, "green": 6}))
    small(robot)
    for count in (1, 2):
        robot.session.train()
        robot.until(lambda count=count: len(robot.session.runs) == count)
        robot.settle()
    newest, older = robot.session.runs
    assert robot.session.chosen_run == newest

    said: list[str] = []
    robot.session.said.connect(said.append)
    robot.session.choose_run(older)
    assert said == [""], "what was said of another run is not true of this one"
    robot.session.reload_runs()
    robot.settle()
    assert robot.session.chosen_run == older

    robot.session.train()
    robot.until(lambda: len(robot.session.runs) == 3)
    robot.settle()
    assert robot.session.chosen_run == older, "a run that is trained later does not push it out"

    robot.open(tmp_path / "p")
    assert robot.session.chosen_run == older, "nor does opening the project again"


def test_after_opening_again_nothing_is_said_of_steps_that_cannot_be_undone_any_more(
    robot: SessionRobot, fruit: Path
) -> None:
    robot.open(fruit)
    robot.edit(label_samples(["red/1.png"], "green"))
    robot.settle()
    assert "Ctrl+Z takes it back" in robot.said[-1]
    robot.open(fruit)
    assert robot.session.undo_words is None
    assert robot.said[-1] == ""


# What other programs do


def test_what_another_program_does_in_the_open_folder_is_noticed(
    robot: SessionRobot, fruit: Path
) -> None:
    robot.open(fruit)
    shutil.copy(fruit / "red" / "1.png", fruit / "green" / "copied.png")
    robot.until(lambda: "green/copied.png" in robot.project.sample_at)
    assert any("Another program" in words for words in robot.said)


def test_runs_that_another_program_made_are_there_when_the_user_comes_back(
    robot: SessionRobot, tmp_path: Path
) -> None:
    root = coloured_folder(tmp_path / "p", {"red": 6, "green": 6})
    robot.open(root)
    small(robot)
    robot.session.train()
    robot.until(lambda: len(robot.session.runs) == 1)
    robot.settle()
    (first,) = robot.session.runs
    changed: list[int] = []
    robot.session.runs_changed.connect(lambda: changed.append(len(robot.session.runs)))

    def come_back() -> None:
        for state in (
            Qt.ApplicationState.ApplicationInactive,
            Qt.ApplicationState.ApplicationActive,
        ):
            QGuiApplication.instance().applicationStateChanged.emit(state)
        robot.settle()

    come_back()
    assert changed == [], "nothing is new"
    second = first.folder.with_name("2100-01-01_00-00-00-elsewhere")
    shutil.copytree(first.folder, second)
    (first.folder.parent / "damaged").mkdir()
    come_back()
    come_back()
    assert changed == [2], "it is read once, also where something is damaged"
    assert robot.said[-1] == f"New here, from another program: {first.name}."
    assert robot.session.chosen_run == robot.session.runs[0]
    robot.session.choose_run(first)
    shutil.rmtree(second)
    come_back()
    assert robot.session.runs == (first,)


def test_ones_own_moves_are_not_taken_for_those_of_another_program(
    robot: SessionRobot, fruit: Path
) -> None:
    robot.open(fruit)
    robot.edit(label_samples(["red/1.png"], "green"))
    robot.settle()
    after = robot.project
    robot.session._on_folder_changed(
        frozenset(map(str, (fruit / "red" / "1.png", fruit / "green" / "1 (2).png", fruit / "red")))
    )
    robot.settle()
    assert robot.project is after
    assert not any("Another program" in words for words in robot.said)


def test_an_undo_that_another_program_has_overtaken_is_refused_and_loses_nothing(
    robot: SessionRobot, fruit: Path
) -> None:
    robot.open(fruit)
    robot.edit(label_samples(["red/1.png"], "green"))
    robot.settle()
    moved = next(each for each in robot.project.samples if each.path.startswith("green/1 "))
    (fruit / moved.path).rename(fruit / "red" / "renamed by hand.png")
    robot.session.refresh()
    robot.settle()
    robot.session.undo()
    robot.settle()
    assert any("changed by another program" in words for words in robot.failures)
    assert "red/renamed by hand.png" in robot.project.sample_at


def test_a_drive_that_was_pulled_out_is_told_once_and_nothing_is_forgotten(
    robot: SessionRobot, fruit: Path
) -> None:
    robot.open(fruit)
    before = robot.project
    fruit.rename(fruit.with_name("unplugged"))
    for _ in range(3):
        robot.session.refresh()
        robot.settle()
    assert robot.project is before
    assert len([each for each in robot.failures if "not there at the moment" in each]) == 1
    fruit.with_name("unplugged").rename(fruit)
