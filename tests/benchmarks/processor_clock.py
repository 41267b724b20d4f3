"""Runs a script with the clock that counts processor time, of all its threads together.

    python -m tests.benchmarks.processor_clock SCRIPT.py|MODULE [ARGUMENTS]

Rates that the script prints are then per second of processor time: what other programs do at the
same time hardly changes them.
"""

from __future__ import annotations

import runpy
import sys
import time

if __name__ == "__main__":
    del sys.argv[0]
    time.perf_counter = time.process_time
    if sys.argv[0].endswith(".py"):
        runpy.run_path(sys.argv[0], run_name="__main__")
    else:
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
