"""The shape of the program: which part may know which."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "cnnstudio"
HEAVY = ("PySide6", "shiboken6", "pyqtgraph", "tensorflow", "keras", "sklearn")
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "misc", "common", "manager"}

REPORT_LOADED = """
import json, sys
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def modules_below(package: Path) -> list[str]:
    """Dotted names of a package and all its modules."""
    names = []
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        names.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return names


def heavy_packages_after(program: str) -> list[str]:
    """Run a program in a fresh interpreter; which of the heavy packages has it loaded?"""
    completed = subprocess.run(
        [sys.executable, "-c", program + REPORT_LOADED],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert completed.returncode == 0, completed.stderr
    loaded = json.loads(completed.stdout.splitlines()[-1])
    return [name for name in HEAVY if name in loaded]


def imports_of(path: Path) -> set[str]:
    """Dotted names that a module imports, `from a import b` giving both `a` and `a.b`."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def importing(names: list[str]) -> str:
    return "".join(f"import {name}\n" for name in names)


def running(*arguments: str) -> str:
    """A program that does what `python -m cnnstudio ARGUMENTS` does and goes on afterwards."""
    return f"""
import runpy, sys
sys.argv = ["cnnstudio", *{list(arguments)!r}]
try:
    runpy.run_module("cnnstudio", run_name="__main__")
except SystemExit as end:
    assert not end.code, end.code
"""


def test_core_runs_without_qt_and_tensorflow() -> None:
    assert heavy_packages_after(importing(modules_below(PACKAGE / "core"))) == []


def test_ui_starts_without_tensorflow_and_scikit_learn() -> None:
    loaded = heavy_packages_after(importing(modules_below(PACKAGE / "ui")))
    assert not {"tensorflow", "keras", "sklearn"} & set(loaded)


@pytest.mark.parametrize(
    "program",
    [
        pytest.param(importing(["cnnstudio.cli"]), id="import"),
        pytest.param(running("--help"), id="help"),
        pytest.param(running("train", "--help"), id="help of a command"),
        pytest.param(running("info"), id="info"),
    ],
)
def test_the_command_line_answers_without_qt_and_tensorflow(program: str) -> None:
    assert heavy_packages_after(program) == []


@pytest.mark.parametrize(
    "path",
    sorted(PACKAGE.rglob("__init__.py")),
    ids=lambda path: str(path.parent.relative_to(ROOT)),
)
def test_a_package_file_says_what_belongs_there_and_does_nothing(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), "no docstring"
    assert len(tree.body) == 1, "more than a docstring"


def test_the_layers_do_not_know_what_builds_them() -> None:
    builders = {"cnnstudio.app", "cnnstudio.cli", "cnnstudio.commands", "cnnstudio.__main__"}
    for layer in ("core", "engine", "ui", "serve"):
        for path in (PACKAGE / layer).rglob("*.py"):
            known = imports_of(path) & builders
            assert not known, f"{path.relative_to(ROOT)} imports {known}"


def test_every_package_has_a_file_that_says_what_belongs_there() -> None:
    folders = {path.parent for path in PACKAGE.rglob("*.py")}
    assert [folder for folder in folders if not (folder / "__init__.py").is_file()] == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    named = [path for path in PACKAGE.rglob("*.py") if VAGUE_NAMES & set(path.stem.split("_"))]
    assert named == []


def test_the_layers_import_only_what_they_may() -> None:
    program = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    if program is None:
        pytest.skip("import-linter is not installed")
    completed = subprocess.run(
        [program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert completed.returncode == 0, completed.stdout
