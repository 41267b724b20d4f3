"""How fast the program trains, against the limit and against the recipe written by hand.

Each round runs every contestant once, one after the other and each in a process of its own, and
ratios are taken within a round: what else the computer does falls on all of them alike. A second
table counts processor time instead, which what else runs hardly changes, though it does not show
whether all cores are kept busy.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from cnnstudio.engine.runtime import start_runtime
from tests.benchmarks.pictures import BESIDE_THE_PROJECT, clothing_folder

ROOT = Path(__file__).resolve().parents[2]
STEPS = 19


@dataclass(frozen=True)
class Comparison:
    """What is compared with what, and the ratio to reach."""

    words: str
    ours: str
    other: str
    least: float


FLOAT32 = (
    Comparison("float32, of the bare limit in float32", "ours float32", "bare float32", 0.95),
    Comparison("float32, of the recipe by hand", "ours float32", "recipe", 1.25),
)
BFLOAT16 = (
    Comparison("bf16, of the bare limit in bf16", "ours bf16", "bare bf16", 0.95),
    Comparison("bf16, of the recipe by hand", "ours bf16", "recipe", 1.8),
)


def measure(rounds: int) -> str:
    """Run the rounds and return Markdown tables."""
    has_bfloat16 = start_runtime().facts.has_bfloat16
    contestants = _contestants(has_bfloat16)
    by_wall: dict[str, list[float]] = {name: [] for name in contestants}
    by_processor: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, arguments in contestants.items():
            by_wall[name].append(_run(arguments))
    for name, arguments in contestants.items():
        by_processor[name].append(_run(["tests.benchmarks.processor_clock", *arguments]))
    comparisons = FLOAT32 + (BFLOAT16 if has_bfloat16 else ())
    return "\n".join(
        [
            *_table("seconds on the wall", by_wall, comparisons),
            "",
            *_table("seconds of processor time", by_processor, comparisons),
        ]
    )


def _table(
    words: str, rates: dict[str, list[float]], comparisons: tuple[Comparison, ...]
) -> list[str]:
    lines = [f"| images at 224 px by {words} | median | of each round |", "|---|---:|---|"]
    for name, values in rates.items():
        each = ", ".join(f"{value:.1f}" for value in values)
        lines.append(f"| {name} | {median(values):.1f} | {each} |")
    lines += ["", "| ratio | median | of each round | aim |", "|---|---:|---|---:|"]
    lines += [_row(each, rates) for each in comparisons if each.other in rates]
    return lines


def _contestants(has_bfloat16: bool) -> dict[str, list[str]]:
    bench = Path(os.environ.get("CNNSTUDIO_SHARED_BENCH", BESIDE_THE_PROJECT / "bench"))
    limits = bench / "bare_limits.py"
    bare = [str(limits), "fit"] if limits.is_file() else ["tests.benchmarks.bare_fit"]
    ours = ["tests.benchmarks.train_once", "--steps", str(STEPS)]
    contestants = {"bare float32": bare, "ours float32": [*ours, "--precision", "float32"]}
    recipe, pictures = bench / "seed_recipe.py", clothing_folder()
    if recipe.is_file() and pictures is not None:
        steps = ["--epochs", "1", "--steps", str(STEPS)]
        contestants["recipe"] = [str(recipe), str(pictures), *steps]
    if has_bfloat16:
        contestants["ours bf16"] = ours
        contestants["bare bf16"] = [*bare, "--policy", "mixed_bfloat16"]
    return contestants


def _run(arguments: list[str]) -> float:
    is_module = not arguments[0].endswith(".py")
    completed = subprocess.run(
        [sys.executable, *(["-m"] if is_module else []), *arguments],
        cwd=ROOT,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        check=False,
    )
    if completed.returncode:
        raise SystemExit(completed.stderr)
    return float(json.loads(completed.stdout.splitlines()[-1])["images_per_second"])


def _row(comparison: Comparison, rates: dict[str, list[float]]) -> str:
    pairs = zip(rates[comparison.ours], rates[comparison.other], strict=True)
    ratios = [ours / other for ours, other in pairs]
    each = ", ".join(f"{ratio:.2f}" for ratio in ratios)
    return f"| {comparison.words} | {median(ratios):.2f} | {each} | {comparison.least} |"
