"""`TrainingCurves`: accuracy and loss of one run, side by side."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from cnnstudio.ui.icons import Icons
from cnnstudio.ui.models.training_monitor import RunCurves, curves_csv
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.curve_card import NOT_BEGUN, CurveCard
from cnnstudio.ui.widgets.curve_plot import CurvePlot


class TrainingCurves(QWidget):
    """Two cards that always show the same run.

    `picture_made(png, name)` and `table_made(csv, name)` carry what the user wants saved: bytes and
    a name for the file, without suffix.
    """

    picture_made = Signal(object, str)
    table_made = Signal(object, str)

    def __init__(
        self, theme: Theme, icons: Icons, prefix: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._curves = RunCurves()
        self.accuracy = CurveCard(theme, icons, "Accuracy", f"{prefix}_accuracy", unit="share")
        self.loss = CurveCard(theme, icons, "Loss", f"{prefix}_loss", can_be_log=True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        for card in (self.accuracy, self.loss):
            layout.addWidget(card, 1)
            card.table_wanted.connect(self._make_table)
        self.accuracy.picture_wanted.connect(lambda: self._make_picture(self.accuracy, "accuracy"))
        self.loss.picture_wanted.connect(lambda: self._make_picture(self.loss, "loss"))

    @property
    def curves(self) -> RunCurves:
        """What is shown."""
        return self._curves

    def show_curves(self, curves: RunCurves, why_empty: str = NOT_BEGUN) -> None:
        """Show a run's curves; where they are empty, a sentence in their place."""
        self._curves = curves
        epochs = curves.epochs
        for card in (self.accuracy, self.loss):
            card.set_empty_sentence(why_empty)
            card.set_empty(curves.is_empty)
        self._fill(
            self.accuracy.plot,
            [each.accuracy for each in epochs],
            [each.validation_accuracy for each in epochs],
            curves.trace_accuracy,
        )
        self._fill(
            self.loss.plot,
            [each.loss for each in epochs],
            [each.validation_loss for each in epochs],
            curves.trace_loss,
        )

    def set_words(self, accuracies: tuple[str, str], settings: tuple[str, str]) -> None:
        """Say below the plots what the run came to, and what it was made with."""
        self.accuracy.set_words(*accuracies)
        self.loss.set_words(*settings)

    def _fill(
        self,
        plot: CurvePlot,
        training: Sequence[float],
        validation: Sequence[float],
        trace: Sequence[float],
    ) -> None:
        curves = self._curves
        plot.set_values(
            training,
            validation,
            axis_epochs=curves.axis_epochs,
            best_epoch=curves.best_epoch,
            best_words=curves.best_words,
            trace_x=curves.trace_x,
            trace=trace,
        )

    def _make_picture(self, card: CurveCard, what: str) -> None:
        self.picture_made.emit(card.png(), f"{self._curves.name} {what}")

    def _make_table(self) -> None:
        self.table_made.emit(curves_csv(self._curves).encode(), f"{self._curves.name} curves")
