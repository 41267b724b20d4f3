"""The Predict step in the whole window: from a drop to bars, tables and files."""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QColor, QImage

from cnnstudio.core.class_edits import move_class, remove_class, rename_class, set_class_colour
from cnnstudio.core.config import RunConfig, TrainingConfig
from cnnstudio.ui.theme import class_colour
from tests.builders import coloured_folder, coloured_picture
from tests.fakes import FakeEngine
from tests.robots.predict_robot import PredictRobot
from tests.robots.window_robot import WindowRobot, browser_picture, files
from tests.ui.training.conftest import end_epochs

DOUBT = ("not_sure", "reason")
SMALL = RunConfig(training=TrainingConfig(epochs=2, batch_size=8, image_size=32))
AWKWARD = ["<b>bold", "salt & pepper", 'a, b "quoted"', "Hüte (帽子)"]


def train(user: WindowRobot) -> None:
    before = len(user.session.runs)
    user.session.train()
    user.until(lambda: len(user.session.runs) == before + 1)
    user.settle()


def trained_robot(user: WindowRobot, project: Path) -> PredictRobot:
    user.open(project)
    user.session.set_config(SMALL)
    train(user)
    user.go_to("predict")
    return PredictRobot(user)


@pytest.fixture
def robot(user: WindowRobot, tmp_path: Path) -> PredictRobot:
    """The Predict step of a project with three classes and one run."""
    classes = {"red": 6, "green": 6, "blue": 6}
    return trained_robot(user, coloured_folder(tmp_path / "colours", classes))


@pytest.fixture
def new(tmp_path: Path) -> Callable[..., Path]:
    """Makes a picture that no network has seen."""

    def make(name: str, colour: str) -> Path:
        (tmp_path / "new").mkdir(exist_ok=True)
        return coloured_picture(tmp_path / "new" / name, colour, seed="new")

    return make


# Asking


def test_one_picture_gets_bars_for_all_classes_that_add_up(
    robot: PredictRobot, new: Callable[..., Path]
) -> None:
    robot.drop([new("apple.png", "red")])

    assert robot.heading() == "1 picture"
    assert robot.rows()[0][:2] == ("apple.png", "red")
    bars = robot.percentages()
    assert next(iter(bars)) == "red", "the most probable first"
    assert set(bars) == {"red", "green", "blue"}
    assert sum(bars.values()) == pytest.approx(100, abs=0.3)
    assert robot.chosen_row() == "apple.png"
    assert robot.name_shown().endswith("apple.png")
    assert robot.has_picture()
    assert robot.user.message().startswith("1 picture answered in ")


def test_many_pictures_become_a_table(robot: PredictRobot, new: Callable[..., Path]) -> None:
    asked = {f"{colour} {n}.png": colour for n in range(3) for colour in ("red", "green", "blue")}
    robot.drop([new(name, colour) for name, colour in asked.items()])

    assert robot.heading() == "9 pictures"
    assert robot.classes() == asked
    assert all(share.endswith(" %") for _, _, share in robot.rows())
    robot.user.until(lambda: all(robot.has_thumbnail(name) for name in asked))


def test_a_class_has_the_colour_that_the_project_gives_it(
    robot: PredictRobot, new: Callable[..., Path]
) -> None:
    robot.drop([new("apple.png", "red")])
    session = robot.user.session
    session.edit(set_class_colour("red", 9))
    robot.user.settle()
    assert robot.colour_of("apple.png") == class_colour(9).name()
    session.edit(move_class("red", -2))
    robot.user.settle()
    assert robot.colour_of("apple.png") == class_colour(9).name()


def test_a_folder_is_asked_about_with_all_within(robot: PredictRobot, tmp_path: Path) -> None:
    folder = coloured_folder(tmp_path / "trip", {"day 1/red": 2, "day 2/blue": 3})
    (folder / "notes.txt").write_text("no picture")
    robot.drop([folder])
    assert sorted(answer for _, answer, _ in robot.rows()) == ["blue"] * 3 + ["red"] * 2
    assert robot.heading() == "5 pictures"


def test_hundreds_of_pictures_are_all_answered(robot: PredictRobot, tmp_path: Path) -> None:
    robot.drop([coloured_folder(tmp_path / "many", {"red": 200, "blue": 150}, size=4)])
    assert robot.heading() == "350 pictures"
    assert len(robot.rows()) == 350


