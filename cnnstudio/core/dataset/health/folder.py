"""Findings about the folder itself: our own files, and pictures where none are looked for."""

from __future__ import annotations

import contextlib
import os

from cnnstudio.core.dataset.health.findings import Fix, Report, listed
from cnnstudio.core.dataset.images import may_be_picture
from cnnstudio.core.project import STATE_FOLDER, Project, lacks_train_folder
from cnnstudio.core.runs import damaged_runs
from cnnstudio.core.storage import file_moves, project_file, split_book
from cnnstudio.core.storage.atomic import SET_ASIDE


def report_state(report: Report, project: Project) -> None:
    """Report what is wrong with our own files."""
    faults = {project_file.FILE_NAME: project_file.why_unusable(project.root)}
    if split_book.is_unusable(project.root):
        faults[split_book.FILE_NAME] = "is damaged"
    for name, reason in faults.items():
        if reason:
            report.add(
                "damaged settings",
                f"{STATE_FOLDER}/{name} {reason}.",
                "What it says is not used. It is set aside, so that nothing is lost, when the"
                " project is opened or trained.",
                [f"{STATE_FOLDER}/{name}"],
            )
    for name in _set_aside(project):
        report.add(
            "damaged settings",
            f"{STATE_FOLDER}/{name.partition(SET_ASIDE)[0]} could not be read and is kept as"
            f" {name}.",
            "What it says is not used. Put a backup copy in its old place while the project is"
            f" closed, or delete {name}.",
            [f"{STATE_FOLDER}/{name}"],
            fixes=(Fix.IGNORE,),
        )
    for run in damaged_runs(project):
        place = f"{STATE_FOLDER}/runs/{run.folder.name}"
        report.add(
            "damaged settings",
            run.reason,
            f"It is not in the list of runs; its files are still in {place}. Put a backup copy of"
            " that folder in its place, or delete it.",
            [place],
            fixes=(Fix.IGNORE,),
        )
    if os.path.isfile(project.state_folder / file_moves.JOURNAL_NAME):  # noqa: PTH113 - never raises
        report.add(
            "unfinished move",
            "Files were being moved when a program ended, or are being moved now.",
            "The moves are taken back when the project is opened or trained.",
            [],
        )


def _set_aside(project: Project) -> list[str]:
    """The names of our own files that were set aside because they were damaged."""
    try:
        return sorted(each.name for each in project.state_folder.glob(f"*{SET_ASIDE}*"))
    except OSError:
        return []


def report_parts(report: Report, project: Project, *, has_pictures: bool) -> None:
    """Report that there is nothing to learn from, but something to test on."""
    if has_pictures and lacks_train_folder(project):
        report.add(
            "no train folder",
            "There are validation or test pictures, but there is no train folder.",
            "There is nothing to learn from.",
            [],
        )


def report_closed(report: Report, project: Project) -> None:
    """Report folders of classes and parts that may not be opened."""
    folders = [folder for _, folder in project.split_folders]
    for each in project.classes:
        folders += [f"{part}/{each.name}" for _, part in project.split_folders] or [each.name]
    closed = tuple(
        folder
        for folder in folders
        if (project.root / folder).exists()
        and not os.access(project.root / folder, os.R_OK | os.X_OK)
    )
    if closed:
        report.add(
            "closed folder",
            f"{listed(closed)} cannot be opened: there is no permission.",
            "Whatever is in it is not seen here and not learned.",
            closed,
        )


def report_loose(report: Report, project: Project) -> None:
    """Report pictures that lie beside the class folders instead of in one."""
    places = [""]
    if project.layout == "splits":
        places += [f"{folder}/" for _, folder in project.split_folders]
    paths: tuple[str, ...] = ()
    for place in places:
        with contextlib.suppress(OSError):  # a part that may not be opened is told as such
            found = sorted((project.root / place).iterdir())
            paths += tuple(
                f"{place}{path.name}" for path in found if path.is_file() and may_be_picture(path)
            )
    if paths:
        pictures = "1 picture lies" if len(paths) == 1 else f"{len(paths):,} pictures lie"
        report.add(
            "ignored",
            f"{pictures} beside the class folders, such as {paths[0]}.",
            "Only pictures inside a class folder are used.",
            paths,
            paths,
            (Fix.IGNORE,),
        )
