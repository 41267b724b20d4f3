"""Two runs side by side: what was different, and whether their figures may be compared."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.evidence import Evidence, compare_answers
from cnnstudio.core.project import SPLITS
from cnnstudio.core.runs import PREDICTIONS_FILE, Run, SampleRecord, read_samples
from cnnstudio.core.setting_words import BACKBONE, settings_in_words

NONE = "–"


@dataclass(frozen=True)
class Difference:
    """One thing that is different, in words: `first` in run a, `second` in run b."""

    key: str
    label: str
    first: str
    second: str


@dataclass(frozen=True)
class PictureChanges:
    """What became of the pictures from run a to run b, by their content.

    `relabelled` ones have another class, `moved` ones are in another part. `examples` are paths of
    a few of the re-labelled. `words` is "+31 pictures, 4 re-labelled, 2 removed".
    """

    added: int
    removed: int
    relabelled: int
    moved: int
    examples: tuple[str, ...]
    words: str


@dataclass(frozen=True)
class RunComparison:
    """All differences of two runs, and in `verdict` what their accuracies say about them."""

    first: str
    second: str
    settings: tuple[Difference, ...]
    network: tuple[Difference, ...]
    classes: tuple[Difference, ...]
    pictures: PictureChanges
    circumstances: tuple[Difference, ...]
    results: tuple[Difference, ...]
    test: Evidence

    @property
    def verdict(self) -> str:
        """Whether one is better, in a sentence or two."""
        return self.test.words


Answers = Mapping[str, str]
"""The class that a run named for each of its test pictures, by path."""


def load_comparison(first: Run, second: Run) -> RunComparison:
    """Compare two runs by what is in their folders; reads files, so not for the GUI thread."""
    return compare_runs(
        first,
        second,
        read_samples(first),
        read_samples(second),
        read_test_answers(first),
        read_test_answers(second),
    )


def compare_runs(
    first: Run,
    second: Run,
    first_samples: Sequence[SampleRecord],
    second_samples: Sequence[SampleRecord],
    first_answers: Answers | None = None,
    second_answers: Answers | None = None,
) -> RunComparison:
    """Return what is different from the first run to the second.

    Args:
        first: usually the older one.
        second: the other.
        first_samples: as `read_samples` gives them; nothing where they are not known.
        second_samples: likewise.
        first_answers: as `read_test_answers` gives them.
        second_answers: likewise.
    """
    settings = _setting_differences(first, second)
    renamed = _renamed(first, second, first_samples, second_samples)
    names = names_of(first, second)
    return RunComparison(
        *names,
        tuple(each for each in settings if not each.key.startswith("network.")),
        tuple(each for each in settings if each.key.startswith("network.")),
        tuple(_class_differences(first, second, renamed)),
        _picture_changes(first_samples, second_samples, renamed),
        tuple(_circumstances(first, second)),
        tuple(_results(first, second)),
        compare_answers(
            names,
            _tested(first_samples, first_answers or {}, renamed),
            _tested(second_samples, second_answers or {}, {}),
        ),
    )


def read_test_answers(run: Run) -> dict[str, str]:
    """Return the class that a run named for each test picture, by path; nothing when not known."""
    try:
        with (run.folder / PREDICTIONS_FILE).open(
            newline="", encoding="utf-8", errors="surrogateescape"
        ) as stream:
            return {
                row["path"]: row["predicted"]
                for row in csv.DictReader(stream)
                if row["split"] == "test"
            }
    except (OSError, KeyError, csv.Error):
        return {}


def names_of(first: Run, second: Run) -> tuple[str, str]:
    """Return what to call two runs, so that nobody takes one for the other."""
    for names in (
        (first.name, second.name),
        (f"{first.name} ({_moment(first)})", f"{second.name} ({_moment(second)})"),
    ):
        if names[0] != names[1]:
            return names
    return f"{first.name} (first)", f"{second.name} (second)"


def _moment(run: Run) -> str:
    return f"{run.created:%Y-%m-%d %H:%M}"


def _setting_differences(first: Run, second: Run) -> list[Difference]:
    ways = [training_preset(run.config.preset).label for run in (first, second)]
    found = [Difference("preset", "Way of training", *ways)] if ways[0] != ways[1] else []
    tables = settings_in_words(first.config), settings_in_words(second.config)
    # What only one way of training has says no more than that the ways differ.
    shared = [path for path in tables[0] if path in tables[1]]
    is_with_one = (BACKBONE in tables[0]) != (BACKBONE in tables[1])
    for path in [BACKBONE, *shared] if is_with_one else shared:
        rows = [table.get(path) for table in tables]
        label = next(row.label for row in rows if row is not None)
        words = [NONE if row is None else row.words for row in rows]
        if words[0] != words[1]:
            found.append(Difference(path, label, *words))
    return found


def renamed_classes(
    pairs: Iterable[tuple[str, str]], before: Collection[str], after: Collection[str]
) -> dict[str, str]:
    """Return the classes whose pictures all have one new name, which did not exist before.

    Args:
        pairs: class then and class now, of every picture that is known both times.
        before: the classes there were then.
        after: the classes there are now.
    """
    became: dict[str, set[str]] = defaultdict(set)
    for old, new in pairs:
        became[old].add(new)
    return {
        old: next(iter(new))
        for old, new in became.items()
        if old not in after and len(new) == 1 and new <= set(after) and not new & set(before)
    }


def _renamed(
    first: Run,
    second: Run,
    first_samples: Iterable[SampleRecord],
    second_samples: Iterable[SampleRecord],
) -> dict[str, str]:
    classes = {each.fingerprint: each.class_name for each in second_samples}
    pairs = (
        (each.class_name, classes[each.fingerprint])
        for each in first_samples
        if each.fingerprint in classes
    )
    return renamed_classes(pairs, first.class_names, second.class_names)


def _class_differences(first: Run, second: Run, renamed: Mapping[str, str]) -> Iterable[Difference]:
    titles = dict(zip(first.class_names, first.class_titles, strict=True))
    later = dict(zip(second.class_names, second.class_titles, strict=True))
    for name, title in titles.items():
        new = later.get(renamed.get(name, name), NONE)
        if new != title:
            yield Difference(f"class.{name}", "Class", title, new)
    for name, title in later.items():
        if name not in titles and name not in renamed.values():
            yield Difference(f"class.{name}", "Class", NONE, title)


def _picture_changes(
    first: Sequence[SampleRecord], second: Sequence[SampleRecord], renamed: Mapping[str, str]
) -> PictureChanges:
    before = {each.fingerprint: each for each in first}
    after = {each.fingerprint: each for each in second}
    added = sum(each.fingerprint not in before for each in second)
    removed = sum(each.fingerprint not in after for each in first)
    both = [(before[mark], after[mark]) for mark in before if mark in after]
    relabelled = [
        new.path
        for old, new in both
        if renamed.get(old.class_name, old.class_name) != new.class_name
    ]
    moved = sum(old.split != new.split for old, new in both)
    if not first or not second:
        words = "It is not known which pictures one of them was made from."
        return PictureChanges(0, 0, 0, 0, (), words)
    parts = [
        f"+{_pictures(added)}" if added else "",
        f"{len(relabelled):,} re-labelled" if relabelled else "",
        f"{removed:,} removed" if removed else "",
        f"{moved:,} in another part" if moved else "",
    ]
    words = ", ".join(part for part in parts if part) or "The same pictures in the same parts"
    return PictureChanges(added, removed, len(relabelled), moved, tuple(relabelled[:5]), words)


def _circumstances(first: Run, second: Run) -> Iterable[Difference]:
    for split in SPLITS:
        counts = [f"{run.counts.get(split, 0):,}" for run in (first, second)]
        if counts[0] != counts[1]:
            label = "Training" if split == "train" else split.capitalize()
            yield Difference(f"counts.{split}", f"{label} pictures", *counts)
    for key, label in (("device", "Computed on"), ("precision", "Precision")):
        if getattr(first, key) != getattr(second, key):
            yield Difference(key, label, getattr(first, key), getattr(second, key))
    for name in dict.fromkeys((*first.versions, *second.versions)):
        versions = [run.versions.get(name, NONE) for run in (first, second)]
        if versions[0] != versions[1]:
            yield Difference(f"versions.{name}", f"Version of {name}", *versions)


def _results(first: Run, second: Run) -> Iterable[Difference]:
    runs = first, second
    yield Difference("test", "Test accuracy", *(_percent(run.test_accuracy) for run in runs))
    yield Difference(
        "validation",
        "Validation accuracy",
        *(
            NONE
            if run.is_imported and not run.counts["validation"]
            else _percent(run.validation_accuracy)
            for run in runs
        ),
    )
    yield Difference("epochs", "Epochs", *(f"{run.epochs:,}" for run in runs))
    yield Difference("best_epoch", "Kept epoch", *(_kept(run) for run in runs))
    yield Difference("seconds", "Took", *(_duration(run.seconds) for run in runs))


def _kept(run: Run) -> str:
    return f"{run.best_epoch:,}" if run.best_epoch else run.kept_words


def _tested(
    samples: Iterable[SampleRecord], answers: Answers, renamed: Mapping[str, str]
) -> dict[tuple[str, str], bool | None]:
    """Whether each test picture was answered rightly (None: not known), by content and class."""
    found: dict[tuple[str, str], bool | None] = {}
    for each in samples:
        if each.split == "test":
            answer = answers.get(each.path)
            label = renamed.get(each.class_name, each.class_name)
            found[each.fingerprint, label] = None if answer is None else answer == each.class_name
    return found


def _pictures(count: int) -> str:
    return "1 picture" if count == 1 else f"{count:,} pictures"


def _percent(share: float | None) -> str:
    return NONE if share is None else f"{100 * share:.1f} %"


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
