"""Folders: of pictures, of class folders, or of parts (train/, test/) that hold class folders."""

from __future__ import annotations

from pathlib import Path

from cnnstudio.core.dataset.images import may_be_picture
from cnnstudio.core.dataset.import_plan import ImportItem
from cnnstudio.core.dataset.importers import video
from cnnstudio.core.dataset.importers.archive import ARCHIVE_SUFFIXES
from cnnstudio.core.dataset.importers.gathering import Gathering
from cnnstudio.core.dataset.importers.layout import Place, layout_of
from cnnstudio.core.dataset.scanning import files_below, subfolders
from cnnstudio.core.project import UNLABELLED_FOLDER

_SAMPLES_BETWEEN_CHECKPOINTS = 200


def recognises(path: Path, head: bytes) -> bool:
    """Whether it is a folder."""
    return path.is_dir()


def look(path: Path, gathering: Gathering) -> None:
    """Gather a folder with all that lies below it.

    Without folders in it, it is a class itself; else the folders in it are.
    """
    files = files_below(path, gathering.context)
    holding = {
        tuple(each.path.split("/")[:-1]) for each in files if may_be_picture(path / each.path)
    }
    layout = layout_of(lambda parts: subfolders(path.joinpath(*parts)), holding.__contains__)
    own = Place()
    if not layout.class_titles and not layout.parts and path.name != UNLABELLED_FOLDER:
        own = Place(path.name)
        gathering.add_class(path.name)
    for title in layout.class_titles:
        gathering.add_class(title)
    for number, file in enumerate(files):
        if number % _SAMPLES_BETWEEN_CHECKPOINTS == 0:
            gathering.context.checkpoint()
        parts = tuple(file.path.split("/"))
        place = own if own.class_title is not None else layout.place_of(parts)
        _add(path / file.path, file.size_bytes, place, gathering)


def _add(path: Path, size_bytes: int, place: Place | None, gathering: Gathering) -> None:
    if place is None:
        gathering.skip(path, "it lies beside the folders train, validation and test, in no class")
        return
    suffix = path.suffix.casefold()
    if may_be_picture(path):
        gathering.add_picture(ImportItem(path, path.name, size_bytes=size_bytes), place)
    elif suffix in video.VIDEO_SUFFIXES:
        video.look(path, gathering, place)
    elif suffix in ARCHIVE_SUFFIXES:
        gathering.skip(path, "an archive inside a folder is not opened; add it on its own")
    else:
        gathering.skip(path, "this is not a picture")
