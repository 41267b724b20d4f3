"""A picture keeps its side, and never has two."""

from __future__ import annotations

import random
from collections import Counter, defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st

from cnnstudio.core.dataset.splitting import split_samples, split_warnings
from cnnstudio.core.project import Split
from cnnstudio.core.storage.split_book import SplitBook

Folder = list[tuple[str, int]]

unique_pictures = st.lists(st.integers(0, 3), min_size=1, max_size=60).map(
    lambda labels: [(f"picture {n}", label) for n, label in enumerate(labels)]
)
with_copies = st.lists(
    st.tuples(st.sampled_from([f"p{n}" for n in range(30)]), st.integers(0, 3)), min_size=1
)
shares = st.tuples(st.floats(0.02, 0.45), st.one_of(st.just(0.0), st.floats(0.02, 0.45)))
PINS = st.sampled_from([None, "train", "validation", "test"])


def deal(
    folder: Folder,
    book: SplitBook | None = None,
    seed: int = 0,
    share: tuple[float, float] = (0.15, 0.15),
    pins: list[Split | None] | None = None,
    groups: list[int] | None = None,
) -> tuple[list[Split], SplitBook]:
    marks = [mark for mark, _ in folder]
    labels = [label for _, label in folder]
    return split_samples(
        marks,
        labels,
        pins or [None] * len(folder),
        book or SplitBook(),
        seed,
        *share,
        groups or (),
    )


def by_mark(folder: Folder, splits: list[Split]) -> dict[str, set[Split]]:
    sides: dict[str, set[Split]] = defaultdict(set)
    for (mark, _), split in zip(folder, splits, strict=True):
        sides[mark].add(split)
    return sides


@settings(deadline=None)
@given(unique_pictures, shares, st.integers(0, 5))
def test_every_class_gets_its_shares_within_one_picture(
    folder: Folder, share: tuple[float, float], seed: int
) -> None:
    splits, _ = deal(folder, seed=seed, share=share)
    sizes = Counter(label for _, label in folder)
    counts = Counter(zip([label for _, label in folder], splits, strict=True))
    for label, size in sizes.items():
        if size >= 3:
            assert counts[label, "validation"] >= 1
            assert abs(counts[label, "validation"] - share[0] * size) <= 1
        if size >= 4:
            assert abs(counts[label, "test"] - share[1] * size) <= 1
            assert (counts[label, "test"] >= 1) == (share[1] > 0)
        assert counts[label, "train"] >= 1


@settings(deadline=None)
@given(with_copies, st.lists(PINS, max_size=30), shares)
def test_no_picture_is_on_two_sides_however_many_copies_and_pins_it_has(
    folder: Folder, pins: list[Split | None], share: tuple[float, float]
) -> None:
    padded = (pins + [None] * len(folder))[: len(folder)]
    splits, book = deal(folder, share=share, pins=padded)
    assert all(len(sides) == 1 for sides in by_mark(folder, splits).values())
    again, _ = deal(folder, book, share=share, pins=padded)
    assert again == splits


@settings(deadline=None)
@given(with_copies, st.randoms(use_true_random=False), shares)
def test_the_order_of_the_pictures_does_not_matter(
    folder: Folder, dice: random.Random, share: tuple[float, float]
) -> None:
    shuffled = dice.sample(folder, len(folder))
    first, book = deal(folder, share=share)
    second, other_book = deal(shuffled, share=share)
    assert by_mark(folder, first) == by_mark(shuffled, second)
    assert book == other_book


@settings(deadline=None)
@given(unique_pictures, st.integers(0, 60), shares)
def test_pictures_keep_their_side_when_others_are_added(
    folder: Folder, count: int, share: tuple[float, float]
) -> None:
    few = folder[:count]
    before, book = deal(few, share=share)
    after, grown = deal(folder, book, share=share)
    if "validation" in before:
        assert after[: len(few)] == before
    sizes = Counter(label for _, label in folder)
    counts = Counter(zip([label for _, label in folder], after, strict=True))
    for label, size in sizes.items():
        assert counts[label, "validation"] <= max(1, share[0] * size + 0.5)
        assert counts[label, "test"] <= max(1, share[1] * size + 0.5)
    assert deal(folder, grown, share=share)[0] == after


@settings(deadline=None)
@given(unique_pictures, st.data())
def test_pictures_keep_their_side_when_others_are_removed_and_when_these_come_back(
    folder: Folder, data: st.DataObject
) -> None:
    before, book = deal(folder)
    is_kept = data.draw(st.lists(st.booleans(), min_size=len(folder), max_size=len(folder)))
    left = [each for each, keep in zip(folder, is_kept, strict=True) if keep]
    left_sides = [side for side, keep in zip(before, is_kept, strict=True) if keep]
    splits, later_book = deal(left, book)
    if "validation" in left_sides:
        assert splits == left_sides
        assert deal(folder, later_book)[0] == before


def test_another_seed_or_share_deals_anew() -> None:
    folder = [(f"p{n}", n % 2) for n in range(100)]
    first, book = deal(folder)
    other_seed, _ = deal(folder, book, seed=1)
    other_share, _ = deal(folder, book, share=(0.3, 0.15))
    assert other_seed != first
    assert Counter(other_share)["validation"] == 30


