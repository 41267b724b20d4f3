"""A report card as one HTML file that needs nothing from elsewhere.

Its layout is made of tables and of few style rules, because Qt's rich text, which prints it, knows
no others; a browser shows the same.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from html import escape

from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.evaluation.figure_words import accuracy_words, calibration_words
from cnnstudio.core.evaluation.report_card import ReportCard
from cnnstudio.core.evaluation.report_charts import accuracy_chart, calibration_chart
from cnnstudio.core.metrics import wilson_interval
from cnnstudio.core.percentages import NOT_KNOWN, percent
from cnnstudio.core.project import SPLITS
from cnnstudio.core.runs import Run
from cnnstudio.core.setting_words import settings_in_words

_STYLE = """
body { font-family: "Segoe UI", "Helvetica Neue", Ubuntu, sans-serif; font-size: 9pt;
  color: #1B1F24; background-color: #FFFFFF; }
h1 { font-size: 16pt; margin-bottom: 2px; }
h2 { font-size: 10.5pt; margin-top: 12px; margin-bottom: 2px; }
p { margin-top: 2px; margin-bottom: 3px; }
.muted { color: #5C6672; }
.bad { color: #C2272D; }
ul { margin-top: 2px; margin-bottom: 2px; }
li { margin-bottom: 1px; }
"""
# A browser's own: Qt passes it over.
_SCREEN_STYLE = """
@media screen { body { max-width: 780px; margin: 24px auto; padding: 0 16px; } }
table { border-collapse: collapse; }
@page { size: A4; margin: 14mm; }
"""
_FEW_TEST_PICTURES = 10
_MOST_CELLS = 15
_LONGEST_NAME = 16
_PARTS = {"train": "Training", "validation": "Validation", "test": "Test"}


def report_html(card: ReportCard) -> str:
    """Return the whole file's text."""
    run, figures = card.run, card.figures
    title = f"{run.name}: report card"
    part = "test" if figures.part == "test" else "validation"
    subtitle = " · ".join(
        words
        for words in (
            card.project,
            training_preset(run.config.preset).label,
            f"{run.created:%Y-%m-%d %H:%M}",
            f"judged by {figures.count:,} {part} pictures",
        )
        if words
    )
    body = [
        f"<h1>{escape(title)}</h1>",
        f'<p class="muted">{escape(subtitle)}</p>',
        f"<h2>How often it is right</h2><p><b>{percent(figures.accuracy)}</b>:"
        f" {escape(accuracy_words(figures))}</p>",
        *_across(run.cross_check.sentence if run.cross_check else ""),
        f"<p>Every class counted the same, {percent(figures.balanced_accuracy)}"
        f" (balanced accuracy). {escape(calibration_words(figures))}</p>",
        _side_by_side(
            _learning(run),
            "<h2>How sure, and how right</h2>"
            + calibration_chart(figures.calibration)
            + '<p class="muted">On the dashed line it is as often right as it says.</p>',
        ),
        "<h2>Class by class</h2>",
        _class_table(card),
        "<h2>What is taken for what</h2>",
        _confusion(card),
        *_mistakes(card),
        "<h2>What these figures do not say</h2>",
        _list(limits(card)),
        "<h2>How it was made</h2>",
        _made(card),
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style><style>{_SCREEN_STYLE}</style>"
        f"</head><body>{''.join(body)}</body></html>\n"
    )


def limits(card: ReportCard) -> list[str]:
    """Return the limits of what the figures say, in plain words."""
    run, figures = card.run, card.figures
    found = [
        "They hold for pictures of the same kind: taken with the same camera, in the same light, of"
        " the same things. Others may fare much worse.",
        f"It knows {len(run.class_names)} classes: a picture of something else may be taken for one"
        " of them.",
    ]
    if figures.part == "validation":
        found.append(
            "There were no test pictures. Validation pictures chose the epoch that was kept, so the"
            " figures look better than they are."
        )
    few = [each.title for each in figures.classes if each.support < _FEW_TEST_PICTURES]
    if few:
        named = ", ".join(few[:6]) + (f" and {len(few) - 6} more" if len(few) > 6 else "")
        found.append(f"Fewer than {_FEW_TEST_PICTURES} pictures each judge {named}: luck decides.")
    return [*found, *run.warnings]


def _across(sentence: str) -> Iterator[str]:
    if sentence:
        yield f"<p>{escape(sentence)}</p>"


def _side_by_side(left: str, right: str) -> str:
    # Qt passes over the space above the first heading of a cell.
    cells = "".join(
        f'<td width="50%" valign="top" style="padding-top: 12px">{each}</td>'
        for each in (left, right)
    )
    return f'<table width="100%"><tr>{cells}</tr></table>'


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    def cells(row: Sequence[str], tag: str) -> str:
        sides = ["left", *["right"] * (len(row) - 1)]
        return "".join(
            f'<{tag} align="{side}">{cell}</{tag}>' for side, cell in zip(sides, row, strict=True)
        )

    head = f'<tr bgcolor="#F5F6F8">{cells(heads, "th")}</tr>'
    body = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in rows)
    return f'<table width="100%" cellpadding="2" cellspacing="0">{head}{body}</table>'


def _class_table(card: ReportCard) -> str:
    rows = []
    for figures, counts in zip(card.figures.classes, card.counts, strict=True):
        low, high = wilson_interval((figures.recall or 0) * figures.support, figures.support)
        span = f"{_tight(low)} to {_tight(high)}" if figures.support else NOT_KNOWN
        rows.append(
            [
                escape(figures.title),
                *(f"{counts.get(split, 0):,}" for split in SPLITS),
                *(_share(each) for each in (figures.precision, figures.recall)),
                span,
                _share(figures.f1),
            ]
        )
    parts = [_PARTS[split] for split in SPLITS]
    heads = ["Class", *parts, "Precision", "Recall", "Recall, 95&nbsp;% interval", "F1"]
    explained = (
        '<p class="muted">Training, validation, test: pictures. Precision: of the pictures taken'
        " for the class, how many are. Recall: of the pictures of the class, how many were found."
        " F1: one figure of both.</p>"
    )
    return _table(heads, rows) + explained


def _confusion(card: ReportCard) -> str:
    figures = card.figures
    if len(figures.classes) > _MOST_CELLS:
        titles = [each.title for each in figures.classes]
        lines = [
            f"{titles[each.true]} was taken for {titles[each.predicted]}: {each.count:,} of"
            f" {figures.classes[each.true].support:,}"
            for each in figures.worst_confusions(12)
        ]
        return _list(lines) if lines else "<p>Nothing was taken for anything else.</p>"
    shares = figures.by_row()
    rows = []
    for true, row in enumerate(figures.confusion):
        cells = []
        for predicted, count in enumerate(row):
            share = shares[true, predicted]
            colour = _shade(0.0 if share != share else float(share), true == predicted)
            cells.append(f'<td align="right" bgcolor="{colour}">{count or ""}</td>')
        title = escape(figures.classes[true].title)
        rows.append(f"<tr><td>{title}</td>{''.join(cells)}</tr>")
    heads = "".join(f'<th align="right">{escape(each.title)}</th>' for each in figures.classes)
    return (
        '<table width="100%" cellpadding="2" cellspacing="1"><tr bgcolor="#F5F6F8">'
        f'<th align="left">really, taken for</th>{heads}</tr>{"".join(rows)}</table>'
    )


def _shade(share: float, is_right: bool) -> str:
    """Between white and a quiet blue, or red for mistakes."""
    full = (0xC9, 0xDB, 0xFC) if is_right else (0xF6, 0xB9, 0xB9)
    strength = min(1.0, share * (1.0 if is_right else 2.0))
    return "#" + "".join(f"{round(255 - (255 - each) * strength):02X}" for each in full)


def _mistakes(card: ReportCard) -> Iterator[str]:
    if not card.mistakes:
        return
    yield "<h2>Its surest mistakes</h2>"
    cells = []
    for each in card.mistakes:
        picture = ""
        if each.jpeg:
            data = base64.b64encode(each.jpeg).decode("ascii")
            picture = f'<img src="data:image/jpeg;base64,{data}" width="88" alt=""><br>'
        name = each.path.rpartition("/")[2]
        name = escape(name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…")
        cells.append(
            f'<td valign="top" width="16%">{picture}'
            f'<span class="bad">{escape(each.predicted)}, {_tight(each.probability)}</span>'
            f"<br>really {escape(each.true)}<br>"
            f'<span class="muted">{name}</span></td>'
        )
    yield f'<table width="100%" cellpadding="2"><tr>{"".join(cells)}</tr></table>'


def _learning(run: Run) -> str:
    if run.is_imported:
        return (
            "<h2>Where it comes from</h2><p>An imported model, trained elsewhere:"
            f" {escape(run.imported_from)}. Which pictures it has learned is not known: where these"
            " are among them, the figures are too good.</p>"
        )
    return (
        "<h2>How it learned</h2>"
        + accuracy_chart(run.history, run.best_epoch)
        + '<p class="muted">Training dashed, validation solid.</p>'
    )


def _made(card: ReportCard) -> str:
    run = card.run
    counts = ", ".join(f"{run.counts.get(split, 0):,} {_PARTS[split].lower()}" for split in SPLITS)
    epoch = f"epoch {run.best_epoch} of {run.epochs} kept" if run.best_epoch else "the start kept"
    seed = run.config.training.seed
    versions = ", ".join(f"{name} {version}" for name, version in run.versions.items())
    settings = "; ".join(
        f"{each.label.lower()} {each.words}" for each in settings_in_words(run.config).values()
    )
    rows = [
        ("Pictures", counts),
        (
            "Training",
            "elsewhere"
            if run.is_imported
            else f"{epoch}, on {run.device}, {run.precision}, seed {seed}",
        ),
        ("Settings", settings),
        ("Versions", versions),
    ]
    return "".join(
        f'<p><span class="muted">{label}:</span> {escape(words)}.</p>' for label, words in rows
    )


def _list(lines: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def _share(share: float | None) -> str:
    return NOT_KNOWN if share is None else _tight(share)


def _tight(share: float) -> str:
    """Per cent that are never torn apart at the end of a line."""
    return escape(percent(share, 0)).replace(" ", "&nbsp;")
