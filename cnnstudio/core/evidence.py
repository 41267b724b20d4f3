"""Whether one of two models is better, or was only luckier: McNemar's test, in words."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

Picture = TypeVar("Picture", bound=Hashable)

CHANCE = 0.05
"""What luck does more rarely than that counts as shown."""


@dataclass(frozen=True)
class Evidence:
    """What the answers of two models on the same pictures say.

    `only_first` and `only_second` are pictures that only one of them answered rightly; `chance` is
    how often models that are equally good would differ so much (McNemar, exact), 0 to 1.
    """

    shared: int
    differing: int
    only_first: int
    only_second: int
    chance: float | None
    words: str

    @property
    def is_clear(self) -> bool:
        """Whether luck is no likely explanation of the difference."""
        return self.chance is not None and self.chance < CHANCE


def compare_answers(
    names: tuple[str, str],
    first: Mapping[Picture, bool | None],
    second: Mapping[Picture, bool | None],
) -> Evidence:
    """Compare two models by pictures that both answered and neither learned.

    Args:
        names: of the models, for the words.
        first: whether each of its test pictures was answered rightly; None where not known.
        second: likewise.
    """
    shared = first.keys() & second.keys()
    differing, of = max(
        (len(second.keys() - shared), len(second)), (len(first.keys() - shared), len(first))
    )
    if not first or not second:
        return Evidence(0, 0, 0, 0, None, "There are no test pictures to compare them by.")
    words = ""
    if differing:
        words = (
            f"Measured on other test pictures: {differing:,} of {of:,} differ, so the two"
            " accuracies cannot be compared as they stand."
        )
    known = [(first[each], second[each]) for each in shared]
    known = [pair for pair in known if None not in pair]
    if not known:
        words = words or "Their answers were not kept, so nobody can tell how they differ."
        return Evidence(len(shared), differing, 0, 0, None, words)
    only_first = sum(pair == (True, False) for pair in known)
    only_second = sum(pair == (False, True) for pair in known)
    chance = mcnemar(only_first, only_second)
    told = _told(names, len(known), only_first, only_second, chance, is_all=not differing)
    return Evidence(
        len(known), differing, only_first, only_second, chance, f"{words} {told}".strip()
    )


def mcnemar(only_first: int, only_second: int) -> float:
    """Return how often equally good models differ at least so much: the exact two-sided test.

    Of the pictures that only one model answers rightly, each model would get about half
    (McNemar 1947; the binomial distribution in the place of his approximation).
    """
    count = only_first + only_second
    tail = sum(math.comb(count, each) for each in range(min(only_first, only_second) + 1))
    return min(1.0, float(2 * tail / 2**count))


def _told(
    names: tuple[str, str],
    shared: int,
    only_first: int,
    only_second: int,
    chance: float,
    is_all: bool,
) -> str:
    which = f"the same {shared:,} test pictures" if is_all else f"the {shared:,} that both share"
    if only_first == only_second == 0:
        return f"On {which}, both are right and wrong about the same ones."
    if only_first == only_second:
        return (
            f"On {which}, each is right about {only_first:,} that the other gets wrong: they do"
            " equally well on these."
        )
    better, worse = names if only_first > only_second else names[::-1]
    more, fewer = max(only_first, only_second), min(only_first, only_second)
    told = (
        f"On {which}, {better} is right about {more:,} that {worse} gets wrong, and wrong about"
        f" {fewer:,} that {worse} gets right."
    )
    if chance < CHANCE:
        return f"{told} Mere luck does that {_often(chance)}: {better} is better on such pictures."
    return f"{told} Mere luck does that {_often(chance)}: this does not show that it is better."


def _often(chance: float) -> str:
    times = round(100 * chance)
    if times >= 100:
        return "every time"
    return f"about {times} times in 100" if chance >= 0.01 else "less than once in 100 times"
