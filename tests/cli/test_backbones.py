"""`cnnstudio backbones`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cnnstudio import folders
from cnnstudio.commands import backbones as command
from cnnstudio.core.catalog.backbones import BACKBONES, WeightsFile, backbone_of
from tests.cli.conftest import Terminal
from tests.core.storage.weights_server import WeightsServer, serving

CONTENT = bytes(range(256)) * 800


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[WeightsServer]:
    """A server that has the weights of MobileNetV2, as the catalogue says."""
    with serving(WeightsServer(CONTENT)) as running:
        digest = hashlib.sha256(CONTENT).hexdigest()
        file = WeightsFile("weights.h5", running.url, len(CONTENT), digest)
        row = replace(backbone_of("mobilenet-v2"), weights=file)
        monkeypatch.setattr(command, "backbone_of", lambda _: row)
        yield running


def test_the_list_says_what_each_is_worth_and_what_is_there(terminal: Terminal) -> None:
    ran = terminal("backbones")
    assert ran.code == 0
    for each in BACKBONES:
        assert each.key in ran.out
        assert each.label in ran.out
    assert "comes with the program" in ran.out
    assert "9.4 MB" in ran.out
    assert "112 MB" in ran.out
    assert "BSD-3-Clause" in ran.out


def test_the_list_as_json_is_a_line_a_backbone(terminal: Terminal) -> None:
    *lines, last = terminal("backbones", "--json").lines
    assert [line["key"] for line in lines] == [each.key for each in BACKBONES]
    assert [line["installed"] for line in lines] == [True] + [False] * (len(BACKBONES) - 1)
    assert lines[1]["size_bytes"] == 9_406_464
    assert last["event"] == "finished"
    assert last["installed"] == ["efficientnet-lite0"]


def test_a_backbone_is_downloaded_once(
    terminal: Terminal, server: WeightsServer, home: Path
) -> None:
    ran = terminal("backbones", "install", "mobilenet-v2", "--yes", "--json")
    assert ran.code == 0
    path = Path(ran.last["path"])
    assert path.read_bytes() == CONTENT
    assert path.is_relative_to(folders.cache_folder() / "backbones")
    again = terminal("backbones", "install", "mobilenet-v2")
    assert "there already" in again.out
    assert len(server.ranges) == 1


def test_without_anybody_to_ask_nothing_is_downloaded_but_size_and_licence_are_said(
    terminal: Terminal, server: WeightsServer
) -> None:
    ran = terminal("backbones", "install", "mobilenet-v2")
    assert ran.code == 2
    assert "0.2 MB" in ran.err
    assert "Apache-2.0" in ran.err
    assert "--yes" in ran.err
    assert server.ranges == []


@pytest.mark.parametrize(("answer", "asked"), [(True, 1), (False, 0)])
def test_a_person_is_asked_first(
    terminal: Terminal,
    server: WeightsServer,
    monkeypatch: pytest.MonkeyPatch,
    answer: bool,
    asked: int,
) -> None:
    monkeypatch.setattr(command.sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(command.click, "confirm", lambda *_, **__: answer)
    ran = terminal("backbones", "install", "mobilenet-v2")
    assert ran.code == (0 if answer else 130)
    assert len(server.ranges) == asked


def test_weights_come_from_a_folder_without_being_asked_for(
    terminal: Terminal, server: WeightsServer, tmp_path: Path
) -> None:
    (tmp_path / "weights.h5").write_bytes(CONTENT)
    ran = terminal("backbones", "install", "mobilenet-v2", "--from", tmp_path)
    assert ran.code == 0
    assert "--set backbone=mobilenet-v2" in ran.out
    assert server.ranges == []


def test_a_server_that_refuses_is_a_sentence_and_no_traceback(
    terminal: Terminal, server: WeightsServer
) -> None:
    server.status = 404
    ran = terminal("backbones", "install", "mobilenet-v2", "--yes", "--json")
    assert ran.code == 1
    assert "does not offer the weights of MobileNetV2" in ran.last["reason"]
    assert "EfficientNet-Lite0 comes with the program" in ran.last["hint"]
    assert "Traceback" not in ran.err


def test_the_one_that_comes_with_the_program_needs_no_download(terminal: Terminal) -> None:
    ran = terminal("backbones", "install", "efficientnet-lite0")
    assert ran.code == 0
    assert "there already" in ran.out


def test_a_key_that_does_not_exist_is_a_usage_error(terminal: Terminal) -> None:
    ran = terminal("backbones", "install", "alexnet")
    assert ran.code == 2
    assert "mobilenet-v2" in ran.err
