"""Writes a report card, as HTML or PDF."""

from __future__ import annotations

from pathlib import Path

from cnnstudio.core.errors import StudioError
from cnnstudio.core.evaluation.report_card import make_report_card
from cnnstudio.core.evaluation.report_html import report_html
from cnnstudio.core.events import Progress
from cnnstudio.core.file_names import LEGIBLE
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.runs import Run
from cnnstudio.core.storage.atomic import write_bytes

REPORT_SUFFIXES = (".html", ".htm", ".pdf")


def write_report(run: Run, file: Path) -> Task[None]:
    """Return the task that writes the report card of a run; the file's ending says as what.

    It raises `StudioError` where the ending is another, the run kept no answers, or the disk
    refuses; `Cancelled` when the user cancels.
    """

    def task(context: TaskContext) -> None:
        suffix = file.suffix.lower()
        if suffix not in REPORT_SUFFIXES:
            ending = suffix or "a file without ending"
            raise StudioError(
                f"A report is written as .html or .pdf, not as {ending}.",
                "Name the file report.html or report.pdf.",
            )
        html = report_html(make_report_card(run)(context))
        context.checkpoint()
        context.report(Progress("Writing the report"))
        if suffix != ".pdf":
            write_bytes(file, html.encode("utf-8", LEGIBLE))
            return
        # Only who prints needs Qt, and the command line needs not wait for it.
        from cnnstudio.ui.report_pdf import write_pdf

        write_pdf(html, file)

    return task
