"""What was found out about pictures, so that it need not be found out again.

A cache in SQLite: it may be deleted at any time, and is made anew when it is damaged. In a folder
that cannot be written it lasts as long as the program.

Two tables. `pictures` goes by path, size and time of a file, and says what the file is. `features`
goes by the fingerprint of the content, and keeps arrays that were computed from it; a file that is
renamed or copied finds them again.
"""

from __future__ import annotations

import contextlib
import sqlite3
import sys
import threading
import time
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from cnnstudio.core.project import Project, Sample

FILE_NAME = "index.sqlite"
KEPT_DAYS = 90
"""How long rows of files that are gone are kept: pictures come back from the bin, or with a disk.
"""

_VERSION = 2
_SCHEMA = """
CREATE TABLE IF NOT EXISTS pictures (
    path BLOB PRIMARY KEY,
    size_bytes INTEGER NOT NULL,
    modified_ns INTEGER NOT NULL,
    seen_day INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    format TEXT NOT NULL,
    problem TEXT NOT NULL,
    darkest INTEGER NOT NULL,
    brightest INTEGER NOT NULL,
    contrast REAL NOT NULL,
    sharpness REAL NOT NULL,
    look INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS features (
    kind TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    dtype TEXT NOT NULL,
    vector BLOB NOT NULL,
    PRIMARY KEY (kind, fingerprint)
);
"""
_NOT_OF_PICTURE = 4
_AT_ONCE = 500  # parameters of one statement; SQLite takes at least 999
_DAY_S = 24 * 60 * 60

Feature = NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class IndexedPicture:
    """One row: what a picture is, or the reason why it cannot be read.

    `width` and `height` are in pixels, upright, and 0 like all that follows where there is a
    `problem`, which is "" for a readable picture. `darkest` and `brightest` are the grey levels (0
    to 255) that 1 in 200 pixels stay below or reach beyond, `contrast` is their spread; what
    `sharpness` and `look` say stands in `dataset/health/measuring.py`.
    """

    fingerprint: str
    width: int = 0
    height: int = 0
    format: str = ""
    problem: str = ""
    darkest: int = 0
    brightest: int = 0
    contrast: float = 0.0
    sharpness: float = 0.0
    look: int = 0


_values_of = attrgetter(*(each.name for each in fields(IndexedPicture)))


