"""The menu of the selected pictures."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMenu, QWidget

from cnnstudio.core.project import Project
from cnnstudio.ui.images.labelling import Labelling
from cnnstudio.ui.words import pictures


def sample_menu(
    parent: QWidget,
    project: Project,
    labelling: Labelling,
    path: Path,
    count: int,
    *,
    preview: Callable[[], None],
    name_class: Callable[[], None],
    invert: Callable[[], None],
    pin: Callable[[], None],
) -> QMenu:
    """Return the menu for `count` pictures selected, one of which is the file `path`."""
    menu = _menu(parent, "images_sample_menu")
    classes = menu.addMenu("Move to class")
    for number, each in enumerate(project.classes, 1):
        keys = [str(number)] if number <= 9 else []
        keys += [each.key] if each.key else []
        ending = f"\t{' or '.join(keys)}" if keys else ""
        action = classes.addAction(f"{each.title.replace('&', '&&')}{ending}")
        action.triggered.connect(partial(_label, labelling, each.name))
    if project.classes:
        classes.addSeparator()
    classes.addAction("By name, or a new class...\tCtrl+L", name_class)
    menu.addAction("Without a class\t0", lambda: labelling.label(None))
    menu.addSeparator()
    menu.addAction("Look closer\tSpace", preview)
    menu.addAction("Open", lambda: _open(path))
    menu.addAction("Show in file manager", lambda: _open(path.parent))
    menu.addAction("Pin to the Train step", pin)
    menu.addSeparator()
    menu.addAction("Invert selection\tCtrl+I", invert)
    menu.addSeparator()
    menu.addAction(f"Remove {pictures(count)}\tDel", labelling.remove)
    return menu


def bin_menu(parent: QWidget, count: int, restore: Callable[[], None]) -> QMenu:
    """Return the menu for `count` pictures selected in the bin."""
    menu = _menu(parent, "images_bin_menu")
    menu.addAction(f"Restore {pictures(count)}\tEnter", restore)
    return menu


def _menu(parent: QWidget, name: str) -> QMenu:
    menu = QMenu(parent)
    menu.setObjectName(name)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return menu


def _label(labelling: Labelling, name: str, _checked: bool = False) -> None:
    labelling.label(name)


def _open(path: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
