"""`cnnstudio check FOLDER`: what is wrong with a folder of pictures."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cnnstudio.commands.output import Output
from cnnstudio.commands.progress import progress_display
from cnnstudio.commands.services import Services, json_option, pass_services
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Project
from cnnstudio.ui.words import classes, counted, pictures

if TYPE_CHECKING:
    from cnnstudio.core.dataset.health.findings import Finding

_SHOWN = 20


@click.command(short_help="List what would harm a training.")
@click.argument("folder", type=click.Path(path_type=Path))
@json_option
@pass_services
def check(services: Services, folder: Path) -> None:
    """Read every picture in FOLDER and list what would harm a training.

    FOLDER is a project, a folder of class folders, or one that holds train, validation and test
    folders. Nothing in it is changed.
    """
    from cnnstudio.core.dataset.checks import check_folder
    from cnnstudio.core.dataset.scanning import scan

    output = services.output
    with progress_display(output) as display:
        context = TaskContext(display.report)
        project = scan(folder, context, is_read_only=True)
        findings = check_folder(project, context)
    for finding in findings:
        output.event(
            "finding",
            kind=finding.kind,
            words=finding.words,
            why=finding.why,
            paths=finding.paths,
        )
    if not output.is_json:
        _show(output, project, findings)
    output.event(
        "finished",
        folder=folder,
        pictures=len(project.samples),
        classes={each.name: project.counts.get(each.name, 0) for each in project.classes},
        unlabelled=project.counts.get(None, 0),
        findings=len(findings),
    )


def _show(output: Output, project: Project, findings: list[Finding]) -> None:
    from rich.cells import cell_len

    output.say(f"{pictures(len(project.samples))} in {classes(len(project.classes))}")
    # In columns of a terminal: a Chinese character takes two.
    widest = max((cell_len(each.title) for each in project.classes), default=0)
    for each in project.classes:
        gap = " " * (widest - cell_len(each.title))
        output.say(f"  {each.title}{gap}  {project.counts.get(each.name, 0):>7,}")
    if project.counts.get(None):
        output.say(f"  without a class: {project.counts[None]:,}")
    output.say()
    for kind, group in groupby(findings, key=lambda finding: finding.kind):
        same = list(group)
        output.say(f"{kind.capitalize()}: {len(same):,}")
        output.say(f"  {same[0].why}")
        for finding in same[:_SHOWN]:
            output.say(f"    {finding.words}")
            if len(finding.paths) > 1:
                _show_paths(output, finding.paths)
        if len(same) > _SHOWN:
            output.say(f"    and {len(same) - _SHOWN:,} more (--json lists all)")
        output.say()
    if findings:
        output.say(f"{counted(len(findings), 'finding')}.")
    else:
        output.say("Nothing found that would harm a training.")


def _show_paths(output: Output, paths: Sequence[str]) -> None:
    for path in paths[:_SHOWN]:
        output.say(f"      {path}")
    if len(paths) > _SHOWN:
        output.say(f"      and {len(paths) - _SHOWN:,} more")
