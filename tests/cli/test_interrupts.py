"""Ctrl-C: once stops and keeps, twice throws away."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cnnstudio.core.runs import load_run

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are sent otherwise on Windows")

ROOT = Path(__file__).resolve().parents[2]

# The third epoch lasts until the training is stopped ("polite") or cancelled ("slow"), or for ever.
PROGRAM = """
import sys, threading
from cnnstudio.commands.program import make_cli
from tests.fakes import FakeEngine

class Engine(FakeEngine):
    epochs = 0

    def predict_features(self, *given):
        if sys.argv[1] == "asking":  # the saved model, just before the run is kept
            print("waiting", file=sys.stderr, flush=True)
            while not self.context.is_cancelled:
                threading.Event().wait(0.01)
        return super().predict_features(*given)

    def devices(self):
        if sys.argv[1] == "importing":  # as TensorFlow's import does, it looks at nothing
            print("waiting", file=sys.stderr, flush=True)
            threading.Event().wait(60)
        return super().devices()

    def _wait(self, context):
        self.epochs, self.context = self.epochs + 1, context
        if self.epochs == 3 and sys.argv[1] not in ("asking", "crossing"):
            print("waiting", file=sys.stderr, flush=True)
            while not (
                sys.argv[1] == "polite" and context.is_stop_requested
                or sys.argv[1] == "slow" and context.is_cancelled
            ):
                threading.Event().wait(0.01)

if sys.argv[1] == "crossing":
    from cnnstudio.core import cross_checking

    fit = cross_checking.fit_softmax_regression

    def fit_slowly(*given):
        print("waiting", file=sys.stderr, flush=True)
        while not given[-1].is_stop_requested:
            threading.Event().wait(0.01)
        return fit(*given)

    cross_checking.fit_softmax_regression = fit_slowly

make_cli(Engine, None).main(sys.argv[2:])
"""


@contextmanager
def training(kind: str, pictures: Path, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """A training in its third epoch."""
    options = ["--size", 32, "--epochs", 9, *arguments]
    command = [sys.executable, "-c", PROGRAM, kind, "train", pictures, *options]
    with subprocess.Popen(
        [str(each) for each in command],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stderr is not None
            for line in process.stderr:
                if line == "waiting\n":
                    break
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_interrupt_keeps_the_best_epoch_so_far(
    pictures: Path, tmp_path: Path, number: signal.Signals
) -> None:
    out = tmp_path / "kept"
    with training("polite", pictures, "--out", out, "--json") as process:
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Stopping" in stderr
    last = json.loads(stdout.splitlines()[-1])
    assert last["event"] == "finished"
    assert (last["status"], last["epochs"]) == ("stopped", 3)
    assert load_run(out).status == "stopped"


def test_the_second_interrupt_throws_the_run_away(pictures: Path, tmp_path: Path) -> None:
    out = tmp_path / "lost"
    with training("slow", pictures, "--out", out, "--json") as process:
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        assert "Stopping" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Cancelled" in stderr
    assert "Traceback" not in stderr
    assert json.loads(stdout.splitlines()[-1])["event"] == "failed"
    assert not out.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["pictures"]


def test_a_second_interrupt_just_before_the_run_is_kept_throws_it_away(
    pictures: Path, tmp_path: Path
) -> None:
    with training("asking", pictures, "--out", tmp_path / "lost") as process:
        assert process.stderr is not None
        for words in ("Stopping", "Cancelling: nothing is kept."):
            process.send_signal(signal.SIGINT)
            assert words in process.stderr.readline()
        process.communicate(timeout=30)
    assert process.returncode == 130
    assert [path.name for path in tmp_path.iterdir()] == ["pictures"]


def test_during_the_cross_validation_an_interrupt_says_that_the_run_is_saved(
    pictures: Path, tmp_path: Path
) -> None:
    out = tmp_path / "kept"
    with training("crossing", pictures, "--out", out) as process:
        assert load_run(out).cross_check is None, "it is there before"
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        assert process.stderr.readline() == "Ending: the run is saved already.\n"
        stdout, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Saved in" in stdout
    assert load_run(out).status == "finished"


def test_a_kill_during_the_cross_validation_loses_no_run(pictures: Path, tmp_path: Path) -> None:
    out = tmp_path / "kept"
    with training("crossing", pictures, "--out", out) as process:
        process.kill()
        process.communicate(timeout=30)
    assert load_run(out).status == "finished"


def test_a_training_that_answers_to_nothing_ends_at_the_third(
    pictures: Path, tmp_path: Path
) -> None:
    with training("deaf", pictures, "--out", tmp_path / "lost") as process:
        assert process.stderr is not None
        for words in ("Stopping", "Cancelling"):
            process.send_signal(signal.SIGINT)
            assert words in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in stderr
    assert [path.name for path in tmp_path.iterdir()] == ["pictures"]


def test_before_anything_was_learned_the_first_interrupt_ends_at_once(
    pictures: Path, tmp_path: Path
) -> None:
    out = tmp_path / "nothing"
    with training("importing", pictures, "--out", out, "--json") as process:
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "nothing was learned yet, so nothing was kept" in stderr
    assert "Traceback" not in stderr
    (last,) = map(json.loads, stdout.splitlines())
    assert last["event"] == "failed"
    assert [path.name for path in tmp_path.iterdir()] == ["pictures"]


def test_an_interrupt_at_the_very_beginning_is_quiet() -> None:
    program = """
from cnnstudio import cli
def run():
    raise KeyboardInterrupt
cli._run = run
cli.main()
"""
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=False
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (130, b"", b"")


def test_after_an_interrupt_busy_threads_are_not_waited_for() -> None:
    program = """
import threading
from cnnstudio import cli
def run():
    threading.Thread(target=threading.Event().wait, args=(60,)).start()
    print("last words")
    return 130
cli._run = run
cli.main()
"""
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=False, timeout=30
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (130, b"last words\n", b"")


def test_an_interrupt_while_threads_are_waited_for_is_quiet() -> None:
    program = """
import sys, threading
from cnnstudio import cli
def run():
    threading.Thread(target=threading.Event().wait, args=(60,)).start()
    return 0
cli._run = run
threading._register_atexit(lambda: print("waiting", flush=True))
cli.main()
"""
    with subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "waiting\n"
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=30)
    assert (process.returncode, stderr) == (130, "")
