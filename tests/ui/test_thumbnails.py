"""Thumbnails: what is shown, in which order it is read, and what is remembered."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from cnnstudio.core.storage.thumbnail_store import ThumbnailStore
from cnnstudio.ui.thumbnail_queue import ThumbnailQueue, Wish
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


@contextmanager
def no_readers(thumbnails: Thumbnails) -> Iterator[None]:
    """Pictures wait to be read as long as this lasts, as on a slow computer."""
    start, thumbnails._start = thumbnails._start, lambda readers: None  # type: ignore[method-assign]
    yield
    thumbnails._start = start  # type: ignore[method-assign]
    thumbnails._queue._readers = 0


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
    assert thumbnails.find(str(path), 96) is not None


def test_a_failure_has_a_reason_and_is_not_tried_again(
    qtbot: QtBot, thumbnails: Thumbnails, tmp_path: Path
) -> None:
    path = tmp_path / "broken.jpg"
    path.write_bytes(b"")
    with qtbot.waitSignal(thumbnails.failed) as failed:
        thumbnails.image(path, 100)
    assert failed.args == [str(path), "the file is empty"]
    assert thumbnails.image(path, 100) is None
    assert thumbnails.failure(str(path)) == "the file is empty"
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
    paths = [str(picture(f"{number}.png")) for number in range(6)]
    arrived: list[str] = []
    thumbnails.arrived.connect(arrived.append)
    with no_readers(thumbnails):
        thumbnails.want("grid", [Wish(path, 100) for path in paths[:4]])
    thumbnails.want("grid", [Wish(path, 100) for path in (paths[5], paths[3], paths[4])])
    qtbot.waitUntil(lambda: len(arrived) == 3 and thumbnails.waiting_count == 0)
    assert set(arrived) == set(paths[3:])


def test_wishes_are_read_in_their_order_and_the_newest_asker_goes_first() -> None:
    queue = ThumbnailQueue()
    assert queue.replace("grid", [Wish("a", 9), Wish("b", 9), Wish("c", 9)], most_readers=2) == 2
    assert queue.take() == Wish("a", 9)
    queue.add("preview", [Wish("p", 9), Wish("q", 9)], most_readers=2)
    assert [queue.take() for _ in range(2)] == [Wish("p", 9), Wish("q", 9)]
    queue.replace("grid", [Wish("a", 9), Wish("c", 9)], most_readers=2)
    # "a" is being read already, "b" is no longer wanted.
    assert [queue.take() for _ in range(3)] == [Wish("c", 9), None, None]
    assert queue.replace("grid", [Wish("d", 9)], most_readers=2) == 1


def test_a_file_that_changed_shows_its_new_picture(
    qtbot: QtBot, thumbnails: Thumbnails, tmp_path: Path
) -> None:
    path = tmp_path / "a.png"
    for colour in (200, 90):
        Image.new("RGB", (64, 64), (colour, 0, 0)).save(path)
        with qtbot.waitSignal(thumbnails.arrived):
            assert thumbnails.image(path, 100, changed_ns=colour) is None
        image = thumbnails.image(path, 100, changed_ns=colour)
        assert image is not None
        assert image.pixelColor(5, 5).red() == colour


def test_a_file_that_was_put_right_is_read_again(
    qtbot: QtBot, thumbnails: Thumbnails, tmp_path: Path
) -> None:
    path = tmp_path / "a.png"
    path.touch()
    with qtbot.waitSignal(thumbnails.failed):
        thumbnails.image(path, 100, changed_ns=1)
    assert thumbnails.failure(str(path), 1) == "the file is empty"
    assert thumbnails.failure(str(path), 2) is None
    Image.new("RGB", (64, 64)).save(path)
    with qtbot.waitSignal(thumbnails.arrived):
        thumbnails.image(path, 100, changed_ns=2)
    assert thumbnails.failure(str(path)) is None


def test_thumbnails_are_kept_for_the_next_time(
    qtbot: QtBot, picture: Picture, tmp_path: Path
) -> None:
    path = picture("a.png")
    for _ in range(2):
        store = ThumbnailStore(tmp_path / "cache" / "thumbnails.sqlite", worthwhile_bytes=0)
        thumbnails = Thumbnails(store=store)
        wait_for(qtbot, thumbnails, path, 128)
        thumbnails.close()
        # The next window has the picture from the store, though its content cannot be read.
        facts = path.stat()
        path.write_bytes(b"\0" * facts.st_size)
        os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))


def test_memory_is_bounded_and_the_oldest_leave_first(qtbot: QtBot, picture: Picture) -> None:
    thumbnails = Thumbnails(memory_bytes=3 * 128 * 96 * 4)
    paths = [picture(f"{number}.png") for number in range(5)]
    for path in paths:
        wait_for(qtbot, thumbnails, path, 128)
    assert [thumbnails.find(str(path), 96) is not None for path in paths] == [
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
    assert thumbnails.find(str(moved), 96) is None
    assert thumbnails.find(str(tmp_path / "b/moved.png"), 96) is not None
    assert thumbnails.find(str(removed), 96) is None


def test_two_pictures_that_change_places_keep_their_own_thumbnails(
    qtbot: QtBot, thumbnails: Thumbnails, picture: Picture, tmp_path: Path
) -> None:
    tall, wide = picture("a/1.png", (100, 300)), picture("b/1.png", (300, 100))
    for path in (tall, wide):
        wait_for(qtbot, thumbnails, path, 100)
    thumbnails.follow(tmp_path, {"a/1.png": "b/1.png", "b/1.png": "a/1.png"})
    images = [thumbnails.find(str(path), 96) for path in (tall, wide)]
    assert [image is not None and image.width() > image.height() for image in images] == [
        True, False,
    ]  # fmt: skip


def test_a_failure_during_a_move_is_forgotten_after_it(
    qtbot: QtBot, thumbnails: Thumbnails, tmp_path: Path
) -> None:
    with qtbot.waitSignal(thumbnails.failed):
        thumbnails.image(tmp_path / "a/1.png", 100)
    thumbnails.follow(tmp_path, {"a/1.png": "b/1.png"})
    assert thumbnails.failure(str(tmp_path / "a/1.png")) is None


def test_after_closing_nothing_is_read(qtbot: QtBot, picture: Picture) -> None:
    thumbnails = Thumbnails()
    thumbnails.close()
    assert thumbnails.image(picture("a.png"), 100) is None
    assert thumbnails.waiting_count == 0
