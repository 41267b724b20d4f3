"""What was found out about pictures, so that it need not be found out again.

A cache in SQLite: it may be deleted at any time, and is made anew when it is damaged. In a folder
that cannot be written it lives in memory.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cnnstudio.core.project import Project, Sample

FILE_NAME = "index.sqlite"
_VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS pictures (
    path BLOB PRIMARY KEY,
    size_bytes INTEGER NOT NULL,
    modified_ns INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    format TEXT NOT NULL,
    problem TEXT NOT NULL
) WITHOUT ROWID
"""


@dataclass(frozen=True)
class IndexedPicture:
    """One row: width and height in pixels (0 where there is a problem), the reason or ""."""

    fingerprint: str
    width: int = 0
    height: int = 0
    format: str = ""
    problem: str = ""


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
        with self._lock:
            try:
                rows = self._connection.execute("SELECT * FROM pictures").fetchall()
            except sqlite3.Error:
                return {}
        known = {row[0]: row[1:] for row in rows}
        found = {}
        for sample in samples:
            row = known.get(_key(sample.path))
            if row is not None and row[:2] == (sample.size_bytes, sample.modified_ns):
                found[sample.path] = IndexedPicture(*row[2:])
        return found

    def store(self, pictures: Mapping[Sample, IndexedPicture]) -> None:
        """Keep what was found out; a cache that cannot be written is no reason to fail."""
        rows = [
            (
                _key(sample.path),
                sample.size_bytes,
                sample.modified_ns,
                picture.fingerprint,
                picture.width,
                picture.height,
                picture.format,
                picture.problem,
            )
            for sample, picture in pictures.items()
        ]
        with self._lock, contextlib.suppress(sqlite3.Error), self._connection:
            self._connection.executemany(
                "INSERT OR REPLACE INTO pictures VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows
            )

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _key(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")  # a file name need not be UTF-8


def _opened(path: Path | None) -> sqlite3.Connection:
    if path is not None:
        with contextlib.suppress(OSError, sqlite3.Error):
            return _prepared(path)
        # Damaged, of another version, or not writable: a new one, if one can be made.
        with contextlib.suppress(OSError, sqlite3.Error):
            for suffix in ("", "-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
            return _prepared(path)
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    connection.execute(_SCHEMA)
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
        connection.execute(_SCHEMA)
        connection.execute("SELECT path, problem FROM pictures LIMIT 1").fetchone()
        connection.execute(f"PRAGMA user_version={_VERSION}")
        connection.commit()
    except BaseException:
        connection.close()
        raise
    return connection
