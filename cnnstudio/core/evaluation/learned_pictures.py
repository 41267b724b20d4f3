"""Which pictures are no new ones for a run: it learned them, or nearly the same ones.

What the pictures of a run look like stands in the index of its project, where training put it. Of a
run that lies elsewhere, or whose index was deleted, only the content is known: exact copies are
found, smaller ones and such as were saved again are not.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from cnnstudio.core.dataset.health.measuring import TINY
from cnnstudio.core.dataset.health.twins import TwinSearch
from cnnstudio.core.dataset.reading import look_at
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import STATE_FOLDER
from cnnstudio.core.runs import Run, read_samples
from cnnstudio.core.storage.index import FILE_NAME, Index, IndexedPicture


class LearnedPictures:
    """Tells pictures that a run learned, or was chosen by, from new ones.

    `marks` are the fingerprints of the former.
    """

    def __init__(self, run: Run) -> None:
        self.marks = {each.fingerprint for each in read_samples(run) if each.split != "test"}
        state = run.folder.absolute().parent.parent
        self._index_file = state / FILE_NAME
        self._rows: dict[str, IndexedPicture] = {}
        self._new: dict[str, IndexedPicture] = {}
        self._tiny: dict[str, NDArray[np.uint8]] = {}
        if state.name == STATE_FOLDER and self._index_file.is_file():
            with Index(self._index_file) as index:
                self._rows = index.find_by_fingerprint(self.marks)

    def look_at(self, mark: str, data: bytes) -> None:
        """Take a picture into what `near_copies` compares; may be called from several threads."""
        if self._rows and mark not in self.marks:
            row, tiny = look_at(data)
            if tiny is not None:
                self._tiny[mark] = tiny  # first: a row relies on it
                self._new[mark] = row

    def near_copies(self, context: TaskContext) -> set[str]:
        """Return the fingerprints of new pictures that look nearly the same as a learned one.

        Raises:
            Cancelled: the user cancelled.
        """
        if not self._new:
            return set()
        with Index(self._index_file) as index:

            def tiny_of(marks: Iterable[str]) -> dict[str, NDArray[np.generic]]:
                wanted = set(marks)
                new = {mark: self._tiny[mark] for mark in wanted & self._tiny.keys()}
                return index.find_features(TINY, wanted - new.keys()) | new

            search = TwinSearch(compared=self._rows)
            pairs = search.pairs({**self._rows, **self._new}, tiny_of, context)
        return {
            mark
            for one, other in pairs
            for mark, twin in ((one, other), (other, one))
            if mark in self._new and twin in self._rows
        }
