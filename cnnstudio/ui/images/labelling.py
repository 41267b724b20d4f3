"""`Labelling`: keys and menus that give the selected pictures a class or remove them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Slot

from cnnstudio.core.class_edits import label_as
from cnnstudio.core.edits import NamedEdit, label_samples, remove_samples, restore_samples
from cnnstudio.core.project import Project, Sample
from cnnstudio.ui.session import Session

Selected = Callable[[], Sequence[Sample]]


class Labelling(QObject):
    """Acts on what is selected in the grid.

    Keys come faster than files move. Those pressed while the last edit is being made wait for it,
    and act on the pictures that are shown and selected afterwards.
    """

    def __init__(self, session: Session, selected: Selected, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._selected = selected
        self._is_changing = False
        self._later: deque[Callable[[], None]] = deque()
        session.failed.connect(self._on_failed)

    # What the user asks for

    @Slot(int)
    def label_by_number(self, number: int) -> None:
        """Give the class of that place, counted from 1; 0 takes the class away."""
        self.when_settled(lambda: self._label_by_number(number))

    def label_by_letter(self, letter: str) -> bool:
        """Give the class that has this letter; False when none has."""
        project = self._session.project
        if project is None or not any(each.key == letter.casefold() for each in project.classes):
            return False
        self.when_settled(lambda: self._label_by_letter(letter.casefold()))
        return True

    def label(self, class_name: str | None) -> None:
        """Give a class; None takes it away."""
        self.when_settled(lambda: self._label(class_name))

    @Slot(str)
    def label_as(self, title: str) -> None:
        """Give the class of that title, which is made when there is none."""
        self.when_settled(lambda: self._label_as(title))

    @Slot()
    def remove(self) -> None:
        """Move the pictures to the bin."""
        self.when_settled(self._remove)

    def restore(self, binned: Sequence[Sample]) -> None:
        """Bring pictures of the bin back."""
        if binned:
            self.when_settled(lambda: self.edit(restore_samples(binned)))

    def edit(self, edit: NamedEdit) -> None:
        """Make an edit; keys wait for it."""
        self._is_changing = True
        self._session.edit(edit)

    # Waiting for files to move

    def when_settled(self, act: Callable[[], None]) -> None:
        """Act at once, or as soon as what runs is done and shown."""
        if self._is_changing:
            self._later.append(act)
        else:
            act()

    def settle(self) -> None:
        """Let go of the keys that waited: the grid shows what the project says."""
        self._is_changing = False
        while self._later and not self._is_changing:
            self._later.popleft()()

    @Slot(object)
    def _on_failed(self, _error: Exception) -> None:
        # What was typed ahead meant a state that did not come about.
        self._is_changing = False
        self._later.clear()

    # Acting

    def _label_by_number(self, number: int) -> None:
        project = self._session.project
        if project is None:
            return
        if number > len(project.classes):
            self._session.said.emit(f"No class has the key {number}.")
        elif not self._has_selection():
            self._session.said.emit("Select pictures first, then press the key of their class.")
        else:
            self._label(project.classes[number - 1].name if number else None)

    def _label_by_letter(self, letter: str) -> None:
        project = self._session.project
        for each in project.classes if project is not None else ():
            if each.key == letter:
                if self._has_selection():
                    self._label(each.name)
                else:
                    words = "Select pictures first, then press the key of their class."
                    self._session.said.emit(words)

    def _label(self, class_name: str | None) -> None:
        chosen = self._selected()
        if not chosen or not self._are_in_project(chosen):
            return
        paths = [sample.path for sample in chosen if sample.class_name != class_name]
        if paths:
            self.edit(label_samples(paths, class_name))
        else:
            where = "without a class" if class_name is None else "in this class"
            self._session.said.emit(f"The selected pictures are {where} already.")

    def _label_as(self, title: str) -> None:
        chosen = self._selected()
        if chosen and self._are_in_project(chosen):
            self.edit(label_as([sample.path for sample in chosen], title))

    def _remove(self) -> None:
        chosen = self._selected()
        if chosen and self._are_in_project(chosen):
            self.edit(remove_samples(sample.path for sample in chosen))

    def _has_selection(self) -> bool:
        return bool(self._selected())

    def _are_in_project(self, chosen: Sequence[Sample]) -> bool:
        """Whether pictures are the project's; those of the bin have to be restored first."""
        project: Project | None = self._session.project
        if project is not None and chosen[0].path in project.sample_at:
            return True
        self._session.said.emit("These are in the bin. Restore them first.")
        return False
