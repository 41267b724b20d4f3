"""`FolderWatch`: tells when other programs change the folder of the open project."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from cnnstudio.core.project import STATE_FOLDER

_log = logging.getLogger(__name__)

_SETTLE_MS = 800
_STEP_MS = 100
_STOP_CHECK_MS = 100


class FolderWatch(QObject):
    """Watches one folder in a thread of its own, with `watchfiles`.

    `changed` carries the places (a frozenset of `Path`) in which something happened, ours
    included. Where a folder cannot be watched (some network drives) it stays silent: what changed
    is noticed when the project is opened the next time.
    """

    changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stop: threading.Event | None = None
        self._thread: threading.Thread | None = None

    def watch(self, root: Path) -> None:
        """Watch this folder instead of the one before."""
        if self._stop is not None:
            self._stop.set()  # the thread ends by itself: the window does not wait for it
        self._stop = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(root, self._stop), name="folder watch", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Watch no longer; waits for the thread, a tenth of a second at most."""
        if self._stop is not None and self._thread is not None:
            self._stop.set()
            self._thread.join()
        self._stop = self._thread = None

    def _run(self, root: Path, stop: threading.Event) -> None:
        from watchfiles import Change, watch

        ours = str(root / STATE_FOLDER)

        def is_theirs(_change: Change, path: str) -> bool:
            return not path.startswith(ours)

        try:
            for changes in watch(
                root,
                watch_filter=is_theirs,
                stop_event=stop,
                debounce=_SETTLE_MS,
                step=_STEP_MS,
                rust_timeout=_STOP_CHECK_MS,
                raise_interrupt=False,
                ignore_permission_denied=True,
            ):
                self.changed.emit(frozenset(Path(path) for _, path in changes))
        except Exception:  # noqa: BLE001 - whatever it is, the project is usable without
            _log.warning("The folder %s cannot be watched", root, exc_info=True)
