"""Measures what the program promises, and prints Markdown tables.

    python -m tests.benchmarks [training] [prediction] [folder_prediction] [answering]
                               [serving] [backbones] [augmenting] [window] [grid] [sorting]
                               [fast] [fine] [classic] [modern] [memory] [--rounds N]

All of them when none is named; the trainings of *fine*, *classic* and *modern* take some ten
minutes each. A quiet computer gives the truer figures. Real pictures come from
$CNNSTUDIO_SHARED_DATA/clothing_160, what training is compared with from $CNNSTUDIO_SHARED_BENCH.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from typing import Any

from tests.benchmarks.pictures import clothing_folder

PRESETS = ("fast", "fine", "classic", "modern")
BENCHMARKS = (
    "training",
    "prediction",
    "folder_prediction",
    "answering",
    "serving",
    "backbones",
    "augmenting",
    "window",
    "grid",
    "sorting",
    *PRESETS,
    "memory",
)


def main() -> None:
    """Run the benchmarks that were asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("names", nargs="*", choices=[*BENCHMARKS, []], metavar="benchmark")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    for name in options.names or BENCHMARKS:
        # Each imports what it needs when it runs: training needs no Qt, the window's has its own.
        module = "presets" if name in PRESETS else name
        benchmark = importlib.import_module(f"tests.benchmarks.{module}")
        if name == "window":
            table = _window_table(benchmark)
        elif name in PRESETS:
            table = benchmark.measure(options.rounds, (name,))
        else:
            table = benchmark.measure(options.rounds)
        sys.stdout.write(f"## {name.capitalize().replace('_', ' ')}\n\n{table}\n\n")
        sys.stdout.flush()


def _window_table(benchmark: Any) -> str:
    folder = clothing_folder()
    if folder is None:
        return "No measure: the window needs real pictures."
    table: str = benchmark.table(benchmark.measure(folder))
    return table


if __name__ == "__main__":
    main()
