"""Which pictures of a project are shown, and in which order.

Start at `arrange`. It runs in a worker: the window takes the finished `Arrangement` over as it is.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal, Protocol

import numpy as np

from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.natural_order import natural_text, sorted_rows
from cnnstudio.core.project import Project, Sample, Split

OrderKey = Literal["class", "name", "date", "size", "problem"]

_Key = Callable[[Sample], tuple[int, ...]]

_LOT = 5000


@dataclass(frozen=True)
class Problem:
    """What is wrong with one picture.

    `kind` is as the health check names it, `note` says more about this picture or is ""; `rank` is
    0 for the gravest.
    """

    kind: str
    note: str = ""
    rank: int = 0


@dataclass(frozen=True)
class Knowledge:
    """What is known of a project's pictures beside their files, each by path.

    `sizes` are width and height in pixels, `problems` the gravest first, `splits` parts as they
    are dealt by now, `batches` the names of imports. A path may be missing anywhere.
    """

    sizes: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    problems: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)
    splits: Mapping[str, Split] = field(default_factory=dict)
    batches: Mapping[str, str] = field(default_factory=dict)

    def split_of(self, sample: Sample) -> Split | None:
        """Return the part of a picture: the one of its folder, or the one it was dealt."""
        return sample.pinned_split or self.splits.get(sample.path)


class FindingAboutPictures(Protocol):
    """The part of a health check's finding that is needed here."""

    @property
    def kind(self) -> str:
        """What kind of fault it is."""
        ...

    @property
    def paths(self) -> tuple[str, ...]:
        """The pictures concerned."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """Something about each path, in the same order; or nothing."""
        ...


def problems_by_path(findings: Iterable[FindingAboutPictures]) -> dict[str, tuple[Problem, ...]]:
    """Return what findings, the gravest first, say about each picture."""
    problems: dict[str, tuple[Problem, ...]] = {}
    ranks: dict[str, int] = {}
    for finding in findings:
        rank = ranks.setdefault(finding.kind, len(ranks))
        for path, note in itertools.zip_longest(finding.paths, finding.notes, fillvalue=""):
            problems[path] = (*problems.get(path, ()), Problem(finding.kind, note, rank))
    return problems


@dataclass(frozen=True)
class SampleFilter:
    """A choice of pictures; the default is all of them, and each field narrows it.

    `class_names` holds None for pictures without a class. `problem_kinds` asks for one of these
    problems, `only_problems` for any. `first_day` and `last_day` are days on which the file was
    changed last, on this computer's clock.
    """

    class_names: frozenset[str | None] | None = None
    split: Split | None = None
    only_problems: bool = False
    problem_kinds: frozenset[str] = frozenset()
    name_part: str = ""
    first_day: date | None = None
    last_day: date | None = None
    batch: str | None = None
    only_switched_off: bool = False

    def tests(self, project: Project, knowledge: Knowledge) -> list[Callable[[Sample], bool]]:
        """Return what a sample has to pass, cheapest first."""
        tests: list[Callable[[Sample], bool]] = []
        if self.class_names is not None:
            names = self.class_names
            tests.append(lambda sample: sample.class_name in names)
        if self.only_switched_off:
            off = {each.name for each in project.classes if not each.is_switched_on}
            tests.append(lambda sample: sample.class_name in off)
        if self.first_day is not None:
            since = _begin_ns(self.first_day)
            tests.append(lambda sample: sample.modified_ns >= since)
        if self.last_day is not None:
            before = _begin_ns(self.last_day + timedelta(days=1))
            tests.append(lambda sample: sample.modified_ns < before)
        if self.only_problems:
            tests.append(lambda sample: sample.path in knowledge.problems)
        if self.problem_kinds:
            kinds, problems = self.problem_kinds, knowledge.problems
            tests.append(lambda s: any(each.kind in kinds for each in problems.get(s.path, ())))
        if self.split is not None:
            tests.append(lambda sample: knowledge.split_of(sample) == self.split)
        if self.batch is not None:
            tests.append(lambda sample: knowledge.batches.get(sample.path) == self.batch)
        if part := comparable(self.name_part.strip()):
            tests.append(lambda sample: part in comparable(sample.file_name))
        return tests


@dataclass(frozen=True)
class SampleOrder:
    """How pictures are sorted.

    "class" is the project's own order: class by class, those without a class last, by name within.
    "name" is the file's name, "date" when the file was changed last. "size" is width times height,
    then bytes; pictures whose pixels are not known stand at the end, by bytes. "problem" is the
    gravest first, pictures without one at the end, whichever the direction. Whatever is equal
    keeps the project's order.
    """

    key: OrderKey = "class"
    descending: bool = False


@dataclass(frozen=True, eq=False)
class Arrangement:
    """Pictures in the order in which they are shown, and the row of each path.

    Two arrangements with the same `rows` (the same object) show the same paths in the same order.
    """

    samples: tuple[Sample, ...] = ()
    rows: Mapping[str, int] = field(default_factory=dict)


def arrange(
    project: Project,
    wanted: SampleFilter,
    order: SampleOrder,
    knowledge: Knowledge,
    context: TaskContext,
    shown: Arrangement | None = None,
) -> Arrangement:
    """Return the pictures that pass the filter, in order.

    Args:
        project: whose pictures.
        wanted: which of them.
        order: how they are sorted.
        knowledge: what is known of them.
        context: asked every few milliseconds whether to go on.
        shown: what is shown now; its `rows` are handed on where they are the same.

    Raises:
        Cancelled: a newer wish came.
    """
    samples: Sequence[Sample] = project.samples
    for passes in wanted.tests(project, knowledge):
        samples = _passing(samples, passes, context)
    if order.key == "name":
        names = [natural_text(sample.file_name) for sample in _noticing(samples, context)]
        placed = sorted_rows(names, context, descending=order.descending)
        samples = [samples[row] for row in placed]
    elif (key := _key(project, order, knowledge)) is not None:
        samples = _sorted_by_numbers(samples, key, context, descending=order.descending)
    rows: dict[str, int] = {}
    for at in range(0, len(samples), _LOT):
        context.checkpoint()
        lot = samples[at : at + _LOT]
        rows.update(zip([sample.path for sample in lot], itertools.count(at)))
    if shown is not None and len(shown.rows) == len(rows) and list(shown.rows) == list(rows):
        return Arrangement(tuple(samples), shown.rows)
    return Arrangement(tuple(samples), rows)


def comparable(text: str) -> str:
    """Return a text as it is compared with what people type, whose case does not count."""
    # macOS takes accents apart in file names; what is typed has them in one piece.
    folded = text.casefold()
    return folded if folded.isascii() else unicodedata.normalize("NFC", folded)


def _passing(
    samples: Sequence[Sample], passes: Callable[[Sample], bool], context: TaskContext
) -> list[Sample]:
    kept: list[Sample] = []
    for at in range(0, len(samples), _LOT):
        context.checkpoint()
        kept += filter(passes, samples[at : at + _LOT])
    return kept


def _noticing(samples: Sequence[Sample], context: TaskContext) -> Iterator[Sample]:
    """Give the samples one by one, and notice when they are no longer wanted."""
    for at in range(0, len(samples), _LOT):
        context.checkpoint()
        yield from samples[at : at + _LOT]


def _sorted_by_numbers(
    samples: Sequence[Sample], key: _Key, context: TaskContext, *, descending: bool
) -> list[Sample]:
    """Sort by whole numbers, the first counting most; equal ones keep their places.

    Other threads run while NumPy sorts.
    """
    lots = [np.empty((0, 1), np.int64)] if not samples else []
    for at in range(0, len(samples), _LOT):
        context.checkpoint()
        lots.append(np.array(list(map(key, samples[at : at + _LOT])), np.int64))
    keys = np.concatenate(lots)
    # The last row counts most there.
    placed = np.lexsort((-keys if descending else keys).T[::-1])
    context.checkpoint()
    return [samples[row] for row in placed.tolist()]


def _key(project: Project, order: SampleOrder, knowledge: Knowledge) -> _Key | None:
    """The numbers that a sample is sorted by; None for the order of the project."""
    # Whatever stands at the end stands there in both directions.
    at_end = -1 if order.descending else 1
    if order.key == "date":
        return lambda sample: (sample.modified_ns,)
    if order.key == "size":
        sizes = knowledge.sizes

        def by_size(sample: Sample) -> tuple[int, ...]:
            width, height = sizes.get(sample.path, (0, 0))
            pixels = width * height
            return 0 if pixels else at_end, pixels, sample.size_bytes

        return by_size
    if order.key == "problem":
        problems = knowledge.problems

        def by_problem(sample: Sample) -> tuple[int, ...]:
            found = problems.get(sample.path)
            return (0, found[0].rank) if found else (at_end, 0)

        return by_problem
    if not order.descending:
        return None
    places = {each.name: place for place, each in enumerate(project.classes)}
    return lambda sample: (places.get(sample.class_name or "", -1),)


def _begin_ns(day: date) -> int:
    """When a day begins on this computer's clock, in nanoseconds since 1970."""
    return round(datetime.combine(day, time()).timestamp()) * 1_000_000_000
