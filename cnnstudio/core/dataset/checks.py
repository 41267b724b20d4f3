"""The health check: what is wrong or doubtful about the pictures of a project, in sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from cnnstudio.core.dataset.health.classes import (
    readable_counts,
    report_empty,
    report_small,
    report_too_little,
)
from cnnstudio.core.dataset.health.copies import report_copies, report_twins
from cnnstudio.core.dataset.health.findings import Finding, Report
from cnnstudio.core.dataset.health.folder import (
    report_closed,
    report_loose,
    report_parts,
    report_state,
)
from cnnstudio.core.dataset.health.measuring import TINY
from cnnstudio.core.dataset.health.pictures import (
    report_doubtful,
    report_unreadable,
    report_wrong_endings,
)
from cnnstudio.core.dataset.health.twins import LoadTiny, TwinSearch
from cnnstudio.core.dataset.reading import index_samples
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Project
from cnnstudio.core.storage.index import Index, IndexedPicture


def check_folder(project: Project, context: TaskContext) -> list[Finding]:
    """Look at every picture and return what is found, the gravest first.

    Nothing in the folder is changed, not even its cache.

    Raises:
        Cancelled: the user cancelled.
    """
    with Index(None) as index:
        rows = index_samples(project, project.samples, index, context)
        return find_problems(project, rows, context, partial(index.find_features, TINY))


def find_problems(
    project: Project,
    rows: Mapping[str, IndexedPicture],
    context: TaskContext,
    tiny: LoadTiny,
    search: TwinSearch | None = None,
) -> list[Finding]:
    """Return what is found in the rows of all samples, the gravest first; no picture is read.

    Args:
        project: what the user has told us not to show again is left out.
        rows: of every sample, by path, from `index_samples`.
        context: asked now and then whether to go on.
        tiny: gives the tiny pictures of fingerprints: `partial(index.find_features, TINY)`.
        search: one that has seen the project before, and looks only for what is new.

    Raises:
        Cancelled: the user cancelled.
    """
    report = Report(project.ignored_findings)
    counts = readable_counts(project, rows)
    steps: tuple[Callable[[], None], ...] = (
        lambda: report_state(report, project),
        lambda: report_closed(report, project),
        lambda: report_too_little(report, project, counts),
        lambda: report_parts(report, project, has_pictures=any(counts.values())),
        lambda: report_empty(report, project, counts),
        lambda: report_small(report, project, counts),
        lambda: report_loose(report, project),
        lambda: report_unreadable(report, rows),
        lambda: report_wrong_endings(report, rows),
        lambda: report_doubtful(report, project, rows),
        lambda: report_copies(report, project, rows),
    )
    for step in steps:
        context.checkpoint()
        step()
    groups = (search or TwinSearch()).groups(rows, tiny, context)
    report_twins(report, project, rows, groups)
    return report.findings()
