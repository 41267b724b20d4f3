"""What can be undone and redone. Moves no file: whoever does records it here afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cnnstudio.core.changes import Change
from cnnstudio.core.storage.file_moves import FileMove


@dataclass(frozen=True)
class Step:
    """One edit that was made: its words, what it changed, and the files it moved."""

    words: str
    change: Change
    moves: tuple[FileMove, ...]


class History:
    """The steps made so far and those taken back, without limit: a step holds what it changed only.

    To undo: move the files of `undo_step` back, then call `undone` with it; likewise `redo_step`
    and `redone`. A step whose files could not be moved so stays where it is.
    """

    def __init__(self) -> None:
        self._done: list[Step] = []
        self._taken_back: list[Step] = []

    @property
    def undo_step(self) -> Step | None:
        """The step that undo takes back, or None."""
        return self._done[-1] if self._done else None

    @property
    def redo_step(self) -> Step | None:
        """The step that redo makes again, or None."""
        return self._taken_back[-1] if self._taken_back else None

    @property
    def undo_words(self) -> str | None:
        """What undo takes back, in words, or None."""
        return self._done[-1].words if self._done else None

    @property
    def redo_words(self) -> str | None:
        """What redo makes again, in words, or None."""
        return self._taken_back[-1].words if self._taken_back else None

    def done(self) -> Sequence[Step]:
        """Return the steps that can be undone, the last one first."""
        return self._done[::-1]

    def taken_back(self) -> Sequence[Step]:
        """Return the steps that can be redone, the next one first."""
        return self._taken_back[::-1]

    def push(self, step: Step) -> None:
        """Record a step that was just made; what had been taken back cannot be redone any more."""
        self._done.append(step)
        self._taken_back.clear()

    def undone(self, step: Step) -> None:
        """Record that `undo_step` was taken back."""
        if step is not self.undo_step:
            raise ValueError("only the last step can be taken back")
        self._taken_back.append(self._done.pop())

    def redone(self, step: Step) -> None:
        """Record that `redo_step` was made again."""
        if step is not self.redo_step:
            raise ValueError("only the step taken back last can be made again")
        self._done.append(self._taken_back.pop())
