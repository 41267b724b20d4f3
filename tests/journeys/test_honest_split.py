"""Tracks of signs: dealt one by one they promise far more than the network can do on a new sign."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from cnnstudio.core.cross_checking import cross_check
from cnnstudio.core.dataset.health.measuring import TINY
from cnnstudio.core.dataset.look_alikes import Album, LookAlikes, find_look_alikes
from cnnstudio.core.dataset.reading import index_samples
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.dataset.split_report import report_split
from cnnstudio.core.dataset.splitting import split_samples
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.picture_features import Features, features_of
from cnnstudio.core.project import Split
from cnnstudio.core.softmax_regression import fit_softmax_regression
from cnnstudio.core.storage.index import Index
from cnnstudio.core.storage.split_book import SplitBook
from cnnstudio.engine.keras_engine import KerasEngine
from tests.core.dataset.health.scenes import scene

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

TRACKS_EACH, FRAMES = 6, 30
SHAPES = ("circle", "cross", "square", "triangle", "bars")
FAR_PX, NEAR_PX = 24, 96


def draw_sign(image: Image.Image, shape: str, colour: tuple[int, int, int]) -> None:
    """Draw a sign of 24 px into the middle of a picture of 120 px: the rest says nothing of it."""
    draw = ImageDraw.Draw(image)
    if shape == "circle":
        draw.ellipse((48, 48, 72, 72), fill=colour)
    elif shape == "square":
        draw.rectangle((49, 49, 71, 71), fill=colour)
    elif shape == "triangle":
        draw.polygon([(60, 47), (73, 72), (47, 72)], fill=colour)
    elif shape == "cross":
        draw.line((49, 49, 71, 71), colour, 7)
        draw.line((71, 49, 49, 71), colour, 7)
    else:
        for x in (50, 58, 66):
            draw.rectangle((x, 48, x + 4, 72), fill=colour)


def track_folder(root: Path) -> Path:
    """30 frames of each sign from afar to near by, named as the German traffic signs are."""
    random = np.random.default_rng(0)
    for label, shape in enumerate(SHAPES):
        (root / shape).mkdir(parents=True)
        for track in range(TRACKS_EACH):
            ground = scene(1000 * label + track)
            colour = tuple(int(each) for each in random.integers(0, 256, 3))
            x, y = (int(each) for each in random.integers(0, 80, 2))
            for frame in range(FRAMES):
                left, top = x + frame, y + frame // 2
                view = ground.crop((left, top, left + 120, top + 120))
                draw_sign(view, shape, colour)
                side_px = FAR_PX + (NEAR_PX - FAR_PX) * frame // (FRAMES - 1)
                small = np.asarray(view.resize((side_px, side_px))).astype(np.float32)
                noisy = (small + random.normal(0, 3, small.shape)).clip(0, 255).astype(np.uint8)
                Image.fromarray(noisy).save(root / shape / f"{track:05d}_{frame:05d}.png")
    return root


def accuracies(features: Features, labels: np.ndarray, splits: list[Split]) -> tuple[float, float]:
    """Right answers of a classifier on features, for validation and test pictures."""
    side = np.array(splits)
    learned = side == "train"
    model = fit_softmax_regression(features[learned], labels[learned], 5, TaskContext())
    is_right = model.probabilities(features).argmax(axis=1) == labels
    return float(is_right[side == "validation"].mean()), float(is_right[side == "test"].mean())


def test_a_split_by_picture_promises_far_more_than_the_honest_one(tmp_path: Path) -> None:
    project = scan(track_folder(tmp_path / "signs"))
    context = TaskContext()
    engine = KerasEngine(cache_folder=tmp_path)
    names = [each.name for each in project.classes]
    labels = np.array([names.index(sample.class_name or "") for sample in project.samples])
    with Index(None) as index:
        rows = index_samples(project, project.samples, index, context)
        marks = {sample: rows[sample.path].fingerprint for sample in project.samples}
        features = features_of(engine, project, marks, index, context)
        album = Album(
            [sample.path for sample in project.samples],
            labels.tolist(),
            [rows[sample.path] for sample in project.samples],
            lambda wanted: index.find_features(TINY, wanted),
            features,
        )
        found = find_look_alikes(album, context)
    table = np.stack([features[marks[sample]] for sample in project.samples])
    prints, pins = list(marks.values()), [None] * len(marks)

    def dealt(alike: LookAlikes | None) -> tuple[list[Split], SplitBook]:
        groups = alike.group_of if alike else ()
        return split_samples(prints, labels.tolist(), pins, SplitBook(), 0, 0.15, 0.15, groups)

    by_picture, _ = dealt(None)
    honest, book = dealt(found)
    report = report_split(prints, labels.tolist(), pins, honest, SplitBook(), book, found, names)
    promised, kept = accuracies(table, labels, by_picture), accuracies(table, labels, honest)
    is_pooled = np.array(honest) != "test"
    groups = np.array(found.group_of)[is_pooled].tolist()
    checked = cross_check(table[is_pooled], labels[is_pooled], groups, 5, 0, context)
    assert checked is not None
    sys.stdout.write(
        f"\n{report.sentence}\nTest accuracy by picture {promised[1]:.1%}, by groups {kept[1]:.1%}."
        f" {checked.sentence}\n"
    )
    assert promised[1] > 0.95
    assert promised[1] > kept[1] + 0.15
    assert checked.low <= np.mean(kept) <= checked.high
    # Every track stays whole: no two of its frames lie in different groups.
    tracks = [sample.path.rpartition("_")[0] for sample in project.samples]
    assert len(set(zip(tracks, found.group_of, strict=True))) == len(set(tracks))
    assert report.spared > 200
