"""`Sight`: what pictures are compared by on a map."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Protocol

from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.picture_features import Features
from cnnstudio.core.project import Sample
from cnnstudio.core.storage.index import Index


class Sight(Protocol):
    """What a network sees in the pictures of a project; pictures go by their fingerprints."""

    @property
    def name(self) -> str:
        """Tells what is seen from what another network sees."""
        ...

    @property
    def map_file(self) -> Path:
        """Where a map of it is kept."""
        ...

    def known(self, marks: Collection[str], index: Index) -> set[str]:
        """Return of which pictures it is known what is seen; quick, and without the engine."""
        ...

    def features(self, marks: Iterable[str], index: Index) -> dict[str, Features]:
        """Return what is seen, as far as it is known: rows of one length."""
        ...

    def look(self, marks: Mapping[Sample, str], index: Index, context: TaskContext) -> None:
        """Find out, on the engine thread, what is not known yet, and keep it.

        `Progress` is reported. After a cancel what was found out until then is kept.

        Raises:
            StudioError: the network cannot be asked.
            Cancelled: the user cancelled.
        """
        ...
