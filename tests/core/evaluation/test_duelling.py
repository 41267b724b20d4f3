"""Two runs on the same test pictures."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.core.evaluation.duelling import Duel, DuelPicture, LeftOut, duel
from cnnstudio.core.evidence import mcnemar
from cnnstudio.core.project import Split
from cnnstudio.core.runs import SampleRecord
from tests.core.evaluation.answers import CLASSES, Asked, evaluation_of


def records(asked: Sequence[Asked], split: Split = "test") -> list[SampleRecord]:
    return [SampleRecord(each.path, each.true, split, each.mark) for each in asked]


def fought(
    first: Sequence[Asked],
    second: Sequence[Asked],
    learned: tuple[Sequence[Asked], Sequence[Asked]] = ((), ()),
    classes: Sequence[str] = CLASSES,
) -> Duel:
    return duel(
        ("A", "B"),
        (evaluation_of(first), [*records(first), *records(learned[0], "train")]),
        (evaluation_of(second, classes), [*records(second), *records(learned[1], "validation")]),
    )


def paths(pictures: Sequence[DuelPicture]) -> list[str]:
    return [each.picture.path for each in pictures]


def test_what_the_second_mends_and_breaks_is_listed_the_surest_mistake_first() -> None:
    first = [
        Asked("1.png", "a", "red", "red"),
        Asked("2.png", "b", "red", "blue", 0.6),
        Asked("3.png", "c", "red", "green", 0.8),
        Asked("4.png", "d", "green", "green"),
        Asked("5.png", "e", "blue", "red"),
    ]
    second = [
        Asked("1.png", "a", "red", "red"),
        Asked("2.png", "b", "red", "red"),
        Asked("moved.png", "c", "red", "red"),
        Asked("4.png", "d", "green", "blue"),
        Asked("5.png", "e", "blue", "green"),
    ]
    found = fought(first, second)
    assert paths(found.fixed) == ["3.png", "2.png"]
    assert paths(found.broken) == ["4.png"]
    assert paths(found.both_wrong) == ["5.png"]
    assert (found.both_right, found.count, found.left_out.total) == (1, 5, 0)
    told = found.fixed[0]
    assert (told.true, told.first.title, told.second.title) == ("red", "green", "red")
    assert "B is right about 2 that A gets wrong" in found.evidence.words


def test_pictures_that_one_of_them_learned_do_not_count_however_they_are_called() -> None:
    asked = [Asked("1.png", "a", "red", "red"), Asked("2.png", "b", "red", "blue")]
    better = [Asked("1.png", "a", "red", "red"), Asked("2.png", "b", "red", "red")]
    copy = [Asked("a copy.png", "b", "red", "red")]
    for learned in (((), copy), (copy, ())):
        found = fought(asked, better, learned)
        assert found.count == 1
        assert found.left_out == LeftOut(learned=1)


def test_pictures_in_one_test_part_only_or_with_another_label_do_not_count() -> None:
    first = [
        Asked("1.png", "a", "red", "red"),
        Asked("2.png", "b", "red", "blue"),
        Asked("3.png", "c", "red", "red"),
    ]
    second = [Asked("1.png", "a", "red", "red"), Asked("2.png", "b", "blue", "blue")]
    found = fought(first, second)
    assert (found.both_right, found.count) == (1, 1)
    assert found.left_out == LeftOut(not_in_second=1, relabelled=1)


def test_other_classes_in_another_order_and_with_another_name_are_matched() -> None:
    first = [Asked("1.png", "a", "red", "red"), Asked("2.png", "b", "green", "red")]
    second = [Asked("1.png", "a", "ruby", "ruby"), Asked("2.png", "b", "green", "green")]
    found = fought(first, second, classes=("white", "ruby", "green"))
    assert (paths(found.fixed), found.both_right, found.left_out.total) == (["2.png"], 1, 0)


def test_without_common_pictures_it_says_so() -> None:
    found = fought([Asked("1.png", "a", "red", "red")], [Asked("2.png", "b", "red", "red")])
    assert found.count == 0
    assert found.evidence.words == "There are no test pictures to compare them by."


answers = st.lists(
    st.tuples(st.sampled_from(CLASSES), st.sampled_from(CLASSES), st.sampled_from(CLASSES)),
    min_size=1,
    max_size=40,
)


@given(answers)
def test_turning_the_duel_round_turns_its_findings_round(told: list[tuple[str, str, str]]) -> None:
    first = [Asked(f"{n}.png", str(n), true, a) for n, (true, a, _) in enumerate(told)]
    second = [Asked(f"{n}.png", str(n), true, b) for n, (true, _, b) in enumerate(told)]
    one, other = fought(first, second), fought(second, first)
    assert one.count == other.count == len(told)
    assert set(paths(one.fixed)) == set(paths(other.broken))
    assert set(paths(one.broken)) == set(paths(other.fixed))
    assert set(paths(one.both_wrong)) == set(paths(other.both_wrong))
    assert one.both_right == other.both_right
    assert one.evidence.chance == mcnemar(len(one.broken), len(one.fixed))
    assert one.evidence.chance == other.evidence.chance
