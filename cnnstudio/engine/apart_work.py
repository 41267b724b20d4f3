"""The other side of `apart.py`: what is done in a process of its own."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from cnnstudio.core.errors import StudioError
from cnnstudio.core.storage.atomic import write_text
from cnnstudio.engine.apart import ANSWER_FILE, ARRAYS_FILE, CONVERT_BACKBONE, EXPORT, REQUEST_FILE

_KILLED_WITH_PARENT = 1  # PR_SET_PDEATHSIG

_Arrays = Mapping[str, npt.NDArray[Any]]


def work_apart(folder: Path) -> None:
    """Do what the request in a folder asks for, and put the answer there: "", or a sentence."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    request = json.loads((folder / REQUEST_FILE).read_bytes())
    with np.load(folder / ARRAYS_FILE, allow_pickle=False) as kept:
        arrays = dict(kept)
    sentence = hint = ""
    try:
        {CONVERT_BACKBONE: _convert_backbone, EXPORT: _export}[request["work"]](request, arrays)
    except StudioError as error:
        sentence, hint = error.sentence, error.hint
    write_text(folder / ANSWER_FILE, json.dumps({"sentence": sentence, "hint": hint}))


def _end_with_parent() -> None:
    """End when nobody waits for us any more: our standard input is theirs to keep open."""
    if sys.platform == "linux":
        # A converter may keep this thread from running for seconds; the kernel does not wait.
        ctypes.CDLL(None).prctl(_KILLED_WITH_PARENT, signal.SIGKILL)
    sys.stdin.buffer.read()
    os._exit(1)


def _convert_backbone(request: dict[str, Any], _arrays: _Arrays) -> None:
    from cnnstudio.core.catalog.backbones import backbone_of
    from cnnstudio.engine.features import convert

    folder = request["cache_folder"]
    backbone = backbone_of(request["backbone"])
    convert(backbone, folder and Path(folder), Path(request["target"]))


def _export(request: dict[str, Any], arrays: _Arrays) -> None:
    from cnnstudio.core.exporting.written_network import WrittenNetwork
    from cnnstudio.engine.exporters.exporter import export_network
    from cnnstudio.engine.runtime import start_runtime

    start_runtime()
    wanted = WrittenNetwork(
        request["form"], arrays.get("prototypes"), arrays.get("calibration"), request["enclosed"]
    )
    export_network(Path(request["model_file"]), Path(request["target"]), wanted)
