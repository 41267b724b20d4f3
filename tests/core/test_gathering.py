"""One pass over the pictures finds out all that a training needs, and remembers it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cnnstudio.core.config import RunConfig, with_setting
from cnnstudio.core.dataset.images import fingerprint, read_array
from cnnstudio.core.dataset.reading import index_samples
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.errors import Cancelled
from cnnstudio.core.events import Progress
from cnnstudio.core.gathering import Gathered, Wanted, gather
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Project
from cnnstudio.core.storage.index import Index
from cnnstudio.core.training_members import Member, members_of
from tests.builders import coloured_folder
from tests.fakes import FakeEngine

CONFIG = with_setting(RunConfig(), "image_size", "12")
FEATURES = Wanted("all", pictures=False)
BOTH = Wanted("all", pictures=True)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Nine red pictures, of which the second, the fifth and the last are none, and 40 green."""
    coloured_folder(tmp_path / "project", {"red": 9, "green": 40})
    red = tmp_path / "project" / "red"
    (red / "2.png").write_bytes(b"")
    (red / "5.png").write_bytes(b"<html>")
    found = scan(tmp_path / "project")
    (red / "9.png").unlink()
    return found


def gathered(
    project: Project,
    wanted: Wanted,
    engine: FakeEngine | None = None,
    context: TaskContext | None = None,
    limit: int | None = None,
) -> tuple[list[Member], Gathered]:
    members = members_of(project, {}, [])
    with Index.of(project) as index:
        found = gather(
            engine or FakeEngine(), members, CONFIG, wanted, index, context or TaskContext(), limit
        )
    return members, found


@pytest.mark.parametrize("limit", [1 << 30, 0])
def test_readable_pictures_keep_their_order_and_the_others_their_reason(
    project: Project, limit: int
) -> None:
    members, found = gathered(project, BOTH, limit=limit)
    assert found.pictures is not None
    assert found.pictures.shape == (46, 12, 12, 3)
    assert isinstance(found.pictures, np.memmap) == (limit == 0)
    for row, place in enumerate(found.kept):
        path = members[place].place
        assert np.array_equal(found.pictures[row], read_array(path, 12, "crop"))
        assert found.marks[row] == fingerprint(path)
        colours = read_array(path, 8, "crop").mean(axis=(0, 1))
        np.testing.assert_allclose(found.features[found.marks[row]], colours, atol=0.2)
    assert {members[place].path for place in found.problems} == {
        "red/2.png",
        "red/5.png",
        "red/9.png",
    }
    assert "the file is empty" in found.problems.values()


def test_what_is_known_is_not_even_read(project: Project) -> None:
    gathered(project, FEATURES)
    for path in (project.root / "green").iterdir():
        path.unlink()
    engine = FakeEngine()
    _, found = gathered(project, FEATURES, engine)
    assert len(found.kept) == 46, "size and time of the files are those of the scan"
    assert sum(engine.described) == 0


def test_only_new_pictures_are_looked_at(project: Project) -> None:
    gathered(project, FEATURES)
    coloured_folder(project.root, {"blue": 3})
    engine = FakeEngine()
    gathered(scan(project.root), FEATURES, engine)
    assert sum(engine.described) == 3


def test_a_picture_under_another_name_is_known_by_its_content(project: Project) -> None:
    gathered(project, FEATURES)
    (project.root / "red" / "1.png").rename(project.root / "green" / "new.png")
    engine = FakeEngine()
    gathered(scan(project.root), FEATURES, engine)
    assert sum(engine.described) == 0


def test_of_copies_one_is_looked_at(tmp_path: Path) -> None:
    coloured_folder(tmp_path / "p", {"red": 2})
    (tmp_path / "p" / "red" / "copy.png").write_bytes((tmp_path / "p/red/1.png").read_bytes())
    engine = FakeEngine()
    _, found = gathered(scan(tmp_path / "p"), FEATURES, engine)
    assert len(found.kept) == 3
    assert sum(engine.described) == 2


def test_small_pictures_need_no_features_for_a_training_from_scratch(tmp_path: Path) -> None:
    coloured_folder(tmp_path / "p", {"small": 3})
    coloured_folder(tmp_path / "p", {"large": 2}, size=64)
    engine = FakeEngine()
    gathered(scan(tmp_path / "p"), Wanted("large", pictures=True), engine)
    assert sum(engine.described) == 2


def test_cancelled_in_the_middle_it_keeps_what_was_computed(project: Project) -> None:
    context = TaskContext()

    class Cancelling(FakeEngine):
        def features(self, *given: object) -> np.ndarray:  # type: ignore[override, type-arg]
            context.cancel()
            return super().features(*given)  # type: ignore[arg-type]

    first, second = Cancelling(), FakeEngine()
    with pytest.raises(Cancelled):
        gathered(project, FEATURES, first, context)
    gathered(project, FEATURES, second)
    assert sum(first.described) == 32
    assert sum(second.described) == 46 - 32


def test_progress_counts_what_is_read_and_reaches_the_total(project: Project) -> None:
    events: list[Progress] = []
    gathered(project, FEATURES, context=TaskContext(events.append))
    assert (events[-1].done, events[-1].total, events[-1].seconds_left) == (49, 49, 0)


def test_the_health_check_finds_what_the_training_found_out(project: Project) -> None:
    gathered(project, FEATURES)
    for path in (project.root / "green").iterdir():
        path.unlink()
    greens = [each for each in project.samples if each.class_name == "green"]
    with Index.of(project) as index:
        rows = index_samples(project, greens, index, TaskContext())
    assert all(not row.problem and row.width == 16 for row in rows.values())
