"""What an export for a browser consists of, beside the network."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cnnstudio.core.exporting.one_file_page import PAGE_FILE, PREPARING_FILES, one_file_page
from cnnstudio.core.exporting.onnxruntime_web import FOLDER, SCRIPT_FILE, WASM_FILE, OnnxRuntimeWeb
from cnnstudio.core.resources import resource_path

_SAMPLE = ("classify.html", "classify.js", *PREPARING_FILES)


def leave_one_page(
    folder: Path, network: Path, card: Mapping[str, Any], runtime: OnnxRuntimeWeb
) -> Path:
    """Put a network into a page of its own, remove all else from its folder, and return the page.

    Raises:
        OSError: the disk refuses.
    """
    page = folder / PAGE_FILE
    page.write_bytes(one_file_page(network.read_bytes(), card, runtime))
    for each in folder.iterdir():
        if each != page:
            each.unlink()
    return page


def add_javascript(folder: Path, runtime: OnnxRuntimeWeb) -> None:
    """Put sample code in JavaScript and what it needs beside a network.

    Raises:
        OSError: the disk refuses.
    """
    for name in _SAMPLE:
        shutil.copyfile(resource_path("export", name), folder / name)
    place = folder / FOLDER
    place.mkdir()
    (place / SCRIPT_FILE).write_bytes(runtime.script)
    (place / WASM_FILE).write_bytes(runtime.wasm)
    shutil.copyfile(resource_path("export", "onnxruntime_licence.txt"), place / "LICENSE.txt")
