"""Thumbnails: small pictures, from memory or read in the background.

Whoever shows a single picture asks `image` on every paint and shows a placeholder while it answers
None; `arrived` says when to paint again. Whoever scrolls over many tells `want` the whole list of
what is to be read, the most urgent first, whenever it changes: what is no longer in it is not read.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QObject, QRunnable, Qt, QThread, QThreadPool, QTimer, Signal, Slot
from PySide6.QtGui import QImage

from cnnstudio.core.dataset.images import UnreadablePicture, thumbnail
from cnnstudio.core.storage.thumbnail_store import ThumbnailStore
from cnnstudio.ui.thumbnail_memory import ThumbnailMemory
from cnnstudio.ui.thumbnail_queue import ThumbnailQueue, Wish

# Pictures are read at one of these lengths of their long side, so that zooming reads few anew.
_SIZES_PX = (96, 128, 192, 256, 384, 512, 768, 1024, 2048)
_MEMORY_BYTES = 128 * 1024 * 1024
_THREADS = 2
# The asker of those who ask picture by picture.
_ANYBODY = ""

Read = Callable[[Path, int], Image.Image]


class Thumbnails(QObject):
    """Pictures in small, from memory, from a store on disk or read in threads of their own.

    A picture's key is its absolute path as text. `arrived` carries the key of a picture that can be
    shown now, `failed` the key of one that cannot be read and the reason in a few plain words.
    """

    arrived = Signal(str)
    failed = Signal(str, str)
    _read = Signal(object, object, str)

    def __init__(
        self,
        parent: QObject | None = None,
        memory_bytes: int = _MEMORY_BYTES,
        store: ThumbnailStore | None = None,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._memory = ThumbnailMemory(memory_bytes)
        self._failures: dict[str, tuple[str, int]] = {}
        self._outdated: set[Wish] = set()
        self._queue = ThumbnailQueue()
        # Asked in one pass of painting; begun afterwards, the first of them first.
        self._asked: dict[Wish, None] = {}
        self._begin_timer = QTimer(self, singleShot=True, interval=0)
        self._begin_timer.timeout.connect(self._begin)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(_THREADS)
        self._pool.setThreadPriority(QThread.Priority.LowPriority)
        self._is_closed = False
        self._read.connect(self._on_read, Qt.ConnectionType.QueuedConnection)

    def image(self, path: Path, size_px: int, changed_ns: int = 0) -> QImage | None:
        """Return a picture whose long side has at least `size_px` pixels, if it has so many.

        None while it is being read (`arrived` or `failed` follows) and when it cannot be read. It
        may be somewhat larger than asked for and keeps its proportions. `changed_ns`, when its file
        was changed last, tells an older picture of it from the present one.
        """
        wish = Wish(str(path), _size_for(size_px), changed_ns)
        image = self._memory.find(*wish)
        if image is None and self._is_to_be_read(wish):
            if not self._asked and not self._begin_timer.isActive():
                self._begin_timer.start()
            self._asked[wish] = None
        return image

    def find(self, key: str, size_px: int, changed_ns: int = 0) -> QImage | None:
        """Return what `image` returns, or else the largest in memory; nothing is read for it."""
        size = _size_for(size_px)
        return self._memory.find(key, size, changed_ns) or self._memory.find_any(key, changed_ns)

    def want(self, asker: str, wishes: Iterable[Wish]) -> None:
        """Have these pictures read, in this order, and nothing else that this asker wanted."""
        missing = []
        for key, size_px, changed_ns in wishes:
            wish = Wish(key, _size_for(size_px), changed_ns)
            if self._is_to_be_read(wish) and self._memory.find(*wish) is None:
                missing.append(wish)
        if not self._is_closed:
            self._start(self._queue.replace(asker, missing, _THREADS))

    def failure(self, key: str, changed_ns: int = 0) -> str | None:
        """Return why the picture cannot be read, None as long as nothing is known against it."""
        reason, known_ns = self._failures.get(key, (None, 0))
        return None if changed_ns and known_ns not in (0, changed_ns) else reason

    def start_afresh(self) -> None:
        """Forget all pictures, as when another project is opened."""
        self._queue.clear()
        self._failures.clear()
        self._memory.clear()

    def follow(self, root: Path, moved: Mapping[str, str | None]) -> None:
        """Keep what is in memory true after pictures were moved, however many they were.

        Those that were moved keep their thumbnails, those that are gone (None) lose them.

        Args:
            root: what the paths in `moved` are relative to.
            moved: for each path that is gone, with forward slashes, the one it became.
        """
        start = f"{root}{os.sep}"

        def path_of(key: str) -> str:
            return key[len(start) :].replace(os.sep, "/") if key.startswith(start) else ""

        self._queue.drop(lambda key: path_of(key) in moved)
        for wish in [wish for wish in self._asked if path_of(wish.key) in moved]:
            del self._asked[wish]
        # What is being read right now under an old path must not be taken for the truth.
        being_read = self._queue.being_read()
        self._outdated.update(wish for wish in being_read if path_of(wish.key) in moved)
        for key in [key for key in self._failures if path_of(key) in moved]:
            del self._failures[key]
        places: dict[str, str | None] = {}
        for key in self._memory.keys():  # noqa: SIM118 - no mapping
            path = path_of(key)
            if path in moved:
                place = moved[path]
                places[key] = place and start + place.replace("/", os.sep)
        if places:
            self._memory.move(places)

    @property
    def waiting_count(self) -> int:
        """How many pictures are asked for and not yet begun."""
        return len(self._asked) + len(self._queue)

    def close(self) -> None:
        """Withdraw all wishes and wait for the pictures being read now."""
        self._is_closed = True
        self._begin_timer.stop()
        self._asked.clear()
        self._queue.clear()
        self._pool.waitForDone()
        if self._store is not None:
            self._store.close()

    def _is_to_be_read(self, wish: Wish) -> bool:
        return not self._is_closed and self.failure(wish.key, wish.changed_ns) is None

    @Slot()
    def _begin(self) -> None:
        self._start(self._queue.add(_ANYBODY, self._asked, _THREADS))
        self._asked.clear()

    def _start(self, readers: int) -> None:
        for _ in range(readers):
            self._pool.start(_Reader(self._queue, self._store, self._read.emit))

    @Slot(object, object, str)
    def _on_read(self, wish: Wish, image: QImage | None, reason: str) -> None:
        self._queue.end(wish)
        if wish in self._outdated:
            # Whoever shows what is at this path now asks for it when painting.
            self._outdated.discard(wish)
            self.arrived.emit(wish.key)
        elif image is None:
            self._failures[wish.key] = reason, wish.changed_ns
            self.failed.emit(wish.key, reason)
        else:
            self._failures.pop(wish.key, None)
            size_px = _size_served(image, wish.size_px)
            self._memory.keep(wish.key, size_px, image, wish.changed_ns)
            self.arrived.emit(wish.key)


class _Reader(QRunnable):
    """Reads one picture after the other, until none is wanted."""

    def __init__(
        self,
        queue: ThumbnailQueue,
        store: ThumbnailStore | None,
        report: Callable[[Wish, QImage | None, str], None],
    ) -> None:
        super().__init__()
        self._queue = queue
        self._store = store
        self._read: Read = thumbnail if store is None else store.thumbnail
        self._report = report

    def run(self) -> None:
        """Called by the pool in one of its threads."""
        while (wish := self._queue.take()) is not None:
            image: QImage | None = None
            reason = ""
            try:
                image = as_qt_image(self._read(Path(wish.key), wish.size_px))
            except UnreadablePicture as error:
                reason = error.reason
            except Exception as error:  # noqa: BLE001 - a thread that dies would stop all others
                reason = f"unexpected error ({error})"
            self._report(wish, image, reason)
        if self._store is not None:
            self._store.flush()


def as_qt_image(picture: Image.Image) -> QImage:
    """Return an RGB picture as Qt paints it; may be called in any thread."""
    width, height = picture.size
    content = picture.tobytes()
    image = QImage(content, width, height, 3 * width, QImage.Format.Format_RGB888)
    # The format that is painted without a conversion; this is also the copy that owns its pixels.
    return image.convertToFormat(QImage.Format.Format_RGB32)


def _size_for(size_px: int) -> int:
    return next((size for size in _SIZES_PX if size >= size_px), _SIZES_PX[-1])


def _size_served(image: QImage, size_px: int) -> int:
    """Up to which size a picture will do that was read for a size."""
    longest = max(image.width(), image.height())
    # Nothing is enlarged: a picture that came out smaller is all there is of it.
    return _SIZES_PX[-1] if longest < size_px else longest
