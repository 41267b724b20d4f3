"""Reading a folder into a `Project`: which classes there are, and which pictures lie in them.

No picture is opened here, so that a folder of 100,000 is read in a moment.
"""

from __future__ import annotations

import bisect
import contextlib
import os
import re
import stat
import unicodedata
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from cnnstudio.core.dataset.images import PICTURE_SUFFIXES, is_junk_folder, may_be_picture
from cnnstudio.core.errors import StudioError
from cnnstudio.core.events import Progress, Warned
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.natural_order import natural_text, sorted_rows
from cnnstudio.core.project import (
    STATE_FOLDER,
    UNLABELLED_FOLDER,
    ImageClass,
    Project,
    Sample,
    Split,
    free_colour,
)
from cnnstudio.core.storage import file_moves, incoming, project_file
from cnnstudio.core.storage.atomic import remove_stale_drafts
from cnnstudio.core.storage.project_file import SavedProject

PARTS: dict[str, Split] = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
    "testing": "test",
}
"""What a part may be called, in lower case."""

_NUMBER = re.compile(r"([0-9]+)")
_ENTRIES_BETWEEN_CHECKPOINTS = 500
_MOST_DIGITS = 1000


def scan(
    root: Path,
    context: TaskContext | None = None,
    *,
    is_read_only: bool = False,
    saved: SavedProject | None = None,
) -> Project:
    """Read the folder `root`: a project, a folder of class folders, or one of train/, test/ ....

    A class is a folder; pictures in sub-folders belong to the class around them. What a killed
    program left behind is put right first: moves of files are taken back, a damaged project file
    is set aside, which is reported as `Warned`. With `is_read_only`, nothing in the folder is
    changed. `saved` is taken in the place of what the project file says.

    Raises:
        StudioError: there is no such folder, or it cannot be read.
        Cancelled: the user cancelled.
    """
    context = context or TaskContext()
    root = Path(os.path.abspath(root))  # noqa: PTH100 - resolve() would rename a linked project
    _refuse_what_is_no_folder(root)
    if not is_read_only:
        file_moves.recover(root)
        incoming.remove_stale(root)
        remove_stale_drafts(root / STATE_FOLDER / "runs")
    if saved is None:
        saved = project_file.load(root, is_read_only=is_read_only)
        if saved.trouble is not None:
            context.report(Warned(saved.trouble.sentence, saved.trouble.hint))
    parts = _parts(root, saved)
    walk = _Walk(root, context)
    if parts:
        for split, part in parts:
            for name in subfolders(root / part):
                walk.read(f"{part}/{name}", name, split)
    else:
        for name in class_folders(root):
            walk.read(name, name, None)
    if (root / UNLABELLED_FOLDER).is_dir():
        walk.read(UNLABELLED_FOLDER, None, None)
    samples = walk.finished()
    classes = _classes(walk.class_names, saved.classes)
    return Project(
        root,
        classes,
        in_project_order((), classes, samples),
        saved.config,
        "splits" if parts else "classes",
        parts,
        saved.ignored_findings,
    )


def natural_key(text: str) -> tuple[list[str | int], str]:
    """Return a key that sorts "img 2" before "img 10", without regard to upper and lower case."""
    pieces: list[str | int] = list(_NUMBER.split(text.casefold()))
    # Python makes no number of more digits than some thousands, and such a name is none.
    pieces[1::2] = [int(piece[:_MOST_DIGITS]) for piece in _NUMBER.findall(text.casefold())]
    return pieces, text


def in_project_order(
    kept: Iterable[Sample], classes: Sequence[ImageClass], added: Iterable[Sample] = ()
) -> tuple[Sample, ...]:
    """Return samples class by class, those without a class last, each class in natural order.

    `kept` is in natural order already within each class, as those of a project are: an edit of a
    few pictures among many thousands must not sort them all.
    """
    blocks: dict[str | None, list[Sample]] = {each.name: [] for each in classes}
    blocks[None] = []
    for sample in kept:
        blocks[sample.class_name].append(sample)
    new: dict[str | None, list[Sample]] = defaultdict(list)
    for sample in added:
        new[sample.class_name].append(sample)
    for class_name, samples in new.items():
        block = blocks[class_name]
        if len(samples) * 16 > len(block):
            block += samples
            keys = [_sample_key(each) for each in block]
            blocks[class_name] = [block[row] for row in sorted_rows(keys, TaskContext())]
        else:
            for sample in samples:
                bisect.insort(block, sample, key=_sample_key)
    return tuple(sample for block in blocks.values() for sample in block)


