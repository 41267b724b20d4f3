"""Findings about classes: too few pictures, none at all, or far more than others have."""

from __future__ import annotations

from collections.abc import Mapping

from cnnstudio.core.dataset.health.findings import Fix, Report
from cnnstudio.core.project import Project
from cnnstudio.core.storage.index import IndexedPicture

FEWEST_PER_CLASS = 10
IMBALANCE = 5
"""How many times as large the largest class may be as the smallest."""


def readable_counts(project: Project, rows: Mapping[str, IndexedPicture]) -> dict[str, int]:
    """Return for each class, by name, how many of its pictures can be read."""
    counts = {each.name: 0 for each in project.classes}
    for sample in project.samples:
        if sample.class_name is not None and not rows[sample.path].problem:
            counts[sample.class_name] += 1
    return counts


def report_too_little(report: Report, project: Project, counts: Mapping[str, int]) -> None:
    """Report that a network cannot be trained at all."""
    if not any(counts.values()):
        labelled = any(sample.class_name is not None for sample in project.samples)
        readable = " that can be read" if labelled else ""
        report.add(
            "no pictures",
            f"There are no pictures{readable} in class folders.",
            "There is nothing to learn from.",
            [],
        )
    elif sum(1 for count in counts.values() if count) < 2:
        report.add(
            "too few classes",
            "Fewer than two classes have pictures that can be read.",
            "A network learns to tell classes apart.",
            [],
        )


def report_empty(report: Report, project: Project, counts: Mapping[str, int]) -> None:
    """Report classes without pictures."""
    for each in project.classes:
        if not counts[each.name]:
            report.add(
                "empty class",
                f"{each.title} has no pictures.",
                "A class without pictures is left out of training.",
                [each.name],
                fixes=(Fix.IGNORE,),
            )


def report_small(report: Report, project: Project, counts: Mapping[str, int]) -> None:
    """Report classes with few pictures, and the one with fewest where another has far more."""
    for each in project.classes:
        count = counts[each.name]
        if 0 < count < FEWEST_PER_CLASS:
            pictures = "1 picture" if count == 1 else f"{count} pictures"
            report.add(
                "small class",
                f"{each.title} has only {pictures}.",
                f"With fewer than {FEWEST_PER_CLASS} a class is hardly learned, nor tested.",
                [each.name],
                fixes=(Fix.IGNORE,),
            )
    filled = [each for each in project.classes if counts[each.name]]
    if len(filled) < 2:
        return
    most = max(filled, key=lambda each: counts[each.name])
    fewest = min(filled, key=lambda each: counts[each.name])
    if counts[most.name] > IMBALANCE * counts[fewest.name]:
        report.add(
            "imbalance",
            f"{most.title} has {counts[most.name]:,} pictures,"
            f" {fewest.title} only {counts[fewest.name]:,}.",
            "Large classes are preferred in doubt; keep Balance classes switched on.",
            [most.name, fewest.name],
            fixes=(Fix.IGNORE,),
        )
