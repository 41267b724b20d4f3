"""`ThumbnailQueue`: the pictures that no thread has begun to read yet."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import NamedTuple

_MOST_ASKED = 2000


class Wish(NamedTuple):
    """A picture that is wanted.

    `key` is its absolute path, `size_px` the length of its long side, `changed_ns` when its file
    was changed last, in nanoseconds, or 0.
    """

    key: str
    size_px: int
    changed_ns: int = 0


class ThumbnailQueue:
    """Wishes in the order in which they are read; safe to use from any thread.

    Each asker has a list of its own, the first wish read first, and whoever asked last goes before
    the others: what has just come on screen never waits behind what was there before.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wishes: OrderedDict[str, OrderedDict[Wish, None]] = OrderedDict()
        self._being_read: set[Wish] = set()
        self._readers = 0

    def __len__(self) -> int:
        with self._lock:
            return sum(map(len, self._wishes.values()))

    def replace(self, asker: str, wishes: Iterable[Wish], most_readers: int) -> int:
        """Forget what an asker wanted before; return how many readers are to be started."""
        with self._lock:
            new = OrderedDict.fromkeys(each for each in wishes if each not in self._being_read)
            self._wishes[asker] = new
            self._wishes.move_to_end(asker)
            return self._missing_readers(most_readers)

    def add(self, asker: str, wishes: Iterable[Wish], most_readers: int) -> int:
        """Put wishes before those of the same asker; return how many readers are to be started."""
        with self._lock:
            known = self._wishes.setdefault(asker, OrderedDict())
            self._wishes.move_to_end(asker)
            for wish in reversed(list(wishes)):
                if wish not in self._being_read:
                    known[wish] = None
                    known.move_to_end(wish, last=False)
            while len(known) > _MOST_ASKED:
                known.popitem()
            return self._missing_readers(most_readers)

    def take(self) -> Wish | None:
        """Return the wish to read next; None tells the reader to end."""
        with self._lock:
            for wishes in reversed(self._wishes.values()):
                while wishes:
                    wish, _ = wishes.popitem(last=False)
                    if wish not in self._being_read:
                        self._being_read.add(wish)
                        return wish
            self._readers -= 1
            return None

    def end(self, wish: Wish) -> None:
        """Note that a wish was read and taken over."""
        with self._lock:
            self._being_read.discard(wish)

    def being_read(self) -> list[Wish]:
        """Return what is being read right now."""
        with self._lock:
            return list(self._being_read)

    def drop(self, is_gone: Callable[[str], bool]) -> None:
        """Withdraw the wishes for keys of which this is true."""
        with self._lock:
            for wishes in self._wishes.values():
                for wish in [wish for wish in wishes if is_gone(wish.key)]:
                    del wishes[wish]

    def clear(self) -> None:
        """Withdraw all wishes."""
        with self._lock:
            self._wishes.clear()

    def _missing_readers(self, most_readers: int) -> int:
        waiting = sum(map(len, self._wishes.values()))
        missing = max(0, min(most_readers - self._readers, waiting))
        self._readers += missing
        return missing
