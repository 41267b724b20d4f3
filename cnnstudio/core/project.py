"""The open project as a frozen value: its classes, its samples, its settings.

Nothing here touches a file. `edits.py` holds the changes, `dataset/scanning.py` reads a folder into
a `Project`, `storage/` writes.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

from cnnstudio.core.config import RunConfig
from cnnstudio.core.errors import StudioError

STATE_FOLDER = ".cnnstudio"
UNLABELLED_FOLDER = "_unlabelled"

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")
Layout = Literal["classes", "splits"]

FORBIDDEN_CHARACTERS = '<>:"/\\|?*'
"""What no file or folder may have in its name on Windows."""

RESERVED_NAMES = {
    "con", "prn", "aux", "nul", *(f"{n}{d}" for n in ("com", "lpt") for d in range(1, 10))
}  # fmt: skip
"""What Windows takes for a device, in lower case, also with an ending."""

_LONGEST_NAME_BYTES = 200


@dataclass(frozen=True)
class ImageClass:
    """One label: `name` is its folder, `title` what people read.

    `colour` is a place in the palette, from 0; `key` the letter that gives pictures this class, ""
    for none; `note` is for people. A class that is switched off keeps its pictures and is left out
    of training.
    """

    name: str
    title: str
    colour: int = 0
    key: str = ""
    note: str = ""
    is_switched_on: bool = True


@dataclass(frozen=True, slots=True)
class Sample:
    """One picture of a project.

    `path` is relative to the project, with forward slashes. `pinned_split` is set where the folder
    it lies in decides its part.
    """

    path: str
    class_name: str | None
    size_bytes: int
    modified_ns: int
    pinned_split: Split | None = None

    @property
    def file_name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True)
class Project:
    """What the user opens: a folder of class folders and what we know of it.

    With the layout "splits" the class folders lie in train/, validation/ and test/ folders;
    `split_folders` then holds each part's folder name as it is on disk. `ignored_findings` are the
    keys of findings of the health check that the user does not want to see again.
    """

    root: Path
    classes: tuple[ImageClass, ...] = ()
    samples: tuple[Sample, ...] = ()
    config: RunConfig = field(default_factory=RunConfig)
    layout: Layout = "classes"
    split_folders: tuple[tuple[Split, str], ...] = ()
    ignored_findings: frozenset[str] = frozenset()

    @property
    def title(self) -> str:
        """The project's name on screen: its folder's name."""
        return self.root.name or str(self.root)

    @property
    def state_folder(self) -> Path:
        """The folder that holds all that is ours."""
        return self.root / STATE_FOLDER

    @property
    def runs_folder(self) -> Path:
        """The folder of the project's runs."""
        return self.state_folder / "runs"

    @property
    def bin_folder(self) -> Path:
        """The folder of removed pictures."""
        return self.state_folder / "bin"

    def with_config(self, config: RunConfig) -> Project:
        """Return the project with other settings; what was counted need not be counted again."""
        if config == self.config:
            return self
        project = replace(self, config=config)
        for name in ("counts", "sample_at"):
            if name in self.__dict__:
                project.__dict__[name] = self.__dict__[name]
        return project

    @cached_property
    def counts(self) -> dict[str | None, int]:
        """Samples per class name; None counts those without a class."""
        return dict(Counter(sample.class_name for sample in self.samples))

    @cached_property
    def sample_at(self) -> dict[str, Sample]:
        """Every sample by its path."""
        return {sample.path: sample for sample in self.samples}

    @property
    def learned_classes(self) -> tuple[ImageClass, ...]:
        """The classes that training learns: those that are switched on."""
        return tuple(each for each in self.classes if each.is_switched_on)

    def image_class(self, name: str) -> ImageClass:
        """Return the class with that folder name.

        Raises:
            StudioError: there is none.
        """
        for each in self.classes:
            if each.name == name:
                return each
        raise StudioError(f"There is no class {name!r} in this project.")

    def class_index(self, name: str) -> int:
        """Return the place of a class in the project's order, from 0; -1 when it has none."""
        return next((place for place, each in enumerate(self.classes) if each.name == name), -1)

    def folder_for(self, class_name: str | None) -> str:
        """Return the folder, relative to the project, that new pictures of a class go into."""
        if class_name is None:
            return UNLABELLED_FOLDER
        if self.layout == "splits":
            return f"{dict(self.split_folders).get('train', 'train')}/{class_name}"
        return class_name

    def absolute(self, sample: Sample) -> Path:
        """Return the sample's place on disk."""
        return self.root / sample.path


def free_colour(classes: Iterable[ImageClass]) -> int:
    """Return the first colour of the palette that no class has."""
    taken = {each.colour for each in classes}
    return next(place for place in itertools.count() if place not in taken)


def lacks_train_folder(project: Project) -> bool:
    """Whether a folder has a validation or test part, but none to learn from."""
    return project.layout == "splits" and not any(
        split == "train" for split, _ in project.split_folders
    )


def checked_title(title: str) -> str:
    """Return a class title without stray spaces.

    Raises:
        StudioError: nothing readable is left, or it is longer than a folder name may be.
    """
    title = "".join(char for char in title if char.isspace() or not _is_hidden(char))
    title = " ".join(unicodedata.normalize("NFC", title).split())
    if not title:
        raise StudioError("A class needs a name.")
    if len(title.encode()) > _LONGEST_NAME_BYTES:
        raise StudioError("This class name is too long.", "Take at most 60 letters or so.")
    return title


def _is_hidden(char: str) -> bool:
    """Whether a letter acts instead of being shown: control characters, marks that turn words."""
    is_turning = "\u202a" <= char <= "\u202e" or "\u2066" <= char <= "\u2069"
    return is_turning or unicodedata.category(char) == "Cc"


def folder_name_for(title: str, taken: set[str]) -> str:
    """Return a folder name for a class title: legal on every system, unlike all in `taken`.

    Names count as equal without regard to upper and lower case, as on Windows and macOS.
    """
    name = "".join("_" if c in FORBIDDEN_CHARACTERS or ord(c) < 32 else c for c in title)
    name = name.strip(" .")
    if not name or name.lower().split(".")[0] in RESERVED_NAMES or name.startswith((".", "_")):
        name = f"class {name.lstrip('._')}".strip()
    lower = {each.casefold() for each in taken}
    candidate, number = name, 2
    while candidate.casefold() in lower:
        candidate, number = f"{name} {number}", number + 1
    return candidate
