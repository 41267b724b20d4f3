"""`RunService`: a run that answers a browser and other programs on this computer, in a process."""

from __future__ import annotations

import json
from typing import Any

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, Signal, Slot

from cnnstudio.core.errors import StudioError
from cnnstudio.core.own_process import own_program, own_python_path
from cnnstudio.core.runs import Run

_ENDS_WITHIN_MS = 1000


class RunService(QObject):
    """Starts and stops `cnnstudio serve` for one run at a time.

    `changed` is emitted when it starts, answers or ends; `failed` carries a `StudioError` when it
    ended without having been told to. The process ends with this one, however that ends: it
    listens to a pipe that closes then.
    """

    changed = Signal()
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.run: Run | None = None
        self.url = ""
        self._process: QProcess | None = None
        self._reason = StudioError("")
        self._unread = b""

    def start(self, run: Run) -> None:
        """Serve a run instead of the one before; `url` is known once it answers."""
        self.close()
        self.run = run
        self._reason = StudioError("The service ended by itself.", "Start it again.")
        self._unread = b""
        program, *arguments = service_command(run)
        process = self._process = QProcess(self)
        process.setObjectName("run_service")
        process.setProgram(program)
        process.setArguments(arguments)
        process.setProcessEnvironment(_environment())
        process.setStandardErrorFile(QProcess.nullDevice())
        process.readyReadStandardOutput.connect(self._on_output)
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_error)
        process.start()
        self.changed.emit()

    def stop(self) -> None:
        """Serve no longer; what is in work there is still answered."""
        process = self._forget()
        if process is not None:
            process.finished.connect(process.deleteLater)
            process.closeWriteChannel()
            self.changed.emit()

    def close(self) -> None:
        """End the process now, and those that are ending."""
        self._forget()
        for process in self.findChildren(QProcess):
            if process.state() != QProcess.ProcessState.NotRunning:
                process.kill()
                process.waitForFinished(_ENDS_WITHIN_MS)
            process.deleteLater()

    def _forget(self) -> QProcess | None:
        process, self._process = self._process, None
        self.run, self.url = None, ""
        if process is not None:
            process.readyReadStandardOutput.disconnect(self._on_output)
            process.finished.disconnect(self._on_finished)
            process.errorOccurred.disconnect(self._on_error)
        return process

    @Slot()
    def _on_output(self) -> None:
        if self._process is None:
            return
        self._unread += bytes(self._process.readAllStandardOutput().data())
        *lines, self._unread = self._unread.split(b"\n")
        for event in map(_event, lines):
            if event.get("event") == "serving":
                self.url = str(event["url"])
                self.changed.emit()
            elif event.get("event") == "failed":
                self._reason = StudioError(str(event["reason"]), str(event.get("hint", "")))

    @Slot()
    def _on_finished(self) -> None:
        self._on_output()
        self._end()

    @Slot(QProcess.ProcessError)
    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._end()

    def _end(self) -> None:
        process = self._forget()
        if process is not None:
            process.deleteLater()
            self.changed.emit()
            self.failed.emit(self._reason)


def service_command(run: Run) -> list[str]:
    """Return the program that serves a run and its arguments."""
    return own_program("serve", str(run.folder), "--port", "0", "--json", "--stop-with-stdin")


def _environment() -> QProcessEnvironment:
    """The same program as this one, whatever lies in the folder that it was started from."""
    environment = QProcessEnvironment.systemEnvironment()
    environment.insert("PYTHONPATH", own_python_path())
    environment.remove("CNNSTUDIO_TOKEN")  # it would stand in the address
    return environment


def _event(line: bytes) -> dict[str, Any]:
    try:
        event = json.loads(line)
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}
