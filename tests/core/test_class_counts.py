"""The counts of classes as people save and copy them."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from cnnstudio.core.class_counts import class_counts, counts_table
from cnnstudio.core.project import ImageClass, Project, Sample, Split

AWKWARD = 'salt, "pepper"\nand more'


def sample(name: str | None, number: int, split: Split | None = None) -> Sample:
    return Sample(f"{name}/{number}.jpg", name, 1, number, split)


def test_every_class_is_counted_in_the_projects_order() -> None:
    classes = (ImageClass("b", "Birds", 3), ImageClass("a", "Ants", 1, is_switched_on=False))
    samples = (sample("b", 1), sample("b", 2), sample(None, 3))
    counts = class_counts(Project(Path("/p"), classes, samples))
    assert [(each.title, each.colour, each.count) for each in counts.classes] == [
        ("Birds", 3, 2),
        ("Ants", 1, 0),
    ]
    assert (counts.total, counts.without_class, counts.splits) == (2, 1, ())
    assert counts_table(counts) == "class,pictures,switched_on\nBirds,2,yes\nAnts,0,no\n,1,\n"


def test_folders_of_parts_are_counted_each() -> None:
    samples = (sample("a", 1, "train"), sample("a", 2, "train"), sample("a", 3, "test"))
    project = Project(Path("/p"), (ImageClass("a", "a"),), samples, layout="splits")
    counts = class_counts(project)
    assert counts.splits == ("train", "test")
    assert counts.classes[0].parts == (2, 1)
    assert counts_table(counts) == "class,pictures,train,test,switched_on\na,3,2,1,yes\n"


def test_a_table_holds_any_title() -> None:
    project = Project(Path("/p"), (ImageClass("a", AWKWARD),))
    for separator in (",", "\t"):
        text = counts_table(class_counts(project), separator)
        rows = list(csv.reader(io.StringIO(text), delimiter=separator))
        assert rows[1] == [AWKWARD, "0", "yes"]
