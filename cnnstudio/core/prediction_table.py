"""The table of predictions as a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from cnnstudio.core.predictions import PictureProblem, Prediction
from cnnstudio.core.storage.atomic import write_text

_LAST = ("not_sure", "reason", "problem")
_NOT_SURE = {None: "", True: "yes", False: "no"}


def prediction_table(
    class_names: Sequence[str], answers: Iterable[Prediction | PictureProblem]
) -> str:
    """Return CSV: path, predicted_class, probability, one column for each class, and at the end.

    There, not_sure is yes or no, or empty where the run keeps nothing about its doubts, reason says
    why it is not sure, and problem why the picture could not be read.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["path", "predicted_class", "probability", *class_names, *_LAST])
    for answer in answers:
        if isinstance(answer, Prediction):
            shares = [f"{value:.6f}" for value in answer.probabilities]
            row = [answer.source, answer.predicted_class, f"{answer.probability:.6f}", *shares]
            row += [_NOT_SURE[answer.is_unsure], answer.reason(), ""]
        else:
            row = [answer.source, "", "", *[""] * len(class_names), "", "", answer.reason]
        writer.writerow(row)
    return text.getvalue()


def write_prediction_table(
    file: Path, class_names: Sequence[str], answers: Iterable[Prediction | PictureProblem]
) -> None:
    """Write the table to a UTF-8 file, atomically.

    Raises:
        StudioError: the file cannot be written.
    """
    write_text(file, prediction_table(class_names, answers))
