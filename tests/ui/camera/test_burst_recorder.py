from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from cnnstudio.core.dataset.importing import ImportedPictures
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.errors import StudioError
from cnnstudio.core.project import Project
from cnnstudio.ui.camera.burst_recorder import BurstRecorder, BurstSettings, Pace, rgb_pixels
from tests.builders import coloured_folder
from tests.camera_fakes import two_halves


class Heard:
    """A recorder with a clock of the test's own, and what it said."""

    def __init__(self, qtbot: QtBot) -> None:
        self.now_s = 0.0
        self.recorder = BurstRecorder(clock=lambda: self.now_s)
        self.taken: list[int] = []
        self.ends: list[object] = []
        self.recorder.picture_taken.connect(lambda taken: self.taken.append(taken.number))
        self.recorder.recorded.connect(self.ends.append)
        self.recorder.cancelled.connect(lambda: self.ends.append("cancelled"))
        self.recorder.failed.connect(self.ends.append)
        self._qtbot = qtbot

    def send(self, image: QImage, after_s: float = 1.0) -> None:
        """Offer a picture; wait until it is written if it was taken."""
        self.now_s += after_s
        self.recorder.offer(image)

    def take(self, count: int, image: QImage | None = None) -> None:
        """Offer pictures until so many more are written."""
        for _ in range(count):
            wanted = len(self.taken) + 1
            self.send(image or two_halves())
            self._qtbot.waitUntil(lambda wanted=wanted: len(self.taken) == wanted)

    def end(self) -> object:
        self.recorder.end()
        self._qtbot.waitUntil(lambda: bool(self.ends) and self.recorder.is_idle)
        return self.ends[-1]


@pytest.fixture
def heard(qtbot: QtBot) -> Iterator[Heard]:
    heard = Heard(qtbot)
    yield heard
    heard.recorder.close()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return scan(coloured_folder(tmp_path / "fruit", {"red": 2}))


def left_behind(project: Project) -> list[Path]:
    parts = ("incoming", "bin")
    return [path for part in parts for path in (project.state_folder / part).glob("*")]


def first_pixel(project: Project, staged: object) -> tuple[int, ...]:
    assert isinstance(staged, ImportedPictures)
    with Image.open(project.root / staged.pictures[0].staged_path) as picture:
        pixel = picture.getpixel((2, 2))
    assert isinstance(pixel, tuple)
    return pixel


def test_every_picture_taken_is_handed_over_at_the_end(heard: Heard, project: Project) -> None:
    heard.recorder.begin(project, BurstSettings("red"))
    heard.take(3)
    staged = heard.end()
    assert heard.taken == [1, 2, 3]
    assert isinstance(staged, ImportedPictures)
    assert len(staged.pictures) == 3
    assert heard.ends == [staged]


def test_a_picture_is_saved_as_the_camera_sees_it(heard: Heard, project: Project) -> None:
    heard.recorder.begin(project, BurstSettings("red"))
    heard.take(1)
    red, _, blue = first_pixel(project, heard.end())
    assert red > 150 > 60 > blue


def test_a_picture_is_saved_mirrored_where_that_is_wanted(heard: Heard, project: Project) -> None:
    heard.recorder.begin(project, BurstSettings("red", mirrored=True))
    heard.take(1)
    red, _, blue = first_pixel(project, heard.end())
    assert blue > 150 > 60 > red


def test_a_cancelled_burst_leaves_nothing(qtbot: QtBot, heard: Heard, project: Project) -> None:
    heard.recorder.begin(project, BurstSettings("red"))
    heard.take(2)
    assert left_behind(project) != []
    heard.recorder.cancel()
    qtbot.waitUntil(lambda: heard.ends == ["cancelled"])
    assert left_behind(project) == []


def test_pictures_between_bursts_are_not_taken(heard: Heard, project: Project) -> None:
    heard.send(two_halves())
    heard.recorder.begin(project, BurstSettings("red"))
    heard.take(1)
    first = heard.end()
    heard.send(two_halves())
    heard.recorder.begin(project, BurstSettings("red"))
    heard.take(1)
    second = heard.end()
    assert isinstance(first, ImportedPictures)
    assert isinstance(second, ImportedPictures)
    assert len(first.pictures) == len(second.pictures) == 1


def test_only_as_many_pictures_are_taken_as_are_wanted_in_a_second(
    heard: Heard, project: Project
) -> None:
    heard.recorder.begin(project, BurstSettings("red", pictures_a_second=1))
    heard.take(1)
    for _ in range(15):
        heard.send(two_halves(), after_s=0.05)
    heard.take(1)
    staged = heard.end()
    assert isinstance(staged, ImportedPictures)
    assert len(staged.pictures) == 2


def test_pictures_that_come_too_fast_are_left_out_and_do_not_pile_up(
    heard: Heard, project: Project
) -> None:
    heard.recorder.begin(project, BurstSettings("red"))
    large = two_halves(size=(3000, 2000))
    for _ in range(60):
        heard.send(large)
    staged = heard.end()
    assert isinstance(staged, ImportedPictures)
    assert 1 <= len(staged.pictures) < 20
    assert heard.taken == list(range(1, len(staged.pictures) + 1))


def test_a_disk_that_refuses_ends_the_burst_with_words(
    qtbot: QtBot, heard: Heard, project: Project
) -> None:
    project.state_folder.mkdir(exist_ok=True)
    (project.state_folder / "incoming").write_text("in the way")
    heard.recorder.begin(project, BurstSettings("red"))
    heard.send(two_halves())
    qtbot.waitUntil(lambda: bool(heard.ends))
    assert isinstance(heard.ends[0], StudioError)
    assert not heard.recorder.is_recording


def test_closing_while_it_records_leaves_nothing(heard: Heard, project: Project) -> None:
    heard.recorder.begin(project, BurstSettings("red"))
    heard.take(1)
    heard.recorder.close()
    assert left_behind(project) == []


@given(
    rate=st.integers(1, 10),
    gaps=st.lists(st.floats(0.001, 0.5), min_size=1, max_size=200),
)
def test_the_pace_is_never_faster_than_wanted(rate: int, gaps: list[float]) -> None:
    pace, now_s, taken = Pace(rate), 0.0, 0
    for gap in gaps:
        taken += pace.is_due(now_s)
        now_s += gap
    # One at the very beginning, and one that came late.
    assert 1 <= taken <= rate * now_s + 2


@given(rate=st.integers(1, 10), fps=st.sampled_from([15.0, 24.0, 25.0, 29.97, 30.0, 60.0]))
def test_the_pace_is_kept_although_pictures_come_when_they_come(rate: int, fps: float) -> None:
    pace = Pace(rate)
    taken = sum(pace.is_due(number / fps) for number in range(round(10 * fps)))
    assert taken == pytest.approx(10 * rate, abs=1)


@pytest.mark.parametrize("width", [1, 2, 3, 5, 64])
@pytest.mark.parametrize("kind", [QImage.Format.Format_RGB32, QImage.Format.Format_Grayscale8])
def test_pixels_come_out_as_they_were_whatever_the_width(width: int, kind: QImage.Format) -> None:
    image = QImage(width, 2, QImage.Format.Format_RGB32)
    for x in range(width):
        image.setPixelColor(x, 0, QColor(x, x, x))
        image.setPixelColor(x, 1, QColor(200, 200, 200))
    pixels = rgb_pixels(image.convertToFormat(kind))
    assert pixels.shape == (2, width, 3)
    assert pixels.dtype == np.uint8
    assert pixels[0, :, 0].tolist() == list(range(width))
    assert (pixels[1] == 200).all()
