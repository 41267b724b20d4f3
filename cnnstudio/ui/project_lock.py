"""`ProjectLock`: one window for each project."""

from __future__ import annotations

from PySide6.QtCore import QLockFile

from cnnstudio.core.project import Project


class ProjectLock:
    """Keeps other windows out of the project that is open in this one."""

    def __init__(self) -> None:
        self._lock: QLockFile | None = None
        self._project: Project | None = None

    def take(self, project: Project) -> bool:
        """Let go of the project before and take this one; False when another window has it.

        A folder that cannot be written needs no lock: nothing in it can be changed.
        """
        if self._project is not None and self._project.root == project.root:
            return True
        try:
            project.state_folder.mkdir(exist_ok=True)
        except OSError:
            self.release()
            return True
        lock = QLockFile(str(project.state_folder / "window.lock"))
        # Only a window that no longer lives loses its lock, however long it is open.
        lock.setStaleLockTime(0)
        if not lock.tryLock(0) and lock.error() == QLockFile.LockError.LockFailedError:
            return False
        self.release()
        self._lock, self._project = lock, project
        return True

    def release(self) -> None:
        """Let other windows open the project."""
        if self._lock is not None:
            self._lock.unlock()
        self._lock = self._project = None
