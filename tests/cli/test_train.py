"""`cnnstudio train`."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cnnstudio.core.catalog.backbones import DEFAULT_BACKBONE
from cnnstudio.core.config import TrainingConfig
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.engine_api import TrainingOutcome
from cnnstudio.core.errors import StudioError
from cnnstudio.core.events import Warned
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import STATE_FOLDER
from cnnstudio.core.runs import load_run, read_samples
from cnnstudio.core.storage import project_file
from cnnstudio.core.storage.unfinished_runs import list_unfinished
from tests.builders import coloured_folder, coloured_picture
from tests.cli.conftest import Terminal
from tests.fakes import FakeEngine

EPOCH_KEYS = {
    "event",
    "epoch",
    "loss",
    "accuracy",
    "validation_loss",
    "validation_accuracy",
    "images_per_second",
    "seconds",
}
FINISHED_KEYS = {
    "event",
    "run",
    "epochs",
    "best_epoch",
    "validation_accuracy",
    "test_accuracy",
    "images_per_second",
    "seconds",
}


def trained_config(terminal: Terminal) -> TrainingConfig:
    return terminal.engine.trained[-1][1].training


def test_each_epoch_is_a_json_line_and_the_last_line_names_the_run(
    terminal: Terminal, pictures: Path
) -> None:
    ran = terminal("train", pictures, "--size", 32, "--epochs", 3, "--json")
    assert ran.code == 0
    *epochs, last = ran.lines
    assert [line["event"] for line in epochs] == ["epoch"] * 3
    assert [line["epoch"] for line in epochs] == [1, 2, 3]
    assert all(line.keys() >= EPOCH_KEYS for line in epochs)
    assert last["event"] == "finished"
    assert last.keys() >= FINISHED_KEYS
    assert (last["epochs"], last["best_epoch"]) == (3, 2)
    assert last["validation_accuracy"] == epochs[1]["validation_accuracy"]
    assert 0 <= last["test_accuracy"] <= 1
    run = load_run(Path(last["run"]))
    assert run.config.training.epochs == 3
    assert run.folder.parent == pictures / STATE_FOLDER / "runs"


def test_people_read_the_figures_of_each_epoch_and_where_the_run_is(
    terminal: Terminal, pictures: Path
) -> None:
    ran = terminal("train", pictures, "--size", 32, "--epochs", 2)
    assert ran.code == 0
    assert "Training on 28 pictures, 6 to choose the best epoch, 6 for the test." in ran.out
    assert "Epoch   1  loss 2.0000" in ran.out
    assert "Epoch   2  loss 1.0000" in ran.out
    assert "95 % interval" in ran.out
    assert f"Saved in {pictures}" in ran.out


def test_with_out_the_folder_of_pictures_stays_as_it_is(
    terminal: Terminal, pictures: Path, tmp_path: Path, sampled: Callable[[Path], set[Path]]
) -> None:
    before = sampled(pictures)
    out = tmp_path / "somewhere" / "a run"
    last = terminal("train", pictures, "--size", 32, "--epochs", 1, "--out", out, "--json").last
    assert last["run"] == str(out)
    assert load_run(out).class_names == ("green", "red")
    assert sampled(pictures) == before


def test_a_run_folder_given_from_here_is_reported_as_a_whole_path(
    terminal: Terminal, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = terminal("train", "pictures", "--size", 32, "--epochs", 1, "--out", "here", "--json")
    assert ran.last["run"] == str(tmp_path / "here")


def test_a_run_folder_that_holds_something_is_refused(
    terminal: Terminal, pictures: Path, run_folder: Path
) -> None:
    ran = terminal("train", pictures, "--size", 32, "--out", run_folder)
    assert ran.code == 1
    assert "not empty" in ran.err
    assert load_run(run_folder).epochs == 2


def test_short_options_win_over_set_and_set_over_the_file(
    terminal: Terminal, pictures: Path, tmp_path: Path
) -> None:
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({"training": {"epochs": 9, "image_size": 40, "batch_size": 4}}))
    ran = terminal(
        "train", pictures, "--preset", "classic", "--config", file, "--set", "epochs=5",
        "--set", "batch_size=8", "--epochs", 1, "--size", 32, "--seed", 7,
    )  # fmt: skip
    assert ran.code == 0
    config = trained_config(terminal)
    assert (config.epochs, config.image_size, config.batch_size, config.seed) == (1, 32, 8, 7)


def test_what_a_file_of_settings_leaves_out_stays_that_of_the_preset(
    terminal: Terminal, pictures: Path, tmp_path: Path
) -> None:
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({"training": {"epochs": 1, "image_size": 32}}))
    terminal("train", pictures, "--preset", "classic", "--config", file)
    config = terminal.engine.trained[-1][1]
    assert config.training.epochs == 1
    assert config.training.batch_size == 32
    assert config.augmentation.rotation == 20


def test_the_settings_of_a_run_can_be_used_again(
    terminal: Terminal, pictures: Path, run_folder: Path
) -> None:
    ran = terminal("train", pictures, "--config", run_folder / "config.json")
    assert ran.code == 0, ran.err
    assert trained_config(terminal) == load_run(run_folder).config.training


def test_a_project_is_trained_with_its_own_settings_unless_a_preset_is_asked_for(
    terminal: Terminal, pictures: Path
) -> None:
    project = scan(pictures)
    training = TrainingConfig(epochs=4, image_size=32)
    config = dataclasses.replace(project.config, training=training)
    project_file.save(dataclasses.replace(project, config=config))
    terminal("train", pictures)
    assert trained_config(terminal).epochs == 4
    terminal("train", pictures, "--preset", "classic", "--size", 32)
    assert trained_config(terminal).epochs == 20
    assert scan(pictures).config == config


def test_a_folder_is_trained_fast_unless_something_else_is_asked_for(
    terminal: Terminal, pictures: Path
) -> None:
    ran = terminal("train", pictures, "--epochs", 2, "--json")
    assert ran.code == 0, ran.err
    assert ran.lines[-1]["preset"] == "fast"
    assert sum(terminal.engine.described) == 40
    terminal("train", pictures, "--preset", "fine", "--size", 32, "--epochs", 2)
    assert terminal.engine.heads[-1] is not None
    assert sum(terminal.engine.described) == 40, "what was seen once is remembered"


def test_variants_and_the_backbone_are_settings_like_others(
    terminal: Terminal, pictures: Path
) -> None:
    backbone = DEFAULT_BACKBONE.key
    ran = terminal(
        "train", pictures, "--set", f"backbone={backbone}", "--set", "variants=2", "--epochs", 1
    )
    assert ran.code == 0, ran.err
    assert terminal.engine.trained[-1][1].transfer.variants == 2
    assert sum(terminal.engine.described) == 40 + 2 * 28
    assert terminal("train", pictures, "--set", "backbone=none").code == 2
    assert terminal("train", pictures, "--set", "variants=9").code == 2


@pytest.mark.parametrize(
    ("preset", "assignment", "words"),
    [
        ("classic", "transfer.dropout=0.1", "It belongs to fast and fine"),
        ("classic", "variants=2", "It belongs to fast:"),
        ("fast", "dense_units=64", "It belongs to classic and modern"),
        ("fast", "network.blocks.0.filters=8", "It belongs to classic and modern"),
        ("fast", "rotation=10", "add --set variants=2"),
    ],
)
def test_a_setting_of_another_way_of_training_is_wrong_usage(
    terminal: Terminal, pictures: Path, preset: str, assignment: str, words: str
) -> None:
    ran = terminal("train", pictures, "--preset", preset, "--set", assignment)
    assert ran.code == 2
    assert f"has no effect with the preset {preset}" in ran.err
    assert words in ran.err
    assert terminal.engine.trained == []


def test_augmentation_takes_effect_on_the_variants_of_fast_start(
    terminal: Terminal, pictures: Path
) -> None:
    options = ("--set", "rotation=10", "--set", "variants=1", "--epochs", 1)
    assert terminal("train", pictures, *options).code == 0


def test_a_size_that_fast_start_cannot_have_is_said(terminal: Terminal, pictures: Path) -> None:
    ran = terminal("train", pictures, "--size", 32, "--epochs", 1)
    assert "--size is passed over" in ran.err
    assert trained_config(terminal).image_size == 8
    assert (
        "passed over"
        not in terminal("train", pictures, "--preset", "classic", "--size", 32, "--epochs", 1).err
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"not json", "not JSON"),
        (b"[1, 2]", "group of names"),
        (b'{"trainin": {}}', "trainin"),
        (b'{"training": {"epochs": "many"}}', "Epochs"),
        (b'{"network": {"blocks": 3}}', "blocks"),
        (b"\xff\xfe\x00", "not JSON"),
    ],
)
def test_a_file_of_settings_that_is_wrong_is_explained(
    terminal: Terminal, pictures: Path, tmp_path: Path, content: bytes, words: str
) -> None:
    file = tmp_path / "settings.json"
    file.write_bytes(content)
    ran = terminal("train", pictures, "--config", file)
    assert ran.code == 1
    assert str(file) in ran.err
    assert words in ran.err
    assert "unexpected" not in ran.err


def test_a_file_of_settings_that_is_not_there_is_explained(
    terminal: Terminal, pictures: Path, tmp_path: Path
) -> None:
    ran = terminal("train", pictures, "--config", tmp_path / "gone.json")
    assert ran.code == 1
    assert "gone.json" in ran.err


@pytest.mark.parametrize(
    "arguments",
    [["--set", "epochs=none"], ["--epochs", "0"], ["--batch", "x"], ["--set", "nothing=1"], []],
)
def test_options_that_cannot_be_understood_train_nothing(
    terminal: Terminal, pictures: Path, arguments: list[str]
) -> None:
    ran = terminal("train", *([pictures, *arguments] if arguments else []))
    assert ran.code == 2
    assert terminal.engine.trained == []
    assert not (pictures / STATE_FOLDER).exists()


def test_a_bad_setting_is_a_json_line_too(terminal: Terminal, pictures: Path) -> None:
    ran = terminal("train", pictures, "--epochs", 0, "--json")
    assert ran.code == 2
    assert ran.last["event"] == "failed"
    assert "at least 1" in ran.last["reason"]


def test_a_tree_of_train_valid_and_test_is_the_split(terminal: Terminal, tmp_path: Path) -> None:
    tree = coloured_folder(
        tmp_path / "tree",
        {"train/red": 12, "train/green": 12, "valid/red": 3, "valid/green": 3, "test/red": 5},
    )
    last = terminal("train", tree, "--size", 32, "--epochs", 1, "--json").last
    assert terminal.engine.trained[-1][2:] == (24, 6)
    samples = read_samples(load_run(Path(last["run"])))
    assert {each.path for each in samples if each.split == "test"} == {
        f"test/red/{n}.png" for n in range(1, 6)
    }


def test_folders_given_for_validation_and_test_are_those_parts(
    terminal: Terminal, pictures: Path, tmp_path: Path
) -> None:
    val, test = tmp_path / "val", tmp_path / "exam"
    for part in (val, test):
        for colour in ("red", "green"):
            (part / colour).mkdir(parents=True)
            for number in range(4):
                file = part / colour / f"{number}.png"
                coloured_picture(file, colour, f"{part.name} {number}")
    ran = terminal(
        "train", pictures, "--validation", val, "--test", test,
        "--size", 32, "--epochs", 1, "--json",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    samples = read_samples(load_run(Path(ran.last["run"])))
    for split, folder in (("validation", val), ("test", test)):
        paths = [Path(each.path) for each in samples if each.split == split]
        assert sorted(paths) == sorted(folder.rglob("*.png"))
    assert [each.split for each in samples].count("train") == 40


def test_a_part_without_class_folders_is_explained(
    terminal: Terminal, pictures: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    ran = terminal("train", pictures, "--test", tmp_path / "empty", "--size", 32)
    assert ran.code == 1
    assert "empty holds no pictures in class folders" in ran.err


def test_too_few_classes_are_explained_before_anything_starts(
    terminal: Terminal, tmp_path: Path
) -> None:
    folder = coloured_folder(tmp_path / "one", {"red": 10})
    ran = terminal("train", folder, "--size", 32, "--json")
    assert ran.code == 1
    assert "Only one class" in ran.err
    assert ran.last["event"] == "failed"
    assert terminal.engine.trained == []


def test_an_engine_that_fails_is_a_sentence_with_its_hint(
    terminal: Terminal, pictures: Path
) -> None:
    terminal.engine.fail_with = StudioError("The memory ran out.", "Take a smaller batch.")
    ran = terminal("train", pictures, "--size", 32, "--json")
    assert ran.code == 1
    assert ran.err.splitlines()[-1] == "The memory ran out. Take a smaller batch."
    assert ran.last == {
        "event": "failed",
        "reason": "The memory ran out.",
        "hint": "Take a smaller batch.",
    }


def test_pictures_that_cannot_be_read_are_warned_of_and_left_out(
    terminal: Terminal, pictures: Path
) -> None:
    (pictures / "red" / "broken.jpg").write_bytes(b"nothing")
    ran = terminal("train", pictures, "--size", 32, "--epochs", 1, "--json")
    assert ran.code == 0
    assert "red/broken.jpg" in ran.err
    assert f"cnnstudio check {pictures} lists all of them." in ran.err


def test_of_a_validation_folder_with_parts_its_validation_part_is_taken(
    terminal: Terminal, pictures: Path, tmp_path: Path
) -> None:
    tree = coloured_folder(
        tmp_path / "tree", {"train/red": 4, "train/green": 4, "val/red": 2, "val/green": 3}
    )
    ran = terminal("train", pictures, "--size", 32, "--epochs", 1, "--validation", tree)
    assert ran.code == 0, ran.err
    assert "tree has parts: only the 5 validation pictures are used as validation." in ran.err
    assert terminal.engine.trained[-1][3] == 5
    ran = terminal("train", pictures, "--size", 32, "--test", tree)
    assert ran.code == 1
    assert "no pictures in a test folder" in ran.err


def test_a_run_folder_that_would_become_a_class_is_refused(
    terminal: Terminal, pictures: Path, sampled: Callable[[Path], set[Path]]
) -> None:
    before = sampled(pictures)
    ran = terminal("train", pictures, "--size", 32, "--out", pictures / "runs" / "one")
    assert ran.code == 2
    assert "would be taken for a class" in ran.err
    assert sampled(pictures) == before


@pytest.mark.parametrize("assignment", ["training.epochs.x=3", "preset=foo"])
def test_a_setting_that_there_is_not_is_wrong_usage(
    terminal: Terminal, pictures: Path, assignment: str
) -> None:
    ran = terminal("train", pictures, "--set", assignment)
    assert ran.code == 2
    assert "Traceback" not in ran.err


def cut_off(terminal: Terminal, pictures: Path, *options: object) -> None:
    class Killed(BaseException):
        pass

    terminal.engine.fail_with = Killed()  # type: ignore[assignment]
    with pytest.raises(Killed):
        terminal("train", pictures, "--preset", "classic", "--size", 32, "--epochs", 3, *options)
    terminal.engine.fail_with = None


@pytest.mark.parametrize("by", ["last", "name", "folder", "run"])
def test_a_training_that_was_cut_off_is_gone_on_with(
    terminal: Terminal, pictures: Path, by: str
) -> None:
    cut_off(terminal, pictures)
    (unfinished,) = list_unfinished(scan(pictures))
    words = {
        "last": "last",
        "name": unfinished.name,
        "folder": unfinished.folder,
        "run": unfinished.target.name,
    }
    ran = terminal("train", pictures, "--resume", words[by], "--json")
    assert ran.code == 0
    assert Path(ran.last["run"]) == unfinished.target
    assert load_run(unfinished.target).epochs == 3
    again = terminal("train", pictures, "--resume", words[by])
    assert again.code == 1
    if by != "folder":
        assert "has ended" in again.err
        assert str(unfinished.target) in again.err
    else:
        assert "There is no training" in again.err  # a draft has a name of its own


def test_going_on_takes_no_other_settings(terminal: Terminal, pictures: Path) -> None:
    cut_off(terminal, pictures)
    ran = terminal("train", pictures, "--resume", "last", "--epochs", 5)
    assert ran.code != 0
    assert "keeps the settings" in ran.err
    ran = terminal("train", pictures, "--resume", "owls")
    assert ran.code != 0
    assert "There is no training owls" in ran.err
    assert "Those that were cut off: " in ran.err


def test_where_nothing_was_cut_off_going_on_is_explained(
    terminal: Terminal, pictures: Path, tmp_path: Path
) -> None:
    ran = terminal("train", pictures, "--resume", "last")
    assert ran.code == 1
    assert "was cut off, and none has ended. Leave --resume away" in ran.err
    ran = terminal("train", pictures, "--resume", "owls")
    assert "There is no training owls" in ran.err
    assert "fast start keeps nothing" in ran.err
    run = tmp_path / "runs" / "mine"
    terminal("train", pictures, "--size", 32, "--epochs", 2, "--out", run)
    ran = terminal("train", pictures, "--resume", run)
    assert "The training Fast start has ended" in ran.err
    assert str(run) in ran.err


def test_the_run_alone_says_which_pictures_to_go_on_with(
    terminal: Terminal, pictures: Path, tmp_path: Path
) -> None:
    run = tmp_path / "runs" / "mine"
    cut_off(terminal, pictures, "--out", run)
    ran = terminal("train", "--resume", run, "--json")
    assert ran.code == 0
    assert Path(ran.last["run"]) == run
    assert load_run(run).epochs == 3


def test_a_project_that_was_moved_is_found_with_its_run(
    terminal: Terminal, pictures: Path, tmp_path: Path
) -> None:
    cut_off(terminal, pictures)
    moved = pictures.rename(tmp_path / "moved")
    (unfinished,) = list_unfinished(scan(moved))
    ran = terminal("train", "--resume", unfinished.target)
    assert ran.code == 0
    assert load_run(unfinished.target).epochs == 3


def test_without_pictures_or_a_run_the_usage_is_said(terminal: Terminal) -> None:
    ran = terminal("train", "--preset", "fast")
    assert ran.code == 2
    assert "FOLDER" in ran.err


def test_of_small_pictures_it_is_said_which_look_alikes_are_kept_together(
    terminal: Terminal, tmp_path: Path
) -> None:
    for size, is_said in ((16, True), (64, False)):
        folder = coloured_folder(tmp_path / str(size), {"red": 20, "green": 20}, size=size)
        ran = terminal("train", folder, "--epochs", 1)
        assert ("Pictures below 48 px all look much alike" in ran.err) == is_said


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_what_goes_wrong_on_the_way_is_said(
    terminal: Terminal, pictures: Path, options: tuple[str, ...]
) -> None:
    class Warns(FakeEngine):
        def _wait(self, context: TaskContext) -> None:
            context.report(Warned("The disk is full."))

    terminal.engine = Warns()
    ran = terminal("train", pictures, "--epochs", 1, *options)
    assert ran.code == 0
    assert ran.err.splitlines().count("The disk is full.") == 1


def test_where_no_epoch_was_better_than_the_start_it_is_said(
    terminal: Terminal, pictures: Path
) -> None:
    class Spoils(FakeEngine):
        def train(self, *given: object, **named: object) -> TrainingOutcome:  # type: ignore[override]
            outcome = super().train(*given, **named)  # type: ignore[arg-type]
            history = [dataclasses.replace(each, is_best=False) for each in outcome.history]
            return dataclasses.replace(outcome, history=tuple(history), best_epoch=0)

    terminal.engine = Spoils()
    options = ("--preset", "fine", "--size", 32, "--epochs", 2)
    ran = terminal("train", pictures, *options)
    assert ran.code == 0
    assert "No epoch was better than the start" in ran.out
    last = terminal("train", pictures, *options, "--json").last
    assert last["best_epoch"] == 0
    run = load_run(Path(last["run"]))
    assert any("the start was the best" in words for words in run.warnings)
    assert run.kept_words == "the start"


def test_where_pictures_may_not_be_written_to_another_place_is_offered(
    terminal: Terminal, pictures: Path, tmp_path: Path
) -> None:
    # Nobody may make a folder in a file, whoever runs the tests.
    (pictures / STATE_FOLDER).mkdir()
    (pictures / STATE_FOLDER / "runs").write_bytes(b"")
    ran = terminal("train", pictures, "--epochs", 1)
    assert ran.code == 1
    assert "could not be written" in ran.err
    assert "--out RUN_DIR" in ran.err
    assert terminal.engine.trained == []
    assert terminal("train", pictures, "--epochs", 1, "--out", tmp_path / "run").code == 0
