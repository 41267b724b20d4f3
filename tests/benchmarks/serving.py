"""The web service under 64 connections for a minute, against the network alone.

The real command serves a network as fast start makes it, in a process of its own; `wrk` (the Debian
package of that name) sends it photographs as they lie on the disk, one a request. Two bare limits
are measured in this process before and after, on the same pictures: the network alone on pictures
decoded before, as `predict_with_features` answers them in batches of 32; and a plain loop that
decodes a batch and then answers it, which is what a program without a service would do. `wrk` and
the service share the cores with each other, the bare limits have them for themselves. Beside other
work the processor time a picture takes says more than the clock: it is given for each, too.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import numpy as np
import psutil

from cnnstudio.core.dataset.images import read_array
from cnnstudio.core.predicting import BATCH
from cnnstudio.core.runs import Run, write_run
from cnnstudio.engine.keras_engine import KerasEngine
from cnnstudio.folders import cache_folder
from tests.benchmarks.folder_prediction import saved_run
from tests.benchmarks.pictures import clothing_folder

CONNECTIONS = 64
SECONDS = 60
MOST_PICTURES = 256
_BARE_S = 10.0
_LONGEST_ANSWER_S = 30

# Each connection takes the next picture, whichever connection asked before.
_SENDING = """
local bodies, place = {}, 0
for name in io.lines(os.getenv("PICTURES")) do
  local file = io.open(name, "rb")
  bodies[#bodies + 1] = file:read("*a")
  file:close()
end
wrk.method = "POST"
wrk.headers["Content-Type"] = "image/jpeg"
function request()
  place = place % #bodies + 1
  return wrk.format(nil, nil, nil, bodies[place])
end
"""


def measure(rounds: int) -> str:
    """Load the service for a minute `rounds` times; return a Markdown table."""
    clothes, wrk = clothing_folder(), shutil.which("wrk")
    if clothes is None or wrk is None:
        return "No measure: a folder of real pictures and the program wrk are needed."
    files = sorted(clothes.rglob("*.jpg"))
    files = files[:: max(1, len(files) // MOST_PICTURES)][:MOST_PICTURES]
    engine = KerasEngine(cache_folder=cache_folder())
    engine.prepare()
    with tempfile.TemporaryDirectory() as scratch:
        run = saved_run(Path(scratch))
        write_run(run, run.folder, [], [])
        bare = _Bare(engine, run, files)
        rows = []
        for number in range(1, rounds + 1):
            before = bare.paces()
            served, failed = _served(wrk, run, files, Path(scratch))
            after = bare.paces()
            alone, loop = (_mean(pair) for pair in zip(before, after, strict=True))
            rows.append(
                f"| {number} | {served} | {failed} | {alone} | {served.rate / alone.rate:.2f}"
                f" | {loop} | {served.rate / loop.rate:.2f} |"
            )
    return "\n".join(
        [
            f"| {CONNECTIONS} connections, {SECONDS} s | served | failed | network alone | ratio"
            " | decode and answer | ratio |",
            "|---|---:|---:|---:|---:|---:|---:|",
            *rows,
        ]
    )


@dataclass(frozen=True)
class _Pace:
    """Pictures a second, and the processor time of each in milliseconds."""

    rate: float
    processor_ms: float

    def __str__(self) -> str:
        return f"{self.rate:.0f}/s, {self.processor_ms:.1f} ms"


def _mean(paces: Sequence[_Pace]) -> _Pace:
    return _Pace(mean(each.rate for each in paces), mean(each.processor_ms for each in paces))


class _Bare:
    """What the engine does without a service."""

    def __init__(self, engine: KerasEngine, run: Run, files: list[Path]) -> None:
        self._engine = engine
        self._run = run
        self._contents = [file.read_bytes() for file in files]
        self._pictures = np.stack([self._read(each) for each in self._contents])
        self._alone()

    def paces(self) -> tuple[_Pace, _Pace]:
        """That of the network alone, and that of decoding and answering by turns."""
        return _pace(self._alone), _pace(self._loop)

    def _alone(self) -> int:
        for start in range(0, len(self._pictures), BATCH):
            self._ask(self._pictures[start : start + BATCH])
        return len(self._pictures)

    def _loop(self) -> int:
        for start in range(0, len(self._contents), BATCH):
            lot = self._contents[start : start + BATCH]
            self._ask(np.stack([self._read(each) for each in lot]))
        return len(self._contents)

    def _ask(self, pictures: np.ndarray) -> None:
        self._engine.predict_with_features(self._run.model_file, pictures)

    def _read(self, content: bytes) -> np.ndarray:
        training = self._run.config.training
        return read_array(content, training.image_size, training.resize_mode)


def _pace(work: Callable[[], int]) -> _Pace:
    began, processor, done = time.perf_counter(), time.process_time(), 0
    while (passed := time.perf_counter() - began) < _BARE_S:
        done += work()
    return _Pace(done / passed, (time.process_time() - processor) * 1000 / done)


def _served(wrk: str, run: Run, files: list[Path], scratch: Path) -> tuple[_Pace, int]:
    """Return the pace of the service, and how many requests failed."""
    names, script = scratch / "pictures.txt", scratch / "sending.lua"
    names.write_text("".join(f"{file}\n" for file in files))
    script.write_text(_SENDING)
    command = [sys.executable, "-m", "cnnstudio", "serve", str(run.folder), "--port", "0", "--json"]
    with subprocess.Popen(
        [*command, "--stop-with-stdin"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as service:
        assert service.stdout is not None
        url = json.loads(service.stdout.readline())["url"]
        before = _processor_s(service.pid)
        load = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", f"--timeout={_LONGEST_ANSWER_S}s"]
        completed = subprocess.run(
            [*load, "-s", str(script), f"{url}predict"],
            env=os.environ | {"PICTURES": str(names)},
            capture_output=True,
            text=True,
            check=True,
        )
        spent = _processor_s(service.pid) - before
        service.communicate()  # closes what it listens to
        assert service.returncode == 0
    count, rate, failed = _read_report(completed.stdout)
    return _Pace(rate, spent * 1000 / count), failed


def _processor_s(process: int) -> float:
    times = psutil.Process(process).cpu_times()
    return float(times.user + times.system)


def _read_report(report: str) -> tuple[int, float, int]:
    """Return how many requests were answered, how many a second, and how many failed."""
    count = re.search(r"(\d+) requests in", report)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", report)
    assert count is not None, report
    assert rate is not None, report
    failed = [int(each) for each in re.findall(r"Non-2xx or 3xx responses: (\d+)", report)]
    errors = re.search(r"Socket errors: (.*)", report)
    failed += [int(each) for each in re.findall(r"\d+", errors[1] if errors else "")]
    return int(count[1]), float(rate[1]), sum(failed)
