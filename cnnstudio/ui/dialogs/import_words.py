"""What the preview of an import says, in words. Pure functions, no Qt."""

from __future__ import annotations

from cnnstudio.core.dataset.importing import ImportPlan, VideoClip
from cnnstudio.core.project import Split
from cnnstudio.ui.words import classes, count_words, counted, duration, pictures

_MOST_NAMES = 3
_MOST_REASONS = 6
_LONGEST_NAME = 36
_PART_WORDS: dict[Split, str] = {"train": "train", "validation": "validation", "test": "test"}


def heading(plan: ImportPlan) -> str:
    """Return what would come in, in one line."""
    parts = []
    if count := len(plan.taken):
        parts.append(pictures(count))
    if plan.clips:
        parts.append(frames_words(plan))
    if not parts:
        if plan.known:
            return f"All of it is in the project already: {pictures(len(plan.known))}"
        if plan.class_titles:
            return f"{classes(len(plan.class_titles))} without pictures"
        return "There are no pictures in it."
    titles = {*plan.class_titles, *plan.counts, *plan.frame_counts} - {None}
    where = f"for {classes(len(titles))}" if titles else "without a class"
    return f"{' and '.join(parts)} {where}"


def frames_words(plan: ImportPlan) -> str:
    """Return how many frames to expect: "about 120 frames", or that nobody knows."""
    known = [clip.estimate(plan.sampling) for clip in plan.clips]
    total = sum(each for each in known if each is not None)
    if not total:
        return f"the frames of {counted(len(plan.clips), 'video')}"
    more = " or more" if None in known else ""
    return f"about {counted(total, 'frame')}{more}"


def origin(plan: ImportPlan) -> str:
    """Return where it comes from and what becomes of it there."""
    start = f"From {shortened(plan.name)}. " if plan.name else ""
    if plan.clips and not plan.taken:
        return f"{start}Pictures are made of the frames; the originals stay where they are."
    end = ""
    if plan.forgotten_titles:
        count = classes(len(plan.forgotten_titles))
        end = (
            f" Their {count} are not kept, as Without a class is chosen; choose All pictures to"
            " keep them."
        )
    return f"{start}They are copied; the originals stay where they are.{end}"


def split_words(plan: ImportPlan) -> str:
    """Return the parts that are kept: "Kept as train 800 / test 100"; "" where there are none."""
    counts = plan.split_counts
    if not counts:
        return ""
    return "Kept as " + " / ".join(f"{name} {count_words(n)}" for name, n in counts.items())


def videos_words(clips: tuple[VideoClip, ...]) -> str:
    """Return how many videos there are, and how long where they say it."""
    lengths = [clip.facts.seconds for clip in clips]
    seconds = sum(each for each in lengths if each is not None)
    words = counted(len(clips), "video")
    return words if None in lengths else f"{words}, {duration(seconds)}"


def count_of(plan: ImportPlan, title: str | None) -> str:
    """Return what a class gets: "12", "12 + about 40 frames"."""
    count, frames = plan.counts.get(title, 0), plan.frame_counts.get(title)
    if frames is None:
        return count_words(count)
    words = f"about {counted(frames, 'frame')}" if frames else "frames"
    return f"{count_words(count)} + {words}" if count else words


def reasons(plan: ImportPlan) -> list[str]:
    """Sum up what is skipped: "notes.txt, a.pdf and 12 more: this is not a picture"."""
    lines = []
    for reason, names in list(plan.reasons.items())[:_MOST_REASONS]:
        shown = ", ".join(map(shortened, names[:_MOST_NAMES]))
        more = len(names) - _MOST_NAMES
        lines.append(f"{shown}{f' and {count_words(more)} more' if more > 0 else ''}: {reason}")
    if len(plan.reasons) > _MOST_REASONS:
        lines.append(f"and {counted(len(plan.reasons) - _MOST_REASONS, 'other reason')}")
    return lines


def button_words(plan: ImportPlan) -> str:
    """Return what the button says that it does."""
    if plan.clips:
        return "Add pictures"
    if count := len(plan.taken):
        return f"Add {pictures(count)}"
    return f"Add {classes(len(plan.class_titles))}" if plan.class_titles else "Add pictures"


def shortened(name: str) -> str:
    """Return a name that fits a line, its middle left out where it is too long."""
    if len(name) <= _LONGEST_NAME:
        return name
    half = _LONGEST_NAME // 2
    return f"{name[: half - 1]}…{name[-half:]}"
