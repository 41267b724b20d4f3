"""`SampleModel`: the pictures of the grid, as Qt's views want them."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from cnnstudio.core.arranging import Arrangement, Knowledge, Problem
from cnnstudio.core.project import Project, Sample
from cnnstudio.ui.problem_words import badge_word, problem_words
from cnnstudio.ui.theme import class_colour
from cnnstudio.ui.words import percent

Index = QModelIndex | QPersistentModelIndex

SAMPLE_ROLE = Qt.ItemDataRole.UserRole
"""The `Sample` itself."""

COLOUR_ROLE = Qt.ItemDataRole.UserRole + 1
"""The colour of its class, None without a class."""

PROBLEM_ROLE = Qt.ItemDataRole.UserRole + 2
"""What is wrong with it in a line, the gravest first; None when nothing is known against it."""

BADGE_ROLE = Qt.ItemDataRole.UserRole + 3
"""Its gravest problem in a word, None without one."""

SUGGESTION_ROLE = Qt.ItemDataRole.UserRole + 4
"""Title and probability (0 to 1) of the class a network suggests, None without a suggestion."""


class SampleModel(QAbstractListModel):
    """The pictures that a worker has arranged; taking them over looks at none of them."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._arrangement = Arrangement()
        self._knowledge = Knowledge()
        self._titles: dict[str, str] = {}
        self._colours: dict[str, QColor] = {}
        self._suggestions: Mapping[str, tuple[str, float]] = {}

    @property
    def arrangement(self) -> Arrangement:
        """What is shown."""
        return self._arrangement

    @property
    def samples(self) -> tuple[Sample, ...]:
        """The samples shown, in order."""
        return self._arrangement.samples

    @property
    def knowledge(self) -> Knowledge:
        """What is known of the pictures."""
        return self._knowledge

    def row_of(self, path: str) -> int:
        """Return the row of the sample at a path within the project, -1 when it is not shown."""
        return self._arrangement.rows.get(path, -1)

    def set_arrangement(
        self, project: Project, arrangement: Arrangement, knowledge: Knowledge
    ) -> bool:
        """Show what `core.arranging.arrange` has made of a project.

        Returns:
            Whether other rows are shown than before, so that the model was reset and the view's
            selection is empty.
        """
        is_same = arrangement.rows is self._arrangement.rows
        if not is_same:
            self.beginResetModel()
        self._arrangement, self._knowledge = arrangement, knowledge
        self._titles = {each.name: each.title for each in project.classes}
        self._colours = {each.name: class_colour(each.colour) for each in project.classes}
        if not is_same:
            self.endResetModel()
        else:
            self._tell_all()
        return not is_same

    def set_suggestions(self, suggestions: Mapping[str, tuple[str, float]]) -> None:
        """Show suggested classes: by path, title and probability from 0 to 1."""
        self._suggestions = suggestions
        self._tell_all()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - as Qt declares it
        """How many samples are shown."""
        return 0 if parent.isValid() else len(self.samples)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What is known of a sample; see the roles above."""
        if not index.isValid() or index.row() >= len(self.samples):
            return None
        sample = self.samples[index.row()]
        if role == SAMPLE_ROLE:
            return sample
        if role == COLOUR_ROLE:
            return self._colours.get(sample.class_name or "")
        if role == PROBLEM_ROLE:
            return "; ".join(map(problem_words, self._problems(sample))) or None
        if role == BADGE_ROLE:
            problems = self._problems(sample)
            return badge_word(problems[0].kind) if problems else None
        if role == SUGGESTION_ROLE:
            return self._suggestions.get(sample.path)
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

    def _problems(self, sample: Sample) -> tuple[Problem, ...]:
        return self._knowledge.problems.get(sample.path, ())

    def _lines(self, sample: Sample) -> list[str]:
        lines = [sample.file_name, self._titles.get(sample.class_name or "", "without a class")]
        lines += map(problem_words, self._problems(sample))
        if suggestion := self._suggestions.get(sample.path):
            lines.append(f"The network suggests {suggestion[0]}, {percent(suggestion[1], 0)}")
        return lines

    def _tell_all(self) -> None:
        if self.samples:
            self.dataChanged.emit(self.index(0), self.index(len(self.samples) - 1))
