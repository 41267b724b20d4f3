"""What several runs have in common and what not, as a table of words. Pure: no Qt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.comparing import NONE, PictureChanges
from cnnstudio.core.runs import Run
from cnnstudio.core.setting_words import BACKBONE, settings_in_words
from cnnstudio.ui.words import counted, duration, percent, pictures


@dataclass(frozen=True)
class ComparisonRow:
    """One thing in words for each run; `is_different` says whether they differ in it."""

    label: str
    cells: tuple[str, ...]
    is_different: bool


def _row(label: str, cells: Iterable[str]) -> ComparisonRow:
    words = tuple(cells)
    return ComparisonRow(label, words, len(set(words)) > 1)


def comparison_rows(
    runs: Sequence[Run], picture_changes: Mapping[str, PictureChanges]
) -> list[ComparisonRow]:
    """Return what the runs came to, their pictures, and the settings that are not the same.

    Args:
        runs: two or more.
        picture_changes: by the folder's name of a run, what is different in its pictures from
            those of the first run; nothing for those where that is not known yet.
    """
    tests = [NONE if run.test_accuracy is None else percent(run.test_accuracy) for run in runs]
    rows = [
        _row("Test accuracy", tests),
        _row("Validation accuracy", map(_validation_words, runs)),
        _row("Took", (NONE if run.is_imported else duration(run.seconds) for run in runs)),
        _row("Trained", (_epoch_words(run) for run in runs)),
        _picture_row(runs, picture_changes),
    ]
    ways = (training_preset(run.config.preset).label for run in runs)
    settings = [_row("Way of training", ways), *_setting_rows(runs)]
    return rows + [row for row in settings if row.is_different]


def _picture_row(runs: Sequence[Run], changes: Mapping[str, PictureChanges]) -> ComparisonRow:
    cells = [pictures(sum(runs[0].counts.values()))]
    known = [changes.get(run.folder.name) for run in runs[1:]]
    cells += ["…" if each is None else each.words for each in known]
    return ComparisonRow("Pictures", tuple(cells), any(map(_has_changed, known)))


def _has_changed(changes: PictureChanges | None) -> bool:
    if changes is None:
        return False
    return bool(changes.added or changes.removed or changes.relabelled or changes.moved)


def _setting_rows(runs: Sequence[Run]) -> list[ComparisonRow]:
    tables = [settings_in_words(run.config) for run in runs]
    # What only one way of training has says no more than that the ways differ.
    shared = [path for path in tables[0] if all(path in table for table in tables)]
    has_backbone = any(BACKBONE in table for table in tables)
    paths = [BACKBONE] * has_backbone + [path for path in shared if path != BACKBONE]
    rows = []
    for path in paths:
        known = [table.get(path) for table in tables]
        label = next(each.label for each in known if each is not None)
        rows.append(_row(label, (NONE if each is None else each.words for each in known)))
    return rows


def _validation_words(run: Run) -> str:
    is_known = bool(run.counts.get("validation")) or not run.is_imported
    return percent(run.validation_accuracy) if is_known else NONE


def _epoch_words(run: Run) -> str:
    if run.is_imported:
        return "elsewhere"
    return f"{counted(run.epochs, 'epoch')}, best {run.best_epoch or run.kept_words}"