def split_folders(root: Path) -> tuple[tuple[Split, str], ...]:
    """Return the parts of a folder that holds train/ and validation/ or test/; else nothing.

    A lone part counts when nothing but it and at least two class folders in it are there; parts
    without a train/ among them when nothing else is there.
    """
    return parts_among(class_folders(root), lambda name: subfolders(root / name))


def parts_among(
    names: Sequence[str], inside: Callable[[str], Iterable[str]]
) -> tuple[tuple[Split, str], ...]:
    """Return which of these folders are parts; `inside` gives the folders in one of them."""
    parts = tuple((PARTS[name.casefold()], name) for name in names if name.casefold() in PARTS)
    training = [name for split, name in parts if split == "train"]
    if not training and len(parts) == len(names):
        training = [name for _, name in parts]  # whoever trains is told that train/ is missing
    classes = {name for part in training for name in inside(part)}
    has_other_part = len({split for split, _ in parts}) > 1
    if classes and (has_other_part or (len(names) == 1 and len(classes) > 1)):
        return parts
    return ()


def class_folders(root: Path) -> list[str]:
    """Return the names of the folders in `root` that hold classes (or parts), in natural order."""
    return [name for name in subfolders(root) if name != UNLABELLED_FOLDER]


def subfolders(folder: Path) -> list[str]:
    """Return the names of the folders in `folder` that may hold pictures, in natural order."""
    try:
        with os.scandir(folder) as entries:
            names = [e.name for e in entries if _is_folder(e) and not is_junk_folder(e.name)]
    except OSError:
        return []
    return sorted(names, key=natural_key)


def picture_files(folder: Path, context: TaskContext) -> list[Path]:
    """Return the pictures in a folder and its sub-folders, judged by name, in natural order.

    What bears the name of a picture but is no file (a pipe, a link to nowhere) is among them, so
    that whoever reads it can say so.

    Raises:
        Cancelled: the user cancelled.
    """
    walk = _Walk(folder, context)
    walk.read("", None, None)
    return [folder / each.path for each in in_project_order((), (), walk.finished())]


def files_below(folder: Path, context: TaskContext) -> list[Sample]:
    """Return the files in a folder and its sub-folders, pictures and others, in natural order.

    Paths are relative to `folder`. Hidden files and what is no regular file (a pipe, a link to
    nowhere) are left out.

    Raises:
        Cancelled: the user cancelled.
    """
    walk = _Walk(folder, context, only_files=True, only_pictures=False)
    walk.read("", None, None)
    return list(in_project_order((), (), walk.finished()))


def picture_samples(root: Path, folder: str, context: TaskContext) -> list[Sample]:
    """Return the pictures in a folder of a project (with forward slashes) as samples, unordered.

    Raises:
        Cancelled: the user cancelled.
    """
    walk = _Walk(root, context, only_files=True)
    walk.read(folder, None, None)
    return walk.finished()


