"""`BurstWriter`: the pictures of one webcam burst, on their way into a project.

They are gathered where imports are gathered, and end as what an import ends as:
`edits.add_imported` takes a burst into the project, and undo takes it out, as one step.
"""

from __future__ import annotations

import io
import secrets
import shutil
from datetime import datetime
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt
from PIL import Image

from cnnstudio.core.dataset.importing import ImportedPictures, StagedPicture
from cnnstudio.core.dataset.reading import fingerprint_of
from cnnstudio.core.project import STATE_FOLDER, Project, checked_title
from cnnstudio.core.storage import import_book, incoming
from cnnstudio.core.storage.atomic import cannot_write

JPEG_QUALITY = 95


class BurstWriter:
    """Writes the pictures of one burst; used as a context.

    Unless the block comes to `finish`, nothing is left behind. A kill leaves a draft that
    `incoming.remove_stale` clears away later. It may be used on any thread, by one at a time.
    """

    def __init__(self, project: Project, class_title: str | None, began: datetime) -> None:
        """Name the class, which need not exist yet; None is for pictures without a class.

        Raises:
            StudioError: no class can be called that.
        """
        self._project = project
        self._class_title = None if class_title is None else checked_title(class_title)
        self._began = began
        self._name = f"{began:%Y%m%d-%H%M%S}-webcam-{secrets.token_hex(3)}"
        self._draft = project.state_folder / incoming.FOLDER_NAME / self._name
        self._pictures: list[StagedPicture] = []

    def __enter__(self) -> Self:
        """Begin the burst; nothing is written yet."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove what was not finished."""
        shutil.rmtree(self._draft, ignore_errors=True)

    @property
    def count(self) -> int:
        """How many pictures were written."""
        return len(self._pictures)

    def add(self, pixels: npt.NDArray[np.uint8]) -> None:
        """Write one picture as a JPEG, whole and in its own size.

        Args:
            pixels: uint8 RGB, 0 to 255, shape (height, width, 3).

        Raises:
            StudioError: the project cannot be written to.
        """
        number = len(self._pictures) + 1
        encoded = io.BytesIO()
        Image.fromarray(pixels).save(encoded, "JPEG", quality=JPEG_QUALITY)
        data = encoded.getvalue()
        staged = self._draft / f"{number:06d}.jpg"
        try:
            self._draft.mkdir(parents=True, exist_ok=True)
            staged.write_bytes(data)
            facts = staged.stat()
        except OSError as error:
            raise cannot_write(self._project.root, error) from error
        self._pictures.append(
            StagedPicture(
                f"{STATE_FOLDER}/bin/{self._name}/{staged.name}",
                f"webcam {self._began:%Y-%m-%d %H.%M.%S} {number:03d}.jpg",
                self._class_title,
                None,
                facts.st_size,
                facts.st_mtime_ns,
                fingerprint_of(data),
            )
        )

    def finish(self) -> ImportedPictures:
        """Hand the burst over, all of it; without pictures it is empty and nothing was written.

        Raises:
            StudioError: the project cannot be written to.
        """
        titles = () if self._class_title is None else (self._class_title,)
        if not self._pictures:
            return ImportedPictures(())
        try:
            self._project.bin_folder.mkdir(exist_ok=True)
            self._draft.rename(self._project.bin_folder / self._name)
        except OSError as error:
            raise cannot_write(self._project.root, error) from error
        # One group: the pictures of a burst are near copies of each other.
        marks = [picture.fingerprint for picture in self._pictures]
        import_book.note(self._project.root, "Webcam", marks, [marks])
        return ImportedPictures(tuple(self._pictures), titles)
