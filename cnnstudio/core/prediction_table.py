"""The table of predictions as a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from cnnstudio.core.predictions import PictureProblem, Prediction
from cnnstudio.core.storage.atomic import write_text


def prediction_table(
    class_names: Sequence[str], answers: Iterable[Prediction | PictureProblem]
) -> str:
    """Return CSV: path, predicted_class, probability, one column for each class, problem."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["path", "predicted_class", "probability", *class_names, "problem"])
    for answer in answers:
        if isinstance(answer, Prediction):
            shares = [f"{value:.6f}" for value in answer.probabilities]
            row = [answer.source, answer.predicted_class, f"{answer.probability:.6f}", *shares, ""]
        else:
            row = [answer.source, "", "", *[""] * len(class_names), answer.reason]
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