def test_a_broken_file_says_why_in_its_row_and_the_others_are_answered(
    robot: PredictRobot, new: Callable[..., Path], tmp_path: Path
) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    robot.drop([new("a.png", "red"), broken, new("b.png", "blue"), tmp_path / "gone.png"])

    answers = robot.classes()
    assert (answers["a.png"], answers["b.png"]) == ("red", "blue")
    assert "picture" in answers["broken.jpg"]
    assert answers["gone.png"] not in ("", "red", "green", "blue")
    robot.choose("broken.jpg")
    assert robot.sentence() == f"This picture cannot be read: {answers['broken.jpg']}."
    assert robot.bars() == []
    assert not robot.has_picture()
    boxes = ("predict_image", "predict_heat", "predict_heat_opacity", "predict_similar_words")
    assert not any(robot.user.is_shown(each) for each in boxes)
    robot.choose("b.png")
    assert all(robot.user.is_shown(each) for each in boxes)
    assert robot.sentence() == ""
    assert next(iter(robot.percentages())) == "blue"


def test_a_folder_without_pictures_says_so(robot: PredictRobot, tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    robot.drop([tmp_path / "bare"])
    assert robot.banner() == "No pictures were found there."
    assert robot.rows() == []
    assert not robot.user.can_click("predict_save_table")


def test_a_copied_picture_is_asked_about(robot: PredictRobot) -> None:
    image = QImage(30, 30, QImage.Format.Format_RGB32)
    image.fill(QColor(40, 50, 210))
    mime = QMimeData()
    mime.setImageData(image)
    robot.user.copy_and_paste(mime)
    robot.user.until(lambda: len(robot.rows()) == 1)
    robot.wait()
    assert robot.rows()[0][:2] == ("pasted picture.png", "blue")
    assert robot.has_picture()


def test_a_picture_dragged_from_a_browser_is_asked_about(robot: PredictRobot) -> None:
    content = io.BytesIO()
    Image.new("RGB", (30, 30), (200, 30, 30)).save(content, "PNG")
    robot.drop(browser_picture(content.getvalue(), "https://example.org/fruit/cherry.png?width=9"))
    assert robot.rows()[0][:2] == ("cherry.png", "red")


def test_a_file_shown_in_a_browser_is_asked_about(
    robot: PredictRobot, new: Callable[..., Path]
) -> None:
    path = new("kiwi & lime.png", "green")
    mime = files([path])
    mime.setText(path.as_uri())
    robot.drop(mime)
    assert robot.rows()[0][:2] == ("kiwi & lime.png", "green")


def test_the_place_for_drops_lights_up_while_something_hovers(
    robot: PredictRobot, new: Callable[..., Path]
) -> None:
    lit: list[bool] = []
    mime = files([new("a.png", "red")])
    assert robot.user.hover(mime, meanwhile=lambda: lit.append(robot.is_lit()))
    assert (lit, robot.is_lit()) == ([True], False)


def test_a_second_drop_replaces_the_first(
    robot: PredictRobot, new: Callable[..., Path], tmp_path: Path
) -> None:
    first = coloured_folder(tmp_path / "many", {"red": 120}, size=4)
    robot.user.drop([first])
    robot.drop([new("kiwi.png", "green")])
    assert robot.names() == ["kiwi.png"]
    assert robot.heading() == "1 picture"

    robot.drop([first])
    robot.drop([new("plum.png", "blue")])
    assert robot.names() == ["plum.png"]
    assert next(iter(robot.percentages())) == "blue"


# Looking


def test_a_click_on_a_column_sorts(robot: PredictRobot, new: Callable[..., Path]) -> None:
    names = ["b.png", "C.png", "a.png"]
    robot.drop([new(n, c) for n, c in zip(names, ("red", "blue", "green"), strict=True)])
    assert robot.names() == names, "at first as they were asked"

    robot.sort_by("Picture")
    assert robot.names() == ["a.png", "b.png", "C.png"]
    robot.sort_by("Picture")
    assert robot.names() == ["C.png", "b.png", "a.png"]
    robot.sort_by("Class")
    assert [answer for _, answer, _ in robot.rows()] == ["blue", "green", "red"]


def test_rows_sort_by_probability_as_numbers_and_the_row_chosen_stays_with_its_picture(
    robot: PredictRobot, tmp_path: Path
) -> None:
    for name, colour in {
        "sure": (200, 30, 30),
        "torn": (120, 100, 40),
        "so": (170, 50, 40),
    }.items():
        Image.new("RGB", (20, 20), colour).save(tmp_path / f"{name}.png")
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"")
    robot.drop([*(tmp_path / f"{name}.png" for name in ("so", "torn", "sure")), broken])
    robot.choose("torn.png")
    bars = robot.bars()

    robot.sort_by("Probability")
    assert robot.names() == ["broken.png", "torn.png", "so.png", "sure.png"]
    assert robot.chosen_row() == "torn.png"
    assert robot.bars() == bars
    robot.press_in_table(Qt.Key.Key_Down)
    assert robot.name_shown().endswith("so.png")


