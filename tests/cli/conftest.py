"""Runs the command line in this process, with an engine that needs no TensorFlow."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cnnstudio.commands.program import make_cli
from tests.builders import coloured_folder
from tests.fakes import FakeEngine


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Standard output as JSON lines; fails on anything else."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def last(self) -> dict[str, Any]:
        return self.lines[-1]


@dataclass
class Terminal:
    """A person at the command line."""

    capsys: pytest.CaptureFixture[str]
    engine: FakeEngine = field(default_factory=FakeEngine)
    windows: list[tuple[Path | None, bool]] = field(default_factory=list)

    def __call__(self, *arguments: object) -> Ran:
        self.capsys.readouterr()
        cli = make_cli(lambda: self.engine, self._open_window)
        code = cli.main([str(each) for each in arguments], standalone_mode=False)
        out, err = self.capsys.readouterr()
        return Ran(code, out, err)

    def _open_window(self, project: Path | None, demonstrate: bool) -> int:
        self.windows.append((project, demonstrate))
        return 0


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder, so that no test touches the real one."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(folder))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(folder / name.lower()))
    return folder


@pytest.fixture
def terminal(capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(capsys)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Two classes of twenty pictures, as a folder of class folders."""
    return coloured_folder(tmp_path / "pictures", {"red": 20, "green": 20})


@pytest.fixture
def run_folder(terminal: Terminal, pictures: Path, tmp_path: Path) -> Path:
    """A run that tells red from green."""
    folder = tmp_path / "a run"
    trained = terminal("train", pictures, "--size", 32, "--epochs", 2, "--out", folder)
    assert trained.code == 0, trained.err
    return folder


@pytest.fixture
def sampled() -> Callable[[Path], set[Path]]:
    """All files below a folder, to see whether a command left it alone."""
    return lambda folder: set(folder.rglob("*"))
