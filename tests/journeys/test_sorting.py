"""Five hundred photos sorted in the real window, by keys and mouse, and all of it taken back."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from cnnstudio.ui.models.class_model import RowKind
from cnnstudio.ui.widgets.sample_view import SampleView
from tests.robots.window_robot import WindowRobot

COUNT = 500


def unsorted(shared_data: Path, root: Path) -> Path:
    """A project of photos without a class; their names say which they belong to."""
    (root / "_unlabelled").mkdir(parents=True)
    places = sorted((shared_data / "clothing_160" / "train").glob("*/*.jpg"))
    for number, place in enumerate(places[:: len(places) // COUNT][:COUNT]):
        shutil.copy(place, root / "_unlabelled" / f"{place.parent.name} {number:03d}.jpg")
    return root


def truth(file_name: str) -> str:
    return file_name.rpartition(" ")[0]


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_five_hundred_photos_are_sorted_by_keys_alone_and_all_is_undone(
    user: WindowRobot, shared_data: Path, tmp_path: Path
) -> None:
    root = unsorted(shared_data, tmp_path / "clothes")
    wanted = Counter(truth(path.name) for path in (root / "_unlabelled").iterdir())
    user.window.open(root)
    user.until(lambda: user.window.current_step == "images" and user.session.project is not None)
    user.settle()
    panel = user.window.panel("images")
    panel._class_card.choose(RowKind.WITHOUT_CLASS)  # type: ignore[attr-defined]
    user.settle()
    grid = user.find(SampleView, "images_grid")
    grid.setFocus()
    QTest.keyClick(grid, Qt.Key.Key_Home)

    for done in range(1, COUNT + 1):
        sample = grid.current_sample()
        assert sample is not None
        names = [each.name for each in user.project.classes]
        title = truth(sample.file_name)
        if title in names[:9]:
            QTest.keyClick(grid, str(names.index(title) + 1))
        else:
            # The name of a class, as far as it is known; Enter makes it where it is new.
            QTest.keyClick(grid, title[0])
            field = panel._class_field._field  # type: ignore[attr-defined]
            user.until(field.isVisible)
            field.clear()
            QTest.keyClicks(field, title)
            # What is marked may be a longer name that begins so.
            while panel._class_field.marked_title() != title:  # type: ignore[attr-defined]
                QTest.keyClick(field, Qt.Key.Key_Down)
            QTest.keyClick(field, Qt.Key.Key_Return)
        user.until(lambda left=COUNT - done: user.project.counts.get(None, 0) == left)
        user.until(lambda: user.session.file_jobs.is_idle and user.session.view_jobs.is_idle)

    assert {name: user.project.counts[name] for name in wanted} == dict(wanted)
    for path in root.glob("[!_.]*/*.jpg"):
        assert truth(path.name) == path.parent.name
    for _ in range(COUNT):
        user.session.undo()
    user.settle()
    assert user.project.counts == {None: COUNT}
    assert user.session.undo_words is None
    assert len(list((root / "_unlabelled").iterdir())) == COUNT
