"""What the pretrained network that comes with the program sees; kept in the project's index."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from cnnstudio.core.engine_api import Engine
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.picture_features import Features, feature_name, features_of, kept_features
from cnnstudio.core.project import Project, Sample
from cnnstudio.core.storage.index import Index

MAP_FILE = "map.npz"


class PretrainedSight:
    """The same for every run, and most often known already: Fast start learns from it."""

    def __init__(self, engine: Engine, project: Project) -> None:
        self._engine = engine
        self._project = project

    @property
    def name(self) -> str:
        """The pretrained network, and how pictures are made square for it."""
        return feature_name(self._engine, self._project)

    @property
    def map_file(self) -> Path:
        """Beside the project's other state."""
        return self._project.state_folder / MAP_FILE

    def known(self, marks: Collection[str], index: Index) -> set[str]:
        """Return of which pictures there are features in the index."""
        return index.find_known(self.name, marks)

    def features(self, marks: Iterable[str], index: Index) -> dict[str, Features]:
        """Return the features in the index, as far as they are of the right length."""
        return kept_features(self._engine, self._project, marks, index)

    def look(self, marks: Mapping[Sample, str], index: Index, context: TaskContext) -> None:
        """Compute the features that the index lacks.

        Raises:
            StudioError: the pretrained weights are missing or damaged.
            Cancelled: the user cancelled.
        """
        features_of(self._engine, self._project, marks, index, context)
