"""The Images step: classes at the left, their pictures in one grid at the right.

What it does is in `ui/images/`, one part per module; here they are put together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractItemView, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from cnnstudio.core.arranging import SampleFilter
from cnnstudio.core.dataset.health.findings import Finding, Fix
from cnnstudio.core.fixes import fix
from cnnstudio.core.predictions import GivenSource
from cnnstudio.core.project import Project, Sample
from cnnstudio.core.selecting import next_row
from cnnstudio.core.storage.pins import MOST_PINS
from cnnstudio.ui.camera.frame_source import FrameSource
from cnnstudio.ui.dialogs.for_good_dialog import empty_bin_dialog
from cnnstudio.ui.dialogs.preview_dialog import PreviewDialog
from cnnstudio.ui.drop_target import DropTarget
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.images.adding import Adding
from cnnstudio.ui.images.advice import Advice
from cnnstudio.ui.images.deciding import Deciding
from cnnstudio.ui.images.labelling import Labelling
from cnnstudio.ui.images.recording import Recording
from cnnstudio.ui.images.sample_menu import bin_menu, sample_menu
from cnnstudio.ui.images.shown_samples import Shown, ShownSamples, Wish
from cnnstudio.ui.images.side_facts import SideFacts
from cnnstudio.ui.models.class_model import ClassRow, RowKind
from cnnstudio.ui.models.sample_model import SampleModel
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.thumbnails import Thumbnails
from cnnstudio.ui.widgets.advice_bar import AdviceBar, AdviceKind
from cnnstudio.ui.widgets.bin_bar import BinBar
from cnnstudio.ui.widgets.check_menu import CheckMenu
from cnnstudio.ui.widgets.class_card import ClassCard
from cnnstudio.ui.widgets.class_field import ClassField
from cnnstudio.ui.widgets.empty_state import EmptyState
from cnnstudio.ui.widgets.filter_row import ANY_PROBLEM, FilterRow
from cnnstudio.ui.widgets.findings_list import FindingsList
from cnnstudio.ui.widgets.images_header import ImagesHeader
from cnnstudio.ui.widgets.sample_view import SampleView
from cnnstudio.ui.words import count_words, pictures

_CLASSES_PX = 230
_THUMBNAIL_PX = 124
_MARGIN_PX = 16
# The grid's slots have half a gap around each picture, and its scroll bar lies in the margin.
_GRID_INSET_PX = 4
_NO_PICTURES = "No pictures yet. Drop a folder here, or Add pictures."
_NONE_IN_CLASS = "No pictures here yet. Drop some here, or on a class at the left."
_NONE_FOUND = "No picture has this in its name."
_NONE_SO = "No picture is like this."
_EMPTY_BIN = "The bin is empty. Pictures that are removed wait here."
_NO_ADVICE = "There is nothing left to decide here."
_MOVES_TOLD = "Press a number to give {} a class, or type its name. Ctrl+Z undoes."


class ImagesPanel(QWidget):
    """Sorts pictures into classes: by keys, by dragging, by where they are dropped."""

    step: ClassVar[str] = "images"

    def __init__(
        self,
        session: Session,
        theme: Theme,
        icons: Icons,
        thumbnails: Thumbnails,
        camera: Callable[[], FrameSource],
    ) -> None:
        super().__init__()
        self.setObjectName("images_panel")
        self._session = session
        self._icons = icons
        self._thumbnails = thumbnails
        self._samples = SampleModel(self)
        self._listed: tuple[str, tuple[str, ...]] | None = None
        self._wanted_path = ""
        self._is_new_view = True
        self._is_taking_over = False
        self._header = ImagesHeader(icons)
        self._filters = FilterRow()
        self._check = CheckMenu()
        self._filters.add_before_zoom(self._check)
        self._findings = FindingsList(icons)
        self._advice_bar = AdviceBar(icons)
        self._bin_bar = BinBar(icons)
        self._class_card = ClassCard(icons)
        self._class_field = ClassField(self)
        self._view = SampleView(self._samples, theme, thumbnails)
        self._labelling = Labelling(session, self._view.selected_samples, self)
        self._adding = Adding(session, self)
        self._recording = Recording(session, icons, camera, self)
        self._advice = Advice(session, self)
        self._deciding = Deciding(
            session, self._advice, self._labelling, self._view, self._advice_bar, self._check
        )
        self._side_facts = SideFacts(session, self)
        self._shown = ShownSamples(session, self._view.selection, self)
        self.setFocusProxy(self._view)
        self._build()
        self._connect()
        self._add_keys()

    def add_pictures(self, sources: Sequence[GivenSource], row: ClassRow | None = None) -> None:
        """Add files, folders or pasted pictures, to the class of a row where one is given."""
        self._adding.add(sources, row)

    @Slot(str)
    def show_sample(self, path: str) -> None:
        """Show all pictures, that of this path selected and on screen."""
        self._wanted_path = path
        self.show_everything()

    @Slot(str, object)
    def show_list(self, title: str, paths: tuple[str, ...]) -> None:
        """Show only the pictures of these paths, under a title."""
        self._filters.reset()
        self._header.clear_search()
        self._list(title, paths)

    # Parts

    def _build(self) -> None:
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, _MARGIN_PX, 0, 0)
        column.setSpacing(8)
        above = QVBoxLayout()
        above.setContentsMargins(_GRID_INSET_PX, 0, _MARGIN_PX, 0)
        above.setSpacing(8)
        for part in (
            self._header,
            self._filters,
            self._findings,
            self._advice_bar,
            self._bin_bar,
        ):
            above.addWidget(part)
        column.addLayout(above)
        column.addWidget(self._build_grid(), 1)
        left = QWidget()
        padded = QVBoxLayout(left)
        padded.setContentsMargins(_MARGIN_PX, _MARGIN_PX, 0, _MARGIN_PX)
        padded.addWidget(self._class_card)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setObjectName("images_splitter")
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(_MARGIN_PX - _GRID_INSET_PX)
        splitter.addWidget(left)
        splitter.addWidget(right)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([_CLASSES_PX + _MARGIN_PX, 2000])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(splitter)

    def _build_grid(self) -> QWidget:
        self._view.setObjectName("images_grid")
        self._view.setAccessibleName("Pictures")
        self._view.set_thumbnail_px(_THUMBNAIL_PX)
        self._filters.set_zoom(_THUMBNAIL_PX)
        self._empty = EmptyState(self._icons, "images", _NO_PICTURES)
        self._empty.setObjectName("images_empty")
        self._show_all = self._empty.add_button("Show all pictures")
        self._show_all.setObjectName("images_show_all")
        self._grid = QStackedWidget()
        self._grid.addWidget(self._view)
        self._grid.addWidget(self._empty)
        return self._grid

    def _connect(self) -> None:
        session, view, card = self._session, self._view, self._class_card
        session.samples_moved.connect(self._on_samples_moved)
        session.project_changed.connect(self._on_project_changed)
        session.sample_wanted.connect(self.show_sample)
        session.samples_wanted.connect(self.show_list)
        session.inspection.findings_changed.connect(self._on_findings_changed)
        session.file_jobs.emptied.connect(self._on_files_settled)
        self._side_facts.changed.connect(self._show_side_facts)
        self._shown.ready.connect(self._take_over)
        self._advice.changed.connect(self._on_advice)
        card.row_chosen.connect(self._on_row_chosen)
        card.edit_wanted.connect(self._labelling.edit)
        card.number_pressed.connect(self._labelling.label_by_number)
        card.letter_pressed.connect(self._on_letter)
        card.samples_dropped.connect(self._on_samples_dropped)
        card.sources_dropped.connect(self._on_class_drop)
        card.add_pictures_wanted.connect(self._adding.ask_for_files)
        card.record_wanted.connect(self._recording.open)
        card.save_wanted.connect(session.save_text)
        view.number_pressed.connect(self._labelling.label_by_number)
        view.letter_pressed.connect(self._on_letter)
        view.remove_pressed.connect(self._labelling.remove)
        view.next_unlabelled_pressed.connect(self._go_to_next_unlabelled)
        view.next_problem_pressed.connect(self._go_to_next_problem)
        view.zoomed.connect(self._filters.set_zoom)
        view.preview_wanted.connect(self._open_preview)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(self._show_sample_menu)
        view.selection_changed.connect(self._on_selection_changed)
        self._class_field.title_chosen.connect(self._labelling.label_as)
        self._filters.changed.connect(self._on_filter_changed)
        self._filters.zoom_changed.connect(view.set_thumbnail_px)
        self._header.searched.connect(self._on_filter_changed)
        self._header.leave_wanted.connect(self._leave_list)
        self._header.search_left.connect(self._view.setFocus)
        self._adding.added.connect(self._view.setFocus)
        self._findings.show_wanted.connect(self._look_at)
        self._findings.fix_wanted.connect(self._fix)
        self._bin_bar.restore_wanted.connect(self._restore_selected)
        self._bin_bar.restore_all_wanted.connect(self._restore_everything)
        self._bin_bar.empty_wanted.connect(self._ask_about_bin)
        session.bin_emptied.connect(self._refresh)
        self._show_all.clicked.connect(self.show_everything)
        drops = DropTarget(self._grid, self._on_grid_drop)
        drops.refused.connect(session.failed)
        for words, ask in (
            ("Pictures, archives, videos, tables...", self._ask_for_files),
            ("Folder...", self._ask_for_folder),
            ("Webcam...", self._open_camera),
        ):
            self._header.add_source(words).triggered.connect(ask)

    def _add_keys(self) -> None:
        keys = QKeySequence.StandardKey
        for sequence, act in (
            (QKeySequence(keys.Find), self._header.focus_search),
            (QKeySequence("Ctrl+L"), self._ask_for_class),
            (QKeySequence("Ctrl+I"), self._view.invert_selection),
            (QKeySequence("F3"), self._go_to_next_unlabelled),
            (QKeySequence("F4"), self._go_to_next_problem),
        ):
            shortcut = QShortcut(sequence, self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)
        # Only while there is advice or the bin is shown: otherwise Enter looks closer.
        self._enter_keys = []
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            shortcut = QShortcut(QKeySequence(key), self._view)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(self._on_enter)
            self._enter_keys.append(shortcut)

    # Showing

    @Slot(object)
    def _on_samples_moved(self, moved: dict[str, str | None]) -> None:
        self._shown.follow(moved)
        if self._session.project is not None:
            self._thumbnails.follow(self._session.project.root, moved)

    @Slot(object, object)
    def _on_project_changed(self, before: Project | None, after: Project | None) -> None:
        if after is None:
            return
        if before is None or before.root != after.root:
            self._show_other(after)
        elif before.samples is not after.samples or before.classes != after.classes:
            self._class_card.set_project(after)
            self._advice.follow(after)
            self._refresh()
        elif before.ignored_findings != after.ignored_findings:
            self._advice.follow(after)
            self._refresh()

    def _show_other(self, project: Project) -> None:
        """Begin with another project, at all its pictures."""
        self._thumbnails.start_afresh()
        self._shown.forget()
        self._advice.close()
        self._listed, self._is_new_view = None, True
        self._header.clear_search()
        self._filters.reset()
        self._class_card.set_project(project)
        self._class_card.choose(RowKind.ALL)
        self._view.set_root(project.root)
        self._refresh()
        self._view.setFocus()

    @Slot()
    def _show_side_facts(self) -> None:
        self._filters.set_batches(self._side_facts.batches)
        self._class_card.set_binned_count(self._side_facts.binned_count)

    @Slot()
    def _on_findings_changed(self) -> None:
        project, findings = self._session.project, self._findings_shown()
        titles = {each.name: each.title for each in project.classes} if project else {}
        self._findings.set_findings(findings, titles)
        counts: dict[str, int] = {}
        for each in findings:
            if each.paths:
                counts[each.kind] = counts.get(each.kind, 0) + len(each.paths)
        self._filters.set_problems(list(counts.items()))
        self._refresh()

    def _findings_shown(self) -> Sequence[Finding]:
        """What the health check found; of a project without pictures the grid says enough."""
        project = self._session.project
        return self._session.inspection.findings if project and project.samples else ()

    @Slot(object)
    def _on_row_chosen(self, _row: ClassRow) -> None:
        self._listed, self._is_new_view = None, True
        self._advice.close()
        self._refresh()

    @Slot()
    def _on_filter_changed(self) -> None:
        self._refresh()

    def _refresh(self) -> None:
        if self._session.project is not None:
            self._shown.show(self._session.project, self._wish())

    def _wish(self) -> Wish:
        row, narrowing = self._class_card.chosen_row(), self._filters.narrowing
        kind = row.kind if row is not None else RowKind.ALL
        names = None
        if row is not None and kind in (RowKind.CLASS, RowKind.WITHOUT_CLASS):
            names = frozenset({row.name})
        has_kind = narrowing.problem not in (None, ANY_PROBLEM)
        wanted = SampleFilter(
            names,
            narrowing.split,
            narrowing.problem == ANY_PROBLEM,
            frozenset({str(narrowing.problem)} if has_kind else ()),
            self._header.search_text,
            narrowing.days.first,
            narrowing.days.last,
            narrowing.batch,
        )
        listed = None if self._listed is None else self._listed[1]
        if self._advice.kind is not AdviceKind.NONE:
            listed = tuple(self._advice.hints)
        return Wish(wanted, self._filters.order, listed, kind is RowKind.BIN)

    @Slot(object)
    def _take_over(self, shown: Shown) -> None:
        scrolled = self._view.verticalScrollBar().value()
        self._samples.set_suggestions(self._suggestions(shown.project))
        self._samples.set_arrangement(shown.project, shown.arrangement, shown.knowledge)
        self._view.doItemsLayout()
        self._is_taking_over = True
        self._view.set_selection(shown.selection)
        self._is_taking_over = False
        self._view.verticalScrollBar().setValue(0 if self._is_new_view else scrolled)
        if shown.selection.count == 1:
            self._view.scrollTo(self._view.currentIndex())
        self._select_wanted()
        self._is_new_view = False
        is_bin = shown.wish.of_bin
        self._filters.set_narrowing_enabled(not is_bin and shown.wish.listed is None)
        self._show_title(is_bin=is_bin)
        self._show_empty(shown)
        self._bin_bar.setVisible(is_bin and bool(shown.arrangement.samples))
        self._findings.setVisible(not is_bin and bool(self._findings_shown()))
        for key in self._enter_keys:
            key.setEnabled(is_bin or self._advice.kind is not AdviceKind.NONE)
        self._show_facts()
        self._deciding.show_what_can_be_asked()
        if self._session.project is shown.project:
            self._labelling.settle()

    def _select_wanted(self) -> None:
        row, self._wanted_path = self._samples.row_of(self._wanted_path), ""
        if row >= 0:
            self._view.select_row(row)
            centre = QAbstractItemView.ScrollHint.PositionAtCenter
            self._view.scrollTo(self._samples.index(row), centre)

    def _suggestions(self, project: Project) -> dict[str, tuple[str, float]]:
        titles = {each.name: each.title for each in project.classes}
        return {
            path: (titles.get(hint.class_name, hint.class_name), hint.probability)
            for path, hint in self._advice.hints.items()
        }

    def _show_title(self, *, is_bin: bool) -> None:
        row = self._class_card.chosen_row()
        if self._advice.kind is not AdviceKind.NONE:
            words = {AdviceKind.DOUBTS: "Doubtful labels", AdviceKind.SUGGESTIONS: "Suggestions"}
            self._header.set_title(words[self._advice.kind], is_list=True)
        elif self._listed is not None and not is_bin:
            self._header.set_title(self._listed[0], is_list=True)
        else:
            self._header.set_title(row.title if row is not None else "")

    def _show_empty(self, shown: Shown) -> None:
        has_samples = bool(shown.arrangement.samples)
        is_searched = bool(self._header.search_text.strip())
        is_narrowed = self._filters.is_narrowed or self._listed is not None
        if shown.wish.of_bin:
            sentence = _EMPTY_BIN
        elif self._advice.kind is not AdviceKind.NONE and not is_searched:
            sentence = _NO_ADVICE
        elif is_searched:
            sentence = _NONE_FOUND
        elif is_narrowed:
            sentence = _NONE_SO
        else:
            sentence = _NONE_IN_CLASS if shown.project.samples else _NO_PICTURES
        self._empty.set_sentence(sentence)
        self._show_all.setVisible(is_searched or is_narrowed)
        self._grid.setCurrentWidget(self._view if has_samples else self._empty)

    @Slot()
    def _on_selection_changed(self) -> None:
        self._show_facts()
        count = self._view.selected_count
        # What an edit did stands there until the user selects something else.
        if not count or self._is_taking_over or not self._view.hasFocus():
            return
        what = "the selected picture" if count == 1 else f"the {pictures(count)} selected"
        if self._is_bin():
            self._session.said.emit(f"Press Enter to restore {what}.")
        elif self._session.project is not None and self._session.project.classes:
            self._session.said.emit(_MOVES_TOLD.format(what))

    def _show_facts(self) -> None:
        count = self._view.selection().count
        selected = f", {count_words(count)} selected" if count else ""
        self._header.set_facts(f"{pictures(len(self._samples.samples))}{selected}")

    # Lists of their own: findings and advice

    @Slot(object)
    def _look_at(self, finding: Finding) -> None:
        project = self._session.project
        if project is not None and not any(path in project.sample_at for path in finding.paths):
            # Beside the class folders: no pictures of the project.
            place = project.root / finding.paths[0]
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(place.parent)))
            self._session.said.emit(f"Move {place.name} into a class folder to use it.")
            return
        self._list(finding.words, finding.paths)

    def _list(self, title: str, paths: tuple[str, ...]) -> None:
        """Show a list of its own: that is no row of the class card."""
        self._class_card.choose_none()
        self._advice.close()
        self._listed, self._is_new_view = (title, paths), True
        self._refresh()
        self._view.setFocus()

    @Slot(object, object, str)
    def _fix(self, finding: Finding, how: Fix, class_name: str) -> None:
        facts = self._session.inspection.facts
        self._labelling.edit(fix(finding, how, facts, class_name or None))

    @Slot()
    def _leave_list(self) -> None:
        self._listed, self._is_new_view = None, True
        if self._advice.kind is not AdviceKind.NONE:
            self._advice.close()
        elif self._class_card.chosen_row() is None:
            self._class_card.choose(RowKind.ALL)
        else:
            self._refresh()

    @Slot()
    def show_everything(self) -> None:
        """Show all pictures, whatever was asked for before."""
        self._advice.close()
        self._filters.reset()
        self._header.clear_search()
        self._listed = None
        self._class_card.choose(RowKind.ALL)
        self._refresh()

    @Slot()
    def _on_advice(self) -> None:
        self._is_new_view = True
        self._refresh()

    @Slot()
    def _on_enter(self) -> None:
        if self._is_bin():
            self._restore_selected()
        else:
            self._deciding.accept_selected()

    @Slot()
    def _restore_selected(self) -> None:
        self._view.setFocus()
        self._labelling.restore(self._view.selected_samples())

    @Slot()
    def _restore_everything(self) -> None:
        self._view.setFocus()
        self._labelling.restore(self._samples.samples)

    @Slot()
    def _ask_about_bin(self) -> None:
        dialog = empty_bin_dialog(self._side_facts.binned_count, self)
        dialog.confirmed.connect(self._session.empty_bin)
        dialog.open()

    # Keys and drops

    @Slot(str)
    def _on_letter(self, letter: str) -> None:
        if not self._labelling.label_by_letter(letter):
            self._ask_for_class(letter)

    @Slot()
    def _ask_for_class(self, begin: str = "") -> None:
        project, count = self._session.project, self._view.selection().count
        if project is None:
            return
        if not count:
            self._session.said.emit("Select pictures first, then type the name of their class.")
            return
        place = self._view.viewport().mapToGlobal(self._beside_current())
        titles = [each.title for each in project.classes]
        self._class_field.ask(titles, count, place, begin)

    def _beside_current(self) -> QPoint:
        """A place in the grid for a small field that does not hide the current picture."""
        rect = self._view.visualRect(self._view.currentIndex())
        has_room = rect.right() + self._class_field.width() < self._view.width()
        left = rect.right() + 4 if has_room else rect.left() - self._class_field.width() - 4
        return QPoint(max(left, 0), max(rect.top(), 0))

    @Slot()
    def _go_to_next_unlabelled(self) -> None:
        if not self._go_to_next(lambda sample: sample.class_name is None):
            self._session.said.emit("No picture shown is without a class.")

    @Slot()
    def _go_to_next_problem(self) -> None:
        problems = self._samples.knowledge.problems
        if not self._go_to_next(lambda sample: sample.path in problems):
            self._session.said.emit("No picture shown has a problem.")

    def _go_to_next(self, is_wanted: Callable[[Sample], bool]) -> bool:
        row = next_row(self._samples.samples, self._view.currentIndex().row(), is_wanted)
        if row < 0:
            return False
        self._view.select_row(row)
        self._view.scrollTo(self._samples.index(row))
        self._view.setFocus()
        return True

    @Slot(object)
    def _on_samples_dropped(self, row: ClassRow) -> None:
        if row.kind is RowKind.BIN:
            self._labelling.remove()
        else:
            self._labelling.label(row.name)

    @Slot(object, object)
    def _on_class_drop(self, mime: QMimeData, row: ClassRow) -> None:
        self._adding.add_dropped(mime, row)

    def _on_grid_drop(self, sources: Sequence[GivenSource]) -> None:
        self._adding.add(sources, self._target_row())

    @Slot()
    def _ask_for_files(self) -> None:
        self._adding.ask_for_files(self._target_row())

    @Slot()
    def _ask_for_folder(self) -> None:
        self._adding.ask_for_folder(self._target_row())

    @Slot()
    def _open_camera(self) -> None:
        self._recording.open(self._target_row())

    def _is_bin(self) -> bool:
        row = self._class_card.chosen_row()
        return row is not None and row.kind is RowKind.BIN

    def _target_row(self) -> ClassRow | None:
        """The row that new pictures go to, None where their folders decide."""
        row = self._class_card.chosen_row()
        return None if row is not None and row.kind is RowKind.BIN else row

    @Slot()
    def _on_files_settled(self) -> None:
        if not self._shown.is_pending:
            self._labelling.settle()

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

    def _pin_selected(self) -> None:
        project = self._session.project
        if project is not None:
            chosen = self._view.selected_samples()[: MOST_PINS + 1]
            self._session.pinning.add([project.absolute(sample) for sample in chosen])

    @Slot(QPoint)
    def _show_sample_menu(self, place: QPoint) -> None:
        project, current = self._session.project, self._view.current_sample()
        count = self._view.selection().count
        if project is None or not count or current is None:
            return
        if self._is_bin():
            menu = bin_menu(self, count, self._restore_selected)
        else:
            menu = sample_menu(
                self,
                project,
                self._labelling,
                project.absolute(current),
                count,
                preview=self._open_preview,
                name_class=self._ask_for_class,
                invert=self._view.invert_selection,
                pin=self._pin_selected,
            )
        menu.popup(self._view.viewport().mapToGlobal(place))
