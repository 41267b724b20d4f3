from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QImage, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QWidget,
)
from pytestqt.qtbot import QtBot

from cnnstudio.core.dataset.importing import ImportedPictures
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.edits import add_imported
from cnnstudio.core.errors import StudioError
from cnnstudio.core.project import Project
from cnnstudio.core.storage import file_moves
from cnnstudio.ui.camera.burst_recorder import BurstRecorder
from cnnstudio.ui.camera.frame_source import FrameSource, NoCameras
from cnnstudio.ui.camera.shutter import Shutter
from cnnstudio.ui.dialogs.camera_dialog import CameraDialog
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.messages import ErrorDialog
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.class_picker import ClassPicker
from cnnstudio.ui.widgets.empty_state import EmptyState
from cnnstudio.ui.widgets.picture_strip import PictureStrip
from tests.builders import coloured_folder
from tests.camera_fakes import FakeCamera, two_halves

LEFT = Qt.MouseButton.LeftButton
Key = Qt.Key


class Person(QObject):
    """Somebody in front of the dialog, and the session behind it."""

    def __init__(self, qtbot: QtBot, root: Path, source: FrameSource, title: str | None) -> None:
        super().__init__()
        self.project = scan(root)
        self.adds = True
        self.undone = 0
        self._steps: list[tuple[Project, Project, tuple[file_moves.FileMove, ...]]] = []
        self._qtbot = qtbot
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        self.theme = Theme(app, "light")
        self.source = source
        self.dialog = CameraDialog(source, self.project, title, Icons(self.theme), second_ms=10)
        self.recorder = self.dialog.findChild(BurstRecorder)
        self.shutter = self.dialog.findChild(Shutter)
        self.is_open = True
        self._before = 0
        self.dialog.finished.connect(self._on_finished)
        self.dialog.burst_recorded.connect(self._on_burst)
        self.dialog.undo_wanted.connect(self._on_undo)
        self.dialog.show()
        self.dialog.activateWindow()

    # What the session does

    def _on_burst(self, staged: ImportedPictures) -> None:
        if self.adds:
            result = add_imported(staged)(self.project)
            file_moves.apply(self.project.root, result.moves)
            self._steps.append((self.project, result.project, result.moves))
            self._become(result.project)
        else:
            self.dialog.on_edit_failed()

    def _on_undo(self) -> None:
        before, _, moves = self._steps.pop()
        file_moves.apply(self.project.root, file_moves.reverse(moves))
        self.undone += 1
        self._become(before)

    def _become(self, project: Project) -> None:
        before, self.project = self.project, project
        self.dialog.follow_project(before, project)

    def _on_finished(self) -> None:
        self.is_open = False

    # What the person does

    def button(self, name: str) -> QAbstractButton:
        found = self.dialog.findChild(QAbstractButton, name)
        assert found is not None, name
        return found

    def press_mouse(self) -> None:
        self._before = self.strip()
        QTest.mousePress(self.button("camera_record"), LEFT)

    def release_mouse(self) -> None:
        QTest.mouseRelease(self.button("camera_record"), LEFT)

    def press_space(self) -> None:
        self._before = self.strip()
        self.key(Key.Key_Space, QEvent.Type.KeyPress)

    def release_space(self) -> None:
        self.key(Key.Key_Space, QEvent.Type.KeyRelease)

    def hold(self, count: int) -> int:
        """Hold the button until so many pictures are taken; how many it were in the end."""
        self.press_mouse()
        self.see(count)
        self.release_mouse()
        self.settle()
        return self.taken()

    def see(self, count: int) -> None:
        """Let the camera play until the burst has so many pictures."""
        self.until(lambda: self.taken() >= count or self._play())

    def taken(self) -> int:
        """Pictures in the strip since the button was pressed."""
        return self.strip() - self._before

    def _play(self) -> bool:
        assert isinstance(self.source, FakeCamera)
        self.source.send()
        return False

    def key(self, key: Qt.Key, kind: QEvent.Type, *, repeats: bool = False) -> None:
        """Press or release a key, as the system does it, wherever the keys go now."""
        target = self.dialog.focusWidget() or self.dialog
        text = " " if key is Key.Key_Space else ""
        event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, text, repeats)
        QApplication.sendEvent(target, event)

    def type_class(self, title: str) -> None:
        picker = self.picker()
        field = picker.lineEdit()
        assert field is not None
        picker.setFocus()
        field.selectAll()
        QTest.keyClicks(field, title)
        QTest.keyClick(field, Key.Key_Return)

    def undo(self) -> None:
        QTest.keyClick(self.dialog, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)

    def until(self, condition: Callable[[], bool]) -> None:
        self._qtbot.waitUntil(condition, timeout=10_000)

    def settle(self) -> None:
        """Wait until the burst is written."""
        self.until(lambda: self.recorder.is_idle)

    # What the person sees

    def words(self, name: str) -> str:
        found = self.dialog.findChild(QLabel, name)
        assert found is not None, name
        return found.text()

    def strip(self) -> int:
        found = self.dialog.findChild(PictureStrip, "camera_strip")
        assert found is not None
        return found.count()

    def picker(self) -> ClassPicker:
        found = self.dialog.findChild(ClassPicker, "camera_class")
        assert found is not None
        return found

    def view(self) -> QWidget:
        found = self.dialog.findChild(QWidget, "camera_view")
        assert found is not None
        return found

    def sentence(self) -> str:
        """What stands where the picture would be, "" while there is one."""
        found = self.dialog.findChild(EmptyState, "camera_empty")
        assert found is not None
        return found.sentence() if found.isVisible() else ""

    def counts(self) -> dict[str | None, int]:
        return scan(self.project.root).counts


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return coloured_folder(tmp_path / "fruit", {"green": 2, "red": 2})