def test_pins_of_the_book_hold_whatever_the_shares() -> None:
    folder = [(f"p{n}", 0) for n in range(20)]
    pinned: dict[str, Split] = {"p0": "test", "p1": "validation", "p2": "train"}
    for seed in range(5):
        splits, book = deal(folder, SplitBook(pinned=pinned), seed=seed)
        assert splits[:3] == ["test", "validation", "train"]
        assert (splits.count("test"), splits.count("validation")) == (3, 3)
        assert book.pinned == pinned


def test_folders_for_all_three_parts_are_the_split_whatever_the_shares() -> None:
    folder = [(f"p{n}", n % 2) for n in range(30)]
    pins: list[Split | None] = [["train", "validation", "test"][n // 10] for n in range(30)]  # type: ignore[list-item]
    splits, book = deal(folder, share=(0.4, 0.4), pins=pins)
    assert splits == pins
    assert book.sides == {}


def test_with_train_and_test_folders_validation_is_taken_out_of_train() -> None:
    folder = [(f"p{n}", n % 2) for n in range(40)]
    pins: list[Split | None] = ["train"] * 30 + ["test"] * 10
    splits, book = deal(folder, share=(0.2, 0.3), pins=pins)
    assert Counter(splits) == {"train": 24, "validation": 6, "test": 10}, "a fifth of train"
    assert splits[30:] == ["test"] * 10
    again, _ = deal(folder, book, share=(0.2, 0.3), pins=pins)
    assert again == splits


def test_a_copy_of_a_test_picture_in_the_train_folder_counts_for_the_test() -> None:
    folder = [("same", 0), ("same", 0), ("a", 0), ("b", 0), ("c", 0)]
    pins: list[Split | None] = ["train", "test", "train", "train", "validation"]
    assert deal(folder, pins=pins)[0][:2] == ["test", "test"]


def test_small_classes_are_learned_whole_and_said_so() -> None:
    folder = [(f"p{n}", 0) for n in range(20)] + [("x", 1), ("y", 1), ("z", 2)]
    splits, _ = deal(folder)
    assert splits[20:] == ["train"] * 3
    assert split_warnings([label for _, label in folder], splits, ["big", "pair", "one"]) == [
        "2 classes have no pictures for validation or for the test: pair, one. How well they are"
        " recognised will not be known."
    ]


def test_a_class_without_test_pictures_is_named_where_others_have_some() -> None:
    splits: list[Split] = ["train", "validation", "test", "train", "train", "validation"]
    labels, titles = [0, 0, 0, 1, 1, 1], ["big", "three"]
    assert split_warnings(labels, splits, titles) == [
        "three has 3 pictures, none of them for the test: how well it is recognised will not be"
        " known."
    ]
    splits[2] = "train"
    assert split_warnings(labels, splits, titles) == [], "there is no test at all"


def test_of_many_classes_without_a_part_the_first_are_named() -> None:
    splits: list[Split] = ["train", "validation", *["train"] * 5]
    (sentence,) = split_warnings([0, 0, 1, 2, 3, 4, 5], splits, list("abcdef"))
    assert sentence.startswith("5 classes have no pictures for validation: b, c, d and 2 more.")


class Tracks:
    """Pictures `g3 p1` of groups, all of one class each."""

    def __init__(self, sizes: dict[int, list[int]]) -> None:
        self.folder: Folder = []
        self.groups: list[int] = []
        number = 0
        for label, of_class in sizes.items():
            for size in of_class:
                self.folder += [(f"g{number} p{each}", label) for each in range(size)]
                self.groups += [number] * size
                number += 1


tracks = st.dictionaries(
    st.integers(0, 3), st.lists(st.integers(1, 12), min_size=1, max_size=15), min_size=1
).map(Tracks)
pictures_in_groups = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 3), st.integers(0, 12)), min_size=1
).map(lambda rows: [(f"p{n}", label, n % (group + 1)) for n, label, group in rows])


def sides_of_groups(groups: list[int], splits: list[Split]) -> dict[int, set[Split]]:
    sides: dict[int, set[Split]] = defaultdict(set)
    for group, split in zip(groups, splits, strict=True):
        sides[group].add(split)
    return sides


@settings(deadline=None)
@given(tracks, shares, st.integers(0, 5))
def test_look_alikes_stay_on_one_side_and_every_class_is_learned(
    made: Tracks, share: tuple[float, float], seed: int
) -> None:
    splits, book = deal(made.folder, seed=seed, share=share, groups=made.groups)
    assert all(len(sides) == 1 for sides in sides_of_groups(made.groups, splits).values())
    learned = {
        label for (_, label), split in zip(made.folder, splits, strict=True) if split == "train"
    }
    assert learned == {label for _, label in made.folder}
    assert deal(made.folder, book, seed, share, groups=made.groups)[0] == splits


