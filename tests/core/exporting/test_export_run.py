"""An export is handed over only where it was seen to answer as the window does."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from cnnstudio.core.config import with_setting
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.errors import Cancelled, StudioError
from cnnstudio.core.exporting import export_run as exporting
from cnnstudio.core.exporting.export_run import export_run
from cnnstudio.core.exporting.exported import Exported
from cnnstudio.core.exporting.sample_process import ask_sample
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.resources import resource_path
from cnnstudio.core.runs import Run, read_samples, write_sample_records
from cnnstudio.core.training import train_project
from tests.builders import coloured_folder
from tests.fakes import FakeEngine

FILES = {
    "model.onnx",
    "model.json",
    "labels.txt",
    "classify.py",
    "pictures.py",
    "requirements.txt",
    "README.md",
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    root = tmp_path_factory.mktemp("project")
    project = scan(coloured_folder(root, {"red": 30, "green": 30, "blue": 30}, size=20))
    config = with_setting(with_setting(project.config, "image_size", "32"), "epochs", "1")
    config = replace(config, preset="classic")
    return train_project(FakeEngine(), replace(project, config=config))(TaskContext())


def exported(run: Run, folder: Path, engine: FakeEngine | None = None, **options: Any) -> Exported:
    task = export_run(engine or FakeEngine(), run, ["onnx"], folder, **options)
    (made,) = task(TaskContext())
    return made


def everything(folder: Path) -> set[str]:
    return {each.relative_to(folder).as_posix() for each in folder.rglob("*")}


def children() -> list[psutil.Process]:
    return psutil.Process().children(recursive=True)


def copy_of(run: Run, folder: Path) -> Run:
    """The run in another place, to be spoiled."""
    return replace(run, folder=Path(shutil.copytree(run.folder, folder)))


def changed_sample(
    monkeypatch: pytest.MonkeyPatch, folder: Path, name: str, old: str, new: str
) -> None:
    """Ship sample code with a mistake in it."""
    text = resource_path("export", name).read_text(encoding="utf-8")
    assert old in text
    changed = folder / name
    changed.write_text(text.replace(old, new), encoding="utf-8")

    def found(*parts: str) -> Path:
        return changed if parts == ("export", name) else resource_path(*parts)

    monkeypatch.setattr(exporting, "resource_path", found)


def test_pictures_that_are_others_now_prove_nothing(tmp_path: Path) -> None:
    project = scan(coloured_folder(tmp_path / "project", {"red": 4, "blue": 4}, size=20))
    config = with_setting(with_setting(project.config, "image_size", "32"), "epochs", "1")
    project = replace(project, config=replace(config, preset="classic"))
    made = train_project(FakeEngine(), project)(TaskContext())
    for red in (project.root / "red").iterdir():
        blue = project.root / "blue" / red.name
        content = red.read_bytes()
        red.write_bytes(blue.read_bytes())
        blue.write_bytes(content)
    held_back = exported(made, tmp_path / "exports", root=project.root)
    assert not held_back.is_handed_over
    assert held_back.words.startswith("Not proved: none of the run's pictures is there, as it was")
    held_back.discard()


def test_an_export_is_proved_by_its_own_sample_code_and_handed_over(
    run: Run, tmp_path: Path
) -> None:
    engine, folder = FakeEngine(), tmp_path / "new" / "exports"
    first = exported(run, folder, engine)
    assert first.is_handed_over
    assert first.words == "Agrees on 15 of 15, largest difference below 0.0001 (15 test pictures)."
    assert first.target == folder / f"{run.name}-onnx"
    assert everything(folder) == {first.target.name} | {
        f"{first.target.name}/{each}" for each in FILES
    }
    assert first.milliseconds is not None
    assert first.parameters == sum(each.parameters for each in engine.layers_of(run.model_file))

    card = json.loads((first.target / "model.json").read_text(encoding="utf-8"))
    assert (engine.exported[0].prototypes is not None) == (card["outputs"]["distance"] is not None)
    assert card["class_names"] == [*run.class_names]
    interval = pytest.approx([0.796, 1.0], abs=1e-3)
    assert card["test"] == {"accuracy": 1.0, "interval": interval, "pictures": 15}
    assert (first.target / "labels.txt").read_text(encoding="utf-8").split() == [*run.class_titles]
    assert engine.exported[0].enclosed.keys() == {"model.json", "labels.txt"}
    readme = (first.target / "README.md").read_text(encoding="utf-8")
    assert "Agrees on 15 of 15" in readme
    assert "Right for 15 of 15 test pictures: 100 % (95 % interval 80 % to 100 %)." in readme
    assert len(readme.splitlines()) <= 10
    assert "==" in (first.target / "requirements.txt").read_text(encoding="utf-8")

    again = exported(run, folder, is_bundle=True)
    assert again.target == folder / f"{run.name}-onnx.zip"
    with zipfile.ZipFile(again.target) as archive:
        assert set(archive.namelist()) == {
            f"{run.name}-onnx/{each}" for each in {*FILES, "report_card.html"}
        }


def test_a_network_that_answers_otherwise_waits_for_the_users_word(
    run: Run, tmp_path: Path
) -> None:
    engine = FakeEngine(swaps_on_export=True)
    made = exported(run, tmp_path, engine)
    assert made.is_held_back
    assert not made.is_handed_over
    assert made.words.startswith("Agrees on 0 of 15")
    assert not made.target.exists()

    other = exported(run, tmp_path, anyway=True)  # takes the place, and leaves the draft alone
    with pytest.raises(StudioError, match="already"):
        made.release()
    shutil.rmtree(other.target)
    assert made.release() == made.target
    assert made.is_handed_over
    assert everything(tmp_path) == {made.target.name} | {
        f"{made.target.name}/{each}" for each in FILES
    }
    assert len(engine.exported) == 1

    thrown_away = exported(run, tmp_path, engine)
    assert thrown_away.target == tmp_path / f"{run.name}-onnx (2)"
    thrown_away.discard()
    assert not thrown_away.is_held_back
    assert {each.name for each in tmp_path.iterdir()} == {made.target.name}
    with pytest.raises(StudioError, match="no export"):
        thrown_away.release()


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("pictures.py", "np.float32)[None]", "np.float32)[None, ..., ::-1]"),
        (
            "classify_onnx.py",
            'CARD["class_names"], probabilities',
            'CARD["class_names"][1:], probabilities',
        ),
    ],
    ids=["blue for red", "names out of place"],
)
def test_a_mistake_in_the_sample_code_is_stopped(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, old: str, new: str
) -> None:
    changed_sample(monkeypatch, tmp_path, name, old, new)
    made = exported(run, tmp_path / "exports")
    assert not made.is_handed_over
    assert made.problem or made.parity is not None
    made.discard()
    assert not (tmp_path / "exports").exists()


def test_a_format_that_fails_has_a_sentence_and_the_others_go_on(run: Run, tmp_path: Path) -> None:
    # The fake's networks are ONNX whatever they are called, so LiteRT cannot read this one.
    failed, made = export_run(FakeEngine(), run, ["tflite", "onnx"], tmp_path)(TaskContext())
    assert failed.problem.startswith("The sample code of the exported model ended early.")
    assert not failed.is_held_back
    assert made.is_handed_over
    assert {each.name for each in tmp_path.iterdir()} == {made.target.name}


def test_cancelling_the_proof_leaves_neither_file_nor_process(run: Run, tmp_path: Path) -> None:
    samples: list[psutil.Process] = []

    context = TaskContext()

    def cancel_once_it_runs() -> None:
        until(lambda: bool(children()))
        samples.extend(children())
        context.cancel()

    class Watched(FakeEngine):
        def export(self, *arguments: Any) -> None:
            super().export(*arguments)
            threading.Thread(target=cancel_once_it_runs).start()

    with pytest.raises(Cancelled):
        export_run(Watched(), run, ["onnx"], tmp_path / "exports")(context)
    assert samples
    assert children() == []
    assert list(tmp_path.iterdir()) == []


def test_a_sample_that_says_nothing_is_ended(tmp_path: Path) -> None:
    script = tmp_path / "silent.py"
    script.write_text("import time\ntime.sleep(60)\n", encoding="utf-8")
    with pytest.raises(StudioError, match="no answer within 0 seconds"):
        list(ask_sample(script, [tmp_path], TaskContext(), silence_s=0.3))
    assert children() == []


def test_validation_pictures_prove_it_where_no_test_pictures_are_left(
    run: Run, tmp_path: Path
) -> None:
    spoiled = copy_of(run, tmp_path / "run")
    records = [each for each in read_samples(run) if each.split != "test"]
    write_sample_records(spoiled.folder, records)
    root = run.folder.parents[2]
    made = exported(spoiled, tmp_path / "exports", root=root)
    assert made.is_handed_over
    assert "validation pictures" in made.words


def test_without_pictures_it_is_not_proved_and_whole_numbers_cannot_be_chosen(
    run: Run, tmp_path: Path
) -> None:
    spoiled = copy_of(run, tmp_path / "run")  # outside the project, whose place is not known
    formats = ["onnx", "tflite-int8"]
    made, refused = export_run(FakeEngine(), spoiled, formats, tmp_path / "exports")(TaskContext())
    assert made.is_held_back
    assert made.words.startswith("Not proved: none of the run's pictures is there")
    assert "needs some of the pictures" in refused.problem
    made.release()
    assert "was not compared" in (made.target / "README.md").read_text(encoding="utf-8")


def test_what_others_keep_in_the_folder_stays(run: Run, tmp_path: Path) -> None:
    theirs = (
        tmp_path / "network" / "checkpoint" / "plan.json",
        tmp_path / ".draft-of-my-thesis" / "chapter 1.txt",
        tmp_path / f"{run.name}-onnx",
    )
    for each in theirs:
        each.parent.mkdir(parents=True, exist_ok=True)
        each.write_text("mine", encoding="utf-8")
        os.utime(each.parent, (0, 0))
    made = exported(run, tmp_path)
    assert made.target.name == f"{run.name}-onnx (2)"
    assert all(each.read_text(encoding="utf-8") == "mine" for each in theirs)


KILLED = """
import os, sys, time
from pathlib import Path
from cnnstudio.core.events import Progress
from cnnstudio.core.exporting.export_run import export_run
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.runs import load_run
from tests.fakes import FakeEngine

