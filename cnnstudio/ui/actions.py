"""What the window offers from everywhere: undo, redo, the project menu, help, theme."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from cnnstudio.ui.history_menu import HistoryMenu
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.session import Session

_MOST_RECENT = 8
_Keys = QKeySequence.StandardKey | str


class WindowActions(QObject):
    """The actions of the window, with their keys, icons and words."""

    project_wanted = Signal(object)

    def __init__(self, window: QWidget, session: Session, icons: Icons) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._icons = icons
        keys = QKeySequence.StandardKey
        self.undo = self._action("undo", "Undo", "undo", keys.Undo)
        self.redo = self._action("redo", "Redo", "redo", "Ctrl+Shift+Z")
        self.redo.setShortcuts([QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")])
        self.history = self._action("history", "Undo history", "history", "Ctrl+Alt+Z")
        self.history.setMenu(HistoryMenu(session, window))
        self.help = self._action("help", "Help", "help", "F1")
        self.theme = self._action("theme", "Light or dark", "theme", "Ctrl+Shift+L")
        self.new_project = self._action("new_project", "New project", "add", keys.New)
        self.open_folder = self._action("open_folder", "Open folder", "folder", keys.Open)
        self.sample = self._action("sample", "Try a sample", "picture", "")
        self.import_model = self._action("import_model", "Import a model…", "open", "")
        self.paste = self._action("paste", "Paste pictures", "paste", keys.Paste)
        self.quit = self._action("quit", "Quit", "close", "Ctrl+Q")
        self.project_menu = self._action("project_menu", "Project", "menu", "")
        self._menu = QMenu(window)
        self._recent = QMenu("Recent projects", self._menu)
        self._recent.aboutToShow.connect(self._fill_recent)
        self._menu.addActions([self.new_project, self.open_folder, self.sample])
        self._menu.addMenu(self._recent)
        self._menu.addSeparator()
        self._menu.addAction(self.import_model)
        self._menu.addAction(self.paste)
        self._menu.addSeparator()
        self._menu.addAction(self.quit)
        self.project_menu.setMenu(self._menu)
        self.undo.triggered.connect(session.undo)
        self.redo.triggered.connect(session.redo)
        self.quit.triggered.connect(window.close)
        session.history_changed.connect(self._on_history_changed)
        self._on_history_changed()

    def strip(self) -> Sequence[QAction]:
        """Return the actions that have a button in the top strip."""
        return (self.undo, self.redo, self.history, self.help, self.theme, self.project_menu)

    def _action(self, name: str, text: str, icon: str, keys: _Keys) -> QAction:
        action = QAction(text, self)
        action.setObjectName(name)
        self._icons.bind(action, icon, "muted")
        if keys:
            action.setShortcut(QKeySequence(keys))
        self._set_tooltip(action, text)
        self._window.addAction(action)
        return action

    def _set_tooltip(self, action: QAction, text: str) -> None:
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(f"{text} ({keys})" if keys else text)

    @Slot()
    def _on_history_changed(self) -> None:
        for action, word, words in (
            (self.undo, "Undo", self._session.undo_words),
            (self.redo, "Redo", self._session.redo_words),
        ):
            action.setEnabled(words is not None)
            self._set_tooltip(action, f"{word}: {words}" if words else f"Nothing to {word.lower()}")

    @Slot()
    def _fill_recent(self) -> None:
        self._recent.clear()
        for root in self._session.recent_projects()[:_MOST_RECENT]:
            action = self._recent.addAction(root.name.replace("&", "&&"))
            action.setToolTip(str(root))
            action.triggered.connect(
                lambda _checked=False, root=root: self.project_wanted.emit(Path(root))
            )
        if self._recent.isEmpty():
            self._recent.addAction("No project was opened yet").setEnabled(False)
