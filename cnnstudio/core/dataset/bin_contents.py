"""The pictures in a project's bin, and where they came from."""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import replace

from cnnstudio.core.dataset.scanning import picture_samples
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import STATE_FOLDER, UNLABELLED_FOLDER, Project, Sample, Split

_BIN = f"{STATE_FOLDER}/bin"


def binned_samples(project: Project, context: TaskContext) -> tuple[Sample, ...]:
    """Return the removed pictures, the last removed first.

    `path` is where a picture lies now, `class_name` and `pinned_split` what it had. Copies of an
    import that was undone are among them, without a class.

    Raises:
        Cancelled: the user cancelled.
    """
    parts = {folder: split for split, folder in project.split_folders}
    found = picture_samples(project.root, _BIN, context)
    binned = [_as_it_was(sample, parts) for sample in found]
    # The folders of the bin begin with the time.
    return tuple(sorted(binned, key=lambda each: each.path.split("/")[2], reverse=True))


def empty_bin(project: Project, context: TaskContext) -> int:
    """Delete what is in the bin for good; return how many pictures that were.

    Removed runs go with it. What cannot be deleted stays.

    Raises:
        Cancelled: the user cancelled; the rest is still there.
    """
    count = len(binned_samples(project, context))
    with contextlib.suppress(OSError):
        for place in sorted(project.bin_folder.iterdir()):
            context.checkpoint()
            shutil.rmtree(place, ignore_errors=True)
    return count


def _as_it_was(sample: Sample, parts: dict[str, Split]) -> Sample:
    _, _, _, *folders, _ = sample.path.split("/")
    split: Split | None = None
    if folders and folders[0] in parts:
        split, folders = parts[folders[0]], folders[1:]
    name = folders[0] if folders and folders[0] != UNLABELLED_FOLDER else None
    return replace(sample, class_name=name, pinned_split=split if name else None)
