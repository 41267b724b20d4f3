"""Takes ONNX Runtime Web into the wheel, where npm and a network are there while it is built.

Without them the wheel is built all the same: the program then fetches it when it is first needed.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# Whoever installs from a checkout waits for this.
_LONGEST_S = 90


class OnnxRuntimeWebHook(BuildHookInterface):
    """Adds `cnnstudio/resources/onnxruntime_web/` to a wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fetch and check the files, and say where they go."""
        if version == "editable":  # a checkout fetches them when it first needs them
            return
        sys.path.insert(0, self.root)
        try:
            # The same pins and checks as in the program; it needs the standard library only.
            from cnnstudio.core.errors import StudioError
            from cnnstudio.core.exporting import onnxruntime_web
        finally:
            sys.path.remove(self.root)
        self._scratch = tempfile.TemporaryDirectory()
        folder = Path(self._scratch.name)
        give_up = time.monotonic() + _LONGEST_S

        def checkpoint() -> None:
            if time.monotonic() > give_up:
                raise StudioError(f"npm did not fetch it within {_LONGEST_S} seconds.")

        try:
            onnxruntime_web.fetch(folder, checkpoint)
        except StudioError as error:
            self.app.display_warning(f"This wheel is without ONNX Runtime Web. {error.sentence}")
            return
        for name in (onnxruntime_web.SCRIPT_FILE, onnxruntime_web.WASM_FILE):
            inside = f"cnnstudio/resources/{onnxruntime_web.FOLDER}/{name}"
            build_data["force_include"][str(folder / name)] = inside

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what was fetched."""
        if hasattr(self, "_scratch"):
            self._scratch.cleanup()
