"""Thumbnails: small pictures read in the background, the newest wish first.

Whoever paints asks `image` on every paint and shows a placeholder while it answers None; `arrived`
says when to paint again. What scrolls away is withdrawn with `drop`, so that the pictures on screen
never wait behind thousands that were scrolled past.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Set
from pathlib import Path

from PySide6.QtCore import QObject, QRunnable, Qt, QThread, QThreadPool, QTimer, Signal, Slot
from PySide6.QtGui import QImage

from cnnstudio.core.dataset.images import UnreadablePicture, thumbnail

# Pictures are read at one of these lengths of their long side, so that zooming reads few anew.
_SIZES_PX = (96, 128, 192, 256, 384, 512, 768, 1024, 2048)
_MEMORY_BYTES = 200 * 1024 * 1024
_MOST_WAITING = 2000
_THREADS = 2

_Wish = tuple[str, int]


class Thumbnails(QObject):
    """Pictures in small, from memory or read in threads of their own.

    Paths are absolute. `arrived` carries the path of a picture that can be shown now, `failed` the
    path of one that cannot be read and the reason in a few plain words.
    """

    arrived = Signal(str)
    failed = Signal(str, str)
    _read = Signal(str, int, object, str)

    def __init__(self, parent: QObject | None = None, memory_bytes: int = _MEMORY_BYTES) -> None:
        super().__init__(parent)
        self._memory_bytes = memory_bytes
        self._used_bytes = 0
        self._images: OrderedDict[_Wish, QImage] = OrderedDict()
        self._sizes: dict[str, list[int]] = {}
        self._failures: dict[str, str] = {}
        self._outdated: set[_Wish] = set()
        self._waiting = _Waiting()
        # Asked in one pass of painting; begun afterwards, the first of them first.
        self._asked: dict[_Wish, None] = {}
        self._begin_timer = QTimer(self, singleShot=True, interval=0)
        self._begin_timer.timeout.connect(self._begin)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(_THREADS)
        self._pool.setThreadPriority(QThread.Priority.LowPriority)
        self._is_closed = False
        self._read.connect(self._on_read, Qt.ConnectionType.QueuedConnection)

    def image(self, path: Path, size_px: int) -> QImage | None:
        """Return a picture whose long side has at least `size_px` pixels, if it has so many.

        None while it is being read (`arrived` or `failed` follows) and when it cannot be read. It
        may be somewhat larger than asked for and keeps its proportions.
        """
        key = str(path)
        size = _size_for(size_px)
        for known in self._sizes.get(key, ()):
            if known >= size:
                self._images.move_to_end((key, known))
                return self._images[key, known]
        wish = (key, size)
        if key not in self._failures and not self._is_closed:
            if not self._asked and not self._begin_timer.isActive():
                self._begin_timer.start()
            self._asked[wish] = None
        return None

    def any_image(self, path: Path) -> QImage | None:
        """Return the picture in the largest size that is in memory, without having it read."""
        known = self._sizes.get(str(path))
        return self._images[str(path), known[-1]] if known else None

    def failure(self, path: Path) -> str | None:
        """Return why the picture cannot be read, None as long as nothing is known against it."""
        return self._failures.get(str(path))

    def drop(self, paths: Iterable[Path]) -> None:
        """Withdraw wishes for pictures that are no longer on screen."""
        self._withdraw({str(path) for path in paths})

    def start_afresh(self) -> None:
        """Forget all pictures, as when another project is opened."""
        self._failures.clear()
        self._images.clear()
        self._sizes.clear()
        self._used_bytes = 0

    def follow(self, root: Path, moved: Mapping[str, str | None]) -> None:
        """Keep what is in memory true after pictures were moved.

        Those that were moved keep their thumbnails, those that are gone (None) lose them.

        Args:
            root: what the paths in `moved` are relative to.
            moved: for each path that is gone, with forward slashes, the one it became.
        """
        # Text instead of paths: thousands may move at once.
        start = str(root) + os.sep
        keys = {
            start + path.replace("/", os.sep): start + place.replace("/", os.sep) if place else None
            for path, place in moved.items()
        }
        self._withdraw(keys.keys())
        # What is being read right now under an old path must not be taken for the truth.
        self._outdated.update(wish for wish in self._waiting.being_read() if wish[0] in keys)
        for key, new_key in keys.items():
            self._failures.pop(key, None)
            for size in list(self._sizes.get(key, ())):
                image = self._images[key, size]
                self._remove((key, size))
                if new_key is not None:
                    self._keep((new_key, size), image)

    @property
    def waiting_count(self) -> int:
        """How many pictures are asked for and not yet begun."""
        return len(self._asked) + len(self._waiting)

    def close(self) -> None:
        """Withdraw all wishes and wait for the pictures being read now."""
        self._is_closed = True
        self._begin_timer.stop()
        self._asked.clear()
        self._waiting.clear()
        self._pool.waitForDone()

    @Slot()
    def _begin(self) -> None:
        # The newest of those waiting is read first, so the first asked goes in last.
        missing = self._waiting.add(reversed(self._asked), _THREADS, _MOST_WAITING)
        self._asked.clear()
        for _ in range(missing):
            self._pool.start(_Reader(self._waiting, self._read.emit))

    @Slot(str, int, object, str)
    def _on_read(self, key: str, size: int, image: QImage | None, reason: str) -> None:
        self._waiting.end((key, size))
        if (key, size) in self._outdated:
            # Whoever shows what is at this path now asks for it when painting.
            self._outdated.discard((key, size))
            self.arrived.emit(key)
        elif image is None:
            self._failures[key] = reason
            self.failed.emit(key, reason)
        else:
            # Nothing is enlarged: a picture that came out smaller is all there is of it.
            is_whole = max(image.width(), image.height()) < size
            self._keep((key, _SIZES_PX[-1] if is_whole else size), image)
            self.arrived.emit(key)

    def _keep(self, wish: _Wish, image: QImage) -> None:
        key, size = wish
        self._remove(wish)
        self._images[wish] = image
        self._used_bytes += image.sizeInBytes()
        self._sizes[key] = sorted([*self._sizes.get(key, ()), size])
        while self._used_bytes > self._memory_bytes and len(self._images) > 1:
            self._remove(next(iter(self._images)))

    def _remove(self, wish: _Wish) -> None:
        image = self._images.pop(wish, None)
        if image is not None:
            key, size = wish
            self._used_bytes -= image.sizeInBytes()
            self._sizes[key].remove(size)
            if not self._sizes[key]:
                del self._sizes[key]

    def _withdraw(self, keys: Set[str]) -> None:
        self._waiting.drop(keys)
        for wish in [wish for wish in self._asked if wish[0] in keys]:
            del self._asked[wish]


class _Waiting:
    """The wishes that no thread has taken yet, newest last; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wishes: OrderedDict[_Wish, None] = OrderedDict()
        self._being_read: set[_Wish] = set()
        self._readers = 0

    def __len__(self) -> int:
        return len(self._wishes)

    def add(self, wishes: Iterable[_Wish], most_readers: int, most_waiting: int) -> int:
        """Put wishes at the front; return how many readers are to be started for them."""
        with self._lock:
            for wish in wishes:
                if wish not in self._being_read:
                    self._wishes[wish] = None
                    self._wishes.move_to_end(wish)
            while len(self._wishes) > most_waiting:
                self._wishes.popitem(last=False)
            missing = min(most_readers - self._readers, len(self._wishes))
            self._readers += missing
            return missing

    def take(self) -> _Wish | None:
        """Return the newest wish; None tells the reader to end."""
        with self._lock:
            if not self._wishes:
                self._readers -= 1
                return None
            wish, _ = self._wishes.popitem()
            self._being_read.add(wish)
            return wish

    def end(self, wish: _Wish) -> None:
        """Note that a wish was read and taken over."""
        with self._lock:
            self._being_read.discard(wish)

    def being_read(self) -> list[_Wish]:
        """Return what is being read right now."""
        with self._lock:
            return list(self._being_read)

    def drop(self, keys: Set[str]) -> None:
        """Withdraw wishes for these paths."""
        with self._lock:
            for wish in [wish for wish in self._wishes if wish[0] in keys]:
                del self._wishes[wish]

    def clear(self) -> None:
        """Withdraw all wishes."""
        with self._lock:
            self._wishes.clear()


class _Reader(QRunnable):
    """Reads one picture after the other, until none is wanted."""

    def __init__(
        self, waiting: _Waiting, report: Callable[[str, int, QImage | None, str], None]
    ) -> None:
        super().__init__()
        self._waiting = waiting
        self._report = report

    def run(self) -> None:
        """Called by the pool in one of its threads."""
        while (wish := self._waiting.take()) is not None:
            path, size = wish
            image: QImage | None = None
            reason = ""
            try:
                image = _read_image(Path(path), size)
            except UnreadablePicture as error:
                reason = error.reason
            except Exception as error:  # noqa: BLE001 - a thread that dies would stop all others
                reason = f"unexpected error ({error})"
            self._report(*wish, image, reason)


def _read_image(path: Path, size_px: int) -> QImage:
    picture = thumbnail(path, size_px)
    width, height = picture.size
    content = picture.tobytes()
    image = QImage(content, width, height, 3 * width, QImage.Format.Format_RGB888)
    # The format that is painted without a conversion; this is also the copy that owns its pixels.
    return image.convertToFormat(QImage.Format.Format_RGB32)


def _size_for(size_px: int) -> int:
    return next((size for size in _SIZES_PX if size >= size_px), _SIZES_PX[-1])