class Index:
    """The cache of one project. May be used from several threads; a lock lets one in at a time."""

    def __init__(self, path: Path | None) -> None:
        self._lock = threading.Lock()
        self._connection = _opened(path)

    @classmethod
    def of(cls, project: Project) -> Self:
        """Open the index of a project."""
        return cls(project.state_folder / FILE_NAME)

    def find(self, samples: Iterable[Sample]) -> dict[str, IndexedPicture]:
        """Return what is known, by path, of those samples that have not changed since."""
        wanted = {_key(sample.path): sample for sample in samples}
        found = {}
        with self._lock, contextlib.suppress(sqlite3.Error):
            # One pass over the table: a query for each of 100,000 pictures takes far longer.
            for row in self._connection.execute("SELECT * FROM pictures"):
                sample = wanted.get(row[0])
                if sample is not None and row[1:3] == (sample.size_bytes, sample.modified_ns):
                    found[sample.path] = _picture_of(row)
        return found

    def find_by_fingerprint(self, marks: Container[str]) -> dict[str, IndexedPicture]:
        """Return what is known of the pictures with this content, wherever they lay."""
        found = {}
        with self._lock, contextlib.suppress(sqlite3.Error):
            for row in self._connection.execute("SELECT * FROM pictures"):
                if row[_NOT_OF_PICTURE] in marks:
                    found[row[_NOT_OF_PICTURE]] = _picture_of(row)
        return found

    def store(self, pictures: Mapping[Sample, IndexedPicture]) -> None:
        """Keep what was found out; a cache that cannot be written is no reason to fail."""
        today = _today()
        rows = [
            (
                _key(sample.path),
                sample.size_bytes,
                sample.modified_ns,
                today,
                *_values_of(picture),
            )
            for sample, picture in pictures.items()
        ]
        self._write(
            "INSERT OR REPLACE INTO pictures VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )

    def forget(self, samples: Iterable[Sample]) -> None:
        """Forget what is known of pictures, so that they are looked at again."""
        rows = [(_key(sample.path),) for sample in samples]
        self._write("DELETE FROM pictures WHERE path = ?", rows)

    def find_features(self, kind: str, fingerprints: Iterable[str]) -> dict[str, Feature]:
        """Return the arrays (1-D) of a kind that are known, by fingerprint; read-only."""
        found: dict[str, Feature] = {}
        with self._lock, contextlib.suppress(sqlite3.Error):
            for marks in _in_parts(fingerprints):
                places = ", ".join("?" * len(marks))
                rows = self._connection.execute(
                    "SELECT fingerprint, dtype, vector FROM features"
                    f" WHERE kind = ? AND fingerprint IN ({places})",
                    (kind, *marks),
                )
                for mark, dtype, vector in rows:
                    found[mark] = np.frombuffer(vector, np.dtype(dtype))
        return found

    def find_known(self, kind: str, fingerprints: Iterable[str]) -> set[str]:
        """Return for which fingerprints there is an array of a kind, without reading the arrays."""
        found: set[str] = set()
        with self._lock, contextlib.suppress(sqlite3.Error):
            for marks in _in_parts(fingerprints):
                places = ", ".join("?" * len(marks))
                rows = self._connection.execute(
                    "SELECT fingerprint FROM features"
                    f" WHERE kind = ? AND fingerprint IN ({places})",
                    (kind, *marks),
                )
                found.update(mark for (mark,) in rows)
        return found

    def store_features(self, kind: str, vectors: Mapping[str, Feature]) -> None:
        """Keep an array of numbers for each fingerprint; its shape is not kept."""
        self._write(
            "INSERT OR REPLACE INTO features VALUES (?, ?, ?, ?)",
            [
                (kind, mark, vector.dtype.str, np.ascontiguousarray(vector).tobytes())
                for mark, vector in vectors.items()
            ],
        )

    def forget_features(self, prefix: str, kept: Iterable[str]) -> None:
        """Forget features whose kind begins with `prefix`, but for those of the kinds `kept`."""
        with self._lock, contextlib.suppress(sqlite3.Error), self._connection as connection:
            kinds = connection.execute(
                "SELECT DISTINCT kind FROM features WHERE substr(kind, 1, ?) = ?",
                (len(prefix), prefix),
            ).fetchall()
            stale = [row for row in kinds if row[0] not in set(kept)]
            connection.executemany("DELETE FROM features WHERE kind = ?", stale)

    def prune(self, samples: Iterable[Sample]) -> None:
        """Note that these samples are there, and forget what has been gone for long."""
        there = {_key(sample.path) for sample in samples}
        today = _today()
        with self._lock, contextlib.suppress(sqlite3.Error), self._connection as connection:
            rows = connection.execute("SELECT path, seen_day FROM pictures").fetchall()
            seen = [(today, path) for path, day in rows if path in there and day != today]
            gone = [(path,) for path, day in rows if path not in there and day < today - KEPT_DAYS]
            connection.executemany("UPDATE pictures SET seen_day = ? WHERE path = ?", seen)
            connection.executemany("DELETE FROM pictures WHERE path = ?", gone)
            if gone:
                connection.execute(
                    "DELETE FROM features"
                    " WHERE fingerprint NOT IN (SELECT fingerprint FROM pictures)"
                )

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    def _write(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        with self._lock, contextlib.suppress(sqlite3.Error), self._connection:
            self._connection.executemany(statement, rows)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _key(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")  # a file name need not be UTF-8


def _picture_of(row: tuple[Any, ...]) -> IndexedPicture:
    fingerprint, width, height, kind, *rest = row[_NOT_OF_PICTURE:]
    return IndexedPicture(fingerprint, width, height, sys.intern(kind), *rest)  # one "JPEG" for all


def _today() -> int:
    return int(time.time() // _DAY_S)


def _in_parts(marks: Iterable[str]) -> Iterator[list[str]]:
    remaining = iter(marks)
    while part := list(islice(remaining, _AT_ONCE)):
        yield part


def _opened(path: Path | None) -> sqlite3.Connection:
    if path is not None:
        with contextlib.suppress(OSError, sqlite3.Error):
            return _prepared(path)
        # Damaged, of another version, or not writable: a new one, if one can be made.
        with contextlib.suppress(OSError, sqlite3.Error):
            for suffix in ("", "-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
            return _prepared(path)
    # Without a name it lives in memory until it grows large, and then in a file that nobody sees.
    connection = sqlite3.connect("", check_same_thread=False)
    connection.executescript(_SCHEMA)
    return connection


def _prepared(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(exist_ok=True)
    connection = sqlite3.connect(path, check_same_thread=False, timeout=10)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, _VERSION):
            raise sqlite3.DatabaseError("another version")
        if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise sqlite3.DatabaseError("damaged")
        connection.executescript(_SCHEMA)
        connection.execute("SELECT path, look FROM pictures LIMIT 1").fetchone()
        connection.execute(f"PRAGMA user_version={_VERSION}")
        connection.commit()
    except BaseException:
        connection.close()
        raise
    return connection
