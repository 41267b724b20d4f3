"""`Deciding`: lets the user ask a model, and decide about what it says."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, Slot

from cnnstudio.ui.images.advice import Advice
from cnnstudio.ui.images.labelling import Labelling
from cnnstudio.ui.session import Session
from cnnstudio.ui.widgets.advice_bar import AdviceBar
from cnnstudio.ui.widgets.check_menu import CheckMenu
from cnnstudio.ui.widgets.sample_view import SampleView


class Deciding(QObject):
    """Joins the menu that asks, the bar that shows what was said, and the grid's selection.

    Decisions go the way of all edits, so that keys pressed meanwhile wait for them.
    """

    def __init__(
        self,
        session: Session,
        advice: Advice,
        labelling: Labelling,
        view: SampleView,
        bar: AdviceBar,
        check: CheckMenu,
    ) -> None:
        super().__init__(advice)
        self._session = session
        self._advice = advice
        self._labelling = labelling
        self._view = view
        self._bar = bar
        self._check = check
        bar.accept_wanted.connect(self.accept_selected)
        bar.accept_certain_wanted.connect(self._accept_certain)
        bar.keep_wanted.connect(self._keep_labels)
        bar.closed.connect(advice.close)
        check.check_wanted.connect(session.inspection.look_again)
        check.doubts_wanted.connect(advice.find_doubts)
        check.suggestions_wanted.connect(self._suggest)
        advice.changed.connect(self._show)
        session.chosen_run_changed.connect(self.show_what_can_be_asked)

    @Slot()
    def accept_selected(self) -> None:
        """Give the selected pictures the classes that are suggested for them."""
        if self._has_selection():
            self._labelling.when_settled(lambda: self._accept(self._selected_paths()))

    @Slot()
    def show_what_can_be_asked(self) -> None:
        """Offer what is possible with the project as it is."""
        project, run = self._session.project, self._session.chosen_run
        if project is not None:
            filled = sum(1 for name, count in project.counts.items() if name and count)
            self._check.set_state(
                run.name if run is not None else None,
                project.counts.get(None, 0),
                can_doubt=filled > 1,
            )

    @Slot()
    def _show(self) -> None:
        advice = self._advice
        self._bar.show_advice(advice.kind, len(advice.hints), len(advice.certain()), advice.words)

    @Slot()
    def _suggest(self) -> None:
        if self._session.chosen_run is not None:
            self._advice.suggest(self._session.chosen_run)

    @Slot()
    def _accept_certain(self) -> None:
        self._labelling.when_settled(lambda: self._accept(self._advice.certain()))

    def _accept(self, paths: Iterable[str]) -> None:
        edit = self._advice.acceptance(paths)
        if edit is not None:
            self._labelling.edit(edit)

    @Slot()
    def _keep_labels(self) -> None:
        if self._has_selection():
            self._labelling.when_settled(self._keep_selected)

    def _keep_selected(self) -> None:
        edit = self._advice.keeping(self._selected_paths())
        if edit is not None:
            self._labelling.edit(edit)

    def _selected_paths(self) -> list[str]:
        return [sample.path for sample in self._view.selected_samples()]

    def _has_selection(self) -> bool:
        if not self._view.selected_count:
            self._session.said.emit("Select pictures first.")
        return bool(self._view.selected_count)
