"""Choosing a backbone, and getting one that is not there yet."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QRadioButton, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.core.catalog.backbones import BACKBONES, Backbone, WeightsFile
from cnnstudio.core.storage import backbone_files, backbone_installing
from cnnstudio.core.storage.backbone_files import partial_file, weights_file
from cnnstudio.ui.dialogs.backbones_dialog import BackbonesDialog
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.jobs import JobQueue
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.banner import Banner
from tests.core.storage.weights_server import WeightsServer, serving

CONTENT = bytes(range(256)) * 2000
BUNDLED, SMALL = BACKBONES[0].key, BACKBONES[1].key


@dataclass
class Person:
    """Somebody in front of the dialog."""

    qtbot: QtBot
    dialog: BackbonesDialog
    backbones: tuple[Backbone, ...]
    folder: Path
    chosen: list[str]

    def button(self, name: str) -> QAbstractButton:
        found = self.dialog.findChild(QAbstractButton, name)
        assert isinstance(found, QAbstractButton), name
        return found

    def click(self, name: str) -> None:
        self.qtbot.waitUntil(
            lambda: self.button(name).isVisible() and self.button(name).isEnabled()
        )
        QTest.mouseClick(self.button(name), Qt.MouseButton.LeftButton)

    def until_usable(self) -> None:
        self.qtbot.waitUntil(self.button("backbones_use").isEnabled, timeout=20_000)

    def says(self) -> str:
        banner = self.dialog.findChild(Banner, "backbones_problem")
        assert isinstance(banner, Banner)
        return banner.sentence().replace("\N{ZERO WIDTH SPACE}", "") if banner.isVisible() else ""


@pytest.fixture
def server() -> Iterator[WeightsServer]:
    with serving(WeightsServer(CONTENT)) as running:
        yield running


@pytest.fixture
def jobs(qtbot: QtBot) -> Iterator[JobQueue]:
    queue = JobQueue("downloads")
    yield queue
    queue.close()


@pytest.fixture
def rows(server: WeightsServer, monkeypatch: pytest.MonkeyPatch) -> tuple[Backbone, ...]:
    """The catalogue, with files that are on our server."""
    digest = hashlib.sha256(CONTENT).hexdigest()
    rows = tuple(
        replace(each, weights=WeightsFile(f"{each.key}.h5", server.url, len(CONTENT), digest))
        for each in BACKBONES[1:]
    )
    for module in (backbone_files, backbone_installing):
        monkeypatch.setattr(module, "BACKBONES", (BACKBONES[0], *rows))
    return (BACKBONES[0], *rows)


@pytest.fixture
def person(
    qtbot: QtBot, qapp: QApplication, jobs: JobQueue, rows: tuple[Backbone, ...], tmp_path: Path
) -> Iterator[Person]:
    theme = Theme(qapp, "light")
    folder = tmp_path / "weights"
    folder.mkdir()
    partial_file(rows[2], folder).write_bytes(CONTENT[:200_000])
    dialog = BackbonesDialog(jobs, folder, BUNDLED, theme, Icons(theme), backbones=rows)
    chosen: list[str] = []
    dialog.backbone_chosen.connect(chosen.append)
    # The dialog deletes itself when it is closed; tests look at it once more.
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    yield Person(qtbot, dialog, rows, folder, chosen)
    dialog.close()


def test_the_bundled_one_can_be_used_at_once(person: Person) -> None:
    person.until_usable()
    assert person.button("backbones_use").text() == "Use EfficientNet-Lite0"
    person.click("backbones_use")
    assert person.chosen == [BUNDLED]
    assert not person.dialog.isVisible()


def test_one_that_is_not_there_cannot_be_used_but_downloaded(person: Person) -> None:
    person.until_usable()
    person.click(f"backbone_choice_{SMALL}")
    assert not person.button("backbones_use").isEnabled()
    QTest.keyClick(person.dialog, Qt.Key.Key_Return)
    assert person.chosen == []
    person.click(f"backbone_download_{SMALL}")
    person.until_usable()
    assert weights_file(person.backbones[1], person.folder).read_bytes() == CONTENT
    person.click("backbones_use")
    assert person.chosen == [SMALL]


def test_arrow_keys_choose_and_return_uses(person: Person) -> None:
    person.until_usable()
    first = person.button(f"backbone_choice_{BUNDLED}")
    QTest.keyClick(first, Qt.Key.Key_Down)
    assert person.button(f"backbone_choice_{SMALL}").isChecked()
    QTest.keyClick(person.button(f"backbone_choice_{SMALL}"), Qt.Key.Key_Up)
    QTest.keyClick(person.dialog, Qt.Key.Key_Return)
    assert person.chosen == [BUNDLED]


def test_size_and_licence_stand_there_before_anything_is_downloaded(
    person: Person, server: WeightsServer
) -> None:
    person.until_usable()
    shown = {label.text() for label in person.dialog.findChildren(QLabel) if label.isVisible()}
    assert {"0.5 MB", "Apache-2.0", "MIT", "3.4 million", "Comes with the program"} <= shown
    assert person.button(f"backbone_download_{SMALL}").text() == "Download 0.5 MB"
    assert server.ranges == []


def test_a_cancelled_download_goes_on_where_it_ended(person: Person, server: WeightsServer) -> None:
    server.waits_at = 150_000
    person.click(f"backbone_download_{SMALL}")
    partial = partial_file(person.backbones[1], person.folder)
    person.qtbot.waitUntil(lambda: partial.exists() and partial.stat().st_size > 0, timeout=20_000)
    progress = person.dialog.findChild(QLabel, f"backbone_progress_{SMALL}")
    assert isinstance(progress, QLabel)
    person.qtbot.waitUntil(lambda: "of 0.5 MB" in progress.text())
    assert not person.button(f"backbone_download_{BACKBONES[3].key}").isEnabled()
    person.click(f"backbone_cancel_{SMALL}")
    again = person.button(f"backbone_download_{SMALL}")
    person.qtbot.waitUntil(lambda: again.isVisible() and again.text().startswith("Go on (0."))
    server.may_go_on.set()
    server.waits_at = None
    person.click(f"backbone_download_{SMALL}")
    person.until_usable()
    assert server.ranges[-1] is not None


def test_what_came_another_day_is_offered_to_go_on_with(
    person: Person, server: WeightsServer
) -> None:
    third = person.backbones[2].key
    person.until_usable()
    assert person.button(f"backbone_download_{third}").text() == "Go on (0.2 MB of 0.5 MB)"
    person.click(f"backbone_download_{third}")
    person.until_usable()
    assert server.ranges == ["bytes=200000-"]


def test_closing_the_dialog_ends_the_download(
    person: Person, server: WeightsServer, jobs: JobQueue
) -> None:
    server.waits_at = 0
    person.click(f"backbone_download_{SMALL}")
    person.qtbot.waitUntil(lambda: bool(server.ranges), timeout=20_000)
    person.click("backbones_close")
    person.qtbot.waitUntil(lambda: jobs.is_idle, timeout=20_000)


def test_what_went_wrong_is_said_where_it_happened(person: Person, server: WeightsServer) -> None:
    server.status = 404
    person.click(f"backbone_download_{SMALL}")
    person.qtbot.waitUntil(lambda: bool(person.says()), timeout=20_000)
    assert "does not offer the weights of MobileNetV2" in person.says()
    assert "EfficientNet-Lite0 comes with the program" in person.says()
    server.status = 200
    person.click(f"backbone_download_{SMALL}")
    assert person.says() == ""
    person.until_usable()


def test_a_folder_brings_weights_without_network(
    person: Person, server: WeightsServer, tmp_path: Path
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    person.until_usable()
    person.dialog.take_from(str(stick))
    person.qtbot.waitUntil(lambda: "no weights" in person.says(), timeout=20_000)
    (stick / f"{SMALL}.h5").write_bytes(CONTENT)
    person.qtbot.waitUntil(person.button("backbones_folder").isEnabled)
    person.dialog.take_from(str(stick))
    person.click(f"backbone_choice_{SMALL}")
    person.until_usable()
    assert server.ranges == []


def test_every_control_has_a_name_that_is_spoken(person: Person) -> None:
    person.until_usable()
    for button in person.dialog.findChildren(QAbstractButton):
        assert button.objectName(), button.text()
        assert button.accessibleName() or button.text() or button.isHidden()
    for choice in person.dialog.findChildren(QRadioButton):
        assert "licence" in choice.accessibleDescription()


def test_no_word_is_cut_off(person: Person) -> None:
    person.until_usable()
    for label in person.dialog.findChildren(QLabel):
        if label.isVisible() and label.text():
            needed = label.heightForWidth(label.width()) if label.wordWrap() else 0
            assert label.height() >= needed, label.text()
            if not label.wordWrap():
                assert label.width() >= label.sizeHint().width(), label.text()
    assert person.dialog.findChild(QWidget, "backbones_problem") is not None
