"""Each fix does what its button says, and can be taken back."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import pytest

from cnnstudio.core.dataset.checks import find_problems
from cnnstudio.core.dataset.health.findings import Finding, Fix, Kind
from cnnstudio.core.dataset.health.measuring import TINY
from cnnstudio.core.dataset.reading import index_samples
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.errors import StudioError
from cnnstudio.core.fixes import fix
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Project
from cnnstudio.core.storage import file_moves
from cnnstudio.core.storage.index import Index, IndexedPicture
from tests.core.dataset.health.scenes import photo_folder, scene


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return photo_folder(tmp_path)


def checked(project: Project) -> tuple[dict[Kind, Finding], dict[str, IndexedPicture]]:
    with Index(None) as index:
        rows = index_samples(project, project.samples, index, TaskContext())
        tiny = partial(index.find_features, TINY)
        found = find_problems(project, rows, TaskContext(), tiny)
    return {each.kind: each for each in found}, rows


def fixed(root: Path, kind: Kind, how: Fix, class_name: str | None = None) -> Project:
    """Fix a finding in the folder; it is no longer found, and undoing brings all back."""
    before = sorted(root.rglob("*.*"))
    project = scan(root)
    found, rows = checked(project)
    result = fix(found[kind], how, rows, class_name)(project)
    file_moves.apply(root, result.moves)
    assert kind not in checked(result.project)[0]
    left = scan(root)
    assert {each.path for each in left.samples} == {each.path for each in result.project.samples}
    file_moves.apply(root, file_moves.reverse(result.moves))
    assert {path for path in root.rglob("*.*") if ".cnnstudio" not in path.parts} >= set(before)
    return result.project


def test_removing_takes_all_its_pictures_out(root: Path) -> None:
    (root / "indoors" / "broken.jpg").write_bytes(b"")
    assert "indoors/broken.jpg" not in fixed(root, "unreadable", Fix.REMOVE).sample_at


def test_keeping_one_keeps_the_first_of_each_group(root: Path) -> None:
    scene(3).resize((200, 150)).save(root / "indoors" / "a.png")
    scene(5).resize((200, 150)).save(root / "indoors" / "b.png")
    project = fixed(root, "near twins", Fix.KEEP_ONE)
    assert "indoors/03.png" in project.sample_at
    assert "indoors/05.png" in project.sample_at
    assert len(project.samples) == 24


@pytest.mark.parametrize("right", ["indoors", "outdoors"])
def test_the_class_that_is_right_keeps_one_copy(root: Path, right: str) -> None:
    for place in ("indoors/x.png", "outdoors/x.png", "outdoors/y.png"):
        shutil.copy(root / "indoors" / "03.png", root / place)
    project = fixed(root, "two classes", Fix.RELABEL, right)
    assert len(project.samples) == 24
    kept = [
        each
        for each in project.samples
        if each.path.rsplit("/")[-1] in ("03.png", "x.png", "y.png")
    ]
    assert [each.class_name for each in kept] == [right]


def test_a_wrong_ending_is_put_right_and_no_file_is_overwritten(root: Path) -> None:
    scene(50).save(root / "indoors" / "x.jpg", "PNG")
    scene(51).save(root / "indoors" / "x.png")
    project = fixed(root, "wrong ending", Fix.RENAME)
    assert "indoors/x (2).png" in project.sample_at
    assert "indoors/x.png" in project.sample_at


def test_ignoring_moves_nothing(root: Path) -> None:
    (root / "indoors" / "broken.jpg").write_bytes(b"")
    project = fixed(root, "unreadable", Fix.IGNORE)
    assert len(project.ignored_findings) == 1
    assert len(project.samples) == 25


def test_what_cannot_be_done_is_said(root: Path) -> None:
    (root / "indoors" / "broken.jpg").write_bytes(b"")
    shutil.copy(root / "indoors" / "03.png", root / "outdoors" / "x.png")
    found, rows = checked(scan(root))
    with pytest.raises(StudioError):
        fix(found["unreadable"], Fix.KEEP_ONE, rows)
    with pytest.raises(StudioError, match="which class"):
        fix(found["two classes"], Fix.RELABEL, rows)
