"""How many pictures each class has, in all and in each part that folders decide."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from cnnstudio.core.project import SPLITS, Project, Split


@dataclass(frozen=True)
class ClassCount:
    """Pictures of one class; `parts` counts those of each part of `ProjectCounts.splits`.

    `parts` is empty where folders decide nothing.
    """

    title: str
    colour: int
    count: int
    is_switched_on: bool
    parts: tuple[int, ...] = ()


@dataclass(frozen=True)
class ProjectCounts:
    """The classes of a project in its order, and the pictures without a class.

    `splits` names the parts in which there are pictures, () where folders decide nothing.
    """

    classes: tuple[ClassCount, ...]
    without_class: int
    splits: tuple[Split, ...]

    @property
    def total(self) -> int:
        """Pictures that have a class."""
        return sum(each.count for each in self.classes)


def class_counts(project: Project) -> ProjectCounts:
    """Count the pictures of every class."""
    counts = project.counts
    in_part: Counter[tuple[str | None, Split | None]] = Counter()
    if project.layout == "splits":
        in_part.update(map(attrgetter("class_name", "pinned_split"), project.samples))
    splits = tuple(part for part in SPLITS if any(split == part for _, split in in_part))
    classes = tuple(
        ClassCount(
            each.title,
            each.colour,
            counts.get(each.name, 0),
            each.is_switched_on,
            tuple(in_part[each.name, part] for part in splits),
        )
        for each in project.classes
    )
    return ProjectCounts(classes, counts.get(None, 0), splits)


def counts_table(counts: ProjectCounts, separator: str = ",") -> str:
    """Return a table with a row for each class: class, pictures, one column a part, switched_on."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\n")
    writer.writerow(["class", "pictures", *counts.splits, "switched_on"])
    for each in counts.classes:
        is_on = "yes" if each.is_switched_on else "no"
        writer.writerow([each.title, each.count, *each.parts, is_on])
    nothing: Sequence[str] = [""] * len(counts.splits)
    if counts.without_class:
        writer.writerow(["", counts.without_class, *nothing, ""])
    return text.getvalue()
