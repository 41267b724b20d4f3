"""A table of answers is the same, however often whoever makes it is killed."""

from __future__ import annotations

import csv
import os
import random
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnnstudio.core.answer_table import drafted_table, table_header
from cnnstudio.core.config import with_setting
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.errors import Cancelled, StudioError
from cnnstudio.core.events import Progress
from cnnstudio.core.file_names import legible
from cnnstudio.core.folder_prediction import GoingOn, TableWritten, predict_to_table
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.predictions import PictureProblem
from cnnstudio.core.runs import Run
from cnnstudio.core.training import train_project
from tests.archives import make_zip, png
from tests.builders import coloured_folder
from tests.fakes import FakeEngine

HEADER = table_header(2)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    root = tmp_path_factory.mktemp("project")
    project = scan(coloured_folder(root, {"red": 10, "green": 10, "blue": 10}))
    config = with_setting(with_setting(project.config, "image_size", "16"), "epochs", "1")
    return train_project(FakeEngine(), replace(project, config=config))(TaskContext())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = coloured_folder(tmp_path / "new", {"red": 9, "green": 7, "day 2/blue": 8}, size=8)
    (folder / "broken.jpg").write_bytes(b"")
    return folder


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


class CutOff(TaskContext):
    """Cancels after so many lots, as Ctrl-C would."""

    def __init__(self, lots: int) -> None:
        super().__init__()
        self.left = lots

    def checkpoint(self) -> None:
        super().checkpoint()

    def report(self, event: object) -> None:
        super().report(event)
        if isinstance(event, Progress) and event.words == "Predicting" and event.done:
            self.left -= 1
            if self.left == 0:
                self.cancel()


