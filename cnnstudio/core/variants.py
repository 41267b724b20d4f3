"""Augmented variants of training pictures, and what a backbone sees in them.

A variant is made of a picture by a random draw that depends on nothing but the seed, the picture
and the variant's number. So its features can be kept like those of the picture itself.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

import numpy as np

from cnnstudio.core.config import AugmentationConfig, RunConfig, to_dict
from cnnstudio.core.dataset.augmenting import augment_batch
from cnnstudio.core.dataset.images import UnreadablePicture, read_array
from cnnstudio.core.dataset.reading import in_parallel
from cnnstudio.core.engine_api import Engine, LabelledFeatures, Pictures
from cnnstudio.core.gathering import BATCH, Features, feature_name, known_features
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.progress_clock import ProgressClock
from cnnstudio.core.storage.index import Index
from cnnstudio.core.training_material import TrainingMaterial
from cnnstudio.core.training_members import Member

_DIGITS = 12


def with_variants(
    engine: Engine,
    material: TrainingMaterial,
    config: RunConfig,
    index: Index,
    context: TaskContext,
) -> LabelledFeatures:
    """Return the features of the training pictures, each as it is and in its augmented variants.

    Raises:
        StudioError: the backbone's weights are missing.
        Cancelled: the user cancelled; what was computed until then is in the index.
    """
    plain = material.features_of("train")
    count = config.transfer.variants
    if not count or config.augmentation == AugmentationConfig():
        return plain
    rows = material.rows("train")
    found = _Variants(engine, config, index, context).of(
        material.members[rows], material.marks[rows]
    )
    features = np.empty((len(plain), 1 + count, plain.features.shape[-1]), np.float16)
    features[:, :1] = plain.features
    for row, mark in enumerate(material.marks[rows]):
        for number in range(count):
            # Where the file has gone since, the picture as it is stands in.
            features[row, 1 + number] = found[number].get(mark, plain.features[row, 0])
    return LabelledFeatures(features, plain.labels)


class _Variants:
    def __init__(
        self, engine: Engine, config: RunConfig, index: Index, context: TaskContext
    ) -> None:
        self._engine = engine
        self._config = config
        self._index = index
        self._context = context
        self._kind = engine.feature_kind(config.transfer.backbone)
        prefix = f"{feature_name(self._kind, config)}-variant-"
        drawn = json.dumps([to_dict(config.augmentation), config.training.seed])
        digest = hashlib.sha256(drawn.encode()).hexdigest()[:_DIGITS]
        self._names = [f"{prefix}{digest}-{number}" for number in range(config.transfer.variants)]
        index.forget_features(prefix, self._names)  # of other settings: they would pile up

    def of(self, members: list[Member], marks: list[str]) -> list[dict[str, Features]]:
        """Return for each variant's number its features by fingerprint."""
        found = [known_features(self._index, name, self._kind, set(marks)) for name in self._names]
        place_of = dict(zip(marks, (member.place for member in members), strict=True))
        missing = {
            mark: numbers
            for mark in place_of
            if (numbers := [number for number, rows in enumerate(found) if mark not in rows])
        }

        def made(mark: str) -> Pictures:
            picture = read_array(
                place_of[mark], self._kind.size_px, self._config.training.resize_mode
            )
            return np.concatenate([self._variant(picture, mark, each) for each in missing[mark]])

        clock = ProgressClock("Looking at augmented variants", len(missing), self._context)
        results = in_parallel(list(missing), made, self._context, ahead=BATCH)
        waiting: list[tuple[str, Pictures]] = []
        for done, (mark, pictures) in enumerate(zip(missing, results, strict=True), 1):
            if not isinstance(pictures, UnreadablePicture):
                waiting.append((mark, pictures))
            if sum(len(each) for _, each in waiting) >= BATCH or done == len(missing):
                self._compute(waiting, missing, found)
                waiting.clear()
            clock.report(done)
        return found

    def _variant(self, picture: Pictures, mark: str, number: int) -> Pictures:
        drawing = np.random.default_rng((self._config.training.seed, number, int(mark, 16)))
        return augment_batch(picture[None], self._config.augmentation, drawing)

    def _compute(
        self,
        waiting: Iterable[tuple[str, Pictures]],
        missing: dict[str, list[int]],
        found: list[dict[str, Features]],
    ) -> None:
        """Compute and keep the features of variants."""
        whole = [(mark, pictures) for mark, pictures in waiting]
        if not whole:
            return
        rows = iter(
            self._engine.features(
                np.concatenate([pictures for _, pictures in whole]), self._config.transfer.backbone
            ).astype(np.float16)
        )
        new: list[dict[str, Features]] = [{} for _ in found]
        for mark, _ in whole:
            for number in missing[mark]:
                new[number][mark] = next(rows)
        for name, kept, fresh in zip(self._names, found, new, strict=True):
            self._index.store_features(name, fresh)
            kept.update(fresh)
