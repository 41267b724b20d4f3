"""Tables as people and programs write them bring the pictures they name."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnnstudio.core.class_folders import same_title
from cnnstudio.core.dataset.images import UnreadablePicture
from cnnstudio.core.dataset.importers.csv_table import columns_of, decoded, read_rows
from cnnstudio.core.dataset.importing import ImportPlan, plan_import, stage_import
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.edits import add_imported
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Project
from tests.builders import coloured_folder, coloured_picture


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return scan(coloured_folder(tmp_path / "project", {"red": 1}))


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    for name in ("a.png", "b.png", "c.png", "ü ö.png", "two\nlines.png"):
        folder.mkdir(exist_ok=True)
        coloured_picture(folder / name, "green", name)
    return folder


def planned(project: Project, pictures: Path, text: str | bytes, name: str = "t.csv") -> ImportPlan:
    data = text if isinstance(text, bytes) else text.encode()
    (pictures / name).write_bytes(data)
    return plan_import([pictures / name], project, None)


def labels(plan: ImportPlan) -> dict[str, str | None]:
    return {item.file_name: item.class_title for item in plan.items}


def reasons(plan: ImportPlan) -> list[str]:
    return [each.reason for each in plan.skipped]


@pytest.mark.parametrize(
    "text",
    [
        "path,label\na.png,cat\nb.png,dog\n",
        "label,path\ncat,a.png\ndog,b.png\n",
        "a.png,cat\nb.png,dog\n",
        "cat,a.png\ndog,b.png\n",
        "a.png;cat\r\nb.png;dog\r\n",
        "a.png\tcat\nb.png\tdog\n",
        "a.png|cat\nb.png|dog",
        '"a.png","cat"\n"b.png","dog"\n',
        "\n\na.png, cat \n , \nb.png,dog\n\n",
        ",filename,width,class\n0,a.png,10,cat\n1,b.png,10,dog\n",
        "id;Bild;Klasse\n1;a.png;cat\n2;b.png;dog\n",
        "./a.png,cat\n.\\b.png,dog\n",
    ],
)
def test_columns_and_separators_are_found(project: Project, pictures: Path, text: str) -> None:
    plan = planned(project, pictures, text)
    assert labels(plan) == {"a.png": "cat", "b.png": "dog"}
    assert {each.reason for each in plan.skipped} <= {"no picture is named in it"}


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"]
)
def test_the_encoding_is_found(project: Project, pictures: Path, encoding: str) -> None:
    text = "Datei;Klasse\r\nü ö.png;Käfer\r\na.png;Spinne\r\n"
    plan = planned(project, pictures, text.encode(encoding))
    assert labels(plan) == {"ü ö.png": "Käfer", "a.png": "Spinne"}


def test_no_label_means_no_class_and_any_label_is_a_class(project: Project, pictures: Path) -> None:
    plan = planned(project, pictures, "path,label\na.png,\nb.png,big/cat\nc.png,RED\n")
    assert labels(plan) == {"a.png": None, "b.png": "big/cat", "c.png": "red"}
    staged = stage_import(plan, project)(TaskContext())
    after = add_imported(staged)(project).project
    assert {each.title: each.name for each in after.classes}["big/cat"] == "big_cat"


def test_labels_that_differ_in_case_or_spaces_are_one_class(
    project: Project, pictures: Path
) -> None:
    plan = planned(project, pictures, "a.png,Cat\nb.png, cat\nc.png,CAT \n")
    assert plan.counts == {"Cat": 3}


def test_numbers_are_classes_like_any_other(project: Project, pictures: Path) -> None:
    assert labels(planned(project, pictures, "path,label\na.png,0\nb.png,1\n")) == {
        "a.png": "0",
        "b.png": "1",
    }


def test_a_table_of_paths_alone_brings_pictures_without_a_class(
    project: Project, pictures: Path
) -> None:
    assert labels(planned(project, pictures, "a.png\nb.png\n")) == {"a.png": None, "b.png": None}


def test_parts_in_a_column_are_kept(project: Project, pictures: Path) -> None:
    for text in (
        "split,path,label\ntrain,a.png,cat\nVAL,b.png,cat\ntest,c.png,dog\n",
        "train,a.png,cat\nval,b.png,cat\ntest,c.png,dog\n",
    ):
        plan = planned(project, pictures, text)
        assert [item.split for item in plan.items] == ["train", "validation", "test"]
        assert plan.counts == {"cat": 2, "dog": 1}


def test_quoted_line_breaks_belong_to_the_name(project: Project, pictures: Path) -> None:
    plan = planned(project, pictures, 'path,label\n"two\nlines.png","a\nb"\n')
    assert labels(plan) == {"two\nlines.png": "a b"}


def test_links_to_local_files_are_followed(project: Project, pictures: Path) -> None:
    rows = [f"{(pictures / 'ü ö.png').as_uri()},cat", f"file://localhost{pictures}/a.png,dog"]
    plan = planned(project, pictures, "\n".join(rows))
    assert labels(plan) == {"ü ö.png": "cat", "a.png": "dog"}


def test_absolute_and_relative_paths_are_files(project: Project, pictures: Path) -> None:
    (pictures / "in").mkdir()
    text = f"{pictures}/a.png,cat\n../b.png,dog\n../../pictures/c.png,dog\n"
    plan = planned(project, pictures, text, "in/t.csv")
    assert labels(plan) == {"a.png": "cat", "b.png": "dog", "c.png": "dog"}


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("https://example.org/a.png", "downloads nothing"),
        ("HTTP://example.org/a.png", "downloads nothing"),
        ("s3://bucket/a.png", "downloads nothing"),
        ("file://server/share/a.png", "another computer"),
        ("data:image/png;base64,AAAA", "written into the table"),
        ("gone.png", "no such file"),
        ("C:\\pictures\\a.png", "no such file"),
        ("", "no picture is named"),
        ("../project/red/1.png", "part of this project already"),
    ],
)
def test_what_cannot_be_taken_says_why(
    project: Project, pictures: Path, cell: str, reason: str
) -> None:
    plan = planned(project, pictures, f"path,label\nb.png,dog\n{cell.replace(',', ' ')},cat\n")
    assert labels(plan) == {"b.png": "dog"}
    assert [reason in each for each in reasons(plan)] == [True]


def test_what_is_no_picture_is_skipped(project: Project, pictures: Path) -> None:
    (pictures / "notes.txt").write_text("words")
    (pictures / "folder.png").mkdir()
    plan = planned(project, pictures, "path,label\na.png,x\nnotes.txt,x\nfolder.png,x\n")
    assert reasons(plan) == ["this is not a picture", "this is a folder"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_never_waited_for(project: Project, pictures: Path) -> None:
    os.mkfifo(pictures / "pipe.png")
    os.mkfifo(pictures / "pipe.csv")
    assert reasons(planned(project, pictures, "a.png,x\npipe.png,x\n")) == [
        "this is not a regular file"
    ]
    plan = plan_import([pictures / "pipe.csv"], project, None)
    assert "not a regular file" in reasons(plan)[0]


def test_a_picture_listed_twice_comes_once(project: Project, pictures: Path) -> None:
    plan = planned(project, pictures, "a.png,cat\n./a.png,cat\na.png,dog\nb.png,dog\n")
    assert labels(plan) == {"a.png": "cat", "b.png": "dog"}
    assert reasons(plan) == ["it is listed twice", "it is listed before with another class"]


@pytest.mark.parametrize(
    "text", ["", "\n\n", "no,pictures\nin,here\n", "\0\0\0\0", '"never ends, a.png', "path,label\n"]
)
def test_a_table_without_pictures_says_so(project: Project, pictures: Path, text: str) -> None:
    plan = planned(project, pictures, text)
    assert plan.items == ()
    assert len(plan.skipped) <= 1
    assert text == "path,label\n" or plan.skipped


def test_a_cell_without_end_is_a_reason(project: Project, pictures: Path) -> None:
    plan = planned(project, pictures, 'path,label\n"' + "x" * 200_000 + '",cat\n')
    assert "cannot be read" in reasons(plan)[0]


def test_a_table_dropped_on_a_class_gives_it_everything(project: Project, pictures: Path) -> None:
    (pictures / "t.csv").write_text("a.png,cat\nb.png,dog\n")
    assert plan_import([pictures / "t.csv"], project, "red").counts == {"red": 2}


label = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
file_name = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "Zs")), min_size=1, max_size=12
).map(lambda text: f"{text.strip() or 'x'}.png")


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(st.tuples(file_name, label), min_size=3, max_size=12, unique_by=lambda r: r[0]),
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    has_header=st.booleans(),
    path_first=st.booleans(),
)
def test_what_a_spreadsheet_writes_is_read_back(
    rows: list[tuple[str, str]],
    delimiter: str,
    encoding: str,
    has_header: bool,
    path_first: bool,
) -> None:
    # Labels that look like a picture's name, or number the rows, are anybody's guess.
    rows = [
        (name, f"L{label}" if "." in label or label.isdigit() else label) for name, label in rows
    ]
    rows[0] = (rows[0][0], rows[0][1].strip() or "label")
    order = (0, 1) if path_first else (1, 0)
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter)
    for row in [("path", "label")] * has_header + rows:
        writer.writerow([row[place] for place in order])
    found = read_rows(decoded(out.getvalue().encode(encoding)))
    columns = columns_of(found)
    assert columns is not None
    assert columns.has_header == has_header
    assert [row[columns.path] for row in found[has_header:]] == [name for name, _ in rows]
    assert columns.label is not None or columns.split is not None
    if columns.label is not None:
        read = [same_title(row[columns.label]) for row in found[has_header:]]
        assert read == [same_title(label) for _, label in rows]


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.binary(max_size=400))
def test_no_bytes_called_a_table_make_it_stumble(tmp_path: Path, data: bytes) -> None:
    project = scan(coloured_folder(tmp_path / "project", {"red": 1}))
    (tmp_path / "t.csv").write_bytes(data)
    plan = plan_import([tmp_path / "t.csv"], project, None)
    assert plan.items == ()


def test_a_quotation_that_never_ends_is_told_instead_of_a_path_of_many_lines() -> None:
    text = 'path,label\na.png,x\n"b.png,x\n' + "".join(f"{n}.png,x\n" for n in range(20))
    with pytest.raises(UnreadablePicture, match="never ends"):
        read_rows(text)
