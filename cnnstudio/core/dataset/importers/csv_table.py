"""Tables (CSV, TSV) that name a picture and its class in each row.

Spreadsheets write them with commas, semicolons or tabs, in half a dozen encodings, with a header
or without, the columns in any order. Which column is which is told from what stands in it.
"""

from __future__ import annotations

import codecs
import csv
import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit
from urllib.request import url2pathname

from cnnstudio.core.dataset.images import UnreadablePicture
from cnnstudio.core.dataset.import_plan import ImportItem
from cnnstudio.core.dataset.importers.gathering import Gathering
from cnnstudio.core.dataset.importers.layout import Place
from cnnstudio.core.dataset.picture_kinds import PICTURE_SUFFIXES, may_be_picture, open_file
from cnnstudio.core.dataset.scanning import PARTS
from cnnstudio.core.events import Progress

MOST_BYTES = 256 << 20
"""A row for a picture takes about 100 bytes: this is room for two million."""

SUFFIXES = frozenset({".csv", ".tsv"})
_DELIMITERS = ",;\t|"
_MOST_LINES_A_CELL = 3
_ROWS_TO_JUDGE_BY = 100
_ROWS_BETWEEN_CHECKPOINTS = 200
_PATH_NAMES = {
    "bild", "datei", "file", "file name", "file_name", "filename", "filepath", "file path",
    "file_path", "image", "image path", "image_path", "img", "path", "picture", "pfad", "photo",
    "uri", "url",
}  # fmt: skip
_LABEL_NAMES = {
    "category", "class", "class name", "class_name", "klasse", "label", "labels", "species",
    "target", "y",
}  # fmt: skip
_SPLIT_NAMES = {"part", "partition", "set", "split", "subset", "usage"}
_REMOTE = {"ftp", "gs", "http", "https", "s3"}


@dataclass(frozen=True)
class Columns:
    """Where in a row, counted from 0, stand the picture, its class and its part."""

    path: int
    label: int | None = None
    split: int | None = None
    has_header: bool = False


def recognises(path: Path, head: bytes) -> bool:
    """Whether a file is called a table; text alone may be anything."""
    return path.suffix.casefold() in SUFFIXES


def look(path: Path, gathering: Gathering) -> None:
    """Gather the pictures that a table names; paths are taken from the folder it lies in."""
    try:
        rows = read_rows(_text(path))
    except UnreadablePicture as problem:
        gathering.skip(path, problem.reason)
        return
    columns = columns_of(rows)
    if columns is None:
        gathering.skip(path, "no column of this table holds the paths of pictures")
        return
    seen: dict[Path, Place] = {}
    body = rows[1:] if columns.has_header else rows
    for number, row in enumerate(body):
        if number % _ROWS_BETWEEN_CHECKPOINTS == 0:
            gathering.context.checkpoint()
            gathering.context.report(Progress(f"Reading {path.name}", number, len(body)))
        _add_row(path.parent, row, columns, seen, gathering)


def read_rows(text: str) -> list[list[str]]:
    """Return the rows of a table that are not empty, cells without spaces around them.

    Raises:
        UnreadablePicture: a quotation never ends, or a cell is longer than any path.
    """
    delimiter = max(_DELIMITERS, key=lambda each: _suitability(text, each))
    try:
        rows = [[cell.strip() for cell in row] for row in _parsed(text, delimiter)]
    except csv.Error:
        raise UnreadablePicture(
            "this table cannot be read: a cell in it is longer than any path"
        ) from None
    # A quotation that never ends takes all the lines after it into one cell.
    if rows and any(cell.count("\n") > _MOST_LINES_A_CELL for cell in rows[-1]):
        raise UnreadablePicture("this table cannot be read: a quotation in it never ends")
    return [row for row in rows if any(row)]


def columns_of(rows: Sequence[Sequence[str]]) -> Columns | None:
    """Tell the columns apart; None where no column holds paths of pictures."""
    if not rows:
        return None
    header = [cell.casefold() for cell in rows[0]]
    has_header = not any(map(_is_like_a_path, rows[0]))
    sample = rows[1 if has_header else 0 :][:_ROWS_TO_JUDGE_BY]
    width = max(map(len, rows[: _ROWS_TO_JUDGE_BY + 1]))
    cells = [[row[place] for row in sample if place < len(row)] for place in range(width)]
    likely = [sum(map(_is_like_a_path, column)) for column in cells]
    path = max(range(width), key=lambda place: likely[place])
    named = _named(header, _PATH_NAMES) if has_header else None
    if not likely[path]:
        if named is None:
            return None
        path = named  # the pictures have no endings, but the header says what they are
    others = [place for place in range(width) if place != path]
    split = _named(header, _SPLIT_NAMES) if has_header else None
    label = _named(header, _LABEL_NAMES) if has_header else None
    if split is None or split == path or not _are_parts(cells[split]):
        are_parts = [place for place in others if place != label and _are_parts(cells[place])]
        # With nothing else to tell classes by, "train" and "test" may be their names.
        split = are_parts[0] if are_parts and len(others) > 1 else None
    if label is None or label == path:
        telling = [place for place in others if place != split and not _only_counts(cells[place])]
        label = telling[0] if telling else None
    return Columns(path, label, split, has_header)


