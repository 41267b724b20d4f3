"""Findings of the health check in one line, and the words on their buttons. No Qt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from cnnstudio.core.dataset.health.findings import Finding, Fix, Kind
from cnnstudio.core.dataset.health.pictures import DOUBTFUL_WORDS
from cnnstudio.ui.words import classes, count_words, counted, pictures

_PARTS_SHOWN = 3

# What is said of one picture, and of several.
_OF_PICTURES: Mapping[Kind, tuple[str, str]] = {
    "two classes": ("is in two classes", "are in two classes"),
    "twins in two classes": (
        "has a near twin in another class",
        "have near twins in another class",
    ),
    "two parts": ("is in two parts", "are in two parts"),
    "twins in two parts": ("has a near twin in another part", "have near twins in another part"),
    "unreadable": ("cannot be read", "cannot be read"),
    "duplicate": ("is a copy", "are copies"),
    "near twins": ("is a near twin", "are near twins"),
    **DOUBTFUL_WORDS,
    "wrong ending": ("has a wrong ending", "have a wrong ending"),
    "ignored": ("lies beside the classes", "lie beside the classes"),
}
_OF_CLASSES: Mapping[Kind, tuple[str, str]] = {
    "empty class": ("has no pictures", "have no pictures"),
    "small class": ("has few pictures", "have few pictures"),
}
# Of a pair of copies one is meant; of these the pair is one picture.
_ONE_A_GROUP: frozenset[Kind] = frozenset(
    {"two classes", "twins in two classes", "two parts", "twins in two parts"}
)
_EXTRA_OF_GROUP: frozenset[Kind] = frozenset({"duplicate", "near twins"})

_BUTTONS: Mapping[Fix, str] = {
    Fix.REMOVE: "Move to bin",
    Fix.KEEP_ONE: "Keep one",
    Fix.RELABEL: "Choose class",
    Fix.RENAME: "Rename",
    Fix.IGNORE: "Ignore",
}
_TOOLTIPS: Mapping[Fix, str] = {
    Fix.REMOVE: "Moves these pictures to the bin; undo brings them back",
    Fix.KEEP_ONE: "Keeps the best copy of each and moves the others to the bin",
    Fix.RELABEL: "Keeps one copy, in the class that you choose",
    Fix.RENAME: "Gives the files the ending that fits them",
    Fix.IGNORE: "Does not show this again",
}


def findings_in_a_line(findings: Sequence[Finding]) -> str:
    """Return "3 pictures are in two classes, 9 are near twins, 1 cannot be read."."""
    by_kind: dict[Kind, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_kind[finding.kind].append(finding)
    parts: list[str] = []
    has_said_pictures = False
    for kind, same in list(by_kind.items())[:_PARTS_SHOWN]:
        if kind in _OF_PICTURES:
            count = sum(_pictures_meant(finding) for finding in same)
            subject = count_words(count) if has_said_pictures else pictures(count)
            parts.append(f"{subject} {_OF_PICTURES[kind][count != 1]}")
            has_said_pictures = True
        elif kind in _OF_CLASSES:
            parts.append(f"{classes(len(same))} {_OF_CLASSES[kind][len(same) != 1]}")
            has_said_pictures = False
        else:
            parts.append(same[0].words.removesuffix("."))
            has_said_pictures = False
    more = len(by_kind) - _PARTS_SHOWN
    rest = f", and {counted(more, 'more finding')}" if more > 0 else ""
    return f"{', '.join(parts)}{rest}." if parts else ""


def button_words(fix: Fix) -> str:
    """Return what stands on the button of a fix."""
    return _BUTTONS[fix]


def button_tooltip(fix: Fix) -> str:
    """Return what the button of a fix does, in a few more words."""
    return _TOOLTIPS[fix]


def look_words(finding: Finding) -> str:
    """Return what stands on the button that shows the pictures of a finding."""
    return "Look at it" if len(finding.paths) == 1 else "Look at them"


def _pictures_meant(finding: Finding) -> int:
    groups = len(finding.groups) or 1
    if finding.kind in _ONE_A_GROUP:
        return groups
    return len(finding.paths) - (groups if finding.kind in _EXTRA_OF_GROUP else 0)
