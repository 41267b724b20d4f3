"""The table of predictions as a CSV file, with a column for each class."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

from cnnstudio.core.file_names import LEGIBLE
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.predictions import PictureProblem, Prediction, unsure_word
from cnnstudio.core.storage.atomic import replaced_file

_ROWS_AT_ONCE = 256


def write_prediction_table(
    file: Path,
    class_names: Sequence[str],
    answers: Iterable[Prediction | PictureProblem],
    context: TaskContext | None = None,
) -> None:
    """Write path, predicted_class, probability, one column for each class, and at the end.

    There, not_sure is yes or no, or empty where the run keeps nothing about its doubts, reason says
    why it is not sure, and problem why the picture could not be read.

    The file is UTF-8 and written atomically; the answers are taken as it is written.

    Raises:
        StudioError: the file cannot be written.
        Cancelled: the user cancelled; the file is as it was.
    """
    rows = iter(answers)
    header = ["path", "predicted_class", "probability", *class_names]
    header += ["not_sure", "reason", "problem"]
    with replaced_file(file) as stream:
        stream.write(_written([header]))
        while lot := list(islice(rows, _ROWS_AT_ONCE)):
            stream.write(_written(_row(answer, len(class_names)) for answer in lot))
            if context is not None:
                context.checkpoint()


def _row(answer: Prediction | PictureProblem, class_count: int) -> list[str]:
    if isinstance(answer, PictureProblem):
        return [answer.source, "", "", *[""] * class_count, "", "", answer.reason]
    shares = [f"{value:.6f}" for value in answer.probabilities]
    answered = [answer.source, answer.predicted_class, f"{answer.probability:.6f}", *shares]
    return [*answered, unsure_word(answer.is_unsure), answer.reason(), ""]


def _written(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8", LEGIBLE)
