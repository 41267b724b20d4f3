"""`SortingOut`: puts the answered pictures into folders of their classes, and takes that back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QMenu, QPushButton, QWidget

from cnnstudio.core.edits import label_each, pictures_words
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.predictions import Prediction
from cnnstudio.core.project import Project
from cnnstudio.core.sorting_out import (
    Sorted,
    SortedOut,
    copy_into_folders,
    move_into_folders,
    take_back,
)
from cnnstudio.ui.models.answer_rows import AnswerRows
from cnnstudio.ui.session import Session
from cnnstudio.ui.widgets.primary_button import styled_button
from cnnstudio.ui.words import pictures

_Rows = Callable[[], AnswerRows]


class SortingOut(QObject):
    """A button with a menu: copy, move, or give pictures of the project their classes.

    `done` carries a sentence and whether there is something that `take_back` would undo.
    """

    done = Signal(str, bool)

    def __init__(self, session: Session, rows: _Rows, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._rows = rows
        self._window = window
        self._last: SortedOut | None = None
        self.button = self._build_button()

    def set_enabled(self, enabled: bool) -> None:
        """Offer it, or not."""
        self.button.setEnabled(enabled)

    def forget(self) -> None:
        """Take nothing back any more: other pictures are shown."""
        self._last = None

    @Slot()
    def take_back(self) -> None:
        """Put the pictures that were moved last back where they were."""
        if self._last is not None:
            task, self._last = take_back(self._last), None
            job = self._session.file_jobs.start("Moving pictures back", task, can_cancel=False)
            job.finished.connect(self._on_taken_back)
            job.failed.connect(self._session.failed)

    def _build_button(self) -> QPushButton:
        button = styled_button("Sort into folders", small=True)
        button.setObjectName("predict_sort")
        button.setToolTip("A folder for each class, and one for those that it is not sure about")
        button.setEnabled(False)
        self._menu = QMenu(button)
        self._menu.setObjectName("predict_sort_menu")
        for words, do in (
            ("Copy into folders...", self._copy),
            ("Move into folders...", self._move),
        ):
            self._menu.addAction(words).triggered.connect(do)
        self._label = QAction("Give pictures of this project these classes", self._menu)
        self._label.triggered.connect(self._label_pictures)
        self._menu.addAction(self._label)
        button.clicked.connect(self._open)
        return button

    @Slot()
    def _open(self) -> None:
        self._label.setVisible(self._session.project is not None)
        self._menu.popup(self.button.mapToGlobal(QPoint(0, self.button.height() + 4)))

    @Slot()
    def _copy(self) -> None:
        self._sort("Copying pictures", copy_into_folders, "copied")

    @Slot()
    def _move(self) -> None:
        self._sort("Moving pictures", move_into_folders, "moved")

    def _sort(
        self, words: str, sort: Callable[[Sequence[Sorted], Path], Task[SortedOut]], verb: str
    ) -> None:
        chosen = QFileDialog.getExistingDirectory(
            self._window, "Folder that gets a folder for each class"
        )
        if not chosen:
            return
        rows, count, folder = self._rows(), len(self._rows()), Path(chosen)

        def task(context: TaskContext) -> SortedOut:
            return sort(list(_sorted(rows, count)), folder)(context)

        def finished(result: SortedOut) -> None:
            self._last = result if result.moves else None
            folders = ", ".join(f"{name} {number:,}" for name, number in result.counts.items())
            words = f"{pictures(result.count)} {verb} into {result.folder}: {folders}."
            self.done.emit(words, bool(result.moves))

        job = self._session.file_jobs.start(words, task)
        job.finished.connect(finished)
        job.failed.connect(self._session.failed)

    @Slot(object)
    def _on_taken_back(self, result: SortedOut) -> None:
        words = f"{pictures(result.count)} moved back to where they were."
        self.done.emit(words, False)

    @Slot()
    def _label_pictures(self) -> None:
        project = self._session.project
        if project is None:
            return
        rows, count = self._rows(), len(self._rows())
        job = self._session.background_jobs.start(
            "Looking which pictures are in the project", lambda _: _labels(rows, count, project)
        )
        job.finished.connect(self._on_labels)

    @Slot(object)
    def _on_labels(self, class_of: dict[str, str | None]) -> None:
        if not class_of:
            self.done.emit("None of these pictures is in this project with another class.", False)
            return
        words = f"Give {pictures_words(len(class_of))} the classes predicted"
        self._session.edit(label_each(class_of, words))


def _sorted(rows: AnswerRows, count: int) -> Iterator[Sorted]:
    for place in range(count):
        answer = rows.answer(place)
        if isinstance(answer, Prediction):
            yield Sorted.of(rows.source(place), answer)


def _labels(rows: AnswerRows, count: int, project: Project) -> dict[str, str | None]:
    """Classes of the project's own pictures that have another; those not sure keep theirs."""
    known = {each.name for each in project.classes}
    labels: dict[str, str | None] = {}
    for each in _sorted(rows, count):
        if each.is_unsure or not isinstance(each.source, Path) or each.class_name not in known:
            continue
        if each.source.is_relative_to(project.root):
            path = each.source.relative_to(project.root).as_posix()
            sample = project.sample_at.get(path)
            if sample is not None and sample.class_name != each.class_name:
                labels[path] = each.class_name
    return labels
