"""Pictures that belong together are found, and no class is swallowed by that."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnstudio.core.dataset.feature_neighbours import cosines, directions, near_pairs
from cnnstudio.core.dataset.health.measuring import TINY_SIZE
from cnnstudio.core.dataset.joining import join
from cnnstudio.core.dataset.look_alikes import (
    Album,
    LookAlikes,
    are_features_telling,
    find_look_alikes,
    small_pictures_words,
)
from cnnstudio.core.dataset.series import series_neighbours
from cnnstudio.core.errors import Cancelled
from cnnstudio.core.events import Progress
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.storage.index import IndexedPicture

LENGTH = 64


@dataclass
class Shelf:
    """Pictures put on it one after the other; `albums` makes what is known of them."""

    side_px: int = 200
    paths: list[str] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    rows: list[IndexedPicture] = field(default_factory=list)
    tiny: dict[str, np.ndarray] = field(default_factory=dict)
    features: dict[str, np.ndarray] = field(default_factory=dict)
    taken_with: dict[str, str] = field(default_factory=dict)
    dice: np.random.Generator = field(default_factory=lambda: np.random.default_rng(1))

    def put(
        self,
        path: str,
        label: int = 0,
        like: np.ndarray | None = None,
        noise: float = 0.25,
        contrast: float = 50.0,
        mark: str = "",
    ) -> np.ndarray:
        """Add a picture whose features are those of `like` with some noise, or its own."""
        own = self.dice.normal(0, 1, LENGTH)
        seen = own if like is None else like + noise * own
        mark = mark or f"mark of {path}"
        self.paths.append(path)
        self.labels.append(label)
        look = int(self.dice.integers(-(2**62), 2**62))
        self.rows.append(
            IndexedPicture(mark, self.side_px, self.side_px, contrast=contrast, look=look)
        )
        self.tiny[mark] = self.dice.integers(0, 255, TINY_SIZE).astype(np.uint8)
        # What all have in common is most of what a network sees.
        self.features[mark] = (seen + 10).astype(np.float32)
        return own

    def load(self, marks: Iterable[str]) -> Mapping[str, np.ndarray]:
        return {mark: self.tiny[mark] for mark in marks}

    def album(self, order: Sequence[int] | None = None, has_features: bool = True) -> Album:
        order = range(len(self.paths)) if order is None else order
        return Album(
            [self.paths[at] for at in order],
            [self.labels[at] for at in order],
            [self.rows[at] for at in order],
            self.load,
            self.features if has_features else {},
            self.taken_with.get,
        )

    def found(self, has_features: bool = True) -> LookAlikes:
        return find_look_alikes(self.album(has_features=has_features), TaskContext())

    def groups(self, found: LookAlikes) -> set[frozenset[str]]:
        """The paths of groups of two and more."""
        names: dict[int, set[str]] = {}
        for path, group in zip(self.paths, found.group_of, strict=True):
            names.setdefault(group, set()).add(path)
        return {frozenset(each) for each in names.values() if len(each) > 1}


def shelf_of_strangers(count: int = 60, side_px: int = 200) -> Shelf:
    shelf = Shelf(side_px)
    for number in range(count):
        shelf.put(f"class/{chr(97 + number % 26)}{chr(97 + number // 26)}.jpg", number % 2)
    return shelf


def test_strangers_stand_alone() -> None:
    shelf = shelf_of_strangers()
    found = shelf.found()
    assert len(set(found.group_of)) == 60
    assert (found.counts, found.divided) == ({}, ())


def test_copies_are_one_group() -> None:
    shelf = shelf_of_strangers()
    for name in ("x.jpg", "y.jpg", "z.jpg"):
        shelf.put(name, mark="the same")
    found = shelf.found()
    assert shelf.groups(found) == {frozenset({"x.jpg", "y.jpg", "z.jpg"})}
    assert found.counts == {"copies": 3}


def test_pictures_with_nearly_equal_features_are_a_group_whatever_their_names_and_classes() -> None:
    shelf = shelf_of_strangers()
    scene = shelf.put("x.jpg", 0)
    shelf.put("y.jpg", 1, like=scene)
    found = shelf.found()
    assert shelf.groups(found) == {frozenset({"x.jpg", "y.jpg"})}
    assert found.counts == {"look-alikes": 2}


def test_blank_pictures_are_no_look_alikes_though_their_features_are_equal() -> None:
    shelf = shelf_of_strangers()
    blank = shelf.put("blank.jpg", contrast=1.0)
    for number in range(10):
        shelf.put(f"blank {'abcdefghij'[number]}.jpg", like=blank, noise=0, contrast=1.0)
    assert shelf.groups(shelf.found()) == set()


def test_tracks_are_groups_by_number_and_likeness_and_numbers_alone_say_nothing() -> None:
    shelf = Shelf(40)
    for track in range(6):
        scene = None
        for frame in range(8):
            own = shelf.put(f"signs/{track:05d}_{frame:05d}.ppm", 0, like=scene, noise=0.4)
            scene = own if scene is None else scene
    for number in range(30):
        shelf.put(f"other/IMG_{number:04d}.jpg", 1)
    found = shelf.found()
    assert shelf.groups(found) == {
        frozenset(f"signs/{track:05d}_{frame:05d}.ppm" for frame in range(8)) for track in range(6)
    }
    assert found.counts["series"] == 48


def test_without_features_a_series_is_known_by_its_pixels() -> None:
    shelf = Shelf(40)
    picture = shelf.dice.integers(0, 200, TINY_SIZE)
    for frame in range(6):
        shelf.put(f"a/frame {frame}.png")
        noise = shelf.dice.integers(0, 9, TINY_SIZE)
        shelf.tiny[f"mark of a/frame {frame}.png"] = (picture + noise).astype(np.uint8)
    for frame in range(6, 20):
        shelf.put(f"a/frame {frame}.png")
    assert {len(group) for group in shelf.groups(shelf.found(has_features=False))} == {6}


def test_frames_of_one_video_belong_together_however_they_look() -> None:
    shelf = shelf_of_strangers()
    for path in shelf.paths[:12:2]:
        shelf.taken_with[f"mark of {path}"] = "one video"
    found = shelf.found()
    assert shelf.groups(found) == {frozenset(shelf.paths[:12:2])}
    assert found.counts == {"taken together": 6}


def test_a_class_that_is_one_burst_is_divided_into_few_stretches_and_named() -> None:
    shelf = Shelf()
    for number in range(60):
        shelf.put(f"burst/webcam {number:03d}.jpg", 0)
        shelf.taken_with[f"mark of burst/webcam {number:03d}.jpg"] = "burst"
    for number in range(30):
        shelf.put(f"other/{chr(97 + number % 26)}{number // 26 * 'x'}.jpg", 1)
    found = shelf.found()
    assert found.divided == (0,)
    groups = [found.group_of[at] for at in range(60)]
    assert max(Counter(groups).values()) == 10
    # Stretches: a frame changes sides five times at most.
    assert sum(one != other for one, other in pairwise(groups)) == 5


def test_a_chain_of_likeness_does_not_swallow_a_class() -> None:
    shelf = Shelf()
    scene = None
    for number in range(40):
        # Each like the one before: from the first to the last nothing is the same.
        step = shelf.dice.normal(0, 1, LENGTH)
        scene = step if scene is None else scene * 0.93 + step * 0.35
        name = f"{chr(97 + number % 26)}{chr(97 + number // 26)}.jpg"
        shelf.put(name, 0, like=scene, noise=0.0)
    for number in range(40):
        shelf.put(f"other {chr(97 + number % 26)}{chr(97 + number // 26)}.jpg", 1)
    found = shelf.found()
    assert 2 <= max(Counter(found.group_of[:40]).values()) <= 20


@settings(deadline=None, max_examples=30)
@given(st.randoms(use_true_random=False), st.integers(0, 3))
def test_the_order_of_the_pictures_does_not_matter(dice: random.Random, burst: int) -> None:
    shelf = shelf_of_strangers(20)
    for number in range(9):
        scene = shelf.put(f"a/{number}.jpg", 0)
        shelf.put(f"b/{'xyzuvwrst'[number]}.jpg", number % 2, like=scene)
    for path in shelf.paths[: 3 * burst]:
        shelf.taken_with[f"mark of {path}"] = "burst"
    order = dice.sample(range(len(shelf.paths)), len(shelf.paths))
    straight = shelf.found().group_of
    shuffled = find_look_alikes(shelf.album(order), TaskContext()).group_of
    assert shuffled == tuple(straight[at] for at in order)


def test_features_are_wanted_where_pictures_are_large_enough_for_them() -> None:
    large, small = IndexedPicture("a", 640, 480), IndexedPicture("b", 28, 28)
    assert are_features_telling([large] * 20)
    assert are_features_telling([large] * 20 + [small] * 100)
    assert not are_features_telling([small] * 100)
    assert not are_features_telling([])


def test_of_pictures_too_small_for_them_it_is_said_what_is_not_found() -> None:
    large, small = IndexedPicture("a", 640, 480), IndexedPicture("b", 28, 28)
    assert "only copies, numbered series" in small_pictures_words([small] * 20)
    assert small_pictures_words([large] * 20) == small_pictures_words([]) == ""


@pytest.mark.parametrize(("count", "length"), [(0, 6), (1, 6), (700, 6), (2500, 300)])
def test_all_near_pairs_are_found_in_tiles(count: int, length: int) -> None:
    random = np.random.default_rng(0)
    features = random.normal(1, 1, (count, length)).astype(np.float32)
    features[1::3] = features[::3][: len(features[1::3])] + 0.03 * features[1::3]
    units = directions(list(features), TaskContext())
    pairs, scores = near_pairs(units, 0.99, TaskContext())
    table = units.astype(np.float32) @ units.astype(np.float32).T
    expected = {(one, other) for one, other in np.argwhere(table >= 0.99).tolist() if other < one}
    assert set(map(tuple, pairs.tolist())) == expected
    np.testing.assert_allclose(cosines(units, pairs, TaskContext()), scores, atol=1e-5)


def test_the_search_tells_how_far_it_is_and_can_be_cancelled() -> None:
    events: list[object] = []
    context = TaskContext(events.append)
    features = np.random.default_rng(0).normal(0, 1, (1500, 8)).astype(np.float32)
    units = directions(list(features), context)
    near_pairs(units, 0.99, context)
    assert isinstance(events[-1], Progress)
    assert events[-1].done == events[-1].total
    context.cancel()
    with pytest.raises(Cancelled):
        near_pairs(units, 0.99, context)


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["a/f2.jpg", "a/f10.jpg", "a/f1.jpg"], {(2, 0), (2, 1), (0, 1)}),
        (["a/00012_00003.ppm", "a/00013_00003.ppm"], set()),
        (["a/1.jpg", "b/2.jpg"], set()),
        (["a/x1 (copy).jpg", "a/x2 (copy).jpg", "a/x3.jpg"], {(0, 1)}),
        (["a/no number.jpg", "a/.hidden", ""], set()),
    ],
)
def test_series_are_folder_and_name_but_for_the_last_number(
    paths: list[str], expected: set[tuple[int, int]]
) -> None:
    assert set(map(tuple, series_neighbours(paths).tolist())) == expected


def test_likely_pairs_never_join_more_than_half_of_a_class() -> None:
    none = np.empty((0, 2), np.int64)
    chain = np.array([(at, at + 1) for at in range(29)])
    groups, divided = join([0] * 30, none, chain, TaskContext())
    assert max(Counter(groups.tolist()).values()) <= 15
    # Two halves could not be dealt to three parts.
    assert divided == [0]
    assert len(set(groups.tolist())) == 6