def local_path(cell: str, folder: Path) -> Path | str:
    """Return the file that a cell means, or why it means none."""
    scheme, colon, rest = cell.partition(":")
    scheme = scheme.casefold()
    if colon and scheme in _REMOTE:
        return "this is a link to the internet, and CNN Studio downloads nothing; save it as a file"
    if colon and scheme == "data":
        return "this is a picture written into the table, which is not read; save it as a file"
    if colon and scheme == "file":
        try:
            parts = urlsplit(cell)
            name = url2pathname(parts.path) if rest.startswith("/") else rest
        except ValueError:
            return "this link cannot be read"
        if parts.netloc.casefold() not in ("", "localhost"):
            return "this is a link to another computer; copy the pictures here first"
        cell = name
    if "\0" in cell:
        return "this is no name of a file"
    if os.sep == "/" and "\\" in cell and not os.path.lexists(folder / cell):
        cell = cell.replace("\\", "/")  # the table was made on Windows
    return Path(os.path.abspath(folder / cell))  # noqa: PTH100 - a link stays a link


def _add_row(
    folder: Path,
    row: Sequence[str],
    columns: Columns,
    seen: dict[Path, Place],
    gathering: Gathering,
) -> None:
    cell = _cell(row, columns.path)
    if not cell:
        gathering.skip(Path("a row without a path"), "no picture is named in it")
        return
    path = local_path(cell, folder)
    if isinstance(path, str):
        gathering.skip(_shown(cell), path)
        return
    part = PARTS.get(_cell(row, columns.split).casefold())
    place = Place(_cell(row, columns.label) or None, part)
    reason = _why_not(path, gathering)
    if path in seen:
        same = seen[path] == place
        reason = "it is listed twice" if same else "it is listed before with another class"
    if reason:
        gathering.skip(path, reason)
        return
    seen[path] = place
    try:
        size = path.stat().st_size
    except OSError:
        size = None
    gathering.add_picture(ImportItem(path, path.name, size_bytes=size), place)


def _why_not(path: Path, gathering: Gathering) -> str:
    try:
        if path.is_relative_to(gathering.project.root):
            return "it is part of this project already"
        if path.is_dir():
            return "this is a folder"
        if not path.exists():
            return "there is no such file"
    except (OSError, ValueError):
        return "there is no such file"
    if not path.is_file():
        return "this is not a regular file"
    return "" if may_be_picture(path) else "this is not a picture"


def _text(path: Path) -> str:
    """The text of a table. Raises `UnreadablePicture` where it is none."""
    try:
        with open_file(path) as stream:
            data = stream.read(MOST_BYTES + 1)
    except OSError as error:
        reason = f"the file cannot be opened ({error.strerror or 'it is not a regular file'})"
        raise UnreadablePicture(reason, name=path.name) from error
    if len(data) > MOST_BYTES:
        raise UnreadablePicture(f"this table is larger than {MOST_BYTES >> 20} MB", name=path.name)
    return decoded(data)


def decoded(data: bytes) -> str:
    """Return text in the encoding it seems to be in; every row of bytes is text in some."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    head = data[:1000]
    for encoding, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        # In Western text every second byte of UTF-16 is zero, and none of anything else.
        if zeros.count(0) > len(zeros) / 2:
            return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")  # what Excel writes in the West


def _parsed(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False)


def _suitability(text: str, delimiter: str) -> tuple[int, int]:
    """How many of the first rows hold a path beside other cells; then, how many a path."""
    beside = alone = 0
    try:
        for number, row in enumerate(_parsed(text, delimiter)):
            if number >= _ROWS_TO_JUDGE_BY:
                break
            if any(_is_like_a_path(cell.strip()) for cell in row):
                alone += 1
                beside += len(row) > 1
            elif len(row) > 1:  # a header, or paths without endings
                beside += number == 0
    except csv.Error:
        return 0, 0
    return beside, alone


def _is_like_a_path(cell: str) -> bool:
    return PurePosixPath(cell.casefold()).suffix in PICTURE_SUFFIXES


def _are_parts(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell]
    return bool(filled) and all(cell.casefold() in PARTS for cell in filled)


def _only_counts(cells: Sequence[str]) -> bool:
    """Whether a column is empty, or numbers its rows from 0 or 1, as programs do unasked."""
    filled = [cell for cell in cells if cell]
    if not filled:
        return True
    running = [[str(first + row) for row in range(len(filled))] for first in (0, 1)]
    return len(filled) > 2 and filled in running


def _named(header: Sequence[str], names: set[str]) -> int | None:
    return next((place for place, name in enumerate(header) if name in names), None)


def _cell(row: Sequence[str], place: int | None) -> str:
    return row[place] if place is not None and place < len(row) else ""


def _shown(cell: str) -> Path:
    return Path(PurePosixPath(cell).name[:100] or cell[:100])
