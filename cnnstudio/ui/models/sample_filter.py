"""Which of a project's pictures are shown."""

from __future__ import annotations

import unicodedata
from collections.abc import Container
from dataclasses import dataclass

from cnnstudio.core.project import Project, Sample


@dataclass(frozen=True)
class SampleFilter:
    """A choice of pictures: one class or all, part of a file name, only those with a problem.

    `class_name` counts unless `every_class`; None is "without a class".
    """

    every_class: bool = True
    class_name: str | None = None
    name_part: str = ""
    only_problems: bool = False

    def apply(self, project: Project, problems: Container[str]) -> tuple[Sample, ...]:
        """Return the samples that pass, in the project's order; `problems` are paths."""
        samples = project.samples
        if not self.every_class:
            samples = tuple(each for each in samples if each.class_name == self.class_name)
        if self.only_problems:
            samples = tuple(each for each in samples if each.path in problems)
        part = _comparable(self.name_part.strip())
        if part:
            samples = tuple(each for each in samples if part in _comparable(each.file_name))
        return samples


def _comparable(text: str) -> str:
    # macOS takes accents apart in file names; what is typed has them in one piece.
    folded = text.casefold()
    return folded if folded.isascii() else unicodedata.normalize("NFC", folded)
