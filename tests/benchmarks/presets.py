"""What each preset reaches on real pictures, and how long it takes from a cold start.

    python -m tests.benchmarks [fast] [fine] [classic] [modern]

Each is a training of its own by the command line, of a fresh copy of the pictures, in a process of
its own: importing TensorFlow, reading, learning and saving count. *Fast start* is held against the
bare rate of the network it looks with, measured just before by `bare_limits.py`, and, where
$CNNSTUDIO_ORANGE_PYTHON names a Python that has it, against Orange's picture embedding.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.pictures import BESIDE_THE_PROJECT, clothing_folder

ROOT = Path(__file__).resolve().parents[2]
PRESETS = ("fast", "fine", "classic", "modern")
AIMS = {"fast": 0.87, "fine": 0.92, "classic": 0.511, "modern": 0.65}
ORANGE_PER_CLASS = 10


@dataclass(frozen=True)
class Measured:
    """What one training came to: the seconds of the whole process, and its last JSON line."""

    seconds: float
    ended: dict[str, Any]


def measure(rounds: int, presets: tuple[str, ...] = PRESETS) -> str:
    """Train with each preset once (fast start `rounds` times) and return Markdown tables."""
    train = clothing_folder()
    if train is None:
        return "No measure: the presets need real pictures."
    lines = [
        "| preset | test accuracy | aim | seconds in all | epochs |",
        "|---|---:|---:|---:|---:|",
    ]
    extra: list[str] = []
    for preset in presets:
        if preset == "fast":
            extra = _against_limits(train.parent, rounds)
        found = train_once(train.parent, preset)
        accuracy = found.ended["test_accuracy"]
        low, high = found.ended["test_interval"]
        lines.append(
            f"| {preset} | {accuracy:.3f} ({low:.3f} to {high:.3f}) | {AIMS[preset]} |"
            f" {found.seconds:.0f} | {found.ended['epochs']} |"
        )
    return "\n".join([*lines, "", *extra])


def train_once(pictures: Path, preset: str, *, folder: Path | None = None) -> Measured:
    """Train in a new process on a copy of `pictures`, or in `folder` where one is given."""
    with tempfile.TemporaryDirectory() as scratch:
        place = folder or Path(shutil.copytree(pictures, Path(scratch, "pictures")))
        began = time.perf_counter()
        completed = subprocess.run(
            [sys.executable, "-m", "cnnstudio", "train", str(place), "--preset", preset, "--json"],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.perf_counter() - began
    if completed.returncode:
        raise SystemExit(completed.stderr or completed.stdout)
    return Measured(seconds, json.loads(completed.stdout.splitlines()[-1]))


def _against_limits(pictures: Path, rounds: int) -> list[str]:
    """Fast start beside the bare rate of its network, and beside Orange, in the same rounds."""
    count = sum(1 for each in pictures.rglob("*") if each.is_file())
    lines = [
        "| fast start | bare network, pictures/s | features, pictures/s | ratio | of processor time"
        " (aim 0.75) | cold start, s | at most, s | after ten more pictures, s |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    features = ["tests.benchmarks.features_once", str(pictures)]
    with tempfile.TemporaryDirectory() as scratch:
        network = Path(scratch, "backbone.tflite")
        _run(["-m", "tests.benchmarks.bare_backbone", str(network)])
        limit = [str(_bench() / "bare_limits.py"), "tflite", str(network)]
        for number in range(1, rounds + 1):
            bare, rate = _rate(limit), _rate(["-m", *features])
            clock = ["-m", "tests.benchmarks.processor_clock"]
            ratio = _rate([*clock, *features]) / _rate([*clock, *limit])
            cold, again = _cold_and_again(pictures)
            lines.append(
                f"| round {number} | {bare:.0f} | {rate:.0f} | {rate / bare:.2f} | {ratio:.2f} |"
                f" {cold:.1f} | {count / bare * 1.4 + 10:.1f} | {again:.1f} |"
            )
    orange = os.environ.get("CNNSTUDIO_ORANGE_PYTHON")
    script = _bench() / "orange_embedding.py"
    if orange and script.is_file():
        theirs = _orange(orange, script, pictures)
        ours = _rate(["-m", *features])
        lines += [
            "",
            f"Orange: {theirs:.1f} pictures/s, fast start {ours:.0f}: {ours / theirs:.0f} times"
            " as many (aim 8).",
        ]
    return lines


def _cold_and_again(pictures: Path) -> tuple[float, float]:
    """Seconds of a first training, and of a second one after ten more pictures came."""
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch, "pictures")
        held_back = sorted((pictures / "train").rglob("*.jpg"))[::300][:10]
        shutil.copytree(pictures, place)
        for path in held_back:
            (place / path.relative_to(pictures)).unlink()
        first = train_once(pictures, "fast", folder=place)
        for path in held_back:
            shutil.copy2(path, place / path.relative_to(pictures))
        return first.seconds, train_once(pictures, "fast", folder=place).seconds


def _orange(python: str, script: Path, pictures: Path) -> float:
    limit = ["--limit", str(ORANGE_PER_CLASS)]
    folders = [str(pictures / part) for part in ("train", "validation")]
    return _rate([str(script), *folders, *limit], python)


def _bench() -> Path:
    return Path(os.environ.get("CNNSTUDIO_SHARED_BENCH", BESIDE_THE_PROJECT / "bench"))


def _rate(arguments: list[str], python: str = sys.executable) -> float:
    return float(_run(arguments, python)["images_per_second"])


def _run(arguments: list[str], python: str = sys.executable) -> dict[str, Any]:
    completed = subprocess.run(
        [python, *arguments],
        cwd=ROOT,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    if completed.returncode:
        raise SystemExit(completed.stderr or completed.stdout)
    answer: dict[str, Any] = json.loads(completed.stdout.splitlines()[-1])
    return answer