class _Walk:
    """Collects the samples of class folders.

    Links to folders wait until every real folder was read: then a link to a folder that was read
    already, or to one that holds the project, is passed over, and there are no loops.
    """

    def __init__(
        self,
        root: Path,
        context: TaskContext,
        *,
        only_files: bool = False,
        only_pictures: bool = True,
    ) -> None:
        self._only_files = only_files
        self._only_pictures = only_pictures
        self.class_names: list[str] = []
        self._root = root
        self._real_root = root.resolve()
        self._context = context
        self._samples: list[Sample] = []
        self._links: deque[tuple[str, str | None, Split | None]] = deque()
        self._visited: set[Path] = set()
        self._entries_read = 0

    def read(self, path: str, class_name: str | None, split: Split | None) -> None:
        """Read one class folder; `path` is relative to the root."""
        if class_name is not None and class_name not in self.class_names:
            self.class_names.append(class_name)
        if path and (self._root / path).is_symlink():
            self._links.append((path, class_name, split))
        else:
            self._read_tree(path, self._root / path, class_name, split)

    def finished(self) -> list[Sample]:
        """Follow the links that were put aside and return all samples."""
        while self._links:
            path, class_name, split = self._links.popleft()
            with contextlib.suppress(OSError, RuntimeError):  # RuntimeError: links in a circle
                target = (self._root / path).resolve(strict=True)
                if not self._real_root.is_relative_to(target) and target not in self._visited:
                    self._read_tree(path, target, class_name, split)
        return self._samples

    def _read_tree(
        self, path: str, folder: Path, class_name: str | None, split: Split | None
    ) -> None:
        trees = [(path, folder)]
        while trees:
            path, folder = trees.pop()
            self._visited.add(folder.resolve())
            for entry in self._entries(folder):
                place = f"{path}/{entry.name}" if path else entry.name
                if entry.is_dir(follow_symlinks=False):
                    trees.append((place, Path(entry.path)))
                elif entry.is_symlink() and _is_folder(entry):
                    self._links.append((place, class_name, split))
                elif not self._only_pictures or _may_be_picture(entry):
                    facts = _facts(entry)
                    if facts is not None and self._takes(facts):
                        self._samples.append(
                            Sample(place, class_name, facts.st_size, facts.st_mtime_ns, split)
                        )

    def _takes(self, facts: os.stat_result) -> bool:
        return not self._only_files or stat.S_ISREG(facts.st_mode)

    def _entries(self, folder: Path) -> Iterator[os.DirEntry[str]]:
        """Give what counts in a folder; one that cannot be opened gives nothing."""
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                self._entries_read += 1
                if self._entries_read % _ENTRIES_BETWEEN_CHECKPOINTS == 0:
                    self._context.checkpoint()
                    self._context.report(Progress("Reading the folder", len(self._samples)))
                if not is_junk_folder(entry.name):  # hidden files are junk as well
                    yield entry


def _sample_key(sample: Sample) -> str:
    return natural_text(sample.path)


def _facts(entry: os.DirEntry[str]) -> os.stat_result | None:
    """What is known of a file, or of the link where it leads nowhere; None when it is gone.

    Such links, pipes and devices become samples like any other, so that they are reported.
    """
    for follow_links in (True, False):
        with contextlib.suppress(OSError):
            return entry.stat(follow_symlinks=follow_links)
    return None


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _may_be_picture(entry: os.DirEntry[str]) -> bool:
    # By the ending first: most files have one, and making a Path of each takes longer.
    suffix = os.path.splitext(entry.name)[1].casefold()  # noqa: PTH122
    return suffix in PICTURE_SUFFIXES or may_be_picture(Path(entry.path))


def _title(name: str) -> str:
    return unicodedata.normalize("NFC", name)  # macOS stores letters and their accents apart


def _parts(root: Path, saved: SavedProject) -> tuple[tuple[Split, str], ...]:
    """The parts as they were, as long as their folders are there; else as they seem to be.

    A project must not turn into another one when its last class but one goes, or when a class is
    called "test".
    """
    if saved.layout == "classes" and any((root / each.name).is_dir() for each in saved.classes):
        return ()
    found = split_folders(root)
    if saved.layout == "splits":
        kept = tuple(each for each in saved.split_folders if (root / each[1]).is_dir())
        known = {folder for _, folder in kept}
        return (*kept, *(each for each in found if each[1] not in known)) if kept else found
    return found


def _classes(names: Sequence[str], saved: Sequence[ImageClass]) -> tuple[ImageClass, ...]:
    """Put the classes that the project file knows first, in its order; then new ones."""
    found = set(names)
    classes = [each for each in saved if each.name in found]
    known = {each.name for each in classes}
    for name in sorted(found - known, key=natural_key):
        classes.append(ImageClass(name, _title(name), free_colour(classes)))
    return tuple(classes)


def _refuse_what_is_no_folder(root: Path) -> None:
    try:
        next(root.iterdir(), None)
    except FileNotFoundError:
        raise StudioError(f"There is no folder {root}.", "Check its name.") from None
    except NotADirectoryError:
        raise StudioError(f"{root} is a file.", "Choose the folder that holds it.") from None
    except OSError as error:
        raise StudioError(
            f"The folder {root} cannot be read: {error.strerror or error}.",
            "Check its permissions.",
        ) from error
