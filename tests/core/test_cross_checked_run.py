"""A small set's cross-validation comes after its run is saved, and can do it no harm."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cnnstudio.core.config import with_setting
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.events import Progress, Warned
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Project
from cnnstudio.core.runs import METRICS_FILE, Run, list_runs
from cnnstudio.core.training import train_project
from tests.builders import coloured_folder
from tests.fakes import FakeEngine


class Killed(BaseException):
    """Ends a training as a kill does."""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    root = coloured_folder(tmp_path / "project", {"red": 20, "green": 20}, size=64)
    found = scan(root)
    return replace(found, config=with_setting(found.config, "epochs", "2"))


class Watching(TaskContext):
    """Calls `meanwhile` when the cross-validation says for the first time how far it is."""

    def __init__(
        self, meanwhile: Callable[[TaskContext], object], report: Callable[[object], None]
    ) -> None:
        super().__init__(report)
        self._meanwhile = meanwhile
        self._has_begun = False

    def report(self, event: object) -> None:
        # Before the throttle: of a few pictures it takes no longer than a moment.
        super().report(event)
        is_of_it = isinstance(event, Progress) and event.words == "Cross-validation"
        if is_of_it and not self._has_begun:
            self._has_begun = True
            self._meanwhile(self)


def trained(
    project: Project, meanwhile: Callable[[TaskContext], object], events: list[object]
) -> Run:
    return train_project(FakeEngine(), project)(Watching(meanwhile, events.append))


def test_the_figures_are_added_to_the_run_that_is_saved_before(project: Project) -> None:
    saved: list[Run] = []
    run = trained(project, lambda _: saved.extend(list_runs(project)), [])
    (before,) = saved
    assert before.cross_check is None
    assert run.cross_check is not None
    assert list_runs(project) == [run]
    assert replace(run, cross_check=None) == before


def test_a_kill_amid_it_loses_no_run(project: Project) -> None:
    def kill(_: TaskContext) -> None:
        raise Killed

    with pytest.raises(Killed):
        trained(project, kill, [])
    (run,) = list_runs(project)
    assert run.model_file.is_file()
    assert run.test_accuracy == 1.0


@pytest.mark.parametrize("wish", ["stop", "cancel", "leave_for_later"])
def test_whoever_ends_it_keeps_the_run(project: Project, wish: str) -> None:
    run = trained(project, lambda context: getattr(context, wish)(), [])
    assert run.cross_check is None
    assert list_runs(project) == [run]


def test_a_run_that_is_removed_meanwhile_does_not_come_back(project: Project) -> None:
    run = trained(project, lambda _: shutil.rmtree(list_runs(project)[0].folder), [])
    assert not run.folder.exists()


def test_a_disk_that_refuses_its_figures_is_said_and_leaves_the_run(project: Project) -> None:
    def refuse(_: TaskContext) -> None:
        (metrics,) = project.runs_folder.glob(f"*/{METRICS_FILE}")
        kept.append(metrics.read_text())
        metrics.unlink()
        metrics.mkdir()  # nothing can take its place

    kept: list[str] = []
    events: list[object] = []
    run = trained(project, refuse, events)
    assert run.cross_check is not None
    (said,) = [each.words for each in events if isinstance(each, Warned)]
    assert said.startswith("The run is saved, but without its cross-validation.")
    assert json.loads(kept[0])["cross_check"] is None
