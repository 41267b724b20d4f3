"""`TakenBursts`: the bursts of one sitting, so that undo takes back those and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from cnnstudio.core.project import Project


@dataclass(eq=False)
class _Burst:
    count: int
    path: str | None = None
    is_being_undone: bool = False


class TakenBursts:
    """Follows the project from edit to edit.

    A burst handed over is in the project once an edit has added as many pictures; until then, and
    when it failed, an undo would take back something else.
    """

    def __init__(self) -> None:
        self._bursts: list[_Burst] = []

    def add(self, count: int) -> None:
        """Note that a burst of `count` pictures was handed over."""
        self._bursts.append(_Burst(count))

    def follow(self, before: Project, after: Project) -> int:
        """Look at what an edit did; return how many pictures of bursts it took away."""
        if before.samples == after.samples:
            return 0
        gained = [each.path for each in after.samples if each.path not in before.sample_at]
        for burst in self._bursts:
            if burst.path is None and gained and burst.count == len(gained):
                burst.path = gained[0]
                break
        gone = [
            each
            for each in self._bursts
            if each.path in before.sample_at and each.path not in after.sample_at
        ]
        self._bursts = [each for each in self._bursts if each not in gone]
        return sum(each.count for each in gone)

    def forget_failed(self) -> int:
        """An edit failed: nothing is on its way now; return how many pictures were."""
        failed = [each for each in self._bursts if each.path is None]
        self._bursts = [each for each in self._bursts if each.path is not None]
        for each in self._bursts:
            each.is_being_undone = False
        return sum(each.count for each in failed)

    @property
    def are_settled(self) -> bool:
        """Whether every burst handed over is in the project."""
        return all(each.path is not None for each in self._bursts)

    def take_back(self) -> bool:
        """Whether undo would take back a burst; if so, it counts as being undone from now on."""
        if not self.are_settled:
            return False
        waiting = [each for each in self._bursts if not each.is_being_undone]
        if waiting:
            waiting[-1].is_being_undone = True
        return bool(waiting)