@pytest.fixture
def sit_down(qtbot: QtBot, root: Path) -> Iterator[Callable[..., Person]]:
    people: list[Person] = []

    def open_it(source: FrameSource | None = None, title: str | None = "red") -> Person:
        camera = source or FakeCamera()
        person = Person(qtbot, root, camera, title)
        people.append(person)
        if isinstance(camera, FakeCamera) and camera.fail_with is None and camera.plugged_in:
            person.until(lambda: camera.running is not None)
        return person

    yield open_it
    for person in people:
        if person.is_open:
            person.dialog.reject()
            person.until(lambda person=person: not person.is_open)


@pytest.fixture
def person(sit_down: Callable[..., Person]) -> Person:
    return sit_down()


# Recording


def test_holding_the_button_records_into_the_class(person: Person) -> None:
    taken = person.hold(3)
    assert taken >= 3
    assert person.counts() == {"green": 2, "red": 2 + taken}
    assert person.words("camera_count") == f"{2 + taken} pictures so far"
    assert person.words("camera_status") == f"{taken} pictures added. Ctrl+Z takes them back."


def test_a_short_press_takes_one_picture(person: Person) -> None:
    person.press_mouse()
    person.release_mouse()
    person.settle()
    assert person.counts()["red"] == 3


def test_the_mouse_may_leave_the_button_while_it_holds(person: Person) -> None:
    person.press_mouse()
    QTest.mouseMove(person.button("camera_record"), QPoint(-300, -300))
    person.see(2)
    assert person.recorder.is_recording
    person.release_mouse()
    person.settle()
    assert person.counts()["red"] >= 4


def test_the_space_bar_records_although_it_repeats_itself(person: Person) -> None:
    person.press_space()
    for _ in range(5):
        person.key(Key.Key_Space, QEvent.Type.KeyRelease, repeats=True)
        person.key(Key.Key_Space, QEvent.Type.KeyPress, repeats=True)
    person.see(2)
    person.release_space()
    person.settle()
    taken = person.counts()["red"] - 2
    assert taken >= 2
    assert person.words("camera_status").startswith(f"{taken} pictures added"), "one burst"


def test_the_space_bar_records_also_after_a_setting_was_clicked(person: Person) -> None:
    QTest.mouseClick(person.button("camera_save_mirrored"), LEFT)
    person.press_space()
    person.see(1)
    person.release_space()
    person.settle()
    assert person.counts()["red"] >= 3
    assert person.button("camera_save_mirrored").isChecked()


def test_how_many_were_taken_is_said_while_it_records(person: Person) -> None:
    person.press_mouse()
    person.see(2)
    said = f"Recording into red: {person.taken()} pictures"
    assert person.view().accessibleName().endswith(said)
    assert not person.picker().isEnabled(), "the class cannot change under way"
    person.release_mouse()
    person.settle()
    assert "Recording" not in person.view().accessibleName()
    assert person.picker().isEnabled()


def test_every_setting_can_be_reached_with_tab(person: Person) -> None:
    names, widget = set(), person.dialog.focusWidget()
    for _ in range(30):
        assert widget is not None
        names.add(widget.objectName())
        widget = widget.nextInFocusChain()
        while not widget.focusPolicy() & Qt.FocusPolicy.TabFocus or not widget.isVisible():
            widget = widget.nextInFocusChain()
    settings = {"camera_mirror", "camera_save_mirrored", "camera_rate", "camera_countdown_3"}
    assert {*settings, "camera_record", "camera_close", "camera_class"} <= names


# Mirrors


def saved_left_is_red(person: Person) -> bool:
    newest = max((person.project.root / "red").glob("webcam*"), key=lambda path: path.name)
    with Image.open(newest) as picture:
        red, _, blue = picture.convert("RGB").getpixel((3, 3))
    return red > blue


