"""The sample code makes pictures ready as the program does, to the last bit."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnstudio.core.catalog.export_formats import EXPORT_FORMATS
from cnnstudio.core.config import ResizeMode
from cnnstudio.core.dataset.images import read_array
from cnnstudio.core.resources import resource_path
from tests.odd_pictures import ODD, SIZE

MODES: tuple[ResizeMode, ...] = ("crop", "pad", "stretch")


def module_of_the_sample() -> Any:
    path = resource_path("export", "pictures.py")
    spec = importlib.util.spec_from_file_location("sample_pictures", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SAMPLE = module_of_the_sample()


@pytest.mark.parametrize("name", ODD)
def test_the_sample_code_sees_what_the_program_sees(name: str, tmp_path: Path) -> None:
    file = tmp_path / "picture"
    file.write_bytes(ODD[name]())
    for mode in MODES:
        seen = SAMPLE.read_picture(file, SIZE, mode)
        assert seen.dtype == np.float32
        np.testing.assert_array_equal(seen[0], read_array(file, SIZE, mode), err_msg=mode)


def test_sample_code_is_short_and_differs_only_in_how_the_network_is_asked() -> None:
    samples = {each.sample for each in EXPORT_FORMATS}
    shared = set()
    for name in samples:
        text = resource_path("export", name).read_text(encoding="utf-8")
        assert text.count("\n") < 60
        shared.add(text[text.index("def classify") :])
    assert len(shared) == 1
