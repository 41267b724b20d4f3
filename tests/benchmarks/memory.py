"""Whether memory grows from one training to the next in the same process.

    python -m tests.benchmarks memory

Ten trainings in a row of each kind, in a process of its own, as in a window that stays open; the
highest memory use until the end of the tenth against that until the end of the third. What the
first ones add (TensorFlow's libraries, its pools of memory) stays; what each adds would be a leak.
"""

from __future__ import annotations

import dataclasses
import gc
import json
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.pictures import clothing_folder

ROOT = Path(__file__).resolve().parents[2]
TRAININGS = 10
PER_CLASS = 40
MEBIBYTE = 1024  # in what `getrusage` counts on Linux
AT_MOST = 1.10
KINDS = {
    "fast": {"epochs": 20},
    "classic": {"epochs": 2, "image_size": 128},
    "modern": {"epochs": 2},
    "fine": {"epochs": 1, "image_size": 96},
}


def measure(rounds: int) -> str:
    """Train again and again, and return a Markdown table; `rounds` changes nothing."""
    source = clothing_folder()
    if source is None:
        return "No measure: the trainings need real pictures."
    lines = [
        f"| preset | peak after 3 trainings | after {TRAININGS} | ratio (at most {AT_MOST}) |",
        "|---|---:|---:|---:|",
    ]
    for preset in KINDS:
        with tempfile.TemporaryDirectory() as folder:
            completed = subprocess.run(
                [sys.executable, "-m", "tests.benchmarks.memory", preset, str(source), folder],
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=False,
            )
        if completed.returncode:
            raise SystemExit(completed.stderr)
        peaks = json.loads(completed.stdout.splitlines()[-1])
        third, last = peaks[2] / MEBIBYTE, peaks[-1] / MEBIBYTE
        lines.append(f"| {preset} | {third:,.0f} MB | {last:,.0f} MB | {last / third:.3f} |")
    return "\n".join(lines)


def peaks_of(preset: str, source: Path, folder: Path) -> list[int]:
    """Train ten times on some of the pictures; return the peak memory after each, in KiB."""
    from cnnstudio.core.catalog.training_presets import training_preset
    from cnnstudio.core.dataset.scanning import scan
    from cnnstudio.core.jobs import TaskContext
    from cnnstudio.core.training import train_project
    from cnnstudio.engine.keras_engine import KerasEngine

    root = folder / "pictures"
    for each in sorted(source.iterdir()):
        (root / each.name).mkdir(parents=True)
        for path in sorted(each.iterdir())[:PER_CLASS]:
            shutil.copy2(path, root / each.name)
    engine = KerasEngine(cache_folder=folder / "cache")
    config = training_preset(preset).config
    training = dataclasses.replace(config.training, **KINDS[preset])
    peaks = []
    for seed in range(TRAININGS):
        project = scan(root)
        seeded = dataclasses.replace(training, seed=seed)
        project = project.with_config(dataclasses.replace(config, training=seeded))
        train_project(engine, project)(TaskContext())
        gc.collect()  # as the window does by itself, every few seconds
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    return peaks


if __name__ == "__main__":
    found = peaks_of(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
    sys.stdout.write(json.dumps(found) + "\n")
