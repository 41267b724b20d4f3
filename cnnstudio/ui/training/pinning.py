"""`Pinning`: the open project's pinned pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from cnnstudio.core.predictions import GivenSource
from cnnstudio.core.project import Project
from cnnstudio.core.storage.pins import Pin, add_pins, load_pins, remove_pin
from cnnstudio.ui.jobs import Job, JobQueue

_Pins = tuple[Path, tuple[Pin, ...]]


class Pinning(QObject):
    """Up to six pictures that trainings are asked about.

    `changed` when there are others; `said` carries a sentence about what was done.
    """

    changed = Signal()
    said = Signal(str)
    failed = Signal(object)

    def __init__(
        self, files: JobQueue, opened: Callable[[], Project | None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self.pins: tuple[Pin, ...] = ()
        self._files = files
        self._opened = opened

    def add(self, sources: Sequence[GivenSource]) -> None:
        """Pin pictures, from the project or from elsewhere."""
        job = self._change("Pinning", lambda root: add_pins(root, sources))
        if job is not None:
            job.finished.connect(self._on_added)

    def remove(self, fingerprint: str) -> None:
        """Take a pin away."""
        self._change("Taking a pin away", lambda root: remove_pin(root, fingerprint))

    @Slot(object, object)
    def on_project_changed(self, before: Project | None, after: Project | None) -> None:
        """Read the pins of another project."""
        if before is None or after is None or before.root != after.root:
            self._take(())
            self._change("Reading the pinned pictures", load_pins)

    def _change(self, words: str, change: Callable[[Path], tuple[Pin, ...]]) -> Job | None:
        project = self._opened()
        if project is None:
            return None
        root = project.root
        job = self._files.start(words, lambda _context: (root, change(root)), can_cancel=False)
        job.finished.connect(self._on_changed)
        job.failed.connect(self.failed)
        return job

    @Slot(object)
    def _on_added(self, found: _Pins) -> None:
        if self._is_open(found[0]):
            self.said.emit(
                "Pinned. The Train step shows what is answered about it after every epoch."
            )

    @Slot(object)
    def _on_changed(self, found: _Pins) -> None:
        root, pins = found
        if self._is_open(root):
            self._take(pins)

    def _is_open(self, root: Path) -> bool:
        project = self._opened()
        return project is not None and project.root == root

    def _take(self, pins: tuple[Pin, ...]) -> None:
        if pins != self.pins:
            self.pins = pins
            self.changed.emit()
