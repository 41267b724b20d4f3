"""`run_colours`: the colours in which the classes of a run are drawn."""

from __future__ import annotations

from PySide6.QtGui import QColor

from cnnstudio.core.project import Project
from cnnstudio.core.runs import Run
from cnnstudio.ui.theme import class_colour


def run_colours(run: Run, project: Project | None) -> list[QColor]:
    """Return a colour for each class of a run, in its order.

    A class has the colour that the open project gives it; one that is not there goes by its place.
    """
    known = {} if project is None else {each.name: each.colour for each in project.classes}
    return [class_colour(known.get(name, place)) for place, name in enumerate(run.class_names)]
