"""TensorFlow's large library is loaded ahead of its import."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a process has loaded")
def test_the_library_is_there_before_tensorflow_is_imported() -> None:
    program = (
        "import sys, pathlib\n"
        "from cnnstudio.engine.shared_library import load_without_lock\n"
        "load_without_lock()\n"
        "assert 'tensorflow' not in sys.modules\n"
        "assert 'libtensorflow_cc' in pathlib.Path('/proc/self/maps').read_text()\n"
        "print('loaded')\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert ran.stdout.strip() == "loaded", ran.stderr
