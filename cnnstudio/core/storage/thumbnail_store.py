"""Thumbnails that were made once, kept on disk for the next time.

One SQLite file for all projects of a person, in their cache folder. It may be deleted at any time
and is made anew when it is damaged; where it cannot be written, pictures are decoded as if it were
not there. Several programs may use it at once.
"""

from __future__ import annotations

import contextlib
import io
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from cnnstudio.core.dataset.images import thumbnail

AT_MOST_BYTES = 1 << 30
"""How large the file may become: about 120,000 pictures at the size the grid begins with."""

LARGEST_PX = 512
"""Larger thumbnails are seldom looked at twice and would crowd out the small ones."""

_WORTHWHILE_BYTES = 100_000
_QUALITY = 85
_LOT = 64
_ROWS_FORGOTTEN_AT_ONCE = 256
_DAY_S = 86_400
_BUSY_S = 2.0
_VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS thumbnails (
    id INTEGER PRIMARY KEY,
    mark TEXT NOT NULL,
    side_px INTEGER NOT NULL,
    used_s INTEGER NOT NULL,
    jpeg BLOB NOT NULL,
    UNIQUE (mark, side_px)
);
CREATE INDEX IF NOT EXISTS by_use ON thumbnails (used_s);
"""

_Result = TypeVar("_Result")


class ThumbnailStore:
    """Gives thumbnails, from the file or from the picture; may be used from several threads.

    A picture is known by its file (device and number on it, size, time of change), not by its path:
    it keeps its thumbnail when it gets another class, and loses it when its content changes. Files
    smaller than `worthwhile_bytes` are decoded faster than they are looked up, and never kept. The
    thumbnails used least recently leave once the file has grown to `at_most_bytes`.
    """

    def __init__(
        self,
        path: Path,
        at_most_bytes: int = AT_MOST_BYTES,
        worthwhile_bytes: int = _WORTHWHILE_BYTES,
    ) -> None:
        self._path = path
        self._at_most_bytes = at_most_bytes
        self._worthwhile_bytes = worthwhile_bytes
        self._lock = threading.Lock()
        # Opened by whoever asks first, which is never the thread of the window.
        self._connection: sqlite3.Connection | None = None
        self._is_closed = False
        self._waiting: dict[tuple[str, int], bytes] = {}
        self._used: set[int] = set()

    def thumbnail(self, path: Path, size_px: int) -> Image.Image:
        """Return what `images.thumbnail` returns, or a picture up to twice as large.

        Raises:
            UnreadablePicture: for every reason there is.
        """
        mark = self._mark(path) if size_px <= LARGEST_PX else None
        if mark is None:
            return thumbnail(path, size_px)
        jpeg = self._find(mark, size_px)
        if jpeg is not None:
            with contextlib.suppress(OSError, SyntaxError):
                kept = JpegImageFile(io.BytesIO(jpeg))
                kept.load()
                return kept
        picture = thumbnail(path, size_px)
        self._keep(mark, size_px, picture)
        return picture

    def flush(self) -> None:
        """Write what waits to be written."""
        with self._lock:
            self._write()

    def close(self) -> None:
        """Write what waits and let go of the file; from now on pictures are only decoded."""
        with self._lock:
            self._write()
            self._is_closed = True
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _mark(self, path: Path) -> str | None:
        """What a file is known by; None when it is not worth keeping a thumbnail of."""
        try:
            facts = path.stat()
        except (OSError, ValueError):
            return None
        if facts.st_size < self._worthwhile_bytes or not facts.st_ino:
            return None
        return f"{facts.st_dev}:{facts.st_ino}:{facts.st_size}:{facts.st_mtime_ns}"

    def _find(self, mark: str, size_px: int) -> bytes | None:
        def find(connection: sqlite3.Connection) -> bytes | None:
            row = connection.execute(
                "SELECT id, used_s, jpeg FROM thumbnails"
                " WHERE mark = ? AND side_px BETWEEN ? AND ? ORDER BY side_px LIMIT 1",
                (mark, size_px, 2 * size_px),
            ).fetchone()
            if row is None:
                return None
            number, used_s, jpeg = row
            if used_s < time.time() - _DAY_S:
                self._used.add(number)
            return bytes(jpeg)

        with self._lock:
            return self._waiting.get((mark, size_px)) or self._try(find)

    def _keep(self, mark: str, size_px: int, picture: Image.Image) -> None:
        stream = io.BytesIO()
        picture.save(stream, "JPEG", quality=_QUALITY)
        with self._lock:
            if not self._is_closed:
                self._waiting[mark, size_px] = stream.getvalue()
            if len(self._waiting) >= _LOT:
                self._write()

    def _write(self) -> None:
        """Write all that waits in one go; the lock is held."""
        if self._waiting or self._used:
            now = int(time.time())
            rows = [(mark, size, now, jpeg) for (mark, size), jpeg in self._waiting.items()]
            used = [(now, number) for number in self._used]
            self._waiting.clear()
            self._used.clear()

            def write(connection: sqlite3.Connection) -> None:
                with connection:
                    connection.executemany(
                        "INSERT OR REPLACE INTO thumbnails (mark, side_px, used_s, jpeg)"
                        " VALUES (?, ?, ?, ?)",
                        rows,
                    )
                    connection.executemany("UPDATE thumbnails SET used_s = ? WHERE id = ?", used)
                    self._forget_what_is_too_much(connection)

            self._try(write)

    def _forget_what_is_too_much(self, connection: sqlite3.Connection) -> None:
        # The file does not shrink, but room that is free in it is used before it grows.
        while _used_bytes(connection) > self._at_most_bytes:
            oldest = "SELECT id FROM thumbnails ORDER BY used_s, id LIMIT ?"
            gone = connection.execute(
                f"DELETE FROM thumbnails WHERE id IN ({oldest})", (_ROWS_FORGOTTEN_AT_ONCE,)
            )
            if not gone.rowcount:
                return

    def _try(self, work: Callable[[sqlite3.Connection], _Result]) -> _Result | None:
        """Do something with the file; None when it cannot be done, which is no reason to fail."""
        if self._is_closed:
            return None
        try:
            if self._connection is None:
                self._connection = _opened(self._path)
            return work(self._connection)
        except sqlite3.OperationalError:
            # Full, not writable, or another program is writing: the next one may fare better.
            return None
        except (OSError, sqlite3.Error):
            self._begin_anew()
            return None

    def _begin_anew(self) -> None:
        """Delete a damaged file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(OSError):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)


def _opened(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=_BUSY_S, check_same_thread=False)
    with _closed_on_error(connection):
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute(f"PRAGMA journal_size_limit={16 << 20}")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, _VERSION):
            raise sqlite3.DatabaseError("made by another version")
        connection.executescript(_SCHEMA)
        connection.execute(f"PRAGMA user_version={_VERSION}")
    return connection


@contextlib.contextmanager
def _closed_on_error(connection: sqlite3.Connection) -> Iterator[None]:
    try:
        yield
    except BaseException:
        connection.close()
        raise


def _used_bytes(connection: sqlite3.Connection) -> int:
    pages, free, size = (
        int(connection.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size