def shown_at_left(person: Person) -> str:
    shown: QImage = person.view().grab().toImage()
    at = shown.pixelColor(shown.width() // 2 - 40, shown.height() // 2)
    if max(at.red(), at.blue()) < 2 * min(at.red(), at.blue()) + 50:
        return "neither"
    return "red" if at.red() > at.blue() else "blue"


def test_the_view_is_a_mirror_and_the_picture_is_not(person: Person) -> None:
    person.source.send()
    assert shown_at_left(person) == "blue"
    person.hold(1)
    assert saved_left_is_red(person)
    assert person.words("camera_saved_words") == "Saved as the camera sees it, not mirrored."


def test_without_the_mirror_one_sees_what_is_saved(person: Person) -> None:
    person.button("camera_mirror").click()
    person.source.send()
    assert shown_at_left(person) == "red"
    assert not person.button("camera_save_mirrored").isEnabled()
    person.hold(1)
    assert saved_left_is_red(person)


def test_pictures_are_saved_mirrored_for_whoever_wants_that(person: Person) -> None:
    person.button("camera_save_mirrored").click()
    assert person.words("camera_saved_words") == "Saved mirrored, as you see it."
    person.hold(1)
    assert not saved_left_is_red(person)


# Countdown


def test_a_countdown_is_shown_large_and_then_it_records(person: Person) -> None:
    person.button("camera_countdown_3").click()
    seen = []
    person.shutter.counted.connect(lambda _: seen.append(person.view().accessibleName()))
    person.press_mouse()
    person.release_mouse()
    person.until(lambda: person.recorder.is_recording)
    assert [words.rpartition("in ")[2] for words in seen] == ["3 s", "2 s", "1 s"]
    assert "begins in" not in person.view().accessibleName()
    person.until(lambda: not person.recorder.is_recording)
    person.settle()
    assert person.counts()["red"] >= 3


def test_escape_stops_the_countdown_and_the_dialog_stays(person: Person) -> None:
    person.button("camera_countdown_10").click()
    person.press_mouse()
    person.release_mouse()
    QTest.keyClick(person.dialog, Key.Key_Escape)
    assert person.is_open
    assert "begins in" not in person.view().accessibleName()
    assert person.counts()["red"] == 2


# Taking back, throwing away


def test_ctrl_z_takes_one_burst_back_after_the_other_and_nothing_else(person: Person) -> None:
    first = person.hold(2)
    second = person.hold(3)
    person.undo()
    assert person.counts()["red"] == 2 + first
    assert person.strip() == first
    assert person.words("camera_status") == f"Taken back: {second} pictures."
    person.undo()
    assert person.counts()["red"] == 2
    assert person.strip() == 0
    person.undo()
    assert person.undone == 2, "what was done before the dialog was opened stays"


def test_ctrl_z_pressed_at_once_waits_for_the_burst(person: Person) -> None:
    person.press_mouse()
    person.see(1)
    person.release_mouse()
    person.undo()
    person.until(lambda: person.undone == 1)
    assert person.counts()["red"] == 2


def test_escape_while_recording_throws_the_burst_away(person: Person) -> None:
    person.press_mouse()
    person.see(2)
    QTest.keyClick(person.dialog, Key.Key_Escape)
    person.release_mouse()
    person.settle()
    assert person.is_open
    assert person.counts()["red"] == 2
    assert person.strip() == 0
    assert person.words("camera_status") == "Thrown away. Nothing was added."
    state = person.project.state_folder
    assert [path for part in ("incoming", "bin") for path in (state / part).glob("*")] == []


def test_a_burst_that_could_not_be_added_is_not_shown_as_one(person: Person) -> None:
    person.adds = False
    person.press_mouse()
    person.see(2)
    person.release_mouse()
    person.settle()
    assert person.strip() == 0
    assert person.words("camera_status").endswith("pictures could not be added.")
    person.undo()
    assert person.undone == 0


def test_a_disk_that_refuses_is_told_in_words(person: Person) -> None:
    person.project.state_folder.mkdir(exist_ok=True)
    (person.project.state_folder / "incoming").write_text("in the way")
    person.press_mouse()
    person.until(lambda: bool(person.dialog.findChildren(ErrorDialog)))
    error = person.dialog.findChildren(ErrorDialog)[0]
    assert "could not be written" in error.sentence
    error.reject()
    person.release_mouse()
    assert not person.recorder.is_recording
    assert person.button("camera_record").text() == "Hold to record"


# Classes


def test_a_new_class_is_made_by_typing_its_name(person: Person) -> None:
    person.type_class("my gloves")
    assert person.words("camera_count") == "New class, made with the first burst"
    taken = person.hold(2)
    assert person.counts() == {"green": 2, "red": 2, "my gloves": taken}
    assert person.picker().title() == "my gloves"
    assert person.words("camera_count") == f"{taken} pictures so far"
    person.undo()
    assert not (person.project.root / "my gloves").exists()
    assert person.words("camera_count") == "New class, made with the first burst"


def test_a_known_class_is_found_however_it_is_spelled(person: Person) -> None:
    person.type_class("GREEN ")
    taken = person.hold(1)
    assert person.counts() == {"green": 2 + taken, "red": 2}


def test_pictures_can_be_recorded_without_a_class(sit_down: Callable[..., Person]) -> None:
    person = sit_down(title=None)
    taken = person.hold(1)
    assert person.counts()[None] == taken


@pytest.mark.parametrize("title", ["", "x" * 300])
def test_a_class_that_cannot_be_is_not_recorded_into(person: Person, title: str) -> None:
    person.picker().setEditText(title)
    assert not person.button("camera_record").isEnabled()
    assert person.words("camera_count")


def test_after_the_class_is_typed_the_space_bar_records(person: Person) -> None:
    person.type_class("gloves")
    person.press_space()
    person.see(1)
    person.release_space()
    person.settle()
    assert person.counts()["gloves"] >= 1


# The camera


def test_closing_lets_go_of_the_camera(person: Person) -> None:
    assert isinstance(person.source, FakeCamera)
    lights: list[str | None] = []
    person.dialog.finished.connect(lambda: lights.append(person.source.running))
    person.button("camera_close").click()
    person.until(lambda: not person.is_open)
    assert lights == [None]


def test_closing_while_it_records_keeps_what_was_recorded(person: Person) -> None:
    person.press_mouse()
    person.see(2)
    person.dialog.close()
    person.until(lambda: not person.is_open)
    assert person.counts()["red"] >= 4


def test_losing_the_window_ends_the_burst_and_keeps_it(person: Person) -> None:
    person.press_space()
    person.see(2)
    QApplication.sendEvent(person.dialog, QEvent(QEvent.Type.WindowDeactivate))
    person.settle()
    kept = person.counts()["red"]
    assert kept >= 4
    person.release_space()
    person.source.send(5)
    person.settle()
    assert person.counts()["red"] == kept


def test_a_camera_pulled_out_ends_the_burst_and_comes_back_by_itself(person: Person) -> None:
    camera = person.source
    assert isinstance(camera, FakeCamera)
    person.press_mouse()
    person.see(2)
    camera.pull_out("Webcam")
    person.settle()
    assert person.counts()["red"] >= 4
    assert person.sentence().startswith("The camera was unplugged.")
    assert not person.button("camera_record").isEnabled()
    person.release_mouse()
    camera.plug_in("Webcam")
    assert person.sentence() == ""
    person.hold(1)


def test_without_a_camera_there_is_a_sentence_and_another_try(
    sit_down: Callable[..., Person],
) -> None:
    camera = FakeCamera()
    camera.fail_with = StudioError("The camera does not start.", "Close other programs.")
    person = sit_down(camera)
    person.until(lambda: person.sentence().startswith("The camera does not start."))
    assert "Close other programs." in person.sentence()
    assert not person.button("camera_record").isEnabled()
    camera.fail_with = None
    person.button("camera_try_again").click()
    assert person.sentence() == ""
    person.hold(1)


def test_where_cameras_cannot_be_used_there_is_a_sentence(
    sit_down: Callable[..., Person],
) -> None:
    person = sit_down(NoCameras(StudioError("Cameras cannot be used.", "Add files instead.")))
    person.until(lambda: person.sentence() == "Cameras cannot be used.\nAdd files instead.")


def test_with_several_cameras_one_is_chosen(sit_down: Callable[..., Person]) -> None:
    camera = FakeCamera(plugged_in=("Webcam", "Microscope"))
    person = sit_down(camera)
    choice = person.button("camera_choice")
    assert choice.isVisible()
    menu = choice.menu_of_choices  # type: ignore[attr-defined]
    menu.actions()[1].trigger()
    assert camera.running == "id of Microscope"
    assert choice.text().startswith("Microscope")


def test_with_one_camera_there_is_nothing_to_choose(person: Person) -> None:
    assert not person.button("camera_choice").isVisible()


def test_another_project_closes_the_dialog(person: Person, tmp_path: Path) -> None:
    other = scan(coloured_folder(tmp_path / "other", {"red": 1}))
    person.dialog.follow_project(person.project, other)
    person.until(lambda: not person.is_open)


def test_a_frame_of_any_size_is_shown(person: Person) -> None:
    assert isinstance(person.source, FakeCamera)
    for size in ((2, 2), (3000, 20), (20, 3000)):
        person.source.frames = [two_halves(size=size)]
        person.source.send()
        assert not person.view().grab().isNull()
