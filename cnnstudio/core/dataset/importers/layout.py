"""Which class and part each picture of a tree of folders belongs to, told from the folders' names.

The rules are the same for a folder, a ZIP and a TAR, and those by which a project is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from cnnstudio.core.dataset.scanning import parts_among
from cnnstudio.core.project import UNLABELLED_FOLDER, Split

Parts = tuple[str, ...]
"""The folders that lead to something, outermost first, and its own name."""

Inside = Callable[[Parts], Iterable[str]]
"""Gives the names of the folders in a folder; the empty row of parts is the tree itself."""


@dataclass(frozen=True)
class Place:
    """A class (None: without one) and the part it came in, where it had one."""

    class_title: str | None = None
    split: Split | None = None


@dataclass(frozen=True)
class Layout:
    """The class folders of a tree, which lie below `top`, in `parts` where there are any."""

    top: Parts
    parts: tuple[tuple[Split, str], ...]
    class_titles: tuple[str, ...]

    def place_of(self, path: Parts) -> Place | None:
        """Return where a file belongs; None for one that lies beside the parts.

        What lies above the class folders, or in one that is called "_unlabelled", has no class.
        """
        folders = path[len(self.top) : -1] if path[: len(self.top)] == self.top else ()
        split: Split | None = None
        if self.parts and folders and folders[0] != UNLABELLED_FOLDER:
            split = {name: each for each, name in self.parts}.get(folders[0])
            if split is None:
                return None
            folders = folders[1:]
        if not folders or folders[0] == UNLABELLED_FOLDER:
            return Place(None, split)
        return Place(folders[0], split)


def layout_of(inside: Inside, holds_pictures: Callable[[Parts], bool]) -> Layout:
    """Look for the class folders of a tree.

    They lie at its top, or further in where a single folder is wrapped round several of them;
    `holds_pictures` tells whether pictures lie in a folder itself, which then wraps nothing.
    """
    top: Parts = ()
    while True:
        names = _classes_in(inside, top)
        parts = parts_among(names, lambda name, top=top: inside((*top, name)))  # type: ignore[misc]
        if parts or len(names) > 1:
            return _layout(inside, top, parts, names)
        if not names or holds_pictures(top):
            break
        top = (*top, names[0])
    return _layout(inside, (), (), _classes_in(inside, ()))


def _layout(
    inside: Inside, top: Parts, parts: tuple[tuple[Split, str], ...], names: Sequence[str]
) -> Layout:
    if parts:
        names = [name for _, part in parts for name in _classes_in(inside, (*top, part))]
    return Layout(top, parts, tuple(dict.fromkeys(names)))


def _classes_in(inside: Inside, folder: Parts) -> list[str]:
    return [name for name in inside(folder) if name != UNLABELLED_FOLDER]
