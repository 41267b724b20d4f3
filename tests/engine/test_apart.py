"""Work in a process of its own: done, refused in words, and ended when the user cancels."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from cnnstudio.core.errors import Cancelled, StudioError
from cnnstudio.core.jobs import TaskContext
from cnnstudio.engine.apart import EXPORT, run_apart


def _request(target: Path) -> dict[str, object]:
    missing = str(target.with_name("missing.keras"))
    return {"model_file": missing, "target": str(target), "form": "keras", "enclosed": {}}


@pytest.mark.slow
def test_what_goes_wrong_there_is_said_here(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="is missing"):
        run_apart(EXPORT, _request(tmp_path / "model.keras"), TaskContext())


def test_a_process_that_ends_without_a_word_is_a_sentence() -> None:
    with pytest.raises(StudioError, match="ended without a word"):
        run_apart("nothing we know", {}, TaskContext())


def test_cancelling_ends_the_process_at_once(tmp_path: Path) -> None:
    context = TaskContext()
    threading.Timer(0.3, context.cancel).start()
    with pytest.raises(Cancelled):
        run_apart(EXPORT, _request(tmp_path / "model.keras"), context)
    assert not [
        each for each in psutil.Process().children(recursive=True) if "work-apart" in _words(each)
    ]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="kills as Unix does")
def test_it_ends_with_a_program_that_is_killed(tmp_path: Path) -> None:
    code = (
        "from cnnstudio.core.jobs import TaskContext\n"
        "from cnnstudio.engine.apart import run_apart\n"
        f"run_apart('export', {_request(tmp_path / 'model.keras')!r}, TaskContext())\n"
    )
    program = subprocess.Popen([sys.executable, "-c", code])
    child: list[psutil.Process] = []
    while not child:
        child = psutil.Process(program.pid).children()
        time.sleep(0.02)
    time.sleep(1.5)  # it has begun
    program.kill()
    program.wait()
    gone, _ = psutil.wait_procs(child, timeout=10)
    assert gone == child


def _words(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""
