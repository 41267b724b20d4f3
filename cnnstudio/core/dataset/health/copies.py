"""Findings about pictures that are there several times, exactly or nearly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cnnstudio.core.dataset.health.findings import Fix, Kind, Report, Suspicion, listed
from cnnstudio.core.project import SPLITS, Project, Sample
from cnnstudio.core.storage.index import IndexedPicture


@dataclass(frozen=True)
class _Likeness:
    """How alike the pictures of a group are, and what is said of them."""

    across_classes: Kind
    across_parts: Kind
    within: Kind
    subject: str
    plural: str
    why_classes: str
    why_parts: str
    why_within: str


_EXACT = _Likeness(
    "two classes",
    "two parts",
    "duplicate",
    "The same picture",
    "are copies of others",
    "One of the labels is wrong, and the network cannot learn both.",
    "A test on what was learned says nothing; the earlier one is not trained on.",
    "Copies count several times in training.",
)
_NEAR = _Likeness(
    "twins in two classes",
    "twins in two parts",
    "near twins",
    "Nearly the same picture",
    "are near twins of others",
    "One of the labels is probably wrong, and the network can hardly learn both.",
    "A test on what was nearly learned promises too much.",
    "Near twins count several times, and a test on them promises too much.",
)


def report_copies(report: Report, project: Project, rows: Mapping[str, IndexedPicture]) -> None:
    """Report files with the same content."""
    same: dict[str, list[Sample]] = defaultdict(list)
    for sample in project.samples:
        row = rows[sample.path]
        if not row.problem:
            same[row.fingerprint].append(sample)
    groups = (group for group in same.values() if len(group) > 1)
    _report(report, project, rows, groups, _EXACT)


def report_twins(
    report: Report,
    project: Project,
    rows: Mapping[str, IndexedPicture],
    groups: Iterable[Sequence[str]],
) -> None:
    """Report pictures that look nearly the same: groups of fingerprints from `find_twins`."""
    wanted = {mark for marks in groups for mark in marks}
    samples: dict[str, dict[object, Sample]] = defaultdict(dict)
    for sample in project.samples:
        mark = rows[sample.path].fingerprint
        if mark in wanted:
            # Exact copies at one place are reported as such; here one of them stands for all.
            samples[mark].setdefault((sample.class_name, sample.pinned_split), sample)
    alike = ([each for mark in marks for each in samples[mark].values()] for marks in groups)
    _report(report, project, rows, alike, _NEAR)


def _report(
    report: Report,
    project: Project,
    rows: Mapping[str, IndexedPicture],
    groups: Iterable[list[Sample]],
    likeness: _Likeness,
) -> None:
    titles = {each.name: each.title for each in project.classes}
    across_parts, within = [], []
    for group in groups:
        group.sort(key=lambda sample: _quality(sample, rows[sample.path]))
        suspicion = _suspicion(group, rows)
        classes = {each.class_name for each in group if each.class_name is not None}
        if len(classes) > 1:
            where = listed(sorted(titles[name] for name in classes))
            report.add(
                likeness.across_classes,
                f"{likeness.subject} is in {where}.",
                likeness.why_classes,
                suspicion.marks,
                suspicion.paths,
                (Fix.RELABEL, Fix.IGNORE),
                tuple(sorted(classes, key=titles.__getitem__)),
            )
        if len({each.pinned_split for each in group if each.pinned_split is not None}) > 1:
            across_parts.append(suspicion)
        within += [_suspicion(each, rows) for each in _at_one_place(group, classes)]
    fixes = (Fix.KEEP_ONE, Fix.IGNORE)
    report.add_all(
        likeness.across_parts,
        across_parts,
        lambda kept: _words_across_parts(project, kept, likeness),
        likeness.why_parts,
        fixes,
    )
    report.add_all(
        likeness.within,
        within,
        lambda kept: _words_within(kept, likeness),
        likeness.why_within,
        fixes,
    )


def _quality(sample: Sample, row: IndexedPicture) -> tuple[object, ...]:
    """Sorts the copy to keep to the front.

    Labelled ones come first, then those of the test part (a test set shall not shrink), then the
    largest, then the oldest.
    """
    part = -1 if sample.pinned_split is None else SPLITS.index(sample.pinned_split)
    return (
        sample.class_name is None,
        -part,
        -row.width * row.height,
        sample.modified_ns,
        sample.path,
    )


def _at_one_place(group: Sequence[Sample], classes: set[str]) -> list[list[Sample]]:
    """Those of a group that share class and part; what has no class may be of any single one."""
    places: dict[object, list[Sample]] = defaultdict(list)
    for sample in group:
        if sample.class_name is None and len(classes) == 1 and places:
            next(iter(places.values())).append(sample)
        else:
            places[sample.class_name, sample.pinned_split].append(sample)
    return [each for each in places.values() if len(each) > 1]


def _suspicion(group: Sequence[Sample], rows: Mapping[str, IndexedPicture]) -> Suspicion:
    marks = sorted({rows[each.path].fingerprint for each in group})
    return Suspicion(tuple(each.path for each in group), tuple(marks))


def _words_across_parts(project: Project, kept: Sequence[Suspicion], likeness: _Likeness) -> str:
    if len(kept) == 1:
        parts = {project.sample_at[path].pinned_split for path in kept[0].paths} - {None}
        return f"{likeness.subject} is in {listed(sorted(map(str, parts)))}."
    nearly = "" if likeness is _EXACT else "nearly "
    return f"{len(kept):,} pictures are {nearly}the same in two of the parts."


def _words_within(kept: Sequence[Suspicion], likeness: _Likeness) -> str:
    first = kept[0].paths
    if len(kept) > 1:
        return f"{sum(len(each.paths) - 1 for each in kept):,} pictures {likeness.plural}."
    if likeness is _EXACT:
        return f"{first[0]} is there {len(first)} times: also as {', '.join(first[1:4])}."
    if len(first) == 2:
        return f"{first[0]} and {first[1]} look nearly the same."
    return f"{len(first):,} pictures look nearly the same as {first[0]}."
