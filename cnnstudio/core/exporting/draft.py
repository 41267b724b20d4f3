"""An export that is not handed over yet."""

from __future__ import annotations

import contextlib
import os
import zipfile
from pathlib import Path

from cnnstudio.core.errors import Cancelled, StudioError
from cnnstudio.core.storage.atomic import cannot_write, fresh_folder

_PACKED = ".packed.zip"


class ExportDraft:
    """A folder beside its target that nobody takes for an export.

    It is either released, and then takes its place whole, or discarded. One that is forgotten is
    discarded; one whose program was killed is swept by the next export.
    """

    def __init__(self, target: Path, *, is_bundle: bool = False) -> None:
        """Begin one that will be the folder `target`, or with `is_bundle` the archive `target`.

        Raises:
            StudioError: something is at `target` already, or the disk refuses.
        """
        self.target = target
        self._is_bundle = is_bundle
        if is_bundle:
            self._refuse_taken()
        # That of a bundle never takes a place of its own.
        place = target.with_name(f"{target.name}.unpacked") if is_bundle else target
        self._place = fresh_folder(place)
        self.folder = self._place.__enter__()
        self._is_open = True
        self._was_released = False

    @property
    def is_open(self) -> bool:
        """Whether it is neither released nor discarded."""
        return self._is_open

    @property
    def was_released(self) -> bool:
        """Whether it has taken its place."""
        return self._was_released

    def seal(self) -> None:
        """Say that all is written; what takes long is done now, and `release` takes no time.

        Raises:
            StudioError: the disk refuses.
        """
        if not self._is_bundle:
            return
        packed = self.folder / _PACKED
        try:
            with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
                for file in sorted(self.folder.rglob("*")):
                    if file.is_file() and not file.name.startswith("."):
                        inside = file.relative_to(self.folder).as_posix()
                        archive.write(file, f"{self.target.stem}/{inside}")
            with packed.open("r+b") as stream:
                os.fsync(stream.fileno())
        except OSError as error:
            raise cannot_write(self.target, error) from error

    def release(self) -> Path:
        """Let it take its place, and return that.

        Raises:
            StudioError: something has come to its place meanwhile, or the disk refuses; it can be
                released another time.
        """
        if not self._is_open:
            return self.target
        self._refuse_taken()
        if self._is_bundle:
            try:
                (self.folder / _PACKED).replace(self.target)
            except OSError as error:
                raise cannot_write(self.target, error) from error
            self.discard()
        else:
            self._is_open = False
            self._place.__exit__(None, None, None)
        self._was_released = True
        return self.target

    def discard(self) -> None:
        """Remove it without a trace."""
        if self._is_open:
            self._is_open = False
            ended = Cancelled()
            with contextlib.suppress(Cancelled):
                self._place.__exit__(Cancelled, ended, None)

    def _refuse_taken(self) -> None:
        if self.target.is_dir() and not self._is_bundle and not any(self.target.iterdir()):
            return
        if os.path.lexists(self.target):
            raise StudioError(
                f"There is something at {self.target} already.", "Move it away, or export again."
            )
