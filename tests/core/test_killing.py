"""A program killed amid its work loses nothing; `tests.killing` does it a hundred times."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_killed_at_random_moments_no_picture_is_lost_and_no_move_half_made(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.killing", "--times", "6", "--folder", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no picture lost" in done.stdout
