"""What a killed training leaves can be found, gone on with, or discarded."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from cnnstudio.core.config import RunConfig
from cnnstudio.core.errors import Cancelled, StudioError
from cnnstudio.core.events import EpochEnded
from cnnstudio.core.runs import SampleRecord, list_runs
from cnnstudio.core.storage.atomic import fresh_folder, remove_stale_drafts
from cnnstudio.core.storage.training_state import TrainingState, write_best, write_state
from cnnstudio.core.storage.unfinished_runs import (
    UnfinishedPlan,
    checkpoint_folder,
    discard_unfinished,
    history_so_far,
    list_unfinished,
    read_plan,
    reopen,
    write_plan,
)

SAMPLES = (
    SampleRecord("cats/1.jpg", "cats", "train", "aa"),
    SampleRecord(os.fsdecode(b"dogs/caf\xe9.jpg"), "dogs", "train", "bb"),
    SampleRecord("/elsewhere/3.jpg", "cats", "validation", "cc"),
)
EPOCH = EpochEnded(1, 1.0, 0.5, 1.1, 0.4, 30.0, 2.0, True, 0.001)


def plan(target: Path) -> UnfinishedPlan:
    created = datetime(2026, 3, 1, 12, tzinfo=UTC)
    return UnfinishedPlan(
        "Owls",
        created,
        target,
        Path("/pictures/owls"),
        RunConfig(),
        ("cats", "dogs"),
        ("Cats", "Dogs"),
        SAMPLES,
        ("Hm.",),
    )


class Killed(BaseException):
    """Ends a block as a crash of the program does."""


def left_behind(folder: Path, name: str = "run", epochs: int = 0) -> None:
    def crash() -> None:
        with fresh_folder(folder / name) as draft:
            write_plan(draft, plan(folder / name))
            if epochs:
                place = checkpoint_folder(draft)
                write_best(place, (EPOCH,), [np.zeros(3)])
                write_state(place, TrainingState({}, (EPOCH,) * epochs), [np.ones(4)])
            raise Killed

    with pytest.raises(Killed):
        crash()


def test_a_killed_training_is_found_with_what_it_had_learned(tmp_path: Path) -> None:
    left_behind(tmp_path, epochs=1)
    (found,) = list_unfinished(tmp_path)
    assert (found.name, found.epochs_done, found.epochs) == ("Owls", 1, 20)
    assert found.size_bytes > 0
    assert history_so_far(found) == (EPOCH,)
    assert read_plan(found) == plan(tmp_path / "run")
    assert list_runs(tmp_path) == []


def test_one_that_was_killed_before_its_first_epoch_is_found_too(tmp_path: Path) -> None:
    left_behind(tmp_path)
    (found,) = list_unfinished(tmp_path)
    assert (found.epochs_done, history_so_far(found)) == (0, ())


def test_looking_for_old_drafts_leaves_it_alone(tmp_path: Path) -> None:
    left_behind(tmp_path)
    remove_stale_drafts(tmp_path)
    assert len(list_unfinished(tmp_path)) == 1


def test_a_training_that_runs_is_not_offered(tmp_path: Path) -> None:
    with fresh_folder(tmp_path / "run") as draft:
        write_plan(draft, plan(tmp_path / "run"))
        assert list_unfinished(tmp_path) == []
        looking = (
            "import sys; from pathlib import Path;"
            "from cnnstudio.core.storage.unfinished_runs import list_unfinished;"
            "print(len(list_unfinished(Path(sys.argv[1]))))"
        )
        command = [sys.executable, "-c", looking, str(tmp_path)]
        said = subprocess.run(
            command, cwd=Path(__file__).parents[3], check=True, capture_output=True, text=True
        )
        assert said.stdout.strip() == "0"


@pytest.mark.parametrize("error", [Cancelled(), StudioError("The loss is no longer a number.")])
def test_a_cancelled_or_failed_training_leaves_nothing(tmp_path: Path, error: Exception) -> None:
    def fail() -> None:
        with fresh_folder(tmp_path / "run") as draft:
            write_plan(draft, plan(tmp_path / "run"))
            raise error

    with pytest.raises(type(error)):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_at_the_end_leaves_what_was_learned(tmp_path: Path) -> None:
    def fail() -> None:
        with fresh_folder(tmp_path / "run") as draft:
            write_plan(draft, plan(tmp_path / "run"))
            raise StudioError("The model could not be written.") from OSError(28, "No space")

    with pytest.raises(StudioError):
        fail()
    assert len(list_unfinished(tmp_path)) == 1


def test_going_on_ends_in_the_place_it_was_meant_for_without_its_state(tmp_path: Path) -> None:
    left_behind(tmp_path, epochs=1)
    (found,) = list_unfinished(tmp_path)
    with reopen(found) as draft:
        assert list_unfinished(tmp_path) == []
        (draft / "model").write_text("m")
        with pytest.raises(StudioError, match="works on this"), reopen(found):
            pass
    assert [each.name for each in tmp_path.iterdir()] == ["run"]
    assert [each.name for each in (tmp_path / "run").iterdir()] == ["model"]


def test_going_on_may_be_cut_off_again(tmp_path: Path) -> None:
    left_behind(tmp_path, epochs=1)
    for error in (Killed(), StudioError("Pictures are missing."), OSError(5, "broken")):
        (found,) = list_unfinished(tmp_path)
        with pytest.raises(type(error)), reopen(found):
            raise error
    assert list_unfinished(tmp_path)[0].epochs_done == 1


def test_cancelling_what_was_gone_on_with_throws_it_away(tmp_path: Path) -> None:
    left_behind(tmp_path)
    with pytest.raises(Cancelled), reopen(list_unfinished(tmp_path)[0]):
        raise Cancelled
    assert list(tmp_path.iterdir()) == []


def test_it_can_be_discarded_but_once(tmp_path: Path) -> None:
    left_behind(tmp_path, "one")
    left_behind(tmp_path, "two")
    first, second = list_unfinished(tmp_path)
    discard_unfinished(first)
    assert list_unfinished(tmp_path) == [second]
    with pytest.raises(StudioError, match="gone already"):
        discard_unfinished(first)


def test_a_damaged_plan_is_passed_over(tmp_path: Path) -> None:
    left_behind(tmp_path)
    draft = list_unfinished(tmp_path)[0].folder
    (draft / "checkpoint" / "plan.json").write_text("{")
    assert list_unfinished(tmp_path) == []


def test_a_damaged_state_is_listed_and_can_be_discarded(tmp_path: Path) -> None:
    left_behind(tmp_path, epochs=1)
    (state,) = (list_unfinished(tmp_path)[0].folder / "checkpoint").glob("state*")
    state.write_bytes(state.read_bytes()[:40])
    (found,) = list_unfinished(tmp_path)
    assert found.epochs_done == 0
    discard_unfinished(found)
    assert list_unfinished(tmp_path) == []


def test_what_a_kill_left_in_a_finished_run_is_swept_up(tmp_path: Path) -> None:
    write_plan(tmp_path / "run", plan(tmp_path / "run"))
    (tmp_path / "run" / "model").write_text("m")
    remove_stale_drafts(tmp_path)
    assert [each.name for each in (tmp_path / "run").iterdir()] == ["model"]