def test_the_picture_is_shown_as_the_network_sees_it_or_as_it_is(
    robot: PredictRobot, tmp_path: Path
) -> None:
    # Only the middle of a wide picture reaches the network.
    wide = Image.new("RGB", (90, 30), (200, 30, 30))
    wide.paste((40, 50, 210), (0, 0, 30, 30))
    wide.save(tmp_path / "wide.png")
    robot.drop([tmp_path / "wide.png"])

    blue = QColor(40, 50, 210)
    assert not shows(robot.picture(), blue)
    robot.click("picture")
    assert shows(robot.picture(), blue)
    robot.click("seen")
    assert not shows(robot.picture(), blue)


def shows(image: QImage, colour: QColor) -> bool:
    return any(
        image.pixelColor(x, y) == colour
        for x in range(0, image.width(), 8)
        for y in range(0, image.height(), 8)
    )


def test_a_picture_that_was_moved_since_is_said_and_its_bars_stay(
    robot: PredictRobot, new: Callable[..., Path]
) -> None:
    paths = [new("a.png", "red"), new("b.png", "blue")]
    robot.drop(paths)
    paths[1].unlink()
    robot.choose("b.png")
    robot.user.until(lambda: robot.sentence() != "")
    assert next(iter(robot.percentages())) == "blue"


# Saving


