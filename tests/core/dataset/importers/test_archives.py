"""Archives bring the pictures in them, and nothing that somebody hid in them does harm."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import lzma
import os
import shutil
import tarfile
import time
import tracemalloc
import zipfile
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnnstudio.core import editing
from cnnstudio.core.dataset.importing import ImportPlan, plan_import, stage_import
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.edits import add_imported
from cnnstudio.core.errors import Cancelled, StudioError
from cnnstudio.core.events import Progress
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Project
from cnnstudio.core.storage import split_book
from tests.archives import (
    Maker,
    changed_directory,
    directory_of,
    entry,
    make_tar,
    make_tar_of,
    make_zip,
    png,
)
from tests.builders import coloured_folder

KINDS = {
    ".zip": make_zip,
    ".tar": make_tar,
    ".tar.gz": partial(make_tar, mode="w:gz"),
    ".tgz": partial(make_tar, mode="w:gz"),
    ".tar.bz2": partial(make_tar, mode="w:bz2"),
    ".tar.xz": partial(make_tar, mode="w:xz"),
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return scan(coloured_folder(tmp_path / "project", {"red": 1}))


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> tuple[str, Maker]:
    return request.param, KINDS[request.param]


def bring_in(project: Project, plan: ImportPlan) -> Project:
    context = TaskContext()
    staged = stage_import(plan, project)(context)
    after, _ = editing.make(add_imported(staged), project, context)
    opened = scan(project.root)
    assert opened.samples == after.samples
    return after


def classes_of(project: Project) -> dict[str | None, int]:
    titles = {each.name: each.title for each in project.classes}
    return {titles.get(name or ""): count for name, count in project.counts.items()}


def reasons(plan: ImportPlan) -> dict[str, str]:
    return {each.path.name: each.reason for each in plan.skipped}


def everything_below(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*"))


# What people have


def test_class_folders_in_an_archive_become_classes(
    project: Project, tmp_path: Path, kind: tuple[str, Maker]
) -> None:
    suffix, make = kind
    files = {
        f"{name}/{n}.png": png(tmp_path, f"{name}{n}") for name in ("Red", "Hüte") for n in "123"
    }
    source = make(tmp_path / f"clothes{suffix}", files)
    before = source.read_bytes()
    plan = plan_import([source], project, None)
    assert plan.counts == {"red": 3, "Hüte": 3}
    assert plan.skipped == ()
    after = bring_in(project, plan)
    assert classes_of(after) == {"red": 4, "Hüte": 3}
    assert (project.root / "Hüte" / "2.png").read_bytes() == files["Hüte/2.png"]
    assert source.read_bytes() == before


def test_a_folder_wrapped_round_the_classes_is_seen_through(
    project: Project, tmp_path: Path, kind: tuple[str, Maker]
) -> None:
    suffix, make = kind
    names = ["data/README.md", "data/cats/1.png", "data/cats/more/2.png", "data/dogs/1.png"]
    source = make(tmp_path / f"a{suffix}", {name: png(tmp_path, name) for name in names})
    plan = plan_import([source], project, None)
    assert plan.counts == {"cats": 2, "dogs": 1}
    assert reasons(plan) == {"README.md": "this is not a picture"}


@pytest.mark.parametrize("wrap", ["", "data/", "a/b/"])
def test_the_parts_in_an_archive_are_kept(
    project: Project, tmp_path: Path, kind: tuple[str, Maker], wrap: str
) -> None:
    suffix, make = kind
    names = ["train/cats/1.png", "train/cats/2.png", "Valid/cats/3.png", "test/dogs/4.png"]
    source = make(tmp_path / f"a{suffix}", {wrap + name: png(tmp_path, name) for name in names})
    plan = plan_import([source], project, None)
    assert plan.counts == {"cats": 3, "dogs": 1}
    assert plan.split_counts == {"train": 2, "validation": 1, "test": 1}
    bring_in(project, plan)
    pinned = split_book.load(project.root).pinned
    assert sorted(pinned.values()) == ["test", "train", "train", "validation"]


def test_one_folder_of_pictures_is_a_class_and_pictures_at_the_top_have_none(
    project: Project, tmp_path: Path, kind: tuple[str, Maker]
) -> None:
    suffix, make = kind
    names = ["cats/1.png", "2.png"]
    source = make(tmp_path / f"a{suffix}", {name: png(tmp_path, name) for name in names})
    assert plan_import([source], project, None).counts == {"cats": 1, None: 1}
    assert plan_import([source], project, "red").counts == {"red": 2}


def test_junk_in_an_archive_goes_without_a_word(
    project: Project, tmp_path: Path, kind: tuple[str, Maker]
) -> None:
    suffix, make = kind
    names = [
        "cats/1.png",
        "__MACOSX/cats/._1.png",
        "cats/.DS_Store",
        "cats/Thumbs.db",
        ".git/x.png",
    ]
    source = make(tmp_path / f"a{suffix}", {name: png(tmp_path, name) for name in names})
    plan = plan_import([source], project, None)
    assert (plan.counts, plan.skipped, plan.class_titles) == ({"cats": 1}, (), ("cats",))


def test_an_archive_is_known_by_its_content(project: Project, tmp_path: Path) -> None:
    files = {"cats/1.png": png(tmp_path)}
    for make in (make_zip, make_tar, partial(make_tar, mode="w:xz")):
        source = make(tmp_path / "named wrongly.jpg.bin", files)
        assert plan_import([source], project, None).counts == {"cats": 1}


def test_a_picture_without_an_ending_is_known_by_its_first_bytes(
    project: Project, tmp_path: Path, kind: tuple[str, Maker]
) -> None:
    suffix, make = kind
    source = make(tmp_path / f"a{suffix}", {"cats/IMG1": png(tmp_path), "cats/LICENSE": b"words"})
    plan = plan_import([source], project, None)
    assert [item.file_name for item in plan.items] == ["IMG1"]
    assert reasons(plan) == {"LICENSE": "this is not a picture"}
    bring_in(project, plan)


def test_two_pictures_of_one_name_both_come_in(
    project: Project, tmp_path: Path, kind: tuple[str, Maker]
) -> None:
    suffix, make = kind
    files = [("cats/1.png", png(tmp_path, "a")), ("cats/1.png", png(tmp_path, "b"))]

    class Twice(dict[str, bytes]):
        def items(self):  # type: ignore[no-untyped-def] # noqa: ANN202
            return files

    with (
        pytest.warns(UserWarning, match="Duplicate name")
        if suffix == ".zip"
        else contextlib.nullcontext()
    ):
        source = make(tmp_path / f"a{suffix}", Twice())
    after = bring_in(project, plan_import([source], project, None))
    names = {s.file_name: project.root / s.path for s in after.samples if s.class_name == "cats"}
    assert {name: path.read_bytes() for name, path in names.items()} == {
        "1.png": files[0][1],
        "1 (2).png": files[1][1],
    }


def test_names_in_utf8_are_read_where_the_archive_does_not_say_so(
    project: Project, tmp_path: Path
) -> None:
    source = make_zip(tmp_path / "a.zip", {"Hüte (帽子)/1.png": png(tmp_path)})
    changed_directory(source, 8, b"\0\0")  # as the Finder writes it
    assert plan_import([source], project, None).counts == {"Hüte (帽子)": 1}


def test_names_with_backslashes_are_folders_all_the_same(project: Project, tmp_path: Path) -> None:
    source = make_zip(tmp_path / "a.zip", {"cats\\1.png": png(tmp_path)})
    assert plan_import([source], project, None).counts == {"cats": 1}


def test_documents_that_are_zip_files_are_not_taken_for_archives(
    project: Project, tmp_path: Path
) -> None:
    files = {"[Content_Types].xml": b"<x/>", "word/media/image1.png": png(tmp_path)}
    plan = plan_import([make_zip(tmp_path / "a.docx", files)], project, None)
    assert plan.items == ()
    assert "document" in reasons(plan)["a.docx"]


# What does harm


ESCAPES = ["../evil.png", "a/../../evil.png", "/tmp/evil.png", "..\\evil.png", "C:\\evil.png",
           "C:/evil.png", "\\\\host\\share\\evil.png"]  # fmt: skip


@pytest.mark.parametrize("name", ESCAPES)
def test_names_that_lead_out_of_the_archive_are_skipped(
    project: Project, tmp_path: Path, kind: tuple[str, Maker], name: str
) -> None:
    suffix, make = kind
    files = {name: png(tmp_path), "cats/1.png": png(tmp_path, "1")}
    source = make(tmp_path / f"a{suffix}", files)
    before = everything_below(tmp_path)
    plan = plan_import([source], project, None)
    assert reasons(plan) == {"evil.png": "its name leads out of the archive"}
    bring_in(project, plan)
    new = [p for p in everything_below(tmp_path) if p not in before and ".cnnstudio" not in p]
    assert new == ["project/cats", "project/cats/1.png"]


anything = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)
a_name = st.lists(
    st.one_of(anything, st.sampled_from(["..", ".", "", "~", "con", "_unlabelled", "train", "C:"])),
    min_size=1,
    max_size=4,
).map("/".join)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(names=st.lists(a_name, min_size=1, max_size=5, unique=True), as_tar=st.booleans())
def test_whatever_the_names_are_nothing_lands_outside_the_project(
    tmp_path: Path, names: list[str], as_tar: bool
) -> None:
    here = tmp_path / "here"
    shutil.rmtree(here, ignore_errors=True)
    project = scan(coloured_folder(here / "in" / "project", {"red": 1}))
    files = {f"{name}.png": png(here, name) for name in names}
    make: Maker = make_tar if as_tar else make_zip
    source = make(here / "a.archive", files)
    after = bring_in(project, plan_import([source], project, None))
    assert sorted(p.name for p in here.iterdir()) == ["a.archive", "in"]
    assert [p.name for p in (here / "in").iterdir()] == ["project"]
    for sample in after.samples:
        assert (project.root / sample.path).resolve().is_relative_to(project.root.resolve())


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("CON.png", "_CON.png"),
        ("a:b?.png", "a_b_.png"),
        ("dot. .png", "dot.png"),
        ("tab\there.png", "tabhere.png"),
        ("x" * 230 + ".png", "x" * 196 + ".png"),
        ("_DSC0001.png", "_DSC0001.png"),
    ],
)
def test_names_that_some_system_refuses_are_made_legal(
    project: Project, tmp_path: Path, kind: tuple[str, Maker], name: str, kept: str
) -> None:
    suffix, make = kind
    source = make(tmp_path / f"a{suffix}", {f"cats/{name}": png(tmp_path)})
    after = bring_in(project, plan_import([source], project, None))
    assert [s.file_name for s in after.samples if s.class_name == "cats"] == [kept]


def test_a_class_whose_name_is_too_long_is_skipped_with_the_reason(
    project: Project, tmp_path: Path, kind: tuple[str, Maker]
) -> None:
    suffix, make = kind
    files = {"帽" * 80 + "/1.png": png(tmp_path), "cats/2.png": png(tmp_path, "2")}
    plan = plan_import([make(tmp_path / f"a{suffix}", files)], project, None)
    assert plan.counts == {"cats": 1}
    assert "too long" in reasons(plan)["1.png"]


def test_links_and_devices_are_skipped(project: Project, tmp_path: Path) -> None:
    source = make_tar_of(
        tmp_path / "a.tar",
        entry("cats/link.png", tarfile.SYMTYPE, "/etc/passwd"),
        entry("cats/hard.png", tarfile.LNKTYPE, "../../secret.png"),
        entry("cats/device.png", tarfile.CHRTYPE),
        entry("cats/block.png", tarfile.BLKTYPE),
        entry("cats/pipe.png", tarfile.FIFOTYPE),
    )
    plan = plan_import([source], project, None)
    assert plan.items == ()
    link, other = "this is a link, not a picture", "this is not a regular file"
    assert reasons(plan) == {
        "link.png": link,
        "hard.png": link,
        "device.png": other,
        "block.png": other,
        "pipe.png": other,
    }


def test_a_link_in_a_zip_is_skipped(project: Project, tmp_path: Path) -> None:
    info = zipfile.ZipInfo("cats/link.png")
    info.create_system, info.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        file.writestr(info, "/etc/passwd")
    plan = plan_import([tmp_path / "a.zip"], project, None)
    assert reasons(plan) == {"link.png": "this is a link, not a picture"}


def test_a_sparse_file_is_skipped(project: Project, tmp_path: Path) -> None:
    info = tarfile.TarInfo("cats/huge.png")
    info.type = tarfile.GNUTYPE_SPARSE
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[386:398] = b"00000000000\0"
    header[398:410] = b"00000000000\0"
    header[483:495] = b"77777777777\0"  # the length it claims: 8 GB
    header[148:156] = b"        "
    header[148:156] = b"%06o\0 " % sum(header[:512])
    (tmp_path / "a.tar").write_bytes(bytes(header) + bytes(1024))
    plan = plan_import([tmp_path / "a.tar"], project, None)
    assert reasons(plan) == {"huge.png": "this is not a regular file"}


def test_archives_and_videos_in_an_archive_are_not_opened(
    project: Project, tmp_path: Path, kind: tuple[str, Maker]
) -> None:
    suffix, make = kind
    inner = make_zip(tmp_path / "inner.zip", {"cats/1.png": png(tmp_path)}).read_bytes()
    source = make(tmp_path / f"a{suffix}", {"cats/inner.zip": inner, "cats/clip.mp4": b"film"})
    found = reasons(plan_import([source], project, None))
    assert "archive inside an archive" in found["inner.zip"]
    assert "video inside an archive" in found["clip.mp4"]


def test_a_locked_picture_is_skipped_with_advice(project: Project, tmp_path: Path) -> None:
    source = make_zip(tmp_path / "a.zip", {"cats/1.png": png(tmp_path)})
    changed_directory(source, 8, b"\x01\0")
    assert "password" in reasons(plan_import([source], project, None))["1.png"]


def test_a_picture_packed_in_an_unknown_way_is_skipped(project: Project, tmp_path: Path) -> None:
    source = make_zip(tmp_path / "a.zip", {"cats/1.png": png(tmp_path)})
    changed_directory(source, 10, b"\x09\0")
    assert "packed in a way" in reasons(plan_import([source], project, None))["1.png"]


def a_zip_bomb(path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for number in range(3):
            with file.open(f"cats/{number}.bmp", "w") as stream:
                for _ in range(100):
                    stream.write(bytes(1 << 20))
    return path


def a_tar_bomb(path: Path, opened: object) -> Path:
    info = tarfile.TarInfo("cats/1.bmp")
    info.size = 8 << 30
    with opened(path, "wb") as stream:  # type: ignore[operator]
        stream.write(info.tobuf())
        for _ in range(320):
            stream.write(bytes(1 << 20))
    return path


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("a.zip", a_zip_bomb),
        ("a.tar.gz", partial(a_tar_bomb, opened=partial(gzip.open, compresslevel=1))),
        ("a.tar.bz2", partial(a_tar_bomb, opened=partial(bz2.open, compresslevel=1))),
        ("a.tar.xz", partial(a_tar_bomb, opened=partial(lzma.open, preset=0))),
    ],
)
def test_a_bomb_is_refused_in_a_moment(
    project: Project, tmp_path: Path, name: str, make: Maker
) -> None:
    source = make(tmp_path / name)  # type: ignore[call-arg]
    began = time.process_time()
    plan = plan_import([source], project, None)
    assert time.process_time() - began < 20
    assert plan.items == ()
    assert "200 times its size" in reasons(plan)[name]


def test_a_header_without_end_does_not_fill_the_memory(project: Project, tmp_path: Path) -> None:
    info = tarfile.TarInfo("long")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 200 << 20
    with gzip.open(tmp_path / "a.tgz", "wb", compresslevel=1) as stream:
        stream.write(info.tobuf())
        for _ in range(200):
            stream.write(b"x" * (1 << 20))
    tracemalloc.start()
    plan = plan_import([tmp_path / "a.tgz"], project, None)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert plan.items == ()
    assert "endless" in reasons(plan)["a.tgz"]
    assert peak < 50 << 20


def test_an_xz_that_asks_for_gigabytes_of_memory_is_refused(
    project: Project, tmp_path: Path
) -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 29, "preset": 0}]
    plain = make_tar(tmp_path / "a.tar", {"cats/1.png": png(tmp_path)}).read_bytes()
    (tmp_path / "a.txz").write_bytes(lzma.compress(plain, filters=filters))
    plan = plan_import([tmp_path / "a.txz"], project, None)
    assert plan.items == ()
    assert [*reasons(plan)] == ["a.txz"]


def test_members_that_lie_on_top_of_each_other_are_refused(
    project: Project, tmp_path: Path
) -> None:
    source = make_zip(tmp_path / "a.zip", {f"cats/{n}.png": png(tmp_path, n) for n in "123"})
    changed_directory(source, 42, b"\0\0\0\0")  # all begin where the first does
    assert "on top of each other" in reasons(plan_import([source], project, None))["a.zip"]


def test_a_million_entries_are_refused_before_they_fill_the_memory(
    project: Project, tmp_path: Path
) -> None:
    source = tmp_path / "a.zip"
    source.write_bytes(directory_of(1_000_000))
    tracemalloc.start()
    plan = plan_import([source], project, None)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "200,000 files" in reasons(plan)["a.zip"]
    assert peak < 150 << 20


def test_too_many_entries_in_a_tar_are_refused(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cnnstudio.core.dataset.importers.tar_archive.MOST_ENTRIES", 10)
    source = make_tar(tmp_path / "a.tar", {f"cats/{n}.png": b"" for n in range(11)})
    plan = plan_import([source], project, None)
    assert any("files" in reason for reason in reasons(plan).values())


@pytest.mark.parametrize("cut", [0.2, 0.5, 0.9])
def test_an_archive_cut_short_says_so_and_half_a_picture_never_comes_in(
    project: Project, tmp_path: Path, kind: tuple[str, Maker], cut: float
) -> None:
    suffix, make = kind
    files = {f"cats/{n}.png": png(tmp_path, str(n)) for n in range(20)}
    source = make(tmp_path / f"a{suffix}", files)
    data = source.read_bytes()
    # The zeros at the end of a TAR are no loss.
    length = len(data) - (7000 if suffix == ".tar" else 0)
    source.write_bytes(data[: int(length * cut)])
    plan = plan_import([source], project, None)
    assert "end is missing" in reasons(plan)[source.name]
    after = bring_in(project, plan)
    found = [project.root / s.path for s in after.samples if s.class_name == "cats"]
    assert {path.read_bytes() for path in found} <= set(files.values())


def test_sizes_that_lie_are_found_out_and_the_rest_comes_in(
    project: Project, tmp_path: Path
) -> None:
    source = make_zip(
        tmp_path / "a.zip", {"cats/1.png": png(tmp_path), "cats/2.png": png(tmp_path, "2")}
    )
    data = bytearray(source.read_bytes())
    start = data.find(b"PK\x01\x02")
    data[start + 24 : start + 28] = (50_000).to_bytes(4, "little")
    source.write_bytes(bytes(data))
    plan = plan_import([source], project, None)
    staged = stage_import(plan, project)(TaskContext())
    assert [each.file_name for each in staged.pictures] == ["2.png"]
    assert [each.reason for each in staged.skipped] == ["it is damaged inside the archive"]


@pytest.mark.parametrize("end", [0, 1, 3, 4, 22, 100])
def test_hardly_begun_archives_are_no_archives(project: Project, tmp_path: Path, end: int) -> None:
    for make in KINDS.values():
        whole = make(tmp_path / "whole", {"cats/1.png": png(tmp_path)})
        for name in ("a.zip", "a.tar", "a.tgz"):
            (tmp_path / name).write_bytes(whole.read_bytes()[:end])
            plan = plan_import([tmp_path / name], project, None)
            assert (plan.items, [*reasons(plan)]) == ((), [name])


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    suffix=st.sampled_from(list(KINDS)),
    changes=st.lists(
        st.tuples(st.integers(0, 5000), st.binary(min_size=1, max_size=8)), max_size=6
    ),
)
def test_a_damaged_archive_is_a_reason_and_never_a_crash(
    tmp_path: Path, suffix: str, changes: list[tuple[int, bytes]]
) -> None:
    here = tmp_path / "here"
    shutil.rmtree(here, ignore_errors=True)
    project = scan(coloured_folder(here / "project", {"red": 1}))
    source = KINDS[suffix](here / f"a{suffix}", {f"cats/{n}.png": png(here, n) for n in "123"})
    data = bytearray(source.read_bytes())
    for place, value in changes:
        place %= len(data)
        data[place : place + len(value)] = value
    source.write_bytes(bytes(data))
    plan = plan_import([source], project, None)
    with contextlib.suppress(StudioError):
        bring_in(project, plan)


# Cancelled, gone, changed


def test_cancelling_while_an_archive_is_looked_at_or_copied_leaves_nothing(
    project: Project, tmp_path: Path, kind: tuple[str, Maker]
) -> None:
    suffix, make = kind
    files = {f"cats/{n}.png": png(tmp_path, str(n)) for n in range(30)}
    source = make(tmp_path / f"a{suffix}", files)
    before = everything_below(project.root)
    context = TaskContext()
    context.cancel()
    with pytest.raises(Cancelled):
        plan_import([source], project, None, context)
    plan = plan_import([source], project, None)

    class Impatient(TaskContext):
        def report(self, event: Progress) -> None:
            if event.words == "Copying pictures" and event.done == 10:
                self.cancel()

    with pytest.raises(Cancelled):
        stage_import(plan, project)(Impatient())
    assert everything_below(project.root) == before


def test_an_archive_that_is_gone_or_has_changed_is_a_sentence_and_nothing_is_left(
    project: Project, tmp_path: Path, kind: tuple[str, Maker]
) -> None:
    suffix, make = kind
    source = make(tmp_path / f"a{suffix}", {f"cats/{n}.png": png(tmp_path, n) for n in "123"})
    plan = plan_import([source], project, None)
    before = everything_below(project.root)
    make(source, {f"dogs/{n}.png": png(tmp_path, n) for n in "45"})
    with pytest.raises(StudioError, match="has changed"):
        stage_import(plan, project)(TaskContext())
    source.unlink()
    with pytest.raises(StudioError, match="can no longer be read") as gone:
        stage_import(plan, project)(TaskContext())
    assert "Nothing was added" in gone.value.hint
    assert everything_below(project.root) == before


def test_progress_tells_how_far_an_archive_is_read(project: Project, tmp_path: Path) -> None:
    source = make_tar(tmp_path / "a.tar", {f"cats/{n}.png": png(tmp_path, n) for n in "123"})
    told: list[Progress] = []
    plan_import([source], project, None, TaskContext(told.append))
    assert any(each.words == "Reading a.tar" and each.total for each in told)


@pytest.mark.parametrize("name", ["a/" * 32_000 + "x.png", "a/" * 1500 + "x.png", "y" * 900_000])
def test_a_name_without_end_is_skipped_and_fills_no_memory(
    project: Project, tmp_path: Path, name: str
) -> None:
    archive = make_tar(
        tmp_path / "deep.tar", {name: png(tmp_path, "1"), "blue/1.png": png(tmp_path, "2")}
    )
    tracemalloc.start()
    plan = plan_import([archive], project, None)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [item.class_title for item in plan.items] == ["blue"]
    assert [each.reason for each in plan.skipped] == ["its name is too long"]
    assert peak < 60_000_000


def test_a_name_of_endless_digits_is_a_name_like_any_other(
    project: Project, tmp_path: Path
) -> None:
    archive = make_tar(
        tmp_path / "digits.tar",
        {"1" * 4_000 + ".png": png(tmp_path, "1"), "2.png": png(tmp_path, "2")},
    )
    assert len(plan_import([archive], project, None).items) == 2


def test_an_archive_cut_short_while_it_is_copied_brings_nothing(
    project: Project, tmp_path: Path
) -> None:
    files = {f"blue/{n}.png": png(tmp_path, str(n)) for n in range(30)}
    archive = make_zip(tmp_path / "pictures.zip", files)
    plan = plan_import([archive], project, None)
    context = TaskContext(lambda _event: os.truncate(archive, archive.stat().st_size // 2))
    with pytest.raises(StudioError, match="can no longer be read"):
        stage_import(plan, project)(context)
    assert list((project.state_folder / "incoming").glob("*")) == []
    assert scan(project.root).samples == project.samples
