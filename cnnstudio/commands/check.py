"""`cnnstudio check FOLDER`: what is wrong with a folder of pictures."""

from __future__ import annotations

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
            groups=finding.groups,
            notes=dict(zip(finding.paths, finding.notes, strict=False)),
            fixes=[fix.value for fix in finding.fixes],
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
    for finding in findings:
        output.say(finding.words)
        output.say(f"  {finding.why}")
        if len(finding.paths) > 1:
            _show_paths(output, finding)
        output.say()
    if findings:
        output.say(f"{counted(len(findings), 'finding')}.")
    else:
        output.say("Nothing found that would harm a training.")


def _show_paths(output: Output, finding: Finding) -> None:
    """One picture a line; of those that belong together the first, the others below it."""
    lines = [f"    {path}" for path in finding.paths]
    if finding.notes:
        noted = zip(lines, finding.notes, strict=True)
        lines = [f"{line}: {note}" if note else line for line, note in noted]
    if finding.groups:
        lines = [
            f"{'      = ' if place else '    '}{path}"
            for group in finding.groups
            for place, path in enumerate(group)
        ]
    for line in lines[:_SHOWN]:
        output.say(line)
    if len(lines) > _SHOWN:
        output.say(f"    and {len(lines) - _SHOWN:,} more (--json lists all)")
