"""A table of answers that grows on the disk while it is made, and is gone on with after a kill.

Rows are appended to a draft beside the table, which takes the table's place once it is whole. The
draft's name says what was asked of whom, so nobody goes on with the answers of another run.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from cnnstudio.core.errors import StudioError
from cnnstudio.core.file_names import LEGIBLE, legible
from cnnstudio.core.predictions import PictureProblem, Prediction, unsure_word
from cnnstudio.core.runs import Run
from cnnstudio.core.storage.atomic import cannot_write, is_held_by_nobody_else, sync_folder

_DRAFT_SUFFIX = ".part"

_SYNC_EVERY_S = 5.0
_ROWS_AT_ONCE = 1000


def table_header(top: int) -> list[str]:
    """Return the names of the columns for the `top` most probable classes of each picture."""
    others = [name for n in range(2, top + 1) for name in (f"class_{n}", f"probability_{n}")]
    return ["path", "class", "probability", "not_sure", *others, "problem", "run"]


def table_row(answer: Prediction | PictureProblem, top: int, run: Run) -> list[str]:
    """Return one row of the table: probabilities are 0 to 1, `not_sure` is yes, no or empty.

    `run` is when the run was made, as its `config.json` says it: it may be renamed and moved.
    """
    made = run.created.isoformat()
    if isinstance(answer, PictureProblem):
        return [answer.source, *[""] * (1 + 2 * top), answer.reason, made]
    ranked = [cell for name, share in answer.ranked()[:top] for cell in (name, f"{share:.6f}")]
    ranked += [""] * (2 * top - len(ranked))
    unsure = unsure_word(answer.is_unsure)
    return [answer.source, *ranked[:2], unsure, *ranked[2:], "", made]


def is_answer_table(file: Path) -> bool:
    """Whether a file begins as such a table does."""
    with contextlib.suppress(OSError), file.open("rb") as stream:
        return stream.read(64).startswith(b"path,class,probability,not_sure,")
    return False


def answered_names(file: Path, header: Sequence[str], run: Run) -> set[str]:
    """Return the `legible` names of the pictures in a finished table of this run.

    Raises:
        StudioError: it is another file, or a table of another run or with other columns, to which
            no more can come; or it cannot be read.
    """
    if not is_answer_table(file):
        raise StudioError(f"There is another file at {file}.", "Give the table another name.")
    another = "Give the table another name, or make it anew with --fresh."
    made, names, end = run.created.isoformat(), set[str](), 0
    try:
        with file.open("rb") as stream:
            for number, (row, end_of_row) in enumerate(_whole_rows(stream, len(header))):
                if number == 0 and row != list(header):
                    break
                if number and row[-1] != made:
                    raise StudioError(f"{file} has answers of another run.", another)
                if number:
                    names.add(legible(row[0]))
                end = end_of_row
            if end != file.stat().st_size:
                raise StudioError(f"{file} has other columns than are wanted now.", another)
    except OSError as error:
        raise StudioError(
            f"{file} cannot be read: {error.strerror or error}.", "Check its permissions."
        ) from error
    return names


class AnswerDraft:
    """Rows on the disk: `names` are the pictures of those that were there at the beginning.

    They are `legible`, as all that is written.
    """

    def __init__(self, stream: BinaryIO, header: Sequence[str]) -> None:
        self._stream = stream
        self._header = list(header)
        self._synced = time.monotonic()
        self.names: set[str] = set()
        end = 0
        for number, (row, end_of_row) in enumerate(_whole_rows(stream, len(header))):
            if number == 0 and row != self._header:
                break
            if number:
                self.names.add(legible(row[0]))
            end = end_of_row
        # What a kill tore off in the middle of a row is asked about again.
        stream.seek(end)
        stream.truncate()
        if not end:
            self._write([header])

    def take_over(self, file: Path) -> None:
        """Begin with the rows of a finished table, those that are not here yet."""
        with file.open("rb") as stream:
            rows = (row for row, _ in islice(_whole_rows(stream, len(self._header)), 1, None))
            missing = (row for row in rows if legible(row[0]) not in self.names)
            while lot := list(islice(missing, _ROWS_AT_ONCE)):
                self._write(lot)
                self.names.update(legible(row[0]) for row in lot)

    def append(self, rows: Iterable[Sequence[str]]) -> None:
        """Write rows at the end, so that a kill of this program leaves them there."""
        self._write(rows)

    def _write(self, rows: Iterable[Sequence[str]]) -> None:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        self._stream.write(text.getvalue().encode("utf-8", LEGIBLE))
        self._stream.flush()
        if time.monotonic() - self._synced > _SYNC_EVERY_S:
            os.fsync(self._stream.fileno())
            self._synced = time.monotonic()


@contextlib.contextmanager
def drafted_table(
    file: Path, question: Sequence[str], header: Sequence[str], *, is_fresh: bool = False
) -> Iterator[AnswerDraft]:
    """Give the draft of a table; it becomes `file` when the block ends well, and stays otherwise.

    Args:
        file: the table; what is there already is replaced at the end.
        question: what is asked of whom; a draft is only gone on with for the same question.
        header: the columns' names, the first of which is that of a picture.
        is_fresh: begin anew, whatever was written before.

    Raises:
        StudioError: another program writes the same table, or the disk refuses.
    """
    key = hashlib.blake2b("\0".join(question).encode("utf-8", "surrogateescape"), digest_size=6)
    draft = file.with_name(f".{file.name}.{key.hexdigest()}{_DRAFT_SUFFIX}")
    try:
        with draft.open("a+b") as stream:
            if not is_held_by_nobody_else(stream):
                raise StudioError(
                    f"Another program writes {file.name} already.", "Wait for it to end."
                )
            stream.seek(0)
            if is_fresh:
                stream.truncate()
            yield AnswerDraft(stream, header)
            os.fsync(stream.fileno())
        draft.replace(file)
        sync_folder(file.parent)
        for other in file.parent.glob(f".{_escaped(file.name)}.*{_DRAFT_SUFFIX}"):
            other.unlink(missing_ok=True)
    except OSError as error:
        raise cannot_write(file, error) from error


@contextlib.contextmanager
def growing_table(file: Path, header: Sequence[str]) -> Iterator[AnswerDraft]:
    """Give a table that is never finished: rows are added to those that are there already.

    Raises:
        StudioError: it has other columns, another program writes it, or the disk refuses.
    """
    try:
        with file.open("a+b") as stream:
            if not is_held_by_nobody_else(stream):
                raise StudioError(
                    f"Another program writes {file.name} already.", "Wait for it to end."
                )
            stream.seek(0)
            first = next(_whole_rows(stream, len(header)), None)
            if file.stat().st_size and (first is None or first[0] != list(header)):
                raise StudioError(
                    f"{file} is another table, with other columns.", "Give the table another name."
                )
            stream.seek(0)
            yield AnswerDraft(stream, header)
    except OSError as error:
        raise cannot_write(file, error) from error


def _whole_rows(stream: BinaryIO, width: int) -> Iterator[tuple[list[str], int]]:
    """Give each row of `width` cells with the place of its end, up to the first that is not whole.

    A name may hold a line break, so a row ends where all its quotes are closed.
    """
    record: list[bytes] = []
    quotes = end = 0
    for line in stream:
        record.append(line)
        quotes += line.count(b'"')
        if quotes % 2:
            continue
        data = b"".join(record)
        record, quotes = [], 0
        text = data.decode("utf-8", "surrogateescape")
        try:
            row = next(csv.reader(io.StringIO(text, newline="")), [])
        except csv.Error:
            return
        if len(row) != width or not data.endswith(b"\n"):
            return
        end += len(data)
        yield row, end


def _escaped(name: str) -> str:
    """A file name as a pattern that matches only itself."""
    return "".join(f"[{char}]" if char in "*?[" else char for char in name)
