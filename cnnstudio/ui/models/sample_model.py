"""`SampleModel`: the pictures of the grid, as Qt's views want them."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from cnnstudio.core.project import Project, Sample
from cnnstudio.ui.theme import class_colour

Index = QModelIndex | QPersistentModelIndex

SAMPLE_ROLE = Qt.ItemDataRole.UserRole
"""The `Sample` itself."""

COLOUR_ROLE = Qt.ItemDataRole.UserRole + 1
"""The colour of its class, None without a class."""

PROBLEM_ROLE = Qt.ItemDataRole.UserRole + 2
"""Why it cannot be read, None when nothing is known against it."""


class SampleModel(QAbstractListModel):
    """A list of samples; asking it for anything reads nothing from disk."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._samples: Sequence[Sample] = ()
        self._rows: dict[str, int] = {}
        self._titles: dict[str, str] = {}
        self._colours: dict[str, QColor] = {}
        self._problems: Mapping[str, str] = {}

    @property
    def samples(self) -> Sequence[Sample]:
        """The samples shown, in order."""
        return self._samples

    def row_of(self, path: str) -> int:
        """Return the row of the sample at a path within the project, -1 when it is not shown."""
        return self._rows.get(path, -1)

    def set_samples(
        self, project: Project, samples: Sequence[Sample], problems: Mapping[str, str]
    ) -> bool:
        """Show these samples of a project; `problems` are reasons by path.

        Returns:
            Whether the list is another one than before, so that the model was reset.
        """
        is_same = samples is self._samples
        rows = self._rows
        if not is_same:
            rows = {sample.path: row for row, sample in enumerate(samples)}
            is_same = list(rows) == list(self._rows)
        if not is_same:
            self.beginResetModel()
        self._samples, self._rows, self._problems = samples, rows, problems
        self._titles = {each.name: each.title for each in project.classes}
        self._colours = {
            each.name: class_colour(place) for place, each in enumerate(project.classes)
        }
        if not is_same:
            self.endResetModel()
        elif samples:
            self.dataChanged.emit(self.index(0), self.index(len(samples) - 1))
        return not is_same

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - as Qt declares it
        """How many samples are shown."""
        return 0 if parent.isValid() else len(self._samples)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What is known of a sample; see the roles above."""
        if not index.isValid() or index.row() >= len(self._samples):
            return None
        sample = self._samples[index.row()]
        if role == SAMPLE_ROLE:
            return sample
        if role == COLOUR_ROLE:
            return self._colours.get(sample.class_name or "")
        if role == PROBLEM_ROLE:
            return self._problems.get(sample.path)
        if role == Qt.ItemDataRole.DisplayRole:
            return sample.file_name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(self._lines(sample))
        if role == Qt.ItemDataRole.ToolTipRole:
            # Names may look like mark-up and must not act like it.
            return "<br>".join(html.escape(line) for line in self._lines(sample))
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Samples can be selected and dragged."""
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsDragEnabled if index.isValid() else flags

    def _lines(self, sample: Sample) -> list[str]:
        title = self._titles.get(sample.class_name or "", "without a class")
        lines = [sample.file_name, title]
        problem = self._problems.get(sample.path)
        return [*lines, f"Cannot be read: {problem}"] if problem else lines
