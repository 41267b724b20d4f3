"""Pictures come in as copies, all or none, and go out again by undo."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cnnstudio.core.dataset.importing import (
    ImportedPictures,
    ImportItem,
    plan_import,
    stage_import,
)
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.edits import add_imported
from cnnstudio.core.errors import Cancelled, StudioError
from cnnstudio.core.events import Progress
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Project
from cnnstudio.core.storage import file_moves, project_file, split_book
from tests.builders import coloured_folder, coloured_picture


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return scan(coloured_folder(tmp_path / "project", {"red": 2}))


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    (tmp_path / "outside").mkdir()
    return tmp_path / "outside"


def bring_in(
    project: Project, sources: list[Path | ImportItem], class_name: str | None = None
) -> tuple[Project, ImportedPictures]:
    plan = plan_import(sources, project, class_name)
    staged = stage_import(plan, project)(TaskContext())
    result = add_imported(staged)(project)
    file_moves.apply(project.root, result.moves)
    project_file.save(result.project)
    assert scan(project.root) == result.project
    return result.project, staged


def files_below(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_files_go_to_the_class_they_are_dropped_on(project: Project, outside: Path) -> None:
    source = coloured_picture(outside / "new.png", "red")
    after, _ = bring_in(project, [source], "red")
    assert after.counts == {"red": 3}
    assert (project.root / "red" / "new.png").read_bytes() == source.read_bytes()


def test_files_dropped_on_no_class_have_none(project: Project, outside: Path) -> None:
    after, _ = bring_in(project, [coloured_picture(outside / "new.png", "red")])
    assert after.counts == {"red": 2, None: 1}


def test_a_name_that_is_taken_gets_a_number_and_nothing_is_written_over(
    project: Project, outside: Path
) -> None:
    before = (project.root / "red" / "1.png").read_bytes()
    sources = [coloured_picture(outside / "1.png", "green")]
    (outside / "other").mkdir()
    sources.append(coloured_picture(outside / "other" / "1.png", "blue"))
    after, _ = bring_in(project, list(sources), "red")
    names = [sample.file_name for sample in after.samples]
    assert names == ["1 (2).png", "1 (3).png", "1.png", "2.png"]
    assert (project.root / "red" / "1.png").read_bytes() == before


def test_a_folder_of_class_folders_brings_its_classes(project: Project, outside: Path) -> None:
    coloured_folder(outside / "more", {"RED": 1, "Hüte (帽子)": 2, "a:b?": 0, "_unlabelled": 1})
    coloured_picture(outside / "more" / "loose.png", "blue")
    plan = plan_import([outside / "more"], project, None)
    assert plan.counts == {"red": 1, "Hüte (帽子)": 2, None: 2}
    after, _ = bring_in(project, [outside / "more"])
    titles = {each.title: after.counts.get(each.name, 0) for each in after.classes}
    # "RED" is the class "red" that was there already.
    assert titles == {"red": 3, "Hüte (帽子)": 2, "a:b?": 0}
    assert (project.root / "a_b_").is_dir()
    assert after.counts[None] == 2


def test_folders_of_pictures_dropped_on_no_class_become_classes_of_their_names(
    project: Project, outside: Path
) -> None:
    folders = [outside / "more" / name for name in ("blue", "red")]
    for folder in folders:
        coloured_folder(folder.parent, {folder.name: 2})
    plan = plan_import(folders, project, None)
    assert set(plan.class_titles) == {"blue", "red"}
    assert plan.counts.keys() == {"blue", "red"}


def test_a_folder_dropped_on_a_class_gives_it_all_its_pictures(
    project: Project, outside: Path
) -> None:
    coloured_folder(outside / "more", {"a": 1, "b/c": 2})
    after, _ = bring_in(project, [outside / "more"], "red")
    assert after.counts == {"red": 5}


def test_the_parts_of_an_imported_tree_are_kept(project: Project, outside: Path) -> None:
    coloured_folder(outside, {"train/red": 2, "val/red": 1, "test/red": 1, "test/blue": 1})
    after, staged = bring_in(project, [outside])
    assert after.counts == {"red": 6, "blue": 1}
    pinned = split_book.load(project.root).pinned
    assert sorted(pinned.values()) == ["test", "test", "train", "train", "validation"]
    assert {each.fingerprint: each.split for each in staged.pictures} == pinned


def test_in_a_project_of_parts_pictures_go_to_their_part(tmp_path: Path, outside: Path) -> None:
    root = coloured_folder(tmp_path / "parts", {"train/red": 2, "test/red": 1})
    coloured_folder(outside, {"train/red": 1, "valid/red": 1, "test/red": 1})
    project = scan(root)
    after, _ = bring_in(project, [outside])
    assert [sample.path for sample in after.samples] == [
        "test/red/1 (2).png",
        "test/red/1.png",
        "train/red/1 (2).png",
        "train/red/1 (3).png",
        "train/red/1.png",
        "train/red/2.png",
    ]


def test_what_is_no_picture_is_skipped_with_a_reason(project: Project, outside: Path) -> None:
    (outside / "notes.txt").write_text("no picture")
    sources = [outside / "notes.txt", outside / "gone.jpg"]
    plan = plan_import(sources, project, "red")
    assert [(each.path.name, each.reason) for each in plan.skipped] == [
        ("notes.txt", "this is not a picture"),
        ("gone.jpg", "there is no such file"),
    ]
    assert plan.items == ()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_skipped_and_never_waited_for(project: Project, outside: Path) -> None:
    outside.mkdir(exist_ok=True)
    os.mkfifo(outside / "pipe.jpg")
    plan = plan_import([outside / "pipe.jpg"], project, "red")
    staged = stage_import(plan, project)(TaskContext())
    assert staged.pictures == ()
    assert "not a regular file" in staged.skipped[0].reason


def test_a_picture_that_cannot_be_read_is_the_users_and_comes_in(
    project: Project, outside: Path
) -> None:
    (outside / "broken.jpg").write_bytes(b"\xff\xd8\xff half")
    after, _ = bring_in(project, [outside / "broken.jpg"], "red")
    assert after.counts == {"red": 3}


def test_a_file_that_vanishes_before_it_is_copied_is_skipped(
    project: Project, outside: Path
) -> None:
    sources = [coloured_picture(outside / f"{n}.png", "red", str(n)) for n in range(3)]
    plan = plan_import(sources, project, "red")
    sources[1].unlink()
    staged = stage_import(plan, project)(TaskContext())
    assert [each.file_name for each in staged.pictures] == ["0.png", "2.png"]
    assert [each.path for each in staged.skipped] == [sources[1]]


def test_pasted_bytes_become_a_picture(project: Project, outside: Path) -> None:
    data = coloured_picture(outside / "x.png", "red").read_bytes()
    item = ImportItem.pasted(data, "red", "C:\\fake\\from browser.png")
    nameless, nothing = ImportItem.pasted(data, None), ImportItem.pasted(b"no", None)
    after, _ = bring_in(project, [item, nameless, nothing])
    assert after.counts == {"red": 3, None: 1}
    assert (project.root / "red" / "from browser.png").read_bytes() == data


def test_a_cancelled_import_leaves_nothing_behind(project: Project, outside: Path) -> None:
    coloured_folder(outside, {"blue": 30})
    before = sorted(project.root.rglob("*"))

    class Impatient(TaskContext):
        def report(self, event: Progress) -> None:
            if event.done == 10:
                self.cancel()

    with pytest.raises(Cancelled):
        stage_import(plan_import([outside], project, None), project)(Impatient())
    assert sorted(project.root.rglob("*")) == before


def test_undo_puts_imported_pictures_into_the_bin_and_redo_takes_them_back(
    project: Project, outside: Path
) -> None:
    coloured_folder(outside, {"blue": 2})
    staged = stage_import(plan_import([outside], project, None), project)(TaskContext())
    result = add_imported(staged)(project)
    file_moves.apply(project.root, result.moves)
    file_moves.apply(project.root, file_moves.reverse(result.moves))
    assert scan(project.root) == project
    assert not (project.root / "blue").exists()
    assert len(files_below(project.bin_folder)) == 2
    file_moves.apply(project.root, result.moves)
    project_file.save(result.project)
    assert scan(project.root) == result.project


def test_pictures_of_the_project_itself_are_not_imported(project: Project) -> None:
    with pytest.raises(StudioError, match="part of this project"):
        plan_import([project.root / "red"], project, None)
    with pytest.raises(StudioError, match="part of this project"):
        plan_import([project.root.parent], project, None)


def test_sources_stay_as_they_are(project: Project, outside: Path) -> None:
    coloured_folder(outside, {"blue": 2})
    before = {path: path.read_bytes() for path in outside.rglob("*.png")}
    bring_in(project, [outside])
    assert {path: path.read_bytes() for path in outside.rglob("*.png")} == before
