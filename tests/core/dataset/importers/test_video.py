"""Videos are cut into pictures, and odd ones say what is the matter."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnstudio.core.dataset.images import UnreadablePicture
from cnnstudio.core.dataset.import_plan import VideoClip, VideoFacts, VideoSampling
from cnnstudio.core.dataset.importers.video import frames_of, video_facts
from cnnstudio.core.dataset.importing import plan_import, stage_import
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.errors import Cancelled, StudioError
from cnnstudio.core.events import Progress
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Project
from cnnstudio.core.storage import import_book
from tests.builders import coloured_folder
from tests.videos import SIZE, flat, make_video, slowed, steps, turned

ALL = VideoSampling("every n-th", 1)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return scan(coloured_folder(tmp_path / "project", {"red": 1}))


def numbers(path: Path, sampling: VideoSampling) -> list[int]:
    """Places in the video, counted from 1, of the frames that are taken."""
    clip = VideoClip(path, None, None, video_facts(path))
    names = [name for name, _ in frames_of(clip, sampling, TaskContext())]
    assert all(name.startswith(f"{path.stem} ") and name.endswith(".jpg") for name in names)
    return [int(name[-10:-4]) for name in names]


def reasons(skipped: object) -> list[str]:
    return [each.reason for each in skipped]  # type: ignore[attr-defined]


@pytest.mark.parametrize("suffix", [".mp4", ".avi"])
def test_frames_are_taken_every_so_many_or_so_many_a_second(tmp_path: Path, suffix: str) -> None:
    path = make_video(tmp_path / f"clip{suffix}", steps(30), rate=10)
    assert numbers(path, ALL) == [*range(1, 31)]
    assert numbers(path, VideoSampling("every n-th", 7)) == [1, 8, 15, 22, 29]
    assert numbers(path, VideoSampling("a second", 2)) == [1, 6, 11, 16, 21, 26]
    assert numbers(path, VideoSampling("a second", 100)) == [*range(1, 31)]


def test_frames_that_look_like_the_one_before_are_left_out(tmp_path: Path) -> None:
    frames = flat(50, 50, 52, 120, 120, 50, 50)
    frames[2][:12, :12] = 110  # a bird flies in
    path = make_video(tmp_path / "clip.avi", frames)
    assert numbers(path, ALL) == [1, 3, 4, 6]
    assert numbers(path, VideoSampling("every n-th", 1, skips_alike=False)) == [*range(1, 8)]


def test_a_slow_change_is_seen_in_the_end(tmp_path: Path) -> None:
    path = make_video(tmp_path / "dawn.avi", flat(*range(20, 120, 2)))
    assert 8 <= len(numbers(path, ALL)) <= 12


def test_times_count_where_the_rate_changes(tmp_path: Path) -> None:
    path = slowed(make_video(tmp_path / "clip.mp4", steps(20), rate=10), after=10, factor=10)
    # Ten frames in the first second, then one each second.
    assert numbers(path, VideoSampling("a second", 1)) == [1, *range(11, 21)]


def test_a_video_from_a_phone_is_turned_upright(tmp_path: Path) -> None:
    frames = flat(*[40] * 5)
    for frame in frames:
        frame[:, : SIZE[0] // 2] = 220  # the left half is bright
    path = turned(make_video(tmp_path / "phone.mp4", frames))
    facts = video_facts(path)
    assert (facts.width_px, facts.height_px) == (SIZE[1], SIZE[0])
    [(_, data)] = frames_of(VideoClip(path, None, None, facts), ALL, TaskContext())
    picture = Image.open(io.BytesIO(data))
    assert picture.size == (SIZE[1], SIZE[0])
    levels = np.asarray(picture.convert("L"), float)
    assert abs(levels[:20].mean() - levels[-20:].mean()) > 100


def test_a_video_says_how_many_frames_to_expect(tmp_path: Path) -> None:
    facts = video_facts(make_video(tmp_path / "clip.mp4", steps(30), rate=10))
    assert facts == VideoFacts(*SIZE, 30, 3.0)
    clip = VideoClip(tmp_path, None, None, facts)
    assert clip.estimate(VideoSampling("a second", 2)) == 6
    assert clip.estimate(VideoSampling("every n-th", 7)) == 5
    assert clip.estimate(VideoSampling("a second", 60)) == 30
    assert VideoClip(tmp_path, None, None, VideoFacts(1, 1, None, None)).estimate(ALL) is None


@pytest.mark.parametrize("cut", [0.6, 0.8])
def test_a_video_cut_short_gives_what_can_be_read_or_a_reason(
    project: Project, tmp_path: Path, cut: float
) -> None:
    for name in ("clip.avi", "clip.mp4"):
        path = make_video(tmp_path / name, steps(40))
        path.write_bytes(path.read_bytes()[: int(path.stat().st_size * cut)])
    plan = plan_import([tmp_path / "clip.mp4"], project, None)
    assert (plan.clips, len(plan.skipped)) == ((), 1)
    assert "its end is missing" in plan.skipped[0].reason
    plan = plan_import([tmp_path / "clip.avi"], project, None)
    staged = stage_import(plan, project)(TaskContext())
    assert 2 < len(staged.pictures) < 8
    assert "can be read" in staged.skipped[0].reason


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (b"words", "this is not a video"),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "this is not a video"),
        (b"\0\0\0\x18ftypmp42" + bytes(200), "cannot be read"),
        (b"RIFF\0\0\0\0AVI LIST" + bytes(200), "cannot be read"),
    ],
)
def test_what_is_no_video_is_skipped_with_the_reason(
    project: Project, tmp_path: Path, data: bytes, reason: str
) -> None:
    (tmp_path / "clip.mp4").write_bytes(data)
    plan = plan_import([tmp_path / "clip.mp4"], project, None)
    assert (plan.items, plan.clips) == ((), ())
    assert reason in plan.skipped[0].reason


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every name is text")
def test_a_video_whose_name_is_no_text_is_skipped_and_ends_nothing(
    project: Project, tmp_path: Path
) -> None:
    clip = make_video(tmp_path / "clip.avi", [np.zeros((32, 32, 3), np.uint8)] * 3)
    clip.rename(tmp_path / "\udcffclip.avi")
    plan = plan_import([tmp_path / "\udcffclip.avi"], project, None)
    assert plan.items == ()
    assert "rename it" in plan.skipped[0].reason


def test_a_video_without_frames_is_skipped(project: Project, tmp_path: Path) -> None:
    path = make_video(tmp_path / "clip.avi", [])
    plan = plan_import([path], project, None)
    assert plan.clips == ()
    assert len(plan.skipped) == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_called_a_video_is_never_waited_for(project: Project, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "clip.mp4")
    plan = plan_import([tmp_path / "clip.mp4"], project, None)
    assert "regular file" in plan.skipped[0].reason


def test_the_frames_of_a_video_come_in_and_are_noted_as_one_group(
    project: Project, tmp_path: Path
) -> None:
    for place in ("more/cats", "more/dogs"):
        (tmp_path / place).mkdir(parents=True)
        make_video(tmp_path / place / "clip.mp4", steps(10 + len(place)), rate=10)
    coloured_folder(tmp_path / "more", {"cats": 2})
    plan = plan_import([tmp_path / "more"], project, None)
    assert plan.counts == {"cats": 2}
    assert plan.frame_counts == {"cats": 4, "dogs": 4}
    staged = stage_import(plan, project)(TaskContext())
    names = [(each.class_title, each.file_name) for each in staged.pictures]
    assert ("cats", "clip 000001.jpg") in names
    assert ("dogs", "clip 000006.jpg") in names
    book = import_book.load(project.root)
    groups = {each.file_name: book.group_of(each.fingerprint) for each in staged.pictures[:2]}
    assert set(groups.values()) == {None}
    of_videos = [
        {book.group_of(p.fingerprint) for p in staged.pictures if (p.class_title, p.group) == key}
        for key in (("cats", "clip.mp4"), ("dogs", "clip.mp4 (2)"))
    ]
    assert [len(each) for each in of_videos] == [1, 1] or of_videos[0] != of_videos[1]


def test_a_cancelled_cut_leaves_nothing(project: Project, tmp_path: Path) -> None:
    plan = plan_import([make_video(tmp_path / "clip.avi", steps(30))], project, "red")
    before = sorted(project.root.rglob("*"))

    class Impatient(TaskContext):
        def report(self, event: Progress) -> None:
            if event.done == 3:
                self.cancel()

    with pytest.raises(Cancelled):
        stage_import(plan, project)(Impatient())
    assert sorted(project.root.rglob("*")) == before


def test_a_video_that_is_gone_is_a_sentence_and_nothing_is_left(
    project: Project, tmp_path: Path
) -> None:
    path = make_video(tmp_path / "clip.avi", steps(30))
    plan = plan_import([path], project, "red")
    before = sorted(project.root.rglob("*"))
    path.unlink()
    with pytest.raises(StudioError, match=r"clip\.avi can no longer be read"):
        stage_import(plan, project)(TaskContext())
    assert sorted(project.root.rglob("*")) == before


def test_frames_too_large_for_the_memory_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cnnstudio.core.dataset.importers.video.MOST_FRAME_PIXELS", 1000)
    with pytest.raises(UnreadablePicture, match="too large"):
        video_facts(make_video(tmp_path / "clip.avi", steps(3)))


def test_a_name_with_a_number_sign_is_one_video(tmp_path: Path) -> None:
    # To some programs this is a series of pictures.
    assert len(numbers(make_video(tmp_path / "clip %03d.avi", steps(5)), ALL)) == 5
