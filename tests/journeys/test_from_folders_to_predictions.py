"""The main job with nothing left out: the real window, the real engine, real pictures."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from cnnstudio.core.runs import list_runs
from cnnstudio.engine.keras_engine import KerasEngine
from tests.builders import coloured_folder
from tests.robots.augment_robot import AugmentRobot
from tests.robots.predict_robot import PredictRobot
from tests.robots.train_robot import TrainRobot
from tests.robots.window_robot import WindowRobot

CLASSES = ("hat", "pants", "shoes")
LONGEST_TRAINING_MS = 110_000


@pytest.fixture
def photos(shared_data: Path, tmp_path: Path) -> Path:
    """Three class folders of twelve photos each."""
    return some_photos(shared_data, tmp_path / "photos", 12)


def some_photos(shared_data: Path, target: Path, count: int, part: str = "train") -> Path:
    for name in CLASSES:
        (target / name).mkdir(parents=True)
        for photo in sorted((shared_data / "clothing_160" / part / name).iterdir())[:count]:
            shutil.copy(photo, target / name)
    return target


class Journey:
    """One person at one window, with a robot for each step."""

    def __init__(self, qtbot: QtBot, user: WindowRobot) -> None:
        self.user = user
        self.augment = AugmentRobot(user)
        self.train = TrainRobot(qtbot, user.window.panel("train"))  # type: ignore[arg-type]
        self.predict = PredictRobot(user)
        self._qtbot = qtbot

    def make_project(self, folder: Path, name: str) -> None:
        self.user.click("start_new")
        self.user.type_into("new_project_name", name)
        self.user.type_into("new_project_place", str(folder))
        self.user.click("new_project_create")
        self.user.until(lambda: self.user.title().startswith(name))

    def add(self, folder: Path) -> None:
        """Drop a folder on the Images step and accept what is shown."""
        self.user.go_to("images")
        before = len(self.user.project.samples)
        self.user.drop([folder])
        self.user.until(lambda: self.user.is_shown("import_add"))
        self.user.click("import_add")
        self.user.until(lambda: len(self.user.project.samples) > before)
        self.user.settle()

    def set_up_training(self, *, epochs: int, size: int) -> None:
        self.user.go_to("train")
        self.train.choose_preset("classic")
        self.train.until(lambda: self.train.is_shown("train_image_size"))
        self.train.set_number("train_epochs", epochs)
        self.train.set_number("train_image_size", size)

    def train_to_the_end(self) -> None:
        before = len(self.user.session.runs)
        self.train.start()
        self.wait_for_training(lambda: len(self.user.session.runs) == before + 1)
        self.user.settle()

    def wait_for_training(self, seen: Callable[[], bool]) -> None:
        self._qtbot.waitUntil(seen, timeout=LONGEST_TRAINING_MS)

    def problem(self) -> str:
        return self.train.problem()


@pytest.fixture
def journey(
    qtbot: QtBot, open_window: Callable[..., WindowRobot], kept_networks: Path
) -> Callable[[], Journey]:
    """Begins a journey in a window of its own, on the same settings as the one before."""
    return lambda: Journey(qtbot, open_window(KerasEngine(cache_folder=kept_networks)))


def test_from_class_folders_to_predictions_and_back_the_next_day(
    journey: Callable[[], Journey],
    photos: Path,
    shared_data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    today = journey()
    user = today.user
    today.make_project(tmp_path, "Wardrobe")
    today.add(photos)
    assert user.facts() == "36 pictures · 3 classes · all saved"
    assert len(list((tmp_path / "Wardrobe" / "hat").iterdir())) == 12

    user.go_to("augment")
    assert len(today.augment.gallery()) >= 12

    # A training that is cancelled leaves nothing.
    today.set_up_training(epochs=6, size=48)
    today.train.start()
    today.wait_for_training(lambda: len(today.train.plot("loss").shown()["trace"]) > 0)
    today.train.cancel()
    today.wait_for_training(lambda: today.train.headline() == "From scratch, cancelled")
    user.settle()
    assert today.train.runs() == []
    assert list(user.project.runs_folder.glob("*")) == []

    # The next one shows its curves while it runs and leaves a run.
    today.train.start()
    today.wait_for_training(lambda: len(today.train.plot("accuracy").shown()["training"]) > 0)
    assert user.session.training_is_running
    today.wait_for_training(lambda: len(user.session.runs) == 1)
    user.settle()
    assert len(today.train.plot("accuracy").shown()["validation"]) == 6
    assert today.train.card("accuracy").words()[0].startswith("Validation ")

    # Pictures dropped on any step are answered, a broken one with its reason.
    unseen = some_photos(shared_data, tmp_path / "unseen", 2, "test")
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(next(photos.rglob("*.jpg")).read_bytes()[:300])
    user.drop([unseen, broken])
    user.until(lambda: user.step() == "predict")
    today.predict.wait()
    assert today.predict.heading() == "7 pictures, 1 cannot be read"
    answers = today.predict.classes()
    assert answers.pop("broken.jpg") not in CLASSES
    assert set(answers.values()) <= set(CLASSES)
    assert set(today.predict.percentages()) == set(CLASSES)
    assert sum(today.predict.percentages().values()) == pytest.approx(100, abs=0.3)
    today.predict.save_table(tmp_path / "answers.csv", monkeypatch)
    with (tmp_path / "answers.csv").open(encoding="utf-8", newline="") as stream:
        assert [row["predicted_class"] for row in csv.DictReader(stream)].count("") == 1

    # An import by mistake is taken back.
    today.add(coloured_folder(tmp_path / "mistake", {"red": 3}))
    assert user.facts().startswith("39 pictures · 4 classes")
    user.press("Ctrl+Z")
    user.settle()
    assert user.facts().startswith("36 pictures · 3 classes")
    assert not (tmp_path / "Wardrobe" / "red").exists()
    user.close()
    user.until(lambda: not user.window.isVisible())

    # The next day everything is there again.
    tomorrow = journey()
    user = tomorrow.user
    user.click("start_recent_0")
    user.until(lambda: user.step() == "images")
    user.settle()
    assert user.facts().startswith("36 pictures · 3 classes")
    user.go_to("train")
    assert len(tomorrow.train.runs()) == 1
    assert len(tomorrow.train.plot("accuracy").shown()["validation"]) == 6
    user.drop([unseen])
    user.until(lambda: user.step() == "predict")
    tomorrow.predict.wait()
    assert tomorrow.predict.classes() == answers, "the saved model answers as it did"


@pytest.mark.slow
def test_two_trainings_and_predictions_in_one_window(
    journey: Callable[[], Journey], tmp_path: Path
) -> None:
    # TensorFlow once crashed the process at the second job of its thread.
    one = journey()
    user = one.user
    root = coloured_folder(tmp_path / "fruit", {"red": 12, "green": 12}, size=32)
    user.open(root)
    one.set_up_training(epochs=1, size=32)
    for number in (1, 2):
        one.train_to_the_end()
        user.drop([root / "red" / "1.png"])
        user.until(lambda: user.step() == "predict")
        one.predict.wait()
        assert one.predict.names() == ["1.png"]
        user.go_to("train")
        assert len(one.train.runs()) == number
    first, second = list_runs(user.project.runs_folder)
    assert first.model_file.is_file()
    assert second.model_file.is_file()


def test_a_stopped_training_keeps_what_it_has_learned(
    journey: Callable[[], Journey], tmp_path: Path
) -> None:
    one = journey()
    user = one.user
    user.open(coloured_folder(tmp_path / "fruit", {"red": 12, "green": 12}, size=32))
    one.set_up_training(epochs=500, size=32)
    one.train.start()
    one.wait_for_training(lambda: len(one.train.plot("loss").shown()["training"]) >= 1)
    one.train.stop_and_keep()
    one.wait_for_training(lambda: len(user.session.runs) == 1)
    user.settle()
    (run,) = user.session.runs
    assert run.status == "stopped"
    assert 1 <= run.epochs < 500
    assert run.model_file.is_file()
    assert "stopped after" in one.train.headline()
