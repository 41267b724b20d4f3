"""`ThumbnailMemory`: pictures in small that need not be read again, up to a number of bytes."""

from __future__ import annotations

import bisect
from collections import OrderedDict
from collections.abc import Mapping

from PySide6.QtGui import QImage


class ThumbnailMemory:
    """Pictures by the key of their file and the length of the long side they will do for.

    A key comes with the time of change of its file, in nanoseconds, 0 where nobody has said it:
    what is in memory of another time is not given out. The pictures used least recently leave.
    """

    def __init__(self, at_most_bytes: int) -> None:
        self._at_most_bytes = at_most_bytes
        self._used_bytes = 0
        self._images: OrderedDict[tuple[str, int], QImage] = OrderedDict()
        self._sizes: dict[str, list[int]] = {}
        self._changed_ns: dict[str, int] = {}

    def find(self, key: str, size_px: int, changed_ns: int = 0) -> QImage | None:
        """Return a picture that will do for this size, None when there is none."""
        for size in self._sizes_of(key, changed_ns):
            if size >= size_px:
                self._images.move_to_end((key, size))
                return self._images[key, size]
        return None

    def find_any(self, key: str, changed_ns: int = 0) -> QImage | None:
        """Return the largest picture there is, whatever its size."""
        sizes = self._sizes_of(key, changed_ns)
        return self._images[key, sizes[-1]] if sizes else None

    def keep(self, key: str, size_px: int, image: QImage, changed_ns: int = 0) -> None:
        """Keep a picture; those of an earlier time of change are forgotten."""
        known_ns = self._changed_ns.get(key, 0)
        if changed_ns and known_ns not in (0, changed_ns):
            self.forget(key)
        self._remove(key, size_px)
        self._images[key, size_px] = image
        self._used_bytes += image.sizeInBytes()
        self._sizes[key] = sorted([*self._sizes.get(key, ()), size_px])
        self._changed_ns[key] = changed_ns or known_ns
        while self._used_bytes > self._at_most_bytes and len(self._images) > 1:
            self._remove(*next(iter(self._images)))

    def forget(self, key: str) -> None:
        """Forget all sizes of a picture."""
        for size in list(self._sizes.get(key, ())):
            self._remove(key, size)

    def move(self, places: Mapping[str, str | None]) -> None:
        """Keep pictures under other keys, all at once, or forget them where that is None."""
        images, changed_ns = self._images, self._changed_ns
        self._images, self._changed_ns, self._sizes = OrderedDict(), {}, {}
        self._used_bytes = 0
        # In the order of their use, so that the same ones as before leave next.
        for (key, size), image in images.items():
            new_key = places.get(key, key)
            if new_key is not None:
                self._images[new_key, size] = image
                self._used_bytes += image.sizeInBytes()
                self._changed_ns[new_key] = changed_ns[key]
                sizes = self._sizes.setdefault(new_key, [])
                bisect.insort(sizes, size)

    def keys(self) -> list[str]:
        """Return the keys of all pictures in memory."""
        return list(self._sizes)

    def clear(self) -> None:
        """Forget everything."""
        self._images.clear()
        self._sizes.clear()
        self._changed_ns.clear()
        self._used_bytes = 0

    def _sizes_of(self, key: str, changed_ns: int) -> list[int]:
        is_old = changed_ns and self._changed_ns.get(key, 0) not in (0, changed_ns)
        return [] if is_old else self._sizes.get(key, [])

    def _remove(self, key: str, size_px: int) -> None:
        image = self._images.pop((key, size_px), None)
        if image is not None:
            self._used_bytes -= image.sizeInBytes()
            self._sizes[key].remove(size_px)
            if not self._sizes[key]:
                del self._sizes[key], self._changed_ns[key]
