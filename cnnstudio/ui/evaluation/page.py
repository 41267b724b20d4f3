"""What a page of the Evaluate step is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from cnnstudio.core.evaluation.evaluation import Evaluation
from cnnstudio.core.runs import Run
from cnnstudio.ui.jobs import Job


@dataclass(frozen=True)
class ShownEvaluation:
    """What the Evaluate step is about: a run, and its answers about labelled pictures."""

    run: Run
    evaluation: Evaluation


class EvaluationPage(QWidget):
    """One page. It does its work only while it is visible: most are never looked at.

    `name` is its object name, `title` what its chip says. `page_wanted` asks, by its name, for
    another page to be shown.
    """

    page_wanted = Signal(str)

    name: ClassVar[str]
    title: ClassVar[str]
    is_of_part: ClassVar[bool] = True
    """Whether it shows the answers on the pictures that are chosen above, and not others."""

    stopped = Signal(str)
    """Carries a sentence: what ran here was stopped, as it was about other answers."""

    def show_evaluation(self, shown: ShownEvaluation) -> None:
        """Show another evaluation; called before the page becomes visible and when it changes.

        What is expensive is a job of the session, or waits for a button.
        """
        raise NotImplementedError

    def stop_for_others(self, job: Job | None) -> None:
        """Cancel what runs, as other answers are shown now, and say so."""
        if job is not None and not job.has_ended:
            job.cancel()
            self.stopped.emit(f"{self.title}: stopped, as other answers are shown now.")
