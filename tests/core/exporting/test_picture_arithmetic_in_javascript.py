"""The page's own scaling in JavaScript against Pillow's, byte by byte, in Node.js."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnstudio.core.dataset.images import fit
from cnnstudio.core.resources import resource_path

_PROGRAM = """
import {{ readFileSync, writeFileSync }} from "node:fs";
const {{ fit }} = await import({module});
const cases = JSON.parse(readFileSync({cases}, "utf-8"));
const answers = cases.map(({{ width, height, size, mode, file }}) =>
  Buffer.from(fit({{ data: readFileSync(file), width, height }}, size, mode).data));
writeFileSync({out}, Buffer.concat(answers));
"""

_SIZES = [(64, 64), (65, 64), (224, 224), (640, 480), (331, 1009), (3, 500), (1, 1), (97, 31)]


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
def test_a_page_scales_pictures_to_the_very_bytes_that_training_saw(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    cases, expected = [], []
    for number, (width, height) in enumerate(_SIZES):
        pixels = random.integers(0, 256, (height, width, 3), dtype=np.uint8)
        raw = tmp_path / f"{number}.rgb"
        raw.write_bytes(pixels.tobytes())
        for mode in ("crop", "pad", "stretch"):
            for size in (1, 32, 64, 97):
                case = {"width": width, "height": height, "size": size, "mode": mode}
                cases.append({**case, "file": str(raw)})
                expected.append(np.asarray(fit(Image.fromarray(pixels), size, mode)).ravel())
    (tmp_path / "cases.json").write_text(json.dumps(cases))
    words = {
        "module": resource_path("export", "preprocessing.mjs").as_uri(),
        "cases": str(tmp_path / "cases.json"),
        "out": str(tmp_path / "out.rgb"),
    }
    program = _PROGRAM.format(**{name: json.dumps(value) for name, value in words.items()})
    command = ["node", "--input-type=module", "-e", program]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    answered = np.frombuffer((tmp_path / "out.rgb").read_bytes(), np.uint8)
    bounds = np.cumsum([len(each) for each in expected])[:-1]
    for case, ours, theirs in zip(cases, np.split(answered, bounds), expected, strict=True):
        assert np.array_equal(ours, theirs), case
