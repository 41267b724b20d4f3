"""`cnnstudio import-model`."""

from __future__ import annotations

from pathlib import Path

from tests.builders import COLOURS
from tests.cli.conftest import Terminal
from tests.fakes import write_fake_model


def test_a_model_goes_into_a_project_and_answers_there(
    terminal: Terminal, pictures: Path, tmp_path: Path
) -> None:
    file = write_fake_model(tmp_path / "m.onnx", [COLOURS["green"], COLOURS["red"]])
    labels = tmp_path / "names.txt"
    labels.write_text("green\nred\n")
    (pictures / ".cnnstudio").mkdir()
    (pictures / ".cnnstudio" / "project.json").write_text('{"schema_version": 0}')
    ran = terminal("import-model", file, "--into", pictures, "--labels", labels, "--json")
    assert ran.code == 0, ran.err
    assert "kept as .cnnstudio/project.json.damaged" in ran.err
    finished = ran.last
    assert finished["scaling"] == "0..255"
    assert finished["tried"]["right"]["0..255"] == 32
    assert finished["test_accuracy"] == 1.0
    asked = terminal("predict", finished["run"], pictures / "red" / "1.png", "--json")
    assert asked.lines[0]["predicted_class"] == "red"


def test_it_says_in_words_what_was_guessed_and_what_it_refuses(
    terminal: Terminal, tmp_path: Path
) -> None:
    file = write_fake_model(tmp_path / "m.tflite", [(0, 0, 0), (255, 255, 255)])
    out = tmp_path / "run"
    ran = terminal("import-model", file, "--out", out, "--scaling", "0..255", "--name", "Theirs")
    assert ran.code == 0, ran.err
    assert "0 to 255, as they are; as you chose" in ran.out
    assert "--labels" in ran.err
    assert (out / "model.tflite").is_file()
    labels = tmp_path / "names.txt"
    labels.write_text("a\nb\nc\n")
    few = terminal("import-model", file, "--out", tmp_path / "x", "--labels", labels)
    assert few.code == 1
    assert "2 classes apart; the list has 3 names" in few.err
    assert terminal("import-model", file).code == 2
    (tmp_path / "broken.onnx").write_bytes(b"no model")
    broken = terminal("import-model", tmp_path / "broken.onnx", "--out", tmp_path / "y")
    assert (broken.code, "damaged" in broken.err) == (1, True)
    assert not (tmp_path / "y").exists()
