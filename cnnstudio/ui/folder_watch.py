"""`FolderWatch`: tells when other programs change the folder of the open project."""

from __future__ import annotations

import logging
import threading

from PySide6.QtCore import QObject, Signal

from cnnstudio.core.project import Project

_log = logging.getLogger(__name__)

_SETTLE_MS = 800
_STEP_MS = 100
_STOP_CHECK_MS = 100
_BEGIN_S = 0.5


class FolderWatch(QObject):
    """Watches the folders of one project in a thread of its own, with `watchfiles`.

    `changed` carries the places (a frozenset of absolute paths, as text) in which something
    happened, what this program does itself included. Where a folder cannot be watched (some
    network drives) it stays silent: changes are noticed when the project is opened again. `began`
    says that nothing is missed from now on.
    """

    changed = Signal(object)
    began = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stop: threading.Event | None = None
        self._thread: threading.Thread | None = None

    def watch(self, project: Project) -> None:
        """Watch the folders of this project, as they are now, instead of those before."""
        before, self._stop = self._stop, threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(project, self._stop, before), name="folder watch", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Watch no longer; waits for the thread, half a second at most."""
        if self._stop is not None and self._thread is not None:
            self._stop.set()
            self._thread.join()
        self._stop = self._thread = None

    def _run(self, project: Project, stop: threading.Event, before: threading.Event | None) -> None:
        # The import takes a while, in which the window is still being laid out.
        is_stopped = stop.wait(_BEGIN_S)
        if before is not None:
            before.set()  # that one ends by itself, and misses nothing until then
        if is_stopped:
            return
        from watchfiles import Change, watch

        ours = str(project.state_folder)

        def is_theirs(_change: Change, path: str) -> bool:
            return not path.startswith(ours)

        has_begun = False
        try:
            for changes in watch(
                *_folders(project),
                watch_filter=is_theirs,
                stop_event=stop,
                debounce=_SETTLE_MS,
                step=_STEP_MS,
                rust_timeout=_STOP_CHECK_MS,
                raise_interrupt=False,
                yield_on_timeout=True,
                # Watching a tree looks at every file in it, and holds Python up meanwhile.
                recursive=False,
                ignore_permission_denied=True,
            ):
                if not has_begun:
                    has_begun = True
                    self.began.emit()
                if changes:
                    self.changed.emit(frozenset([path for _, path in changes]))
        except Exception:  # noqa: BLE001 - whatever it is, the project is usable without
            _log.warning("The folder %s cannot be watched", project.root, exc_info=True)


def _folders(project: Project) -> list[str]:
    """The folders of a project that pictures lie in, or may come to lie in."""
    within = {sample.path.rpartition("/")[0] for sample in project.samples}
    within |= {project.folder_for(each.name) for each in project.classes}
    within |= {folder for _, folder in project.split_folders} | {project.folder_for(None)}
    places = [project.root, *(project.root / folder for folder in sorted(within))]
    return [str(place) for place in places if place.is_dir()]
