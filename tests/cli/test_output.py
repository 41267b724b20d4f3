"""What goes where: words, JSON lines, errors, and whoever stops reading."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cnnstudio.commands.output import Output
from cnnstudio.core.runs import load_run
from tests.builders import coloured_folder
from tests.cli.conftest import Terminal

ROOT = Path(__file__).resolve().parents[2]


def in_another_process(*arguments: object, **settings: str) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, **settings}
    return subprocess.run(
        [sys.executable, "-m", "cnnstudio", *map(str, arguments)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize(
    "settings",
    [
        {"LC_ALL": "C"},
        {"LANG": "C", "LC_ALL": ""},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1"},
    ],
)
def test_json_is_utf8_in_every_language_of_the_system(
    tmp_path: Path, settings: dict[str, str]
) -> None:
    folder = coloured_folder(tmp_path / "f", {"a": 1, "b": 1})
    (folder / "a").rename(folder / "帽子")
    ran = in_another_process("check", folder, "--json", **settings)
    assert ran.returncode == 0, ran.stderr
    last = json.loads(ran.stdout.decode("utf-8").splitlines()[-1])
    assert set(last["classes"]) == {"帽子", "b"}


def test_words_are_written_even_where_the_terminal_lacks_the_characters(tmp_path: Path) -> None:
    folder = coloured_folder(tmp_path / "f", {"a": 1, "b": 1})
    (folder / "a").rename(folder / "帽子")
    ran = in_another_process("check", folder, PYTHONIOENCODING="ascii")
    assert ran.returncode == 0, ran.stderr
    assert b"\\u5e3d" in ran.stdout


def test_numbers_that_json_lacks_become_null(
    capsys: pytest.CaptureFixture[str],
) -> None:
    output = Output()
    output.use_json()
    output.event("epoch", loss=float("nan"), best=[float("inf"), 1.5], place=Path("a/b"))
    line = capsys.readouterr().out
    assert json.loads(line) == {
        "event": "epoch",
        "loss": None,
        "best": [None, 1.5],
        "place": str(Path("a/b")),
    }


def test_words_stay_away_from_json(capsys: pytest.CaptureFixture[str]) -> None:
    output = Output()
    output.use_json()
    output.say("hello")
    output.note("careful")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "careful\n"


def test_an_error_nobody_foresaw_is_a_sentence_and_its_traceback_goes_to_the_log(
    terminal: Terminal, pictures: Path, home: Path
) -> None:
    terminal.engine.fail_with = RuntimeError("a wire\nis loose.")
    ran = terminal("train", pictures, "--size", 32, "--json")
    assert ran.code == 1
    (sentence,) = (line for line in ran.err.splitlines() if "unexpected" in line)
    assert "Something unexpected went wrong: RuntimeError: a wire." in sentence
    assert "Traceback" not in ran.err
    assert ran.last["event"] == "failed"
    (log,) = home.rglob("cnnstudio.log")
    assert str(log) in sentence
    assert "Traceback" in log.read_text()
    assert "is loose" in log.read_text()


def test_a_log_that_cannot_be_written_hides_no_error(
    terminal: Terminal, pictures: Path, home: Path
) -> None:
    (home / "xdg_state_home").write_text("in the way")
    terminal.engine.fail_with = RuntimeError("a wire is loose")
    ran = terminal("train", pictures, "--size", 32)
    assert ran.code == 1
    assert "a wire is loose. No details could be written" in ran.err


@pytest.mark.skipif(os.name == "nt", reason="pipes break otherwise on Windows")
@pytest.mark.parametrize("arguments", [["summary"], ["summary", "--json"], ["--help"]])
def test_a_reader_who_leaves_is_no_error(arguments: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    ran = subprocess.run(
        [sys.executable, "-m", "cnnstudio", *arguments],
        cwd=ROOT,
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writer)
    assert ran.stderr == b""
    assert ran.returncode == 141


TRAINING = """
import sys
from cnnstudio.commands.program import make_cli
from tests.fakes import FakeEngine
make_cli(FakeEngine, None).main(sys.argv[1:])
"""


@pytest.mark.skipif(os.name == "nt", reason="pipes break otherwise on Windows")
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_run_is_kept_though_nobody_reads_to_the_end(
    pictures: Path, tmp_path: Path, options: list[str]
) -> None:
    out = tmp_path / "kept"
    reader, writer = os.pipe()
    os.close(reader)
    command = ["train", str(pictures), "--size", "32", "--epochs", "3", "--out", str(out), *options]
    ran = subprocess.run(
        [sys.executable, "-c", TRAINING, *command],
        cwd=ROOT,
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writer)
    assert ran.returncode == 141
    assert b"Error" not in ran.stderr
    assert load_run(out).epochs == 3


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_full_disk_behind_standard_output_is_a_sentence(
    pictures: Path, options: list[str]
) -> None:
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "cnnstudio", "summary", *options],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert ran.returncode == 1
    assert ran.stderr.startswith(b"Standard output could not be written: No space left")
    assert b"Traceback" not in ran.stderr


def test_a_command_that_is_interrupted_ends_quietly(
    terminal: Terminal, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cnnstudio.core.dataset.checks.check_folder", interrupted)
    ran = terminal("check", pictures, "--json")
    assert ran.code == 130
    assert ran.err.strip() == "Interrupted."
    assert ran.last["event"] == "failed"