def listen(event):
    if isinstance(event, Progress) and event.words == "Proving ONNX":
        print("proving", flush=True)

export_run(FakeEngine(), load_run(Path(sys.argv[1])), ["onnx"], Path(sys.argv[2]))(
    TaskContext(listen)
)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_what_a_killed_export_leaves_is_swept_by_the_next(run: Run, tmp_path: Path) -> None:
    killed = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(run.folder), str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=Path(__file__).parents[3],
    )
    assert killed.stdout is not None
    assert killed.stdout.readline() == b"proving\n"
    until(lambda: bool(psutil.Process(killed.pid).children()))
    samples = psutil.Process(killed.pid).children()
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    killed.stdout.close()
    assert [each for each in tmp_path.iterdir() if not each.name.startswith(".draft-")] == []
    # Nobody takes its answers, so it ends.
    until(lambda: not any(map(is_running, samples)))
    made = exported(run, tmp_path)
    assert {each.name for each in tmp_path.iterdir()} == {made.target.name}


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def is_running(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def test_the_right_numbers_under_the_wrong_names_are_held_back(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed_sample(
        monkeypatch, tmp_path, "classify_onnx.py", '"class_names"]', '"class_names"][::-1]'
    )
    made = exported(run, tmp_path / "out")
    assert made.is_held_back
    assert not made.is_proved
    assert "A difference of at most 0.001 is allowed." in made.words
    made.discard()
