"""The Augment step in the whole window: what its controls change, and what its gallery shows."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cnnstudio.core.catalog.augmentations import AUGMENTATION_PRESETS
from cnnstudio.core.config import (
    TUTORIAL_AUGMENTATION,
    AugmentationConfig,
    Parameter,
    ResizeMode,
    RunConfig,
    TrainingConfig,
    parameters_of,
    to_dict,
)
from cnnstudio.core.dataset.augmenting import augmented_samples
from cnnstudio.core.dataset.images import read_array
from tests.builders import coloured_folder
from tests.fakes import FakeEngine
from tests.robots.augment_robot import AugmentRobot
from tests.robots.window_robot import WindowRobot

PARAMETERS = {each.key: each for each in parameters_of(AugmentationConfig)}
SIZE = 40


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Two classes; the first picture is wider than high and has no symmetry."""
    root = coloured_folder(tmp_path / "fruit", {"red": 3, "salt & pepper": 2})
    height, width = 30, 60
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[..., 0] = np.linspace(0, 255, width)
    pixels[..., 1] = np.linspace(255, 90, height)[:, None]
    pixels[5:12, 20:30] = (250, 250, 20)
    Image.fromarray(pixels).save(root / "red" / "0.png")
    return root


@pytest.fixture
def robot(user: WindowRobot, project: Path) -> AugmentRobot:
    return show(user, project)


def show(user: WindowRobot, project: Path) -> AugmentRobot:
    user.open(project)
    training = TrainingConfig(epochs=2, batch_size=4, image_size=SIZE)
    user.session.set_config(RunConfig(training=training))
    user.go_to("augment")
    user.settle()
    return AugmentRobot(user)


def another_value(parameter: Parameter) -> Any:
    """A value of a parameter that a person might choose, unlike its default."""
    if parameter.kind == "bool":
        return True
    if parameter.kind == "choice":
        return "constant"
    return 35 if parameter.key == "rotation" else 0.3


def differ(one: list[np.ndarray[Any, Any]], other: list[np.ndarray[Any, Any]]) -> bool:
    return any(not np.array_equal(a, b) for a, b in zip(one, other, strict=True))


# The gallery


def test_the_gallery_shows_the_original_first_and_at_least_eleven_samples(
    robot: AugmentRobot, project: Path
) -> None:
    gallery = robot.gallery()
    assert len(gallery) >= 12
    assert np.array_equal(gallery[0], read_array(project / "red" / "0.png", SIZE, "crop"))
    assert robot.captions()[:3] == ["original", "sample 1", "sample 2"]


@pytest.mark.parametrize("mode", ["crop", "pad", "stretch"])
def test_the_samples_are_exactly_what_training_makes_of_the_picture(
    robot: AugmentRobot, project: Path, mode: ResizeMode
) -> None:
    config = robot.user.project.config
    training = replace(config.training, resize_mode=mode, image_size=56)
    robot.user.session.set_config(replace(config, training=training))
    robot.click("preset_strong")
    robot.type_seed(7)

    original, *samples = robot.gallery()

    strong = AUGMENTATION_PRESETS[-1].config
    picture = read_array(project / "red" / "0.png", 56, mode)
    assert np.array_equal(original, picture)
    assert not differ(samples, augmented_samples(picture, strong, len(samples), seed=7))


@pytest.mark.parametrize("key", PARAMETERS)
def test_each_control_changes_the_settings_and_the_samples(robot: AugmentRobot, key: str) -> None:
    # Where nothing moves there is no edge to fill.
    robot.click("preset_tutorial" if key == "fill_mode" else "preset_none")
    value = another_value(PARAMETERS[key])
    before, painted = robot.gallery(), robot.picture_of_the_screen()
    settings = to_dict(robot.config)

    robot.set_value(PARAMETERS[key], value)

    assert to_dict(robot.config) == {**settings, key: value}
    after = robot.gallery()
    assert np.array_equal(after[0], before[0]), "the original stays"
    assert differ(after, before)
    assert robot.picture_of_the_screen() != painted
    assert robot.chosen_preset() == "", "it is a choice of one's own now"


def test_a_slider_that_moves_fast_ends_in_the_samples_of_its_last_place(
    robot: AugmentRobot,
) -> None:
    robot.click("preset_none")
    robot.slide("rotation", 90)
    assert robot.config.rotation == 90
    original, *samples = robot.gallery()
    robot.user.settle()
    wanted = augmented_samples(original, robot.config, len(samples), robot.seed())
    assert not differ(samples, wanted)


def test_the_gallery_follows_while_a_training_runs(
    robot: AugmentRobot, fake_engine: FakeEngine
) -> None:
    fake_engine.may_end_epoch = threading.Event()
    robot.user.session.train()
    robot.user.until(lambda: bool(fake_engine.trained))
    before = robot.gallery()

    robot.set_value(PARAMETERS["rotation"], 35)

    assert differ(robot.gallery(), before)
    assert robot.user.session.training_is_running
    robot.user.session.cancel_all()


