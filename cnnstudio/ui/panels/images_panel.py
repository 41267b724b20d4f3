"""The Images step: classes at the left, their pictures in one grid at the right."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import QMimeData, QPoint, QSignalBlocker, Qt, QUrl, Slot
from PySide6.QtGui import (
    QDesktopServices,
    QKeySequence,
    QShortcut,
)
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QSlider,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.core.arranging import Knowledge, Problem, SampleFilter, SampleOrder, arrange
from cnnstudio.core.class_edits import add_class, remove_class, rename_class
from cnnstudio.core.dataset.images import PICTURE_SUFFIXES
from cnnstudio.core.dataset.importing import (
    ImportedPictures,
    ImportItem,
    ImportPlan,
    plan_import,
)
from cnnstudio.core.edits import NamedEdit, label_samples, remove_samples
from cnnstudio.core.errors import StudioError
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.predictions import NamedBytes, PictureSource
from cnnstudio.core.project import Project
from cnnstudio.core.selecting import selected_again
from cnnstudio.ui.dialogs.import_dialog import ImportDialog
from cnnstudio.ui.dialogs.preview_dialog import PreviewDialog
from cnnstudio.ui.drop_target import DropTarget
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.messages import show_error
from cnnstudio.ui.mime_sources import sources_of
from cnnstudio.ui.models.class_model import ROW_ROLE, ClassModel, ClassRow, RowKind
from cnnstudio.ui.models.sample_model import SampleModel
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.thumbnails import Thumbnails
from cnnstudio.ui.widgets.banner import Banner
from cnnstudio.ui.widgets.chip import Chip
from cnnstudio.ui.widgets.class_list import ROW_INSET_PX, ClassList
from cnnstudio.ui.widgets.empty_state import EmptyState
from cnnstudio.ui.widgets.fit_label import ElidedLabel
from cnnstudio.ui.widgets.primary_button import primary_button, styled_button
from cnnstudio.ui.widgets.sample_view import (
    LARGEST_PX,
    SMALLEST_PX,
    SampleView,
)
from cnnstudio.ui.words import count_words, pictures

_CLASSES_PX = 230
_CARD_TOP_PX = 14
_PADDING_PX = 8
_SEARCH_PX = 180
_ZOOM_PX = 88
_THUMBNAIL_PX = 124
_MARGIN_PX = 16
# The grid's slots have half a gap around each picture, and its scroll bar lies in the margin.
_GRID_INSET_PX = 4
_NO_PICTURES = "No pictures yet. Drop a folder here, or Add pictures."
_NONE_IN_CLASS = "No pictures here yet. Drop some here, or on a class at the left."
_NONE_FOUND = "No picture has this in its name."
_NO_PROBLEMS = "Every picture can be read."


class ImagesPanel(QWidget):
    """Sorts pictures into classes: by number keys, by dragging, by where they are dropped."""

    step: ClassVar[str] = "images"

    def __init__(
        self, session: Session, theme: Theme, icons: Icons, thumbnails: Thumbnails
    ) -> None:
        super().__init__()
        self.setObjectName("images_panel")
        self._session = session
        self._icons = icons
        self._thumbnails = thumbnails
        self._filter = SampleFilter()
        self._problems: dict[str, str] = {}
        self._samples = SampleModel(self)
        self._classes = ClassModel(self)
        # Keys pressed while files still move act on the pictures that are shown afterwards.
        self._is_changing = False
        self._moved: dict[str, str | None] = {}
        self._later: deque[Callable[[], None]] = deque()
        self._class_list = ClassList(self._classes, theme)
        self._view = SampleView(self._samples, theme, thumbnails)
        self.setFocusProxy(self._view)
        self._build()
        self._connect()

    # Parts

    def _build(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(_MARGIN_PX, _MARGIN_PX, 0, 0)
        layout.setSpacing(_MARGIN_PX - _GRID_INSET_PX)
        left = QVBoxLayout()
        left.setContentsMargins(0, 0, 0, _MARGIN_PX)
        left.addWidget(self._build_classes())
        layout.addLayout(left)
        right = QVBoxLayout()
        right.setSpacing(8)
        for part in (self._build_header(), self._build_banner()):
            line = QHBoxLayout()
            line.setContentsMargins(_GRID_INSET_PX, 0, _MARGIN_PX, 0)
            line.addWidget(part)
            right.addLayout(line)
        right.addWidget(self._build_grid(), 1)
        layout.addLayout(right, 1)

    def _build_classes(self) -> QFrame:
        title = QLabel("Classes")
        title.setProperty("class", "heading")
        self._new_class = styled_button("New class", small=True)
        self._new_class.setObjectName("images_new_class")
        self._new_class.setAccessibleName("New class")
        self._icons.bind(self._new_class, "add")
        self._new_name = QLineEdit()
        self._new_name.setObjectName("images_new_class_name")
        self._new_name.setAccessibleName("Name of the new class")
        self._new_name.setPlaceholderText("Name, then Enter")
        self._new_name.hide()
        self._class_list.setObjectName("images_classes")
        self._class_list.setAccessibleName("Classes")
        header = QHBoxLayout()
        header.addWidget(title)
        header.addStretch(1)
        header.addWidget(self._new_class)
        field = QHBoxLayout()
        field.addWidget(self._new_name)
        # No `Card`: the ground of a row reaches into the padding, and its words line up with the
        # title.
        card = QFrame()
        card.setProperty("class", "card")
        card.setFixedWidth(_CLASSES_PX)
        column = QVBoxLayout(card)
        column.setContentsMargins(_PADDING_PX, _CARD_TOP_PX, _PADDING_PX, _PADDING_PX)
        column.setSpacing(8)
        for line in (header, field):
            line.setContentsMargins(ROW_INSET_PX, 0, ROW_INSET_PX, 0)
            column.addLayout(line)
        column.addWidget(self._class_list, 1)
        return card

    def _build_header(self) -> QWidget:
        self._title = ElidedLabel("", mode=Qt.TextElideMode.ElideRight)
        self._title.setObjectName("images_title")
        self._title.setProperty("class", "title")
        self._facts = QLabel()
        self._facts.setObjectName("images_facts")
        self._facts.setProperty("class", "muted")
        self._only_problems = Chip("Cannot be read")
        self._only_problems.setObjectName("images_only_problems")
        self._only_problems.setAccessibleName("Show only pictures that cannot be read")
        self._only_problems.hide()
        self._search = QLineEdit()
        self._search.setObjectName("images_search")
        self._search.setAccessibleName("Search names")
        self._search.setPlaceholderText("Search names")
        self._search.setClearButtonEnabled(True)
        self._search.setFixedWidth(_SEARCH_PX)
        self._zoom = QSlider(Qt.Orientation.Horizontal)
        self._zoom.setObjectName("images_zoom")
        self._zoom.setAccessibleName("Size of the thumbnails")
        self._zoom.setToolTip("Size of the thumbnails (Ctrl and mouse wheel)")
        self._zoom.setRange(SMALLEST_PX, LARGEST_PX)
        self._zoom.setValue(_THUMBNAIL_PX)
        self._zoom.setFixedWidth(_ZOOM_PX)
        self._add = primary_button("Add pictures")
        self._add.setObjectName("images_add")
        self._add_menu = QMenu(self)
        self._add_menu.setObjectName("images_add_menu")
        self._add_files = self._add_menu.addAction("Pictures...")
        self._add_folder = self._add_menu.addAction("Folder...")
        header = QWidget()
        row = QHBoxLayout(header)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._title)
        row.addWidget(self._facts)
        row.addStretch(1)
        for widget in (self._only_problems, self._zoom, self._search, self._add):
            row.addWidget(widget)
        return header

    def _build_banner(self) -> Banner:
        self._banner = Banner(self._icons, "warn", "", title="Health check")
        self._banner.setObjectName("images_health")
        self._look = self._banner.add_button("Look at them")
        self._look.setObjectName("images_look_at_problems")
        self._banner.hide()
        return self._banner

    def _build_grid(self) -> QWidget:
        self._view.setObjectName("images_grid")
        self._view.setAccessibleName("Pictures")
        self._view.set_thumbnail_px(_THUMBNAIL_PX)
        self._empty = EmptyState(self._icons, "images", _NO_PICTURES)
        self._empty.setObjectName("images_empty")
        self._show_all = self._empty.add_button("Show all pictures")
        self._show_all.setObjectName("images_show_all")
        self._grid = QStackedWidget()
        self._grid.addWidget(self._view)
        self._grid.addWidget(self._empty)
        return self._grid

    def _connect(self) -> None:
        session = self._session
        session.samples_moved.connect(self._on_samples_moved)
        session.project_changed.connect(self._on_project_changed)
        session.inspection.facts_changed.connect(self._on_facts_changed)
        session.failed.connect(self._on_failed)
        session.file_jobs.emptied.connect(self._on_files_settled)
        self._class_list.row_chosen.connect(self._on_row_chosen)
        self._class_list.number_pressed.connect(self._on_number)
        self._class_list.remove_wanted.connect(self._remove_class)
        self._class_list.samples_dropped.connect(self._on_samples_dropped)
        self._class_list.sources_dropped.connect(self._on_class_drop)
        self._class_list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._class_list.customContextMenuRequested.connect(self._show_class_menu)
        self._classes.rename_wanted.connect(self._rename_class)
        self._new_class.clicked.connect(self._begin_new_class)
        self._new_name.returnPressed.connect(self._make_class)
        self._new_name.editingFinished.connect(self._end_new_class)
        self._view.number_pressed.connect(self._on_number)
        self._view.remove_pressed.connect(self._remove_selected)
        self._view.zoomed.connect(self._zoom.setValue)
        self._view.preview_wanted.connect(self._open_preview)
        self._view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._view.customContextMenuRequested.connect(self._show_sample_menu)
        self._view.selection_changed.connect(self._on_selection_changed)
        self._zoom.valueChanged.connect(self._view.set_thumbnail_px)
        self._search.textChanged.connect(self._on_filter_changed)
        self._only_problems.toggled.connect(self._on_filter_changed)
        self._look.clicked.connect(self._look_at_problems)
        self._show_all.clicked.connect(self._show_everything)
        drops = DropTarget(self._grid, self._on_grid_drop)
        drops.refused.connect(session.failed)
        self._add.clicked.connect(self._open_add_menu)
        self._add_files.triggered.connect(self._ask_for_files)
        self._add_folder.triggered.connect(self._ask_for_folder)
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self._search.setFocus)
        leave = QShortcut(QKeySequence(Qt.Key.Key_Escape), self._new_name)
        leave.setContext(Qt.ShortcutContext.WidgetShortcut)
        leave.activated.connect(self._cancel_new_class)

    # Showing

    @Slot(object)
    def _on_samples_moved(self, moved: dict[str, str | None]) -> None:
        self._moved = moved

    @Slot(object, object)
    def _on_project_changed(self, before: Project | None, after: Project | None) -> None:
        if after is None:
            return
        if before is None or before.root != after.root:
            self._show_other(after)
        elif (before.samples, before.classes) != (after.samples, after.classes):
            moved, self._moved = self._moved, {}
            self._thumbnails.follow(after.root, moved)
            self._problems = {
                moved.get(path, path) or path: reason for path, reason in self._problems.items()
            }
            # The list chooses its row again; what that shows is shown below.
            with QSignalBlocker(self._class_list):
                self._classes.set_project(after)
            self._show(after, moved)
        self._settle()

    def _show_other(self, project: Project) -> None:
        """Begin with another project, at all its pictures."""
        self._thumbnails.start_afresh()
        self._problems = {}
        with QSignalBlocker(self._class_list), QSignalBlocker(self._search):
            self._search.clear()
            self._classes.set_project(project)
            self._class_list.choose(RowKind.ALL)
        with QSignalBlocker(self._only_problems):
            self._only_problems.setChecked(False)
        self._view.set_root(project.root)
        self._show(project, {})
        self._view.setFocus()

    @Slot()
    def _on_facts_changed(self) -> None:
        self._problems = self._session.inspection.problems()
        if self._session.project is not None:
            self._show(self._session.project, {})

    @Slot(object)
    def _on_row_chosen(self, _row: ClassRow) -> None:
        if self._session.project is not None:
            self._show(self._session.project, {})
            self._view.scrollToTop()

    @Slot()
    def _on_filter_changed(self) -> None:
        if self._session.project is not None:
            self._show(self._session.project, {})

    def _show(self, project: Project, moved: dict[str, str | None]) -> None:
        """Show what the filter lets through; `moved` are old and new paths of moved samples."""
        row = self._class_list.chosen_row()
        everything = row is None or row.kind is RowKind.ALL
        self._filter = SampleFilter(
            None if row is None or everything else frozenset({row.name}),
            name_part=self._search.text(),
            only_problems=self._only_problems.isChecked(),
        )
        known = project.sample_at
        self._problems = {path: why for path, why in self._problems.items() if path in known}
        facts = self._session.inspection.facts.items()
        knowledge = Knowledge(
            {path: (f.width, f.height) for path, f in facts},
            problems={path: (Problem("unreadable", why),) for path, why in self._problems.items()},
        )
        before, selection = self._samples.arrangement, self._view.selection()
        scrolled = self._view.verticalScrollBar().value()
        context = TaskContext()
        shown = arrange(project, self._filter, SampleOrder(), knowledge, context, before)
        found = selected_again(before, selection, shown, moved, context)
        if self._samples.set_arrangement(project, shown, knowledge):
            self._view.doItemsLayout()
            self._view.verticalScrollBar().setValue(scrolled)
            self._view.set_selection(found)
        self._title.setText(row.title if row is not None else "")
        self._show_empty(project, has_samples=bool(shown.samples))
        self._show_problems()
        self._show_facts()

    def _show_empty(self, project: Project, *, has_samples: bool) -> None:
        is_narrowed = bool(self._filter.name_part.strip()) or self._filter.only_problems
        if self._filter.name_part.strip():
            sentence = _NONE_FOUND
        elif self._filter.only_problems:
            sentence = _NO_PROBLEMS
        else:
            sentence = _NONE_IN_CLASS if project.samples else _NO_PICTURES
        self._empty.set_sentence(sentence)
        self._show_all.setVisible(is_narrowed)
        self._grid.setCurrentWidget(self._view if has_samples else self._empty)

    def _show_problems(self) -> None:
        count = len(self._problems)
        is_shown = self._only_problems.isChecked()
        self._only_problems.setVisible(bool(count) or is_shown)
        sentence = f"{pictures(count)} cannot be read."
        if is_shown:
            sentence = "Left out of training. Remove them, or copy them again from their source."
        self._banner.set_finding("warn", sentence, title="Health check")
        self._look.setVisible(not is_shown)
        self._banner.setVisible(bool(count))

    @Slot()
    def _on_selection_changed(self) -> None:
        self._show_facts()
        count = self._view.selected_count
        has_classes = self._session.project is not None and bool(self._session.project.classes)
        if count and has_classes and self._view.hasFocus():
            what = "the selected picture" if count == 1 else f"the {pictures(count)} selected"
            self._session.said.emit(f"Press a number to give {what} a class. Ctrl+Z undoes.")

    def _show_facts(self) -> None:
        count = self._view.selected_count
        selected = f", {count_words(count)} selected" if count else ""
        self._facts.setText(f"{pictures(len(self._samples.samples))}{selected}")

    @Slot()
    def _look_at_problems(self) -> None:
        self._class_list.choose(RowKind.ALL)
        self._search.clear()
        self._only_problems.setChecked(True)
        self._view.setFocus()

    @Slot()
    def _show_everything(self) -> None:
        self._class_list.choose(RowKind.ALL)
        self._search.clear()
        self._only_problems.setChecked(False)

    # Labelling and removing

    @Slot(int)
    def _on_number(self, number: int) -> None:
        self._when_settled(lambda: self._label_by_number(number))

    def _label_by_number(self, number: int) -> None:
        project = self._session.project
        if project is None:
            return
        if number > len(project.classes):
            self._session.said.emit(f"No class has the key {number}.")
        elif not self._view.selected_count:
            self._session.said.emit("Select pictures first, then press the number of their class.")
        else:
            self._label(project.classes[number - 1].name if number else None)

    def _label(self, class_name: str | None) -> None:
        chosen = self._view.selected_samples()
        paths = [sample.path for sample in chosen if sample.class_name != class_name]
        if paths:
            self._edit(label_samples(paths, class_name))
        elif chosen:
            self._session.said.emit("They are there already.")

    @Slot(object)
    def _on_samples_dropped(self, row: ClassRow) -> None:
        self._when_settled(lambda: self._label(row.name))

    @Slot()
    def _remove_selected(self) -> None:
        self._when_settled(self._remove_selected_now)

    def _remove_selected_now(self) -> None:
        paths = [sample.path for sample in self._view.selected_samples()]
        if paths:
            self._edit(remove_samples(paths))

    def _edit(self, edit: NamedEdit) -> None:
        self._is_changing = True
        self._session.edit(edit)

    def _when_settled(self, act: Callable[[], None]) -> None:
        if self._is_changing:
            self._later.append(act)
        else:
            act()

    def _settle(self) -> None:
        self._is_changing = False
        while self._later and not self._is_changing:
            self._later.popleft()()

    @Slot(object)
    def _on_failed(self, _error: Exception) -> None:
        # What was typed ahead meant a state that did not come about.
        self._is_changing = False
        self._later.clear()

    @Slot()
    def _on_files_settled(self) -> None:
        self._settle()

    # Classes

    @Slot()
    def _begin_new_class(self) -> None:
        self._new_name.clear()
        self._new_name.show()
        self._new_name.setFocus()

    @Slot()
    def _make_class(self) -> None:
        title = self._new_name.text().strip()
        # The field stays, for the next one.
        self._new_name.clear()
        if title:
            self._session.edit(add_class(title))

    @Slot()
    def _end_new_class(self) -> None:
        if not self._new_name.hasFocus():
            if self._new_name.isVisible():
                self._make_class()
            self._new_name.hide()

    @Slot()
    def _cancel_new_class(self) -> None:
        self._new_name.clear()
        self._new_name.hide()
        self._class_list.setFocus()

    @Slot(str, str)
    def _rename_class(self, name: str, title: str) -> None:
        self._session.edit(rename_class(name, title))

    @Slot(str)
    def _remove_class(self, name: str) -> None:
        self._session.edit(remove_class(name))

    @Slot(QPoint)
    def _show_class_menu(self, place: QPoint) -> None:
        row = self._class_list.indexAt(place).data(ROW_ROLE)
        if not isinstance(row, ClassRow) or row.name is None:
            return
        name = row.name
        menu = self._menu("images_class_menu")
        menu.addAction("Rename", lambda: self._class_list.edit_title(name))
        menu.addAction("Add pictures...", lambda: self._ask_for_files(row=row))
        menu.addSeparator()
        menu.addAction("Remove class and its pictures", lambda: self._remove_class(name))
        menu.popup(self._class_list.viewport().mapToGlobal(place))

    # Looking closer

    @Slot()
    def _open_preview(self) -> None:
        project = self._session.project
        if project is not None and self._view.current_sample() is not None:
            dialog = PreviewDialog(
                self._view,
                self._samples,
                lambda: self._session.project,
                self._icons,
                self._thumbnails,
                self._session.preview_jobs,
                self,
            )
            dialog.open()

    # The pictures' menu

    @Slot(QPoint)
    def _show_sample_menu(self, place: QPoint) -> None:
        project, chosen = self._session.project, self._view.selected_samples()
        if project is None or not chosen:
            return
        menu = self._menu("images_sample_menu")
        classes = menu.addMenu("Move to class")
        for number, each in enumerate(project.classes, 1):
            key = f"\t{number}" if number <= 9 else ""
            action = classes.addAction(f"{each.title.replace('&', '&&')}{key}")
            action.triggered.connect(partial(self._label_by_menu, each.name))
        classes.setEnabled(bool(project.classes))
        menu.addAction("Without a class\t0", lambda: self._label(None))
        menu.addSeparator()
        path = project.absolute(self._view.current_sample() or chosen[0])
        menu.addAction("Look closer\tSpace", self._open_preview)
        menu.addAction("Open", lambda: _open(path))
        menu.addAction("Show in file manager", lambda: _open(path.parent))
        menu.addSeparator()
        menu.addAction(f"Remove {pictures(len(chosen))}\tDel", self._remove_selected)
        menu.popup(self._view.viewport().mapToGlobal(place))

    def _label_by_menu(self, class_name: str, _checked: bool = False) -> None:
        self._label(class_name)

    def _menu(self, name: str) -> QMenu:
        menu = QMenu(self)
        menu.setObjectName(name)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return menu

    # Adding pictures

    @Slot()
    def _open_add_menu(self) -> None:
        self._add_menu.popup(self._add.mapToGlobal(QPoint(0, self._add.height() + 4)))

    @Slot()
    def _ask_for_files(self, *, row: ClassRow | None = None) -> None:
        endings = " ".join(f"*{suffix}" for suffix in sorted(PICTURE_SUFFIXES))
        dialog = self._file_dialog("Add pictures", row)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilters([f"Pictures ({endings})", "All files (*)"])
        dialog.open()

    @Slot()
    def _ask_for_folder(self) -> None:
        dialog = self._file_dialog("Add a folder of pictures", None)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.open()

    def _file_dialog(self, title: str, row: ClassRow | None) -> QFileDialog:
        target = row or self._class_list.chosen_row()
        dialog = QFileDialog(self, title)
        dialog.setObjectName("images_file_dialog")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(
            lambda names: self.add_pictures([Path(name) for name in names], target)
        )
        return dialog

    def _on_grid_drop(self, sources: Sequence[PictureSource]) -> None:
        self.add_pictures(sources, self._class_list.chosen_row())

    @Slot(object, object)
    def _on_class_drop(self, mime: QMimeData, row: ClassRow) -> None:
        try:
            self.add_pictures(sources_of(mime), row)
        except StudioError as error:
            self._session.failed.emit(error)

    def add_pictures(self, sources: Sequence[PictureSource], row: ClassRow | None = None) -> None:
        """Look at files, folders or pasted pictures, and add them to the class of a row.

        With folders, or where something is skipped, the user sees first what would happen. Folders
        of class folders become classes, unless `row` is a class or stands for "without a class".
        """
        project = self._session.project
        if project is None:
            return
        items = [
            ImportItem.pasted(each.data, None, each.name) if isinstance(each, NamedBytes) else each
            for each in sources
        ]
        class_name = row.name if row is not None else None
        is_flat = row is not None and row.kind is RowKind.WITHOUT_CLASS

        def task(context: TaskContext) -> tuple[ImportPlan, bool]:
            plan = plan_import(items, project, class_name, context)
            if is_flat:
                flat = tuple(replace(item, class_title=None) for item in plan.items)
                plan = replace(plan, items=flat, class_titles=())
            has_folder = any(isinstance(each, Path) and each.is_dir() for each in items)
            return plan, has_folder or bool(plan.skipped) or not plan.items

        job = self._session.file_jobs.start("Looking at what to add", task)
        job.finished.connect(self._on_planned)
        job.failed.connect(self._session.failed)

    @Slot(object)
    def _on_planned(self, planned: tuple[ImportPlan, bool]) -> None:
        plan, is_to_be_shown = planned
        project = self._session.project
        if project is None:
            return
        if not is_to_be_shown:
            self._import(plan)
            return
        dialog = ImportDialog(plan, project, self)
        dialog.plan_accepted.connect(self._import)
        dialog.open()

    @Slot(object)
    def _import(self, plan: ImportPlan) -> None:
        job = self._session.import_pictures(plan)
        known = len(plan.skipped)
        job.finished.connect(lambda staged: self._tell_what_failed(staged, known))

    def _tell_what_failed(self, staged: ImportedPictures, known: int) -> None:
        failed = staged.skipped[known:]
        if failed:
            names = "; ".join(f"{each.path.name}: {each.reason}" for each in failed[:3])
            more = f"; and {count_words(len(failed) - 3)} more" if len(failed) > 3 else ""
            show_error(
                self,
                StudioError(f"{pictures(len(failed))} could not be copied.", f"{names}{more}."),
            )


def _open(path: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
