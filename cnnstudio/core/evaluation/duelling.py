"""Two runs on the same test pictures: what the second makes right, and what it makes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from cnnstudio.core.comparing import names_of, renamed_classes
from cnnstudio.core.evaluation.evaluation import EvaluatedPicture, Evaluation, kept_evaluation
from cnnstudio.core.evidence import Evidence, compare_answers
from cnnstudio.core.runs import Run, SampleRecord, read_samples


@dataclass(frozen=True)
class Answer:
    """The class that a run named for a picture, with its probability, 0 to 1."""

    title: str
    probability: float
    is_right: bool


@dataclass(frozen=True)
class DuelPicture:
    """A test picture of both runs.

    `row` is its place in the first run's answers, `true` the title of its class there.
    """

    row: int
    picture: EvaluatedPicture
    true: str
    first: Answer
    second: Answer


@dataclass(frozen=True)
class LeftOut:
    """Test pictures of the first run that do not count, and why.

    `not_in_second` are no test pictures of the second, `learned` were learned by one of the two
    (a copy with the same content counts, too), `relabelled` have another class there.
    """

    not_in_second: int = 0
    learned: int = 0
    relabelled: int = 0

    @property
    def total(self) -> int:
        """How many in all."""
        return self.not_in_second + self.learned + self.relabelled


@dataclass(frozen=True)
class Duel:
    """What became of the pictures that both runs were tested by and neither learned.

    The surest wrong answer stands first in each list. `evidence` says whether the difference is
    more than luck.
    """

    names: tuple[str, str]
    fixed: tuple[DuelPicture, ...]
    broken: tuple[DuelPicture, ...]
    both_wrong: tuple[DuelPicture, ...]
    both_right: int
    left_out: LeftOut
    evidence: Evidence

    @property
    def count(self) -> int:
        """How many pictures count."""
        return len(self.fixed) + len(self.broken) + len(self.both_wrong) + self.both_right


def load_duel(first: Run, second: Run) -> Duel:
    """Compare two runs by what they kept of their test parts; reads files.

    Raises:
        StudioError: the answers of one of them are missing or damaged.
    """
    return duel(
        names_of(first, second),
        (kept_evaluation(first, "test"), read_samples(first)),
        (kept_evaluation(second, "test"), read_samples(second)),
    )


def duel(
    names: tuple[str, str],
    first: tuple[Evaluation, Sequence[SampleRecord]],
    second: tuple[Evaluation, Sequence[SampleRecord]],
) -> Duel:
    """Compare two runs picture by picture.

    Pictures are the same when their content is, wherever they lie; of several copies one counts.

    Args:
        names: of the runs, for the words.
        first: answers of the first run on its test part, and the pictures it was made from.
        second: the same of the second run.
    """
    answers, others = first[0], second[0]
    learned = _learned(first[1]) | _learned(second[1])
    renamed = _renamed(answers, others)
    at_mark = _rows_by_content(others)
    groups: dict[tuple[bool, bool], list[DuelPicture]] = {
        (a, b): [] for a in (True, False) for b in (True, False)
    }
    not_in_second = of_learned = relabelled = 0
    for mark, row in _rows_by_content(answers).items():
        other = at_mark.get(mark)
        label = answers.class_names[int(answers.true[row])]
        if mark in learned:
            of_learned += 1
        elif other is None:
            not_in_second += 1
        elif others.class_names[int(others.true[other])] != renamed.get(label, label):
            relabelled += 1
        else:
            given = _answer(answers, row), _answer(others, other)
            true = answers.class_titles[int(answers.true[row])]
            picture = DuelPicture(row, answers.pictures[row], true, *given)
            groups[given[0].is_right, given[1].is_right].append(picture)
    told: tuple[dict[object, bool | None], dict[object, bool | None]] = ({}, {})
    for (a, b), pictures in groups.items():
        for each in pictures:
            told[0][each.picture.fingerprint] = a
            told[1][each.picture.fingerprint] = b
    return Duel(
        names,
        _surest_first(groups[False, True], lambda each: each.first.probability),
        _surest_first(groups[True, False], lambda each: each.second.probability),
        _surest_first(groups[False, False], lambda each: each.second.probability),
        len(groups[True, True]),
        LeftOut(not_in_second, of_learned, relabelled),
        compare_answers(names, *told),
    )


def _learned(samples: Iterable[SampleRecord]) -> set[str]:
    return {each.fingerprint for each in samples if each.split != "test"}


def _rows_by_content(evaluation: Evaluation) -> dict[str, int]:
    """The first row of each content; pictures whose content is not known are left out."""
    rows: dict[str, int] = {}
    for row, picture in enumerate(evaluation.pictures):
        if picture.fingerprint:
            rows.setdefault(picture.fingerprint, row)
    return rows


def _renamed(first: Evaluation, second: Evaluation) -> dict[str, str]:
    at_mark = _rows_by_content(second)
    pairs = (
        (
            first.class_names[int(first.true[row])],
            second.class_names[int(second.true[at_mark[mark]])],
        )
        for mark, row in _rows_by_content(first).items()
        if mark in at_mark
    )
    return renamed_classes(pairs, first.class_names, second.class_names)


def _answer(evaluation: Evaluation, row: int) -> Answer:
    shares = evaluation.probabilities[row]
    place = int(shares.argmax())
    return Answer(
        evaluation.class_titles[place], float(shares[place]), place == int(evaluation.true[row])
    )


def _surest_first(
    pictures: Iterable[DuelPicture], certainty: Callable[[DuelPicture], float]
) -> tuple[DuelPicture, ...]:
    return tuple(sorted(pictures, key=certainty, reverse=True))
