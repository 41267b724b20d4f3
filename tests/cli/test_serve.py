"""`cnnstudio serve`."""

from __future__ import annotations

import base64
import importlib.util
import json
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from cnnstudio.serve import server as serving
from cnnstudio.serve.server import Place
from tests.builders import coloured_folder
from tests.cli.conftest import Terminal


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Place]:
    """Where the command would serve; it stops at once."""
    places: list[Place] = []

    def serve(_engine: Any, _run: Any, place: Place, announce: Any, **_: Any) -> None:
        places.append(place)
        announce(f"http://{place.host}:{place.port}/")

    monkeypatch.setattr(serving, "serve", serve)
    return places


def test_the_address_is_said(terminal: Terminal, run_folder: Path, served: list[Place]) -> None:
    ran = terminal("serve", run_folder, "--json")
    assert ran.code == 0, ran.err
    first = ran.lines[0]
    assert (first["event"], first["url"]) == ("serving", "http://127.0.0.1:8000/")
    assert ran.last["event"] == "finished"
    assert "http://127.0.0.1:8000/" in terminal("serve", run_folder).out
    assert [each.token for each in served] == ["", ""], "this computer needs none"


def test_whoever_lets_others_in_gets_a_token(
    terminal: Terminal, run_folder: Path, served: list[Place], monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = terminal("serve", run_folder, "--host", "0.0.0.0", "--json")
    assert len(served[0].token) >= 24
    assert ran.lines[0]["token"] == served[0].token
    terminal("serve", run_folder, "--host", "0.0.0.0", "--token", "one of my own")
    monkeypatch.setenv("CNNSTUDIO_TOKEN", "from the environment")
    terminal("serve", run_folder)
    assert [each.token for each in served[1:]] == ["one of my own", "from the environment"]
    ran = terminal("serve", run_folder, "--token", "short")
    assert ran.code == 2
    assert "12" in ran.err


def test_missing_packages_are_named(
    terminal: Terminal, run_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    ran = terminal("serve", run_folder, "--json")
    assert ran.code == 1
    assert "cnnstudio[serve]" in ran.last["hint"]


def test_a_port_that_is_taken_ends_it_before_anything_is_loaded(
    terminal: Terminal, run_folder: Path
) -> None:
    terminal.engine.is_prepared = False
    with socket.create_server(("127.0.0.1", 0)) as other:
        ran = terminal("serve", run_folder, "--port", other.getsockname()[1])
    assert ran.code == 1
    assert "is taken by another program" in ran.err
    assert not terminal.engine.is_prepared


@pytest.mark.slow
def test_the_real_service_answers_as_predict_does_and_ends_when_told(tmp_path: Path) -> None:
    program = [sys.executable, "-m", "cnnstudio"]
    folder = coloured_folder(tmp_path / "colours", {"red": 15, "green": 15}, size=300)
    made = tmp_path / "run"
    train = [*program, "train", str(folder), "--epochs", "2", "--out", str(made)]
    subprocess.run(train, check=True, capture_output=True)
    pictures = [folder / "red" / "1.png", folder / "green" / "2.png", folder / "red" / "3.png"]
    ran = subprocess.run(
        [*program, "predict", str(made), *map(str, pictures), "--json"],
        check=True,
        capture_output=True,
        text=True,
    )
    expected = [json.loads(line) for line in ran.stdout.splitlines()[:3]]
    command = [*program, "serve", str(made), "--port", "0", "--json"]

    def start(*options: str) -> tuple[subprocess.Popen[str], str]:
        process = subprocess.Popen(
            [*command, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        return process, json.loads(process.stdout.readline())["url"]

    process, url = start()
    contents = [each.read_bytes() for each in pictures]
    files = [("f", (each.name, data)) for each, data in zip(pictures, contents, strict=True)]
    texts = [base64.b64encode(each).decode() for each in contents]
    kind = {"Content-Type": "image/png"}
    with httpx.Client(base_url=url, timeout=60) as client:
        form = client.post("predict", files=files).json()["answers"]
        in_json = client.post("predict", json={"pictures": texts}).json()["answers"]
        singly = [
            client.post("predict", content=each, headers=kind).json()["answers"][0]
            for each in contents
        ]
    for answers in (form, in_json, singly):
        for answer, told in zip(answers, expected, strict=True):
            for key in ("predicted_class", "not_sure", "reason"):
                assert answer[key] == told[key]
            assert answer["probabilities"] == pytest.approx(told["probabilities"], abs=1e-6)
    process.send_signal(signal.SIGTERM)
    rest, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert json.loads(rest.splitlines()[-1])["event"] == "finished"

    process, url = start("--stop-with-stdin")
    process.communicate(timeout=30)  # closes what it reads from, as the end of a window does
    assert process.returncode == 0
