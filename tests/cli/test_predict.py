"""`cnnstudio predict`."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.archives import make_zip, png
from tests.builders import coloured_folder, coloured_picture
from tests.cli.conftest import Terminal


def table(file: Path) -> list[list[str]]:
    with file.open(newline="", encoding="utf-8") as stream:
        return list(csv.reader(stream))


def test_each_picture_is_a_json_line_with_the_probability_of_each_class(
    terminal: Terminal, run_folder: Path, tmp_path: Path
) -> None:
    red = coloured_picture(tmp_path / "one.png", "red", "new")
    green = coloured_picture(tmp_path / "two.png", "green", "new")
    ran = terminal("predict", run_folder, red, green, "--json")
    assert ran.code == 0
    first, second, last = ran.lines
    assert first["event"] == "prediction"
    assert first["path"] == str(red)
    assert first["predicted_class"] == "red"
    assert set(first["probabilities"]) == {"red", "green"}
    assert first["probability"] == first["probabilities"]["red"]
    assert sum(first["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    assert second["predicted_class"] == "green"
    assert last["event"] == "finished"
    assert (last["predictions"], last["problems"]) == (2, 0)
    assert last["run"] == str(run_folder)


def test_people_get_a_table(terminal: Terminal, run_folder: Path, pictures: Path) -> None:
    ran = terminal("predict", run_folder, pictures / "red" / "1.png")
    assert ran.code == 0
    assert "1.png" in ran.out
    assert "red" in ran.out
    assert "%" in ran.out


def test_a_table_that_is_piped_has_a_line_for_each_picture(
    terminal: Terminal, run_folder: Path, tmp_path: Path
) -> None:
    name = f"{'long ' * 30}.png"
    coloured_picture(tmp_path / name, "red")
    ran = terminal("predict", run_folder, tmp_path / name)
    (line,) = (line for line in ran.out.splitlines() if name in line)
    assert "red" in line


def test_a_folder_stands_for_all_pictures_in_it(
    terminal: Terminal, run_folder: Path, pictures: Path
) -> None:
    ran = terminal("predict", run_folder, pictures, "--json")
    assert ran.last["predictions"] == 40


def test_top_keeps_the_most_probable_classes(
    terminal: Terminal, run_folder: Path, pictures: Path
) -> None:
    ran = terminal("predict", run_folder, pictures / "red" / "1.png", "--top", 1, "--json")
    assert list(ran.lines[0]["probabilities"]) == ["red"]
    assert terminal("predict", run_folder, pictures, "--top", 0).code == 2


def test_a_file_that_cannot_be_read_has_its_reason_and_the_others_go_on(
    terminal: Terminal, run_folder: Path, pictures: Path, tmp_path: Path
) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"")
    gone = tmp_path / "gone.png"
    picture = pictures / "red" / "1.png"
    ran = terminal("predict", run_folder, tmp_path / "broken.jpg", picture, gone, "--json")
    assert ran.code == 0
    broken, good, missing, last = ran.lines
    assert (broken["event"], broken["path"]) == ("problem", str(tmp_path / "broken.jpg"))
    assert "empty" in broken["reason"]
    assert good["event"] == "prediction"
    assert (missing["event"], missing["path"]) == ("problem", str(gone))
    assert (last["predictions"], last["problems"]) == (1, 2)


def test_when_nothing_can_be_read_the_command_fails(
    terminal: Terminal, run_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"")
    ran = terminal("predict", run_folder, tmp_path / "broken.jpg", "--json")
    assert ran.code == 1
    assert [line["event"] for line in ran.lines] == ["problem", "failed"]


def test_without_pictures_it_says_so_and_writes_nothing(
    terminal: Terminal, run_folder: Path, tmp_path: Path
) -> None:
    bare, file = tmp_path / "bare", tmp_path / "t.csv"
    bare.mkdir()
    for options in ((), ("--out", file), ("--sort-into", tmp_path / "sorted")):
        ran = terminal("predict", run_folder, bare, *options)
        assert ran.code == 1
        assert "No picture found." in ran.err
    assert not file.exists()
    assert not (tmp_path / "sorted").exists()
    (bare / "broken.jpg").write_bytes(b"")
    ran = terminal("predict", run_folder, bare, "--out", file)
    assert ran.code == 1
    assert "1 picture could not be read, " in ran.err
    assert "broken.jpg: the file is empty." in ran.err


def test_the_csv_has_a_column_for_each_class_and_the_reason_of_each_problem(
    terminal: Terminal, run_folder: Path, pictures: Path, tmp_path: Path
) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"")
    file = tmp_path / "answers" / "table.csv"
    file.parent.mkdir()
    red = pictures / "red" / "1.png"
    ran = terminal("predict", run_folder, red, tmp_path / "broken.jpg", "--csv", file)
    assert ran.code == 0
    header, good, broken = table(file)
    assert header[:5] == ["path", "predicted_class", "probability", "green", "red"]
    assert header[5:] == ["not_sure", "reason", "problem"]
    assert good[:2] == [str(red), "red"]
    assert float(good[2]) == max(float(good[3]), float(good[4]))
    assert good[5:] == ["no", "", ""]
    assert broken[0] == str(tmp_path / "broken.jpg")
    assert broken[1:7] == [""] * 6
    assert "empty" in broken[7]
    assert [path.name for path in file.parent.iterdir()] == ["table.csv"]


def test_the_csv_cannot_be_a_folder(
    terminal: Terminal, run_folder: Path, pictures: Path, tmp_path: Path
) -> None:
    assert terminal("predict", run_folder, pictures, "--csv", tmp_path).code == 2


AWKWARD = ['comma, "quote"', "=SUM(A1)", "Hüte (帽子) 😀", "[bold]", ":smile:", "a'b;c"]


@pytest.mark.skipif(os.name == "nt", reason="such names do not exist on Windows")
def test_awkward_names_come_back_unchanged_everywhere(terminal: Terminal, tmp_path: Path) -> None:
    folder = coloured_folder(tmp_path / "aw k=w,ard", dict.fromkeys(AWKWARD, 8))
    run, file = tmp_path / "run", tmp_path / "table.csv"
    trained = terminal("train", folder, "--size", 32, "--epochs", 1, "--out", run)
    assert trained.code == 0, trained.err
    ran = terminal("predict", run, folder, "--csv", file, "--json")
    *predictions, _ = ran.lines
    assert len(predictions) == 48
    for line in predictions:
        assert set(line["probabilities"]) == set(AWKWARD)
    rows = table(file)
    assert set(rows[0][3:-3]) == set(AWKWARD)
    assert {row[0] for row in rows[1:]} == {line["path"] for line in predictions}
    shown = terminal("predict", run, folder / "[bold]" / "1.png", "--top", 6).out
    assert "[bold]" in shown
    evaluated = terminal("evaluate", run, folder, "--json").last
    assert set(evaluated["class_names"]) == set(AWKWARD)
    assert "[bold]" in terminal("evaluate", run, folder).out


@pytest.mark.skipif(os.name == "nt", reason="names are bytes on other systems only")
def test_a_name_that_is_no_utf8_is_spelled_out_alike_everywhere(
    terminal: Terminal, run_folder: Path, tmp_path: Path
) -> None:
    new = tmp_path / "new"
    new.mkdir()
    try:
        coloured_picture(tmp_path / "p.png", "red").rename(new / os.fsdecode(b"caf\xe9.png"))
    except OSError:
        pytest.skip("this disk takes only UTF-8 names")
    shown = f"{new}/caf\\xe9.png"
    wide, out, sorted_out = tmp_path / "wide.csv", tmp_path / "out.csv", tmp_path / "sorted"
    ran = terminal("predict", run_folder, new, "--csv", wide, "--json")
    assert ran.code == 0, ran.err
    assert ran.lines[0]["path"] == shown
    assert table(wide)[1][0] == shown
    assert shown in terminal("predict", run_folder, new).out
    sort = ("predict", run_folder, new, "--out", out, "--sort-into", sorted_out)
    for _ in range(2):  # the second time it is known by its name
        assert terminal(*sort).code == 0
        assert [row[0] for row in table(out)[1:]] == [shown]
    assert (sorted_out / "red" / os.fsdecode(b"caf\xe9.png")).is_file()
    assert table(sorted_out / "_sorted.csv")[1] == [
        "red/caf\\xe9.png", *table(out)[1][1:4], shown
    ]  # fmt: skip


@pytest.mark.skipif(os.name == "nt", reason="names are bytes on other systems only")
def test_a_folder_that_is_no_utf8_is_spelled_out_in_the_table_of_an_evaluation(
    terminal: Terminal, run_folder: Path, tmp_path: Path
) -> None:
    exam, file = tmp_path / os.fsdecode(b"caf\xe9"), tmp_path / "answers.csv"
    try:
        coloured_folder(tmp_path / "exam", {"red": 2, "green": 2}).rename(exam)
    except OSError:
        pytest.skip("this disk takes only UTF-8 names")
    ran = terminal("evaluate", run_folder, exam, "--predictions", file)
    assert ran.code == 0, ran.err
    assert all(row[0].startswith(f"{tmp_path}/caf\\xe9/") for row in table(file)[1:])


def test_a_project_stands_for_its_newest_run_and_a_model_file_for_its_own(
    terminal: Terminal, pictures: Path
) -> None:
    first = terminal("train", pictures, "--size", 32, "--epochs", 1, "--json").last["run"]
    second = terminal("train", pictures, "--size", 32, "--epochs", 1, "--json").last["run"]
    picture = pictures / "red" / "1.png"
    assert terminal("predict", pictures, picture, "--json").last["run"] == second
    model = Path(first) / "model.keras"
    assert terminal("predict", model, picture, "--json").last["run"] == first


def test_a_project_without_a_run_is_told_how_to_train_one(
    terminal: Terminal, pictures: Path
) -> None:
    (pictures / ".cnnstudio").mkdir()
    ran = terminal("predict", pictures, pictures)
    assert ran.code == 1
    assert "cnnstudio train" in ran.err


def test_what_is_no_run_is_explained(terminal: Terminal, pictures: Path, tmp_path: Path) -> None:
    for path in (tmp_path / "gone", tmp_path, pictures / "red" / "1.png"):
        ran = terminal("predict", path, pictures)
        assert ran.code == 1
        assert "run" in ran.err
        assert "unexpected" not in ran.err


def test_a_table_that_has_no_folder_to_go_to_is_refused_before_anything_is_asked(
    terminal: Terminal, run_folder: Path, pictures: Path, tmp_path: Path
) -> None:
    asked = len(terminal.engine.predicted)
    ran = terminal("predict", run_folder, pictures, "--csv", tmp_path / "gone" / "table.csv")
    assert ran.code == 2
    assert "There is no folder" in ran.err
    assert len(terminal.engine.predicted) == asked


def test_a_run_whose_classes_do_not_fit_its_model_is_damaged(
    terminal: Terminal, run_folder: Path, pictures: Path
) -> None:
    file = run_folder / "config.json"
    content = json.loads(file.read_text())
    names = [*content["class_names"], "one more"]
    file.write_text(json.dumps({**content, "class_names": names, "class_titles": names}))
    for command in (("predict", run_folder, pictures), ("evaluate", run_folder, pictures)):
        ran = terminal(*command)
        assert ran.code == 1
        assert "is damaged" in ran.err


# Any number of pictures


def test_out_writes_the_most_probable_classes_row_by_row(
    terminal: Terminal, run_folder: Path, pictures: Path, tmp_path: Path
) -> None:
    file = tmp_path / "answers.csv"
    ran = terminal("predict", run_folder, pictures, "--out", file, "--top", 2)
    assert ran.code == 0, ran.err
    assert "40 pictures in" in ran.out
    rows = table(file)
    assert rows[0][:4] == ["path", "class", "probability", "not_sure"]
    assert len(rows) == 41
    assert all(Path(row[0]).parent.name == row[1] for row in rows[1:])
    again = terminal("predict", run_folder, pictures, "--out", file, "--top", 2)
    assert again.code == 0
    assert "--fresh" in again.err
    coloured_picture(pictures / "new.png", "red", "new")
    grown = terminal("predict", run_folder, pictures, "--out", file, "--top", 2)
    assert grown.code == 0
    assert "41 pictures in" in grown.out
    assert "1 of them new" in grown.out
    fresh = terminal("predict", run_folder, pictures, "--out", file, "--fresh", "--json")
    assert fresh.last["answered_now"] == 41


def test_an_interrupted_table_says_how_to_go_on_and_does(
    terminal: Terminal,
    run_folder: Path,
    pictures: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file, calls = tmp_path / "answers.csv", []
    answered = terminal.engine.predict

    def interrupted(*arguments: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return answered(*arguments)

    monkeypatch.setattr(terminal.engine, "predict", interrupted)
    ran = terminal("predict", run_folder, pictures, "--out", file)
    assert ran.code == 130
    assert "the same command goes on" in ran.err
    assert not file.exists()
    ran = terminal("predict", run_folder, pictures, "--out", file)
    assert "32 pictures were answered before" in ran.err
    assert len(table(file)) == 41


def test_pictures_are_sorted_into_folders_of_their_classes(
    terminal: Terminal, run_folder: Path, tmp_path: Path
) -> None:
    new = tmp_path / "new"
    new.mkdir()
    for name, colour in (("a", "red"), ("b", "green"), ("c", "red")):
        coloured_picture(new / f"{name}.png", colour, "new")
    ran = terminal("predict", run_folder, new, "--sort-into", tmp_path / "sorted")
    assert ran.code == 0, ran.err
    assert "answers.csv" not in ran.out + ran.err, "that table is not kept"
    target = tmp_path / "sorted"
    assert {str(each.relative_to(target)) for each in target.rglob("*.png")} == {
        "red/a.png", "green/b.png", "red/c.png",
    }  # fmt: skip
    assert len(list(new.iterdir())) == 3
    moved = terminal("predict", run_folder, new, "--sort-into", tmp_path / "m", "--move", "--json")
    assert moved.code == 0, moved.err
    assert moved.last["counts"] == {"green": 1, "red": 2}
    assert list(new.iterdir()) == []


def test_pictures_that_could_not_be_moved_are_a_failure_though_the_others_are(
    terminal: Terminal, run_folder: Path, tmp_path: Path
) -> None:
    there = coloured_picture(tmp_path / "there.png", "red", "new")
    ran = terminal(
        *("predict", run_folder, there, tmp_path / "gone.png"),
        *("--sort-into", tmp_path / "sorted", "--move", "--json"),
    )
    assert ran.code == 1
    assert [line["event"] for line in ran.lines] == ["sorted", "failed"], "no table is left"
    assert ran.lines[0]["left"] == 1
    assert "1 picture could not be moved, " in ran.last["reason"]
    assert "gone.png: " in ran.last["reason"]
    assert (tmp_path / "sorted" / "red" / "there.png").is_file()


@pytest.mark.parametrize(("option", "wanted"), [("--move", "--sort-into"), ("--fresh", "--out")])
def test_an_option_that_means_nothing_alone_asks_for_the_other(
    terminal: Terminal, run_folder: Path, pictures: Path, option: str, wanted: str
) -> None:
    ran = terminal("predict", run_folder, pictures, option)
    assert ran.code == 2
    assert wanted in ran.err


def test_the_pictures_of_an_archive_are_asked_about(
    terminal: Terminal, run_folder: Path, tmp_path: Path
) -> None:
    archive = make_zip(tmp_path / "a.zip", {"x/1.png": png(tmp_path, "new", "green")})
    ran = terminal("predict", run_folder, archive, "--json")
    assert ran.lines[0]["path"] == f"{archive}/x/1.png"
    assert ran.lines[0]["predicted_class"] == "green"
    sorted_out = terminal("predict", run_folder, archive, "--sort-into", tmp_path / "sorted")
    assert sorted_out.code == 0, sorted_out.err
    assert (tmp_path / "sorted" / "green" / "1.png").is_file()


def test_what_it_is_not_sure_about_is_said_with_the_reason(
    terminal: Terminal, tmp_path: Path
) -> None:
    folder = coloured_folder(tmp_path / "many", {"red": 80, "green": 80})
    run = tmp_path / "run"
    assert terminal("train", folder, "--size", 32, "--epochs", 1, "--out", run).code == 0
    usual, strange = folder / "red" / "1.png", coloured_picture(tmp_path / "strange.png", "blue")
    file = tmp_path / "table.csv"
    first, second, _ = terminal("predict", run, usual, strange, "--csv", file, "--json").lines
    assert (first["not_sure"], first["reason"]) == (False, "")
    assert (second["not_sure"], second["reason"]) == (True, "unlike the training pictures")
    assert [row[5:] for row in table(file)[1:]] == [
        ["no", "", ""],
        ["yes", "unlike the training pictures", ""],
    ]
    assert "Not sure: unlike" in terminal("predict", run, strange).out
    exam = coloured_folder(tmp_path / "exam", {"red": 5, "green": 5})
    coloured_picture(exam / "red" / "strange.png", "blue")
    told = terminal("evaluate", run, exam, "--json").last["handed_back"]
    # Of its own pictures a few are farther from the rest than those it was judged by, too.
    assert told["unfamiliar"] in (1, 2)
    assert (told["count"], told["answered"]) == (11, 11 - told["unfamiliar"])
    assert told["right"] == told["answered"]
    assert f"Not sure about {told['unfamiliar']} of 11" in terminal("evaluate", run, exam).out