@settings(deadline=None)
@given(tracks, shares)
def test_shares_are_kept_as_near_as_the_largest_group_allows(
    made: Tracks, share: tuple[float, float]
) -> None:
    splits, _ = deal(made.folder, share=share, groups=made.groups)
    sizes: dict[int, Counter[int]] = defaultdict(Counter)
    for (_, label), group in zip(made.folder, made.groups, strict=True):
        sizes[label][group] += 1
    counts = Counter(zip([label for _, label in made.folder], splits, strict=True))
    for label, groups in sizes.items():
        total, largest = groups.total(), max(groups.values())
        if len(groups) < 3:
            assert counts[label, "train"] == total
            continue
        assert counts[label, "validation"] >= 1
        assert counts[label, "validation"] <= share[0] * total + largest
        assert counts[label, "test"] <= share[1] * total + largest
        if share[1] and total >= 4:
            assert counts[label, "test"] >= 1


@settings(deadline=None)
@given(pictures_in_groups, st.randoms(use_true_random=False), shares)
def test_mixed_groups_have_one_side_in_whatever_order_pictures_come(
    rows: list[tuple[str, int, int]], dice: random.Random, share: tuple[float, float]
) -> None:
    def dealt(rows: list[tuple[str, int, int]]) -> dict[str, set[Split]]:
        folder = [(mark, label) for mark, label, _ in rows]
        # Copies are in one group, as `look_alikes` has it.
        group_of = {mark: group for mark, _, group in rows}
        groups = [group_of[mark] for mark, _ in folder]
        splits, _ = deal(folder, share=share, groups=groups)
        assert all(len(sides) == 1 for sides in sides_of_groups(groups, splits).values())
        return by_mark(folder, splits)

    group_of = {mark: group for mark, _, group in sorted(rows)}
    rows = [(mark, label, group_of[mark]) for mark, label, _ in rows]
    assert dealt(rows) == dealt(dice.sample(rows, len(rows)))


@settings(deadline=None)
@given(tracks, tracks)
def test_groups_keep_their_side_when_other_groups_are_added(made: Tracks, more: Tracks) -> None:
    before, book = deal(made.folder, groups=made.groups)
    added = [(f"new {mark}", label) for mark, label in more.folder]
    groups = made.groups + [group + 1000 for group in more.groups]
    after, _ = deal(made.folder + added, book, groups=groups)
    if "validation" in before:
        assert after[: len(before)] == before


def test_a_group_whose_pictures_lay_on_two_sides_is_learned_whole_and_no_other_moves() -> None:
    folder = [(f"p{n}", n % 2) for n in range(80)]
    before, book = deal(folder)
    label_0 = [place for place in range(80) if place % 2 == 0]
    learned = next(place for place in label_0 if before[place] == "train")
    tested = next(place for place in label_0 if before[place] == "test")
    groups = list(range(80))
    groups[tested] = groups[learned]
    after, _ = deal(folder, book, groups=groups)
    assert after[tested] == "train"
    assert [after[n] for n in range(80) if n != tested] == [
        before[n] for n in range(80) if n != tested
    ]


def test_a_split_by_single_pictures_is_dealt_anew_when_groups_would_empty_the_test() -> None:
    made = Tracks({0: [20] * 10, 1: [20] * 10})
    _, book = deal(made.folder)
    splits, mended = deal(made.folder, book, groups=made.groups)
    assert all(len(sides) == 1 for sides in sides_of_groups(made.groups, splits).values())
    assert 40 <= splits.count("test") <= 80
    assert deal(made.folder, mended, groups=made.groups)[0] == splits


def test_look_alikes_of_an_imported_test_picture_are_tested_too() -> None:
    folder = [(f"p{n}", n % 2) for n in range(40)]
    groups = list(range(40))
    groups[2] = groups[4] = groups[0]
    splits, _ = deal(folder, SplitBook(pinned={"p0": "test"}), groups=groups)
    assert (splits[0], splits[2], splits[4]) == ("test", "test", "test")


def test_a_class_that_looks_like_one_test_picture_is_learned_all_the_same() -> None:
    folder = [(f"p{n}", 0) for n in range(10)] + [(f"q{n}", 1) for n in range(10)]
    groups = [0] * 10 + list(range(1, 11))
    splits, _ = deal(folder, SplitBook(pinned={"p0": "test"}), groups=groups)
    assert splits[:10] == ["test"] + ["train"] * 9


def test_folders_of_parts_are_not_changed_by_look_alikes() -> None:
    folder = [(f"p{n}", n % 2) for n in range(30)]
    pins: list[Split | None] = [["train", "validation", "test"][n // 10] for n in range(30)]  # type: ignore[list-item]
    assert deal(folder, pins=pins, groups=[n % 5 for n in range(30)])[0] == pins


def test_three_groups_are_dealt_to_the_three_parts() -> None:
    made = Tracks({0: [97, 1, 1], 1: [30, 30, 30]})
    splits, _ = deal(made.folder, groups=made.groups)
    counts = Counter(zip([label for _, label in made.folder], splits, strict=True))
    assert counts[0, "train"] == 97
    assert (counts[0, "validation"], counts[0, "test"]) == (1, 1)
    assert (counts[1, "train"], counts[1, "validation"], counts[1, "test"]) == (30, 30, 30)
