"""`cnnstudio export`."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Terminal


def test_a_proved_export_is_handed_over_with_its_figures(
    terminal: Terminal, pictures: Path, tmp_path: Path
) -> None:
    trained = terminal("train", pictures, "--preset", "classic", "--size", 32, "--epochs", 1)
    assert trained.code == 0, trained.err
    ran = terminal("export", pictures, "--format", "onnx", "--out", tmp_path / "out", "--json")
    assert ran.code == 0, ran.err
    (line,) = ran.lines
    (made,) = line["exports"]
    assert made["handed_over"] is True
    assert made["agreed"] == made["pictures"] > 0
    assert made["part"] == "test"
    assert made["largest_difference"] < 1e-3
    assert (Path(made["path"]) / "classify.py").is_file()


def test_one_that_answers_otherwise_is_held_back_but_for_anyway(
    terminal: Terminal, run_folder: Path, pictures: Path, tmp_path: Path
) -> None:
    terminal.engine.swaps_on_export = True
    out = tmp_path / "out"
    asked = ("export", run_folder, "--pictures", pictures, "--format", "onnx", "--out", out)
    ran = terminal(*asked)
    assert ran.code == 1
    assert "not handed over. Agrees on 0 of" in ran.out
    assert "--anyway" in ran.err
    assert not out.exists()
    ran = terminal(*asked, "--anyway")
    assert ran.code == 0
    assert len(list(out.iterdir())) == 1


def test_a_mistyped_folder_and_an_unknown_format_are_refused_before_anything_is_done(
    terminal: Terminal, run_folder: Path, tmp_path: Path
) -> None:
    assert terminal("export", run_folder, "--format", "tfjs", "--out", tmp_path).code == 2
    far = tmp_path / "no" / "such"
    ran = terminal("export", run_folder, "--format", "onnx", "--out", far)
    assert ran.code == 2
    assert "There is no folder" in ran.err
    assert terminal.engine.exported == []
