"""Noticing what other programs changed in the folder of an open project."""

from __future__ import annotations

import os
import stat
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cnnstudio.core.dataset.images import is_junk_folder, may_be_picture
from cnnstudio.core.dataset.scanning import in_project_order, scan
from cnnstudio.core.errors import StudioError
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import ImageClass, Project, Sample, free_colour
from cnnstudio.core.storage.project_file import SavedProject


@dataclass(frozen=True)
class Rescan:
    """A project as its folder is now.

    `moved` says for every path that is gone, or that has another content, where its picture is
    now; None when it is nowhere.
    """

    project: Project
    moved: Mapping[str, str | None]
    words: str


def rescan(project: Project, context: TaskContext) -> Rescan | None:
    """Read the folder again; None when it says what the project says.

    Pictures are known again by size, time and name. A class folder that another program renamed
    keeps its title, colour, letter and note.

    Raises:
        StudioError: the folder is gone, or cannot be read; the project is as it was.
        Cancelled: the user cancelled.
    """
    if not project.root.is_dir():
        raise StudioError(
            f"The folder {project.root} is not there at the moment.",
            "Plug its drive in again, or move it back. Nothing of the project is lost.",
        )
    now = scan(project.root, context, is_read_only=True, saved=SavedProject.of(project))
    known = project.sample_at
    # The same objects for what has not changed: that is how a change is told from the rest.
    samples = [
        before if (before := known.get(each.path)) == each and before is not None else each
        for each in now.samples
    ]
    kept = {id(each) for each in samples}
    gone = [each for each in project.samples if id(each) not in kept]
    same = set(map(id, project.samples))
    new = [each for each in samples if id(each) not in same]
    if not gone and not new and now.classes == project.classes:
        return None
    moved = _moved(gone, new)
    classes = _renamed(project, now, moved)
    after = replace(
        now,
        config=project.config,
        classes=classes,
        samples=in_project_order([each for each in samples if id(each) in same], classes, new),
    )
    return Rescan(after, moved, _words(gone, new, moved))


def differs(project: Project, changed: Iterable[str]) -> bool:
    """Whether the disk says something else about these places (absolute) than the project does."""
    start = f"{project.root}{os.sep}"
    return any(
        _differs(project, path[len(start) :], path) for path in changed if path.startswith(start)
    )


def _differs(project: Project, within: str, path: str) -> bool:
    parts = within.split(os.sep)  # noqa: PTH206
    if any(is_junk_folder(part) for part in parts):
        return False
    sample = project.sample_at.get("/".join(parts))
    try:
        facts = os.stat(path)  # noqa: PTH116 - a path of each of 100,000 names takes long
    except OSError:
        return sample is not None or any(each.name == parts[-1] for each in project.classes)
    if sample is not None:
        return (facts.st_size, facts.st_mtime_ns) != (sample.size_bytes, sample.modified_ns)
    if stat.S_ISDIR(facts.st_mode):
        # A folder within a class is of no interest by itself; its pictures are told of one by one.
        depth = 1 if project.layout == "classes" else 2
        return len(parts) <= depth and all(each.name != parts[-1] for each in project.classes)
    return len(parts) > 1 and may_be_picture(Path(path))


def _moved(gone: Sequence[Sample], new: Sequence[Sample]) -> dict[str, str | None]:
    places: dict[tuple[int, int], list[Sample]] = defaultdict(list)
    for each in new:
        places[each.size_bytes, each.modified_ns].append(each)
    moved: dict[str, str | None] = {}
    for sample in gone:
        alike = places.get((sample.size_bytes, sample.modified_ns), [])
        found = [each for each in alike if each.file_name == sample.file_name] or alike
        moved[sample.path] = found[0].path if len(found) == 1 else None
    return moved


def _renamed(
    before: Project, now: Project, moved: Mapping[str, str | None]
) -> tuple[ImageClass, ...]:
    """Let classes whose folder has another name keep what was said of them."""
    old = {each.name: each for each in before.classes}
    names = {each.name for each in now.classes}
    went: dict[str, Counter[str]] = defaultdict(Counter)
    for path, place in moved.items():
        source = before.sample_at[path].class_name
        target = now.sample_at[place].class_name if place is not None else None
        if source is not None and source not in names and target is not None:
            went[target][source] += 1
    classes = []
    for each in now.classes:
        if each.name not in old and went[each.name]:
            source = went[each.name].most_common(1)[0][0]
            title = old[source].title if old[source].title != source else each.title
            each = replace(old[source], name=each.name, title=title)
        classes.append(each)
    # What came at the same time was given the colour that seemed free by then.
    coloured: list[ImageClass] = []
    for each in classes:
        is_new = each.name not in old and not went[each.name]
        taken = {other.colour for other in classes if other is not each}
        if is_new and each.colour in taken:
            each = replace(each, colour=free_colour([*classes, *coloured]))
        coloured.append(each)
    return tuple(coloured)


def _words(gone: Sequence[Sample], new: Sequence[Sample], moved: Mapping[str, str | None]) -> str:
    arrived = {place for place in moved.values() if place is not None}
    paths = {each.path for each in gone}
    counts = (
        (sum(1 for each in new if each.path not in arrived | paths), "new"),
        (len(arrived - paths), "moved"),
        (sum(1 for each in new if each.path in paths), "changed"),
        (sum(1 for path, place in moved.items() if place is None) - len(_same(new, paths)), "gone"),
    )
    told = [f"{count:,} {word}" for count, word in counts if count > 0]
    return f"Another program changed the folder: {', '.join(told) or 'its classes'}."


def _same(new: Sequence[Sample], paths: set[str]) -> list[Sample]:
    return [each for each in new if each.path in paths]
