"""The page of curves: how well classes are set apart, and whether it can be taken at its word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QHeaderView, QLabel, QWidget

from cnnstudio.core.evaluation.curves import ClassCurves, Curve, class_curves
from cnnstudio.core.evaluation.evaluation import Evaluation
from cnnstudio.core.evaluation.figure_words import calibration_words
from cnnstudio.core.evaluation.figures import Figures, figures_of
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.ui.evaluation.page import EvaluationPage, ShownEvaluation
from cnnstudio.ui.jobs import Job
from cnnstudio.ui.run_colours import run_colours
from cnnstudio.ui.session import Session
from cnnstudio.ui.swatches import swatch
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.calibration_plots import CalibrationPlot, ConfidencePlot
from cnnstudio.ui.widgets.card import Card
from cnnstudio.ui.widgets.chip import Chip
from cnnstudio.ui.widgets.fit_label import ElidedLabel
from cnnstudio.ui.widgets.share_plot import ShareLine, SharePlot
from cnnstudio.ui.widgets.sorted_table import FigureCell, SortedTable
from cnnstudio.ui.words import NOT_KNOWN, percent

_PLACE_ROLE = Qt.ItemDataRole.UserRole
_LIST_PX = 300
_VERDICT_PX = 30
_HEADS = (
    ("Class", "A row shows the curves of one class"),
    ("ROC", "Area under the curve: 1 sets the class apart from all others, 0.5 is guessing"),
    ("PR", "Average precision: 1 is best, guessing gives the share of the class"),
)
_ROC_WORDS = "Found: of its pictures. False alarms: of all others. Top left is best."
_PR_WORDS = "Recall: of its pictures, found. Precision: of the finds, right."
_CALIBRATION_WORDS = "On the dashed line it is right as often as it says. Bars: 95 % intervals."


@dataclass(frozen=True)
class _Drawn:
    figures: Figures
    curves: tuple[ClassCurves, ...]


def _drawn(evaluation: Evaluation) -> Task[_Drawn]:
    def task(context: TaskContext) -> _Drawn:
        return _Drawn(figures_of(evaluation)(context), class_curves(evaluation)(context))

    return task


class CurvesPage(EvaluationPage):
    """ROC and precision-recall of one class or of all, and the calibration."""

    name: ClassVar[str] = "curves"
    title: ClassVar[str] = "Curves"

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__()
        self._session = session
        self._job: Job | None = None
        self._curves: Sequence[ClassCurves] = ()
        self._colours: Sequence[QColor] = ()
        self._all = Chip("All classes")
        self._table = SortedTable("evaluate_areas", "Areas under the curves of each class", _HEADS)
        self._roc = SharePlot(theme, "ROC curve", ("false alarms", "found"))
        self._recall = SharePlot(theme, "Precision-recall curve", ("found (recall)", "precision"))
        self._calibration = CalibrationPlot(theme, "evaluate_calibration_plot")
        self._confidence = ConfidencePlot(theme)
        self._roc_words = _fact("evaluate_roc_words")
        self._recall_words = _fact("evaluate_recall_words")
        self._verdict = QLabel()
        self._default_verdict = ""
        self._build()

    def show_evaluation(self, shown: ShownEvaluation) -> None:
        """Compute the curves and draw them."""
        self._colours = run_colours(shown.run, self._session.project)
        self.setEnabled(False)
        if self._job is not None and not self._job.has_ended:
            self._job.cancel()
        self._job = self._session.view_jobs.start("Drawing the curves", _drawn(shown.evaluation))
        self._job.finished.connect(self._on_finished)
        self._job.failed.connect(self._on_failed)

    def chosen_class(self) -> int | None:
        """Return the class whose curves are shown, None for all."""
        items = self._table.selectedItems()
        return items[0].data(_PLACE_ROLE) if items and not self._all.isChecked() else None

    @Slot(object)
    def _on_finished(self, drawn: _Drawn) -> None:
        if self.sender() is not self._job:
            return
        self._curves = drawn.curves
        self._table.show_rows(
            [
                _cells(place, each, colour)
                for place, (each, colour) in enumerate(
                    zip(drawn.curves, self._colours, strict=True)
                )
            ]
        )
        self._default_verdict = calibration_words(drawn.figures)
        self._verdict.setText(self._default_verdict)
        self._calibration.show_calibration(drawn.figures.calibration)
        self._confidence.show_calibration(drawn.figures.calibration)
        self.setEnabled(True)
        self._show_all()

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        if self.sender() is self._job:
            self._verdict.setText(str(error))

    @Slot()
    def _show_all(self) -> None:
        self._all.setChecked(True)
        self._table.clearSelection()
        self._draw()

    @Slot()
    def _on_selected(self) -> None:
        self._all.setChecked(not self._table.selectedItems())
        self._draw()

    @Slot(str)
    def _on_bin(self, words: str) -> None:
        self._verdict.setText(words or self._default_verdict)

    def _draw(self) -> None:
        place = self.chosen_class()
        rocs = [each.roc for each in self._curves]
        recalls = [each.precision_recall for each in self._curves]
        self._roc.show_lines(self._lines(rocs, place), diagonal=True)
        self._recall.show_lines(self._lines(recalls, place))
        if place is None:
            self._roc_words.setText(_ROC_WORDS)
            self._recall_words.setText(_PR_WORDS)
            return
        each = self._curves[place]
        if each.roc is None or each.precision_recall is None:
            words = f"{each.title}: these need pictures of the class and of others."
            self._roc_words.setText(words)
            self._recall_words.setText(words)
            return
        self._roc_words.setText(
            f"{each.title}: area {each.roc.area:.3f}, where 0.5 is guessing. Top left is best."
        )
        share = percent(each.positives / each.count)
        self._recall_words.setText(
            f"{each.title}: area {each.precision_recall.area:.3f}, where guessing gives {share}."
            " Top right is best."
        )

    def _lines(self, curves: Sequence[Curve | None], chosen: int | None) -> list[ShareLine]:
        titles = [each.title for each in self._curves]
        return [
            ShareLine(
                titles[place],
                self._colours[place],
                curve.x,
                curve.y,
                is_faint=chosen not in (None, place),
            )
            for place, curve in enumerate(curves)
            if curve is not None
        ]

    def _build(self) -> None:
        self._verdict.setObjectName("evaluate_calibration_words")
        self._verdict.setProperty("class", "facts")
        self._verdict.setTextFormat(Qt.TextFormat.PlainText)
        self._verdict.setWordWrap(True)
        # Two lines, whatever is said: the plots above must not jump.
        self._verdict.setFixedHeight(_VERDICT_PX)
        policy = self._verdict.sizePolicy()
        policy.setHeightForWidth(False)
        self._verdict.setSizePolicy(policy)
        self._verdict.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._all.setObjectName("evaluate_curves_all")
        self._all.setChecked(True)
        self._all.clicked.connect(self._show_all)
        self._table.itemSelectionChanged.connect(self._on_selected)
        header = self._table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._calibration.bin_described.connect(self._on_bin)
        classes = Card("Classes")
        classes.setFixedWidth(_LIST_PX)
        classes.add_action(self._all)
        classes.body.addWidget(self._table, 1)
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(classes, 0, 0, 2, 1)
        layout.addWidget(
            _card("Found against false alarms (ROC)", self._roc, self._roc_words), 0, 1
        )
        layout.addWidget(_card("Precision against recall", self._recall, self._recall_words), 0, 2)
        plots = QWidget()
        row = QHBoxLayout(plots)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self._calibration, 1)
        row.addWidget(self._confidence, 1)
        calibration = _card("Is it right as often as it says?", plots, self._verdict)
        note = QLabel(_CALIBRATION_WORDS)
        note.setProperty("class", "facts")
        calibration.add_action(note)
        layout.addWidget(calibration, 1, 1, 1, 2)
        for place in (1, 2):
            layout.setColumnStretch(place, 1)
        for place in (0, 1):
            layout.setRowStretch(place, 1)


def _card(title: str, plot: QWidget, words: QLabel) -> Card:
    card = Card(title)
    card.body.setSpacing(4)
    card.body.addWidget(plot, 1)
    card.body.addWidget(words)
    return card


def _fact(name: str) -> ElidedLabel:
    label = ElidedLabel(mode=Qt.TextElideMode.ElideRight)
    label.setObjectName(name)
    label.setProperty("class", "facts")
    return label


def _cells(place: int, each: ClassCurves, colour: QColor) -> list[FigureCell]:
    name = FigureCell(each.title, each.title)
    name.setIcon(swatch(colour))
    name.setToolTip(each.title)
    cells = [name, _area(each.roc), _area(each.precision_recall)]
    for cell in cells:
        cell.setData(_PLACE_ROLE, place)
    return cells


def _area(curve: Curve | None) -> FigureCell:
    if curve is None:
        return FigureCell(NOT_KNOWN, None)
    return FigureCell(f"{curve.area:.3f}", curve.area)