def test_the_table_has_a_row_for_each_picture(run: Run, folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    written = predict_to_table(FakeEngine(), run, [folder], file, top=2)(TaskContext())
    problem = PictureProblem(str(folder / "broken.jpg"), "the file is empty")
    assert written == TableWritten(file, 25, 25, 1, problem)
    rows = rows_of(file)
    assert list(rows[0]) == [
        "path", "class", "probability", "not_sure", "class_2", "probability_2", "problem",
        "run",
    ]  # fmt: skip
    broken = next(row for row in rows if row["path"] == problem.source)
    assert (broken["class"], broken["problem"]) == ("", problem.reason)
    for row in rows:
        if row is not broken:
            assert Path(row["path"]).parent.name == row["class"]
            assert float(row["probability"]) >= float(row["probability_2"])
    assert [each.name for each in tmp_path.glob(".*")] == []


def test_it_goes_on_where_it_was_cancelled(run: Run, folder: Path, tmp_path: Path) -> None:
    engine, file = FakeEngine(), tmp_path / "table.csv"
    with pytest.raises(Cancelled):
        predict_to_table(engine, run, [folder], file, batch=4)(CutOff(2))
    assert not file.exists()
    asked_before = sum(engine.predicted)
    events: list[object] = []
    written = predict_to_table(engine, run, [folder], file, batch=4)(TaskContext(events.append))
    assert events[0] == GoingOn(8)
    assert (written.pictures, written.answered_now) == (25, 17)
    assert sum(engine.predicted) == 24
    assert asked_before < 24
    whole = tmp_path / "whole.csv"
    predict_to_table(engine, run, [folder], whole)(TaskContext())
    assert file.read_bytes() == whole.read_bytes()


def test_a_finished_table_grows_with_its_folder_unless_it_is_made_anew(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    engine, file = FakeEngine(), tmp_path / "table.csv"
    predict_to_table(engine, run, [folder], file)(TaskContext())
    before = file.read_bytes()
    engine.predicted.clear()
    again = predict_to_table(engine, run, [folder], file)(TaskContext())
    assert (again.was_finished, again.pictures, engine.predicted) == (True, 25, [])
    (folder / "red" / "1.png").rename(folder / "red" / "another.png")
    with pytest.raises(Cancelled):
        predict_to_table(engine, run, [folder], file)(CutOff(2))
    assert file.read_bytes() == before
    grown = predict_to_table(engine, run, [folder], file)(TaskContext())
    assert (grown.pictures, grown.answered_now, engine.predicted) == (26, 0, [1])
    assert file.read_bytes().startswith(before)
    assert rows_of(file)[-1]["path"] == str(folder / "red" / "another.png")
    fresh = predict_to_table(engine, run, [folder], file, is_fresh=True)(TaskContext())
    assert (fresh.pictures, fresh.answered_now) == (25, 25)


def test_the_answers_of_two_runs_do_not_come_into_one_table(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "table.csv"
    predict_to_table(FakeEngine(), run, [folder], file)(TaskContext())
    other = replace(run, created=run.created + timedelta(seconds=1))
    with pytest.raises(StudioError, match="another run"):
        predict_to_table(FakeEngine(), other, [folder], file)(TaskContext())
    with pytest.raises(StudioError, match="other columns"):
        predict_to_table(FakeEngine(), run, [folder], file, top=1)(TaskContext())
    assert len(rows_of(file)) == 25


def test_somebody_elses_file_is_not_written_over(run: Run, folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text("name,telephone\n")
    with pytest.raises(StudioError, match="another file"):
        predict_to_table(FakeEngine(), run, [folder], file)(TaskContext())
    assert file.read_text() == "name,telephone\n"


def test_the_answers_of_another_run_are_not_gone_on_with(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    engine, file = FakeEngine(), tmp_path / "table.csv"
    with pytest.raises(Cancelled):
        predict_to_table(engine, run, [folder], file, batch=4)(CutOff(2))
    os.utime(run.model_file)
    written = predict_to_table(engine, run, [folder], file)(TaskContext())
    assert written.answered_now == 25
    assert list(tmp_path.glob(".*")) == [], "the draft that is of no more use is gone"


def test_two_programs_do_not_write_the_same_table(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    with (
        drafted_table(file, ["q"], HEADER),
        pytest.raises(StudioError, match="already"),
        drafted_table(file, ["q"], HEADER),
    ):
        pass


def test_pictures_of_an_archive_are_gone_on_with_too(run: Run, tmp_path: Path) -> None:
    content = {f"{n}.png": png(tmp_path, str(n)) for n in range(9)}
    archive, file = make_zip(tmp_path / "a.zip", content), tmp_path / "table.csv"
    with pytest.raises(Cancelled):
        predict_to_table(FakeEngine(), run, [archive], file, batch=2)(CutOff(2))
    written = predict_to_table(FakeEngine(), run, [archive], file, batch=2)(TaskContext())
    assert (written.pictures, written.answered_now) == (9, 5)
    assert {row["path"] for row in rows_of(file)} == {f"{archive}/{name}" for name in content}


names = st.text(
    st.characters(codec="utf-8", exclude_characters="\0\r"), min_size=1, max_size=12
) | st.sampled_from(['a "b"', "line\nbreak", "comma,comma", '"', "caf\udce9.png"])


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    paths=st.lists(names, max_size=8, unique=True),
    cut=st.integers(0, 400),
    tail=st.binary(max_size=3),
)
def test_whatever_a_kill_leaves_of_the_draft_every_row_is_there_once_afterwards(
    tmp_path_factory: pytest.TempPathFactory, paths: list[str], cut: int, tail: bytes
) -> None:
    file = tmp_path_factory.mktemp("draft") / "table.csv"
    rows = [[path, "red", "0.9", "", "blue", "0.1", "", "1970"] for path in paths]

    class Killed(Exception):
        pass

    def write_and_be_killed() -> None:
        with drafted_table(file, ["q"], HEADER) as draft:
            draft.append(rows)
            raise Killed

    with pytest.raises(Killed):
        write_and_be_killed()
    (left,) = file.parent.iterdir()
    data = left.read_bytes()
    left.write_bytes(data[:cut] if cut < len(data) else data + tail.replace(b"\n", b""))
    with drafted_table(file, ["q"], HEADER) as draft:
        assert draft.names <= {legible(path) for path in paths}
        draft.append(row for row in rows if legible(row[0]) not in draft.names)
    with file.open(newline="", encoding="utf-8") as stream:
        written = [[legible(path), *rest] for path, *rest in rows]
        assert list(csv.reader(stream)) == [HEADER, *written]
    assert list(file.parent.iterdir()) == [file]


# Killed for real

_CHILD = """
import sys, time
from pathlib import Path
from cnnstudio.core.file_names import legible
from cnnstudio.core.folder_prediction import predict_to_table
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.runs import load_run
from tests.fakes import FakeEngine

class Slow(FakeEngine):
    def predict(self, model_file, pictures):
        time.sleep(0.02)
        return super().predict(model_file, pictures)

run, folder, file = map(Path, sys.argv[1:])
print("ready", flush=True)
predict_to_table(Slow(), load_run(run), [folder], file, batch=8)(TaskContext())
"""


def ask_until_killed(run: Run, folder: Path, file: Path, after_s: float) -> bool:
    """Run the question in a process of its own and kill that; whether it had ended before."""
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(run.folder), str(folder), str(file)],
        stdout=subprocess.PIPE,
    )
    assert child.stdout is not None
    child.stdout.readline()
    try:
        child.wait(after_s)
    except subprocess.TimeoutExpired:
        child.send_signal(signal.SIGKILL if os.name != "nt" else signal.SIGTERM)
    child.stdout.close()
    return child.wait() == 0


def killed_again_and_again(run: Run, tmp_path: Path, kills: int, count: int) -> None:
    folder = coloured_folder(tmp_path / "new", {"red": count // 2, "green": count // 2}, size=8)
    file, whole = tmp_path / "table.csv", tmp_path / "whole.csv"
    for _ in range(kills):
        if ask_until_killed(run, folder, file, random.uniform(0.05, 0.05 + count / 2000)):
            break
    predict_to_table(FakeEngine(), run, [folder], file)(TaskContext())
    predict_to_table(FakeEngine(), run, [folder], whole)(TaskContext())
    assert file.read_bytes() == whole.read_bytes()
    assert len(rows_of(file)) == count
    assert list(tmp_path.glob(".*.part")) == []


def test_killed_once_it_goes_on(run: Run, tmp_path: Path) -> None:
    killed_again_and_again(run, tmp_path, 1, 200)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_killed_thirty_times_it_comes_to_the_same_table(run: Run, tmp_path: Path) -> None:
    killed_again_and_again(run, tmp_path, 30, 10_000)


def test_a_thousand_pictures_are_all_in_the_table(run: Run, tmp_path: Path) -> None:
    folder = coloured_folder(tmp_path / "new", {"red": 500, "blue": 500}, size=8)
    file = tmp_path / "table.csv"
    predict_to_table(FakeEngine(), run, [folder], file)(TaskContext())
    rows = rows_of(file)
    assert len(rows) == 1000
    assert sum(row["class"] == "red" for row in rows) == 500
