"""Thumbnails: what is shown, in which order it is read, and what is remembered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from cnnstudio.ui.thumbnails import Thumbnails

Picture = Callable[[str], Path]


@pytest.fixture
def thumbnails(qtbot: QtBot) -> Iterator[Thumbnails]:
    made = Thumbnails()
    yield made
    made.close()


@pytest.fixture
def picture(tmp_path: Path) -> Picture:
    def make(name: str, size: tuple[int, int] = (400, 300)) -> Path:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        Image.new("RGB", size, (200, 30, 30)).save(path)
        return path

    return make


def wait_for(qtbot: QtBot, thumbnails: Thumbnails, path: Path, size_px: int) -> QImage:
    with qtbot.waitSignal(thumbnails.arrived, check_params_cb=lambda each: each == str(path)):
        assert thumbnails.image(path, size_px) is None
    image = thumbnails.image(path, size_px)
    assert image is not None
    return image


def test_a_picture_arrives_whole_and_at_least_as_large_as_asked(
    qtbot: QtBot, thumbnails: Thumbnails, picture: Picture
) -> None:
    image = wait_for(qtbot, thumbnails, picture("a.png"), 120)
    assert max(image.width(), image.height()) >= 120
    assert abs(image.width() / image.height() - 4 / 3) < 0.05
    assert image.pixelColor(5, 5).red() == 200


def test_a_small_picture_is_not_enlarged_and_serves_every_size(
    qtbot: QtBot, thumbnails: Thumbnails, tmp_path: Path
) -> None:
    path = tmp_path / "small.png"
    Image.new("RGB", (28, 28)).save(path)
    assert wait_for(qtbot, thumbnails, path, 100).width() == 28
    assert thumbnails.image(path, 1000) is not None


def test_zooming_in_reads_anew_and_zooming_out_does_not(
    qtbot: QtBot, thumbnails: Thumbnails, picture: Picture
) -> None:
    path = picture("a.png")
    wait_for(qtbot, thumbnails, path, 100)
    large = wait_for(qtbot, thumbnails, path, 300)
    assert large.width() >= 300
    assert thumbnails.image(path, 60) is not None
    assert thumbnails.any_image(path) is not None


def test_a_failure_has_a_reason_and_is_not_tried_again(
    qtbot: QtBot, thumbnails: Thumbnails, tmp_path: Path
) -> None:
    path = tmp_path / "broken.jpg"
    path.write_bytes(b"")
    with qtbot.waitSignal(thumbnails.failed) as failed:
        thumbnails.image(path, 100)
    assert failed.args == [str(path), "the file is empty"]
    assert thumbnails.image(path, 100) is None
    assert thumbnails.failure(path) == "the file is empty"
    assert thumbnails.waiting_count == 0


def test_what_is_asked_last_is_read_first(
    qtbot: QtBot, thumbnails: Thumbnails, picture: Picture
) -> None:
    paths = [picture(f"{number}.png") for number in range(30)]
    order: list[str] = []
    thumbnails.arrived.connect(order.append)
    for path in paths[:20]:
        thumbnails.image(path, 100)
    thumbnails._begin()
    for path in paths[20:]:
        thumbnails.image(path, 100)
    thumbnails._begin()
    qtbot.waitUntil(lambda: len(order) == 30)
    late = [order.index(str(path)) for path in paths[20:]]
    early = [order.index(str(path)) for path in paths[:20]]
    assert sum(late) / len(late) < sum(early) / len(early)


def test_what_scrolled_away_is_not_read(
    qtbot: QtBot, thumbnails: Thumbnails, picture: Picture
) -> None:
    gone, kept = picture("gone.png"), picture("kept.png")
    arrived: list[str] = []
    thumbnails.arrived.connect(arrived.append)
    for path in (gone, kept):
        thumbnails.image(path, 100)
    thumbnails.drop([gone])
    qtbot.waitUntil(lambda: bool(arrived) and thumbnails.waiting_count == 0)
    assert arrived == [str(kept)]


def test_memory_is_bounded_and_the_oldest_leave_first(qtbot: QtBot, picture: Picture) -> None:
    thumbnails = Thumbnails(memory_bytes=3 * 128 * 96 * 4)
    paths = [picture(f"{number}.png") for number in range(5)]
    for path in paths:
        wait_for(qtbot, thumbnails, path, 128)
    assert [thumbnails.any_image(path) is not None for path in paths] == [
        False, False, True, True, True,
    ]  # fmt: skip
    thumbnails.close()


def test_a_moved_picture_keeps_its_thumbnail_and_a_removed_one_loses_it(
    qtbot: QtBot, thumbnails: Thumbnails, picture: Picture, tmp_path: Path
) -> None:
    moved, removed = picture("a/moved.png"), picture("a/removed.png")
    for path in (moved, removed):
        wait_for(qtbot, thumbnails, path, 100)
    thumbnails.follow(tmp_path, {"a/moved.png": "b/moved.png", "a/removed.png": None})
    assert thumbnails.image(tmp_path / "b/moved.png", 100) is not None
    assert thumbnails.any_image(moved) is None
    assert thumbnails.any_image(removed) is None


def test_a_failure_during_a_move_is_forgotten_after_it(
    qtbot: QtBot, thumbnails: Thumbnails, tmp_path: Path
) -> None:
    with qtbot.waitSignal(thumbnails.failed):
        thumbnails.image(tmp_path / "a/1.png", 100)
    thumbnails.follow(tmp_path, {"a/1.png": "b/1.png"})
    assert thumbnails.failure(tmp_path / "a/1.png") is None


def test_after_closing_nothing_is_read(qtbot: QtBot, picture: Picture) -> None:
    thumbnails = Thumbnails()
    thumbnails.close()
    assert thumbnails.image(picture("a.png"), 100) is None
    assert thumbnails.waiting_count == 0
