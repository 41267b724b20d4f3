"""`Gathering`: what the sources turn out to hold, while they are looked at."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from cnnstudio.core.class_folders import same_title
from cnnstudio.core.dataset.import_plan import ImportItem, SkippedFile, VideoClip
from cnnstudio.core.dataset.importers.layout import Place
from cnnstudio.core.dataset.importers.names import burst_of, readable_title
from cnnstudio.core.errors import StudioError
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Project, checked_title

# Left in folders by systems that show them; not worth a word.
_LITTER = {"thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r"}


@dataclass
class Gathering:
    """Collects pictures, videos and what is skipped, for one import into one project.

    With `title`, that of the class they were dropped on, everything goes there, whatever place a
    source gives it.
    """

    project: Project
    context: TaskContext
    title: str | None = None
    items: list[ImportItem] = field(default_factory=list)
    clips: list[VideoClip] = field(default_factory=list)
    skipped: list[SkippedFile] = field(default_factory=list)
    titles: dict[str, None] = field(default_factory=dict)
    _spellings: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Know the classes of the project by both their names."""
        classes = self.project.classes
        self._spellings = {same_title(each.name): each.title for each in classes}
        self._spellings.update({same_title(each.title): each.title for each in classes})

    def add_class(self, title: str) -> None:
        """Note a class that may have no pictures; one that cannot be called that is skipped."""
        try:
            self._placed(Place(title))
        except StudioError as error:
            self.skip(Path(title), error.sentence)

    def add_picture(self, item: ImportItem, place: Place) -> None:
        """Take a picture; one whose class cannot be called that is skipped with the reason."""
        try:
            place = self._placed(place)
        except StudioError as error:
            self.skip(item.place, error.sentence)
            return
        group = item.group or burst_of(item.file_name)
        self.items.append(
            replace(item, class_title=place.class_title, split=place.split, group=group)
        )

    def add_clip(self, clip: VideoClip, place: Place) -> None:
        """Take a video, as `add_picture` takes a picture."""
        try:
            place = self._placed(place)
        except StudioError as error:
            self.skip(clip.path, error.sentence)
            return
        self.clips.append(replace(clip, class_title=place.class_title, split=place.split))

    def skip(self, path: Path, reason: str) -> None:
        """Note what is not brought in, and why; litter of file managers goes without a word."""
        if path.name.casefold() not in _LITTER:
            self.skipped.append(SkippedFile(path, reason))

    def _placed(self, place: Place) -> Place:
        """Where something goes: one spelling of a class's name for all, the project's own first.

        Raises:
            StudioError: no class can be called that.
        """
        if self.title is not None:
            place = Place(self.title)
        if place.class_title is None:
            return place
        title = checked_title(readable_title(place.class_title))
        title = self._spellings.setdefault(same_title(title), title)
        self.titles[title] = None
        return Place(title, place.split)
