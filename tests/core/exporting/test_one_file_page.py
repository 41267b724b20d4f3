"""The page as text: what may run in it, and whose words cannot."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from typing import Any

import pytest

from cnnstudio.core.exporting.one_file_page import one_file_page
from cnnstudio.core.exporting.onnxruntime_web import OnnxRuntimeWeb

RUNTIME = OnnxRuntimeWeb(b"var a = {}, b = 1;export{b as env,a as default};\n", b"\0asm")
HOSTILE = "</script><script>alert(1)</script><!-- {{model}}"


def card(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Fast start",
        "created": "2026-01-01T00:00:00+00:00",
        "program_version": "0.1.0",
        "class_names": ["cat", "dog"],
        "class_titles": ["cat", "dog"],
        "input": {"name": "pictures", "size_px": 32},
        "resize": {"mode": "crop"},
        "outputs": {"probabilities": "probabilities", "distance": None},
        "not_sure": {"least_probability": 0.0, "farthest": None, "left_out": ""},
        "test": {"accuracy": 0.9, "interval": [0.699, 0.972], "pictures": 20},
        "backbone": None,
        **changes,
    }


def test_only_scripts_named_by_the_policy_are_in_the_page() -> None:
    page = one_file_page(b"model", card(), RUNTIME).decode()
    found = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert found is not None
    policy = found[1]
    scripts = re.findall(r'<script type="module">(.*?)</script>', page, re.DOTALL)
    styles = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    assert (len(scripts), len(styles)) == (2, 1)
    for each in (*scripts, *styles):
        digest = base64.b64encode(hashlib.sha256(each.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert "http" not in policy


def test_no_name_of_a_class_or_run_can_end_a_script_or_fill_a_place_in_the_page() -> None:
    given = card(name=HOSTILE, class_titles=[HOSTILE, "dog"])
    page = one_file_page(b"model", given, RUNTIME).decode()
    assert "<script>alert" not in page
    assert "{{" not in page.replace("{{model}}", "")
    assert html.escape(HOSTILE) in page
    data = re.search(r'id="card-data">(.*?)</script>', page, re.DOTALL)
    assert data is not None
    assert json.loads(data[1]) == given


def test_the_same_run_gives_the_same_page() -> None:
    assert one_file_page(b"model", card(), RUNTIME) == one_file_page(b"model", card(), RUNTIME)


def test_another_script_than_that_of_the_runtime_is_refused() -> None:
    with pytest.raises(ValueError, match="not the script"):
        one_file_page(b"model", card(), OnnxRuntimeWeb(b"export default 1;</script>", b""))
