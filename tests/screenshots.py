"""Pictures of every step of the real program, for the README and for judging a change by eye.

    python -m tests.screenshots OUT_DIR [--folder CLASS_FOLDERS] [--size 1280x800] [--epochs 6]

Starts the real window with the real engine on a copy of the folder (default: the sample of
handwritten digits), goes through the steps with real clicks and writes one PNG a step, light and
dark. Runs without a display, too.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QWidget

if not os.environ.get("DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from cnnstudio.app import build_window
from cnnstudio.core.sample import write_sample_project
from cnnstudio.engine.keras_engine import KerasEngine
from cnnstudio.ui.demonstration import test_pictures
from cnnstudio.ui.dialogs.export_dialog import ExportDialog
from cnnstudio.ui.main_window import MainWindow


def wait_until(condition: Callable[[], bool], timeout_s: float = 900) -> None:
    """Let the window live until the condition holds; raises TimeoutError.

    An event loop of its own: QTest.qWait would not let the other threads run.
    """
    end = time.monotonic() + timeout_s
    loop = QEventLoop()
    watch = QTimer(interval=20)
    seen: list[bool] = []  # what held once may not hold any more when the loop is left

    def look() -> None:
        seen.append(condition())
        if seen[-1] or time.monotonic() > end:
            watch.stop()
            loop.quit()

    watch.timeout.connect(look)
    watch.start()
    loop.exec()
    if not seen[-1]:
        raise TimeoutError("the window did not get there in time")


def pause(seconds: float) -> None:
    """Let the window live for a while."""
    end = time.monotonic() + seconds
    wait_until(lambda: time.monotonic() > end)


def click(window: QWidget, name: str) -> None:
    """Click a button by its object name, as a person would."""
    button = window.findChild(QAbstractButton, name)
    assert button is not None, f"no button {name}"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def is_shown(window: QWidget, name: str) -> bool:
    """Whether a widget can be seen."""
    return any(each.isVisible() for each in window.findChildren(QWidget, name))


def count_of(kind: str, events: list[object]) -> int:
    """How many events of a kind were seen."""
    return sum(type(event).__name__ == kind for event in events)


def close_dialogs(window: QWidget) -> None:
    """Answer every open question with Cancel."""
    for dialog in window.findChildren(QDialog):
        dialog.reject()


class Photographer:
    """Goes through the steps and writes pictures."""

    def __init__(self, window: MainWindow, folder: Path) -> None:
        self._window = window
        self._folder = folder
        self._count = 0

    def take(self, name: str) -> None:
        """Write a picture of the window in light and dark."""
        self._count += 1
        for theme in ("light", "dark"):
            self._window.theme.set_choice(theme)
            pause(0.35)
            shot = self._window.grab()
            shot.save(str(self._folder / f"{self._count:02d}-{name}-{theme}.png"))
            for dialog in QApplication.topLevelWidgets():
                if dialog.isVisible() and dialog is not self._window:
                    file = f"{self._count:02d}-{name}-{theme}-{dialog.objectName()}.png"
                    dialog.grab().save(str(self._folder / file))


def go_through(window: MainWindow, project: Path, photos: Photographer, epochs: int) -> None:
    """The whole way: start page, images, samples, training, predictions, a bad file."""
    session = window.session
    session.find_device()
    wait_until(lambda: session.device is not None)
    photos.take("start")
    click(window, "start_new")
    photos.take("new-project")
    close_dialogs(window)
    window.open(project)
    wait_until(lambda: session.project is not None and not session.inspection.is_running)
    pause(1.5)
    photos.take("images")
    more = project.parent / "More pictures"
    for folder in sorted(each for each in project.iterdir() if each.name[0] != ".")[:4]:
        shutil.copytree(folder, more / folder.name)
    (more / "notes.txt").write_text("not a picture")
    window.take([more])
    wait_until(lambda: session.file_jobs.is_idle)
    photos.take("import")
    close_dialogs(window)
    config = session.project.config
    session.set_config(replace(config, training=replace(config.training, epochs=epochs)))
    click(window, "rail_augment")
    wait_until(lambda: session.preview_jobs.is_idle)
    photos.take("augment")
    click(window, "rail_train")
    photos.take("train-settings")
    click(window, "train_preset_variant_modern")
    wait_until(lambda: is_shown(window, "train_tab_network"))
    click(window, "train_tab_network")
    photos.take("train-network")
    session.set_config(replace(config, training=replace(config.training, epochs=epochs)))
    epochs_seen: list[object] = []
    session.trainings.started.connect(
        lambda training: training.job.reported.connect(epochs_seen.append)
    )
    click(window, "train_start_button")
    wait_until(lambda: count_of("EpochEnded", epochs_seen) >= max(1, epochs // 2))
    if session.training_job is not None:
        session.training_job.pause()
    photos.take("training-paused")
    if session.training_job is not None:
        session.training_job.resume()
    wait_until(lambda: not session.training_is_running)
    wait_until(lambda: bool(session.runs))
    photos.take("trained")
    session.train()
    wait_until(lambda: len(session.runs) == 2)
    click(window, "train_runs_compare")
    wait_until(lambda: session.view_jobs.is_idle)
    photos.take("compared")
    click(window, "train_runs_compare")
    photograph_pages(window, photos, "evaluate", "evaluate")
    photograph_pages(window, photos, "look_inside", "inside")
    asked = test_pictures(session.project, session.runs[0], 9)
    broken = project / ".broken.jpg"
    broken.write_bytes(asked[0].read_bytes()[:200])
    window.take([*asked[:5], broken, *asked[5:]])
    wait_until(lambda: session.engine_jobs.is_idle)
    wait_until(lambda: session.preview_jobs.is_idle)
    photos.take("predictions")
    photograph_sharing(window, photos, project.parent / "exports")
    click(window, "top_help")
    photos.take("help")


def photograph_sharing(window: MainWindow, photos: Photographer, folder: Path) -> None:
    """An export in some formats, and a service on this computer."""
    click(window, "predict_export")
    dialog = window.findChild(ExportDialog)
    dialog.export_into(folder)
    for key in ("tflite", "tflite-float16", "tflite-int8", "onnx"):
        dialog.findChild(QAbstractButton, f"export_choice_{key}").setChecked(True)
    photos.take("export")
    click(dialog, "export_start")
    wait_until(lambda: dialog.findChild(QAbstractButton, "export_close").isVisible())
    photos.take("exported")
    close_dialogs(window)
    click(window, "predict_share")
    wait_until(lambda: is_shown(window, "predict_share_copy"))
    photos.take("shared")
    click(window, "predict_share_stop")


def photograph_pages(window: MainWindow, photos: Photographer, step: str, prefix: str) -> None:
    """Every page of a step; what is begun by a button there is begun."""
    session = window.session
    queues = (session.background_jobs, session.engine_jobs, session.view_jobs, session.map_jobs)

    def rest() -> None:
        pause(0.3)
        wait_until(lambda: all(queue.is_idle for queue in queues))
        wait_until(lambda: session.preview_jobs.is_idle)

    click(window, f"rail_{step}")
    rest()
    tabs = [
        each.objectName()
        for each in window.findChildren(QAbstractButton)
        if each.objectName().startswith(f"{prefix}_tab_")
    ]
    for tab in tabs:
        click(window, tab)
        name = tab.removeprefix(f"{prefix}_tab_")
        rest()
        for button in (f"{prefix}_{name}_start", f"{name}_start"):
            start = window.findChild(QAbstractButton, button)
            if start is not None and start.isVisible() and start.isEnabled():
                click(window, button)
                rest()
        photos.take(f"{prefix}-{name}")


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--size", default="1280x800")
    parser.add_argument("--epochs", type=int, default=6)
    options = parser.parse_args()
    width, _, height = options.size.partition("x")
    options.out.mkdir(parents=True, exist_ok=True)
    app = QApplication(sys.argv[:1])
    with tempfile.TemporaryDirectory() as scratch:
        if options.folder:
            project = Path(scratch) / options.folder.name
            shutil.copytree(options.folder, project)
        else:
            project = Path(scratch) / "Handwritten digits"
            write_sample_project(project)
        window = build_window(app, KerasEngine(), Path(scratch) / "settings")
        window.resize(int(width), int(height))
        window.show()
        go_through(window, project, Photographer(window, options.out), options.epochs)
        window.close()
        wait_until(lambda: not window.isVisible())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
