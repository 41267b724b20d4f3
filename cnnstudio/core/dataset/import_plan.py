"""What would be brought into a project, and what was: the values that an import passes on."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Literal, Self

from cnnstudio.core.dataset.importers.names import file_name_for
from cnnstudio.core.project import SPLITS, Split


@dataclass(frozen=True)
class ArchiveMember:
    """A picture inside an archive: the entry with this `number`, counted from 0.

    The number says which, for names may be there twice; `name` is for words and for noticing that
    the archive has changed. It is never used as a path.
    """

    archive: Path
    number: int
    name: str
    size_bytes: int


@dataclass(frozen=True)
class ImportItem:
    """One picture to bring in: a file, bytes that were pasted or dropped, or part of an archive.

    `class_title` None means without a class. `split` is the part it came in, where it had one.
    Pictures of one `group` were taken together. `size_bytes` and `fingerprint` are set where they
    are known already.
    """

    source: Path | bytes | ArchiveMember
    file_name: str
    class_title: str | None = None
    split: Split | None = None
    group: str = ""
    size_bytes: int | None = None
    fingerprint: str = ""

    @classmethod
    def pasted(cls, data: bytes, class_title: str | None, file_name: str = "") -> ImportItem:
        """Make one from bytes; without a name it gets one from the time of day."""
        name = file_name_for(file_name) if file_name else ""
        name = name or time.strftime("pasted %Y-%m-%d %H.%M.%S.png")
        return cls(data, name, class_title, size_bytes=len(data))

    @property
    def place(self) -> Path:
        """Where it comes from, for words only."""
        if isinstance(self.source, ArchiveMember):
            return self.source.archive / self.source.name
        return self.source if isinstance(self.source, Path) else Path(self.file_name)


@dataclass(frozen=True)
class SkippedFile:
    """A file that is not brought in, and why."""

    path: Path
    reason: str


Tally = Counter[tuple[str | None, Split | None]]
"""How many pictures go to a class (its title; None: without one) and a part."""

SamplingUnit = Literal["a second", "every n-th"]


@dataclass(frozen=True)
class VideoSampling:
    """Which frames of a video become pictures: `count` of them a second, or every `count`-th.

    With `skips_alike`, a frame that looks like the one taken before it is left out.
    """

    unit: SamplingUnit = "a second"
    count: int = 2
    skips_alike: bool = True


@dataclass(frozen=True)
class VideoFacts:
    """What a video says of itself, which need not be true; None where it says nothing sensible."""

    width_px: int
    height_px: int
    frames: int | None
    seconds: float | None


@dataclass(frozen=True)
class VideoClip:
    """A video whose frames are to become pictures, with class and part as for an `ImportItem`."""

    path: Path
    class_title: str | None
    split: Split | None
    facts: VideoFacts

    def estimate(self, sampling: VideoSampling) -> int | None:
        """Return about how many frames would be taken, at most; None when nobody can say."""
        frames, seconds = self.facts.frames, self.facts.seconds
        if sampling.unit == "every n-th":
            return None if frames is None else math.ceil(frames / sampling.count)
        if seconds is None:
            return None
        wanted = max(1, math.ceil(seconds * sampling.count))
        return wanted if frames is None else min(frames, wanted)


@dataclass(frozen=True)
class ImportPlan:
    """What would be brought in.

    `class_titles` holds classes that have no pictures as well. `known` are pictures whose exact
    content is in the project already; they are left out unless `takes_known`. `name` says in a few
    words what was dropped, such as "shoes.zip". `forgotten_titles` are classes that the pictures
    have where they lie and that they are not to keep.
    """

    items: tuple[ImportItem, ...]
    class_titles: tuple[str, ...] = ()
    skipped: tuple[SkippedFile, ...] = ()
    clips: tuple[VideoClip, ...] = ()
    sampling: VideoSampling = field(default_factory=VideoSampling)
    known: tuple[ImportItem, ...] = ()
    takes_known: bool = False
    name: str = ""
    forgotten_titles: tuple[str, ...] = ()

    @property
    def taken(self) -> tuple[ImportItem, ...]:
        """The pictures that come in, without the frames of videos."""
        return (*self.items, *self.known) if self.takes_known else self.items

    @cached_property
    def new_tally(self) -> Tally:
        """How many pictures are new, per class title and part."""
        return Counter((item.class_title, item.split) for item in self.items)

    @cached_property
    def known_tally(self) -> Tally:
        """How many pictures are in the project already, per class title and part."""
        return Counter((item.class_title, item.split) for item in self.known)

    @property
    def tally(self) -> Tally:
        """How many pictures come in, per class title and part, without the frames of videos."""
        return self.new_tally + self.known_tally if self.takes_known else self.new_tally

    @property
    def counts(self) -> dict[str | None, int]:
        """Pictures per class title, frames of videos not counted; None for those without one."""
        counts: Counter[str | None] = Counter()
        for (title, _), count in self.tally.items():
            counts[title] += count
        return dict(counts)

    @property
    def split_counts(self) -> dict[Split, int]:
        """Pictures per part, for those that came in one; no empty parts."""
        counts: Counter[Split] = Counter()
        for (_, split), count in self.tally.items():
            if split is not None:
                counts[split] += count
        return {split: counts[split] for split in SPLITS if counts[split]}

    @cached_property
    def reasons(self) -> dict[str, list[str]]:
        """The names of what is skipped, by reason, the most frequent reason first."""
        names: dict[str, list[str]] = {}
        for each in self.skipped:
            names.setdefault(each.reason, []).append(each.path.name)
        return dict(sorted(names.items(), key=lambda pair: -len(pair[1])))

    @property
    def frame_counts(self) -> dict[str | None, int]:
        """About how many frames of videos each class title would get, at most.

        A video that does not say how long it is counts as nothing.
        """
        counts: Counter[str | None] = Counter()
        for clip in self.clips:
            counts[clip.class_title] += clip.estimate(self.sampling) or 0
        return dict(counts)

    @property
    def is_empty(self) -> bool:
        """Whether nothing would come in, not even a class."""
        return not (self.taken or self.clips or self.class_titles)

    @property
    def size_bytes(self) -> int:
        """How much room the pictures need, as far as is known."""
        return sum(item.size_bytes or 0 for item in self.taken)

    def counted(self) -> Self:
        """Return this plan with its counts made, which a window must not wait for."""
        _ = self.new_tally, self.known_tally, self.reasons
        return self

    def without_classes(self) -> Self:
        """Return the same import with every picture left without a class."""
        return replace(
            self,
            items=_without_class(self.items),
            known=_without_class(self.known),
            clips=tuple(replace(clip, class_title=None) for clip in self.clips),
            class_titles=(),
            forgotten_titles=self.class_titles,
        ).counted()


@dataclass(frozen=True)
class StagedPicture:
    """A copy that waits at `staged_path` (relative to the project) for its class folder."""

    staged_path: str
    file_name: str
    class_title: str | None
    split: Split | None
    size_bytes: int
    modified_ns: int
    fingerprint: str
    group: str = ""


@dataclass(frozen=True)
class ImportedPictures:
    """What was copied, ready for `edits.add_imported`."""

    pictures: tuple[StagedPicture, ...]
    class_titles: tuple[str, ...] = ()
    skipped: tuple[SkippedFile, ...] = ()


def _without_class(items: Iterable[ImportItem]) -> tuple[ImportItem, ...]:
    return tuple(replace(item, class_title=None) for item in items)