def test_the_samples_have_the_size_that_is_set_for_training(robot: AugmentRobot) -> None:
    config = robot.user.project.config
    for size in (32, 96):
        training = replace(config.training, image_size=size)
        robot.user.session.set_config(replace(config, training=training))
        assert {picture.shape for picture in robot.gallery()} == {(size, size, 3)}


# Presets and seeds


@pytest.mark.parametrize("preset", AUGMENTATION_PRESETS, ids=lambda preset: preset.key)
def test_a_preset_sets_everything_at_once_and_stays_lit(robot: AugmentRobot, preset: Any) -> None:
    robot.click("preset_strong")
    robot.click(f"preset_{preset.key}")
    assert robot.config == preset.config
    assert robot.chosen_preset() == preset.label
    assert robot.user.text("augment_preset_words") == preset.help


def test_without_augmentation_every_sample_is_the_original(robot: AugmentRobot) -> None:
    robot.click("preset_none")
    original, *samples = robot.gallery()
    assert all(np.array_equal(sample, original) for sample in samples)


def test_a_preset_reached_by_hand_lights_up(robot: AugmentRobot) -> None:
    robot.click("preset_tutorial")
    robot.set_value(PARAMETERS["rotation"], 21)
    assert robot.chosen_preset() == ""
    assert robot.user.text("augment_preset_words") == "Your own choice of changes."
    robot.set_value(PARAMETERS["rotation"], TUTORIAL_AUGMENTATION.rotation)
    assert robot.chosen_preset() == "Tutorial"


def test_shuffle_draws_others_and_the_old_seed_brings_the_old_ones_back(
    robot: AugmentRobot,
) -> None:
    robot.click("preset_tutorial")
    seed, before = robot.seed(), robot.gallery()
    robot.click("shuffle")
    assert differ(robot.gallery(), before)
    robot.type_seed(seed)
    assert not differ(robot.gallery(), before)


# Which picture


def test_next_and_previous_go_round_the_pictures(robot: AugmentRobot) -> None:
    names = []
    for _ in robot.user.project.samples:
        names.append(robot.file_name())
        robot.click("next")
    assert names == [sample.file_name for sample in robot.user.project.samples]
    assert robot.file_name() == names[0], "after the last comes the first"
    robot.click("previous")
    assert robot.file_name() == names[-1]


def test_a_class_can_be_chosen_and_is_called_what_it_is_called(robot: AugmentRobot) -> None:
    assert robot.classes_offered() == ["All classes", "red", "salt & pepper"]
    robot.choose_class("salt & pepper")
    assert robot.class_shown().startswith("salt && pepper"), "one ampersand on the screen"
    (picture, *_) = robot.gallery()
    sample = next(each for each in robot.user.project.samples if each.class_name == "salt & pepper")
    path = robot.user.project.absolute(sample)
    assert np.array_equal(picture, read_array(path, SIZE, "crop"))


def test_pictures_that_cannot_be_read_are_passed_over(user: WindowRobot, project: Path) -> None:
    (project / "red" / "0.png").write_bytes(b"no picture")
    robot = show(user, project)
    assert robot.file_name() == "1.png"
    assert len(robot.gallery()) >= 12
    robot.click("previous")
    robot.click("next")
    assert robot.file_name() == "1.png"


def test_a_picture_that_is_gone_is_said_and_the_next_one_is_shown(
    robot: AugmentRobot, project: Path
) -> None:
    (project / "red" / "1.png").unlink()
    robot.click("next")
    robot.user.until(lambda: "Choose another picture with Next" in robot.sentence())
    robot.click("next")
    assert len(robot.gallery()) >= 12
    assert robot.sentence() == ""


# Nothing to show


def test_a_project_without_pictures_says_what_to_do_and_shows_them_once_they_are_there(
    user: WindowRobot, tmp_path: Path, project: Path
) -> None:
    user.session.create(tmp_path / "empty")
    user.until(lambda: user.session.project is not None)
    user.go_to("augment")
    robot = AugmentRobot(user)
    assert robot.sentence() == "No pictures yet. Add some in the Images step."
    assert robot.file_name() == ""

    user.go_to("images")
    user.drop([project / "red" / "0.png"])
    user.until(lambda: len(user.project.samples) == 1)
    user.go_to("augment")
    assert len(robot.gallery()) >= 12


def test_what_was_said_of_one_project_is_not_said_of_the_next(
    robot: AugmentRobot, project: Path, tmp_path: Path
) -> None:
    (project / "red" / "1.png").unlink()
    robot.click("next")
    robot.user.until(lambda: "Choose another" in robot.sentence())
    (tmp_path / "bare" / "red").mkdir(parents=True)
    robot.user.open(tmp_path / "bare")
    robot.user.go_to("augment")
    assert robot.sentence() == "No pictures yet. Add some in the Images step."


def test_pictures_none_of_which_can_be_read_are_not_called_missing(
    user: WindowRobot, tmp_path: Path
) -> None:
    (tmp_path / "p" / "red").mkdir(parents=True)
    (tmp_path / "p" / "red" / "a.jpg").write_bytes(b"no picture")
    robot = show(user, tmp_path / "p")
    assert robot.sentence() == "None of these pictures can be read. The Images step says why."
