"""What a page of the Look inside step is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from PySide6.QtWidgets import QWidget

from cnnstudio.core.project import Project
from cnnstudio.core.runs import Run


@dataclass(frozen=True)
class Subject:
    """What Look inside is about: a project, one of its runs and one of its pictures, where any.

    `picture` is the whole path of a file that may be gone or damaged.
    """

    project: Project
    run: Run | None
    picture: Path | None


class InsidePage(QWidget):
    """One page. It does its work only while it is visible.

    `name` is its object name, `title` what its chip says.
    """

    name: ClassVar[str]
    title: ClassVar[str]

    def show_subject(self, subject: Subject) -> None:
        """Show something else; called before the page becomes visible and when the subject changes.

        What takes more than some milliseconds is a job of the session.
        """
        raise NotImplementedError
