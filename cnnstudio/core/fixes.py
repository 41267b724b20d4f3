"""What can be done about a finding of the health check, each as an edit that can be undone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from os.path import lexists
from pathlib import PurePosixPath

from cnnstudio.core.dataset.health.endings import right_ending
from cnnstudio.core.dataset.health.findings import Finding, Fix
from cnnstudio.core.dataset.scanning import in_project_order
from cnnstudio.core.edits import EditResult, NamedEdit, label_samples, remove_samples
from cnnstudio.core.errors import StudioError
from cnnstudio.core.project import Project, Sample
from cnnstudio.core.storage.file_moves import FileMove
from cnnstudio.core.storage.index import IndexedPicture


def fix(
    finding: Finding,
    how: Fix,
    rows: Mapping[str, IndexedPicture],
    class_name: str | None = None,
) -> NamedEdit:
    """Return the edit that does something about a finding.

    Args:
        finding: from `find_problems`; its pictures must be where they were.
        how: one of the finding's `fixes`.
        rows: what is known of the pictures, by path.
        class_name: for `Fix.RELABEL`, the class that is right.

    Raises:
        StudioError: the finding has no such fix, or the class is missing.
    """
    if how not in finding.fixes:
        raise StudioError("This cannot be done about it.", "Choose one of the other buttons.")
    if how is Fix.REMOVE:
        return remove_samples(finding.paths)
    if how is Fix.KEEP_ONE:
        return remove_samples(path for group in _groups(finding) for path in group[1:])
    if how is Fix.RENAME:
        return _give_right_endings(finding.paths, rows)
    if how is Fix.IGNORE:
        return _ignore(finding)
    if class_name is None:
        raise StudioError("It is not said which class is right.", "Choose one.")
    return _keep_in_class(finding.paths, class_name)


def _groups(finding: Finding) -> tuple[tuple[str, ...], ...]:
    """The groups of a finding, the copy to keep first in each."""
    return finding.groups or (finding.paths,)


def _ignore(finding: Finding) -> NamedEdit:
    def edit(project: Project) -> EditResult:
        ignored = project.ignored_findings.union(finding.keys)
        return EditResult(replace(project, ignored_findings=ignored))

    return NamedEdit("Ignore a finding", edit)


def _keep_in_class(paths: tuple[str, ...], class_name: str) -> NamedEdit:
    """Keep one copy, in this class; the best of those that are there already."""

    def edit(project: Project) -> EditResult:
        there = [
            path
            for path in paths
            if path in project.sample_at and project.sample_at[path].class_name == class_name
        ]
        kept = (there or paths)[0]
        moved = label_samples([kept], class_name)(project)
        removed = remove_samples(path for path in paths if path != kept)(moved.project)
        return EditResult(removed.project, (*moved.moves, *removed.moves))

    return NamedEdit(f"Keep one picture in {class_name}", edit)


def _give_right_endings(paths: Iterable[str], rows: Mapping[str, IndexedPicture]) -> NamedEdit:
    chosen = tuple(paths)

    def edit(project: Project) -> EditResult:
        moves: list[FileMove] = []
        renamed: dict[str, Sample] = {}
        taken: set[str] = set()
        for path in chosen:
            sample = project.sample_at.get(path)
            ending = right_ending(rows[path].format) if path in rows else ""
            if sample is None or not ending:
                continue
            target = _free_path(project, path, ending, taken)
            moves.append(FileMove(path, target))
            renamed[path] = replace(sample, path=target)
        kept = [sample for sample in project.samples if sample.path not in renamed]
        samples = in_project_order(kept, project.classes, renamed.values())
        return EditResult(replace(project, samples=samples), tuple(moves))

    count = len(chosen)
    return NamedEdit(f"Rename {'1 picture' if count == 1 else f'{count:,} pictures'}", edit)


def _free_path(project: Project, path: str, ending: str, taken: set[str]) -> str:
    """The path with another ending; numbered where there is such a file already."""
    stem = str(PurePosixPath(path).with_suffix(""))
    number, target = 1, f"{stem}{ending}"
    while target.casefold() in taken or lexists(project.root / target):
        number += 1
        target = f"{stem} ({number}){ending}"
    taken.add(target.casefold())
    return target