def test_the_table_is_saved_with_a_column_for_each_class(
    robot: PredictRobot,
    new: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    asked = [new("b.png", "red"), broken, new("a.png", "blue")]
    robot.drop(asked)

    robot.save_table(tmp_path / "answers.csv", monkeypatch)

    assert robot.user.message() == "Saved answers.csv"
    with (tmp_path / "answers.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    classes = ["blue", "green", "red"]
    assert list(rows[0]) == ["path", "predicted_class", "probability", *classes, *DOUBT, "problem"]
    assert [row["path"] for row in rows] == [str(path) for path in asked]
    assert [row["predicted_class"] for row in rows] == ["red", "", "blue"]
    assert sum(float(rows[0][name]) for name in classes) == pytest.approx(1, abs=1e-4)
    assert rows[0]["probability"] == rows[0]["red"]
    assert rows[1]["problem"] == robot.classes()["broken.jpg"]


def test_a_table_that_cannot_be_saved_says_so(
    robot: PredictRobot,
    new: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    robot.drop([new("a.png", "red")])
    (tmp_path / "a file").write_text("")
    robot.save_table(tmp_path / "a file" / "answers.csv", monkeypatch)
    assert "could not be written" in robot.user.error()


@pytest.mark.parametrize("name", AWKWARD)
def test_a_class_may_have_an_awkward_name(
    user: WindowRobot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    root = coloured_folder(tmp_path / "p", {name: 6, "white": 6})
    robot = trained_robot(user, root)
    picture = coloured_picture(tmp_path / "new.png", name, seed="new")
    robot.drop([picture])
    assert robot.rows()[0][1] == name
    assert set(robot.percentages()) == {name, "white"}

    robot.save_table(tmp_path / "answers.csv", monkeypatch)
    with (tmp_path / "answers.csv").open(encoding="utf-8", newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert row["predicted_class"] == name
    assert float(row[name]) > 0.5


def test_classes_are_called_by_their_titles_whatever_their_folders(
    user: WindowRobot, tmp_path: Path
) -> None:
    user.open(coloured_folder(tmp_path / "p", {"red": 6, "white": 6}))
    user.session.set_config(SMALL)
    user.session.edit(rename_class("red", "3/4 ripe: red?"))
    user.settle()
    train(user)
    robot = PredictRobot(user)
    user.go_to("predict")
    robot.drop([coloured_picture(tmp_path / "new.png", "red", seed="new")])
    assert robot.rows()[0][1] == "3/4 ripe: red?"
    assert set(robot.percentages()) == {"3/4 ripe: red?", "white"}


# Runs


def test_without_a_run_the_step_says_to_train_first(user: WindowRobot, tmp_path: Path) -> None:
    user.open(coloured_folder(tmp_path / "p", {"red": 2, "blue": 2}))
    user.go_to("predict")
    robot = PredictRobot(user)
    assert robot.run_shown().startswith("No run yet")
    assert robot.drop_area().startswith("Train a network in the Train step")
    user.drop([tmp_path / "p" / "red" / "1.png"])
    user.until(lambda: robot.banner() != "")
    assert robot.banner() == "There is no trained network yet. Train one in the Train step first."
    assert robot.rows() == []


def test_another_run_answers_once_it_is_chosen(
    robot: PredictRobot, new: Callable[..., Path]
) -> None:
    user = robot.user
    assert robot.run_shown().startswith("From scratch, 100.0 %, today ")
    user.session.edit(remove_class("blue"))
    user.settle()
    train(user)
    assert robot.chosen_run() == 1, "the newest"
    robot.drop([new("plum.png", "blue")])
    assert set(robot.percentages()) == {"green", "red"}

    robot.choose_run(2)
    assert robot.chosen_run() == 2
    robot.user.settle()
    # The same picture, without being dropped again.
    assert set(robot.percentages()) == {"blue", "green", "red"}
    assert robot.rows()[0][1] == "blue"


def test_while_a_training_runs_answers_wait_for_its_end_and_say_so(
    robot: PredictRobot, new: Callable[..., Path], fake_engine: FakeEngine
) -> None:
    fake_engine.may_end_epoch = threading.Event()
    robot.user.session.train()
    robot.user.drop([new("apple.png", "red")])
    robot.user.until(lambda: robot.heading().startswith("Waiting"))
    assert robot.heading() == "Waiting: the running training ends first"
    assert "answered by themselves when it ends" in robot.banner()
    asked = robot.user.session.runs[0]

    end_epochs(fake_engine)
    robot.user.until(lambda: len(robot.rows()) == 1)
    robot.wait()
    assert robot.heading() == f"1 picture, answered by {asked.name}", "the new one came after it"
    assert robot.banner() == ""
    assert robot.rows()[0][1] == "red"


def test_what_waits_for_a_training_is_answered_though_that_is_cancelled(
    robot: PredictRobot, new: Callable[..., Path], fake_engine: FakeEngine
) -> None:
    fake_engine.may_end_epoch = threading.Event()
    job = robot.user.session.train()
    robot.user.drop([new("apple.png", "red")])
    robot.user.until(lambda: robot.heading().startswith("Waiting"))
    job.cancel()
    robot.user.until(lambda: len(robot.rows()) == 1)
    robot.wait()
    assert robot.heading() == "1 picture"
    assert robot.banner() == ""


def test_waiting_answers_can_be_cancelled(
    robot: PredictRobot, new: Callable[..., Path], fake_engine: FakeEngine
) -> None:
    fake_engine.may_end_epoch = threading.Event()
    job = robot.user.session.train()
    robot.user.drop([new("apple.png", "red")])
    robot.user.until(lambda: robot.heading().startswith("Waiting"))
    robot.click("cancel")
    job.cancel()
    robot.wait()
    assert robot.heading() == "Cancelled after 0 pictures"
    assert robot.banner() == "", "nothing is said about pictures that were not looked at"


def test_a_damaged_model_says_so_in_place_of_answers(
    robot: PredictRobot, new: Callable[..., Path]
) -> None:
    robot.user.session.runs[0].model_file.write_text("damaged")
    robot.drop([new("apple.png", "red")])
    assert robot.banner() == "The model is damaged. Train again."
    assert robot.heading() == "No answers"


def test_another_project_begins_with_no_answers(
    robot: PredictRobot, new: Callable[..., Path], tmp_path: Path
) -> None:
    robot.drop([new("apple.png", "red")])
    robot.user.drop([coloured_folder(tmp_path / "many", {"red": 120}, size=4)])
    robot.user.open(coloured_folder(tmp_path / "other", {"red": 2, "blue": 2}))
    robot.user.go_to("predict")
    assert robot.rows() == []
    assert robot.bars() == []
    assert robot.heading() == "No pictures yet"
    assert robot.sentence() == "The answer appears here."
    assert not robot.user.can_click("predict_save_table")
