"""What a health check says: findings, and the fixes that are offered for them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Literal, get_args

Gravity = Literal["bad", "warn", "info"]

Kind = Literal[
    "damaged settings",
    "unfinished move",
    "closed folder",
    "no pictures",
    "too few classes",
    "no train folder",
    "two classes",
    "two parts",
    "unreadable",
    "empty class",
    "twins in two classes",
    "twins in two parts",
    "duplicate",
    "near twins",
    "uniform",
    "dark",
    "bright",
    "blurred",
    "too small",
    "long and narrow",
    "small class",
    "imbalance",
    "wrong ending",
    "ignored",
]


class Fix(Enum):
    """What can be done about a finding; all of it can be undone."""

    REMOVE = "remove"
    """All its pictures go to the bin."""
    KEEP_ONE = "keep one"
    """Of each group the best copy stays, the others go to the bin."""
    RELABEL = "relabel"
    """The user says which class is right: one copy stays in it, the others go to the bin."""
    RENAME = "rename"
    """The files get the endings that their content asks for."""
    IGNORE = "ignore"
    """It is not shown again."""


_ORDER: dict[Kind, int] = {kind: place for place, kind in enumerate(get_args(Kind))}
_GRAVITY: dict[Kind, Gravity] = {
    "damaged settings": "bad",
    "unfinished move": "bad",
    "closed folder": "bad",
    "no pictures": "bad",
    "too few classes": "bad",
    "no train folder": "bad",
    "two classes": "bad",
    "two parts": "bad",
    "unreadable": "bad",
    "wrong ending": "info",
    "ignored": "info",
}


@dataclass(frozen=True)
class Finding:
    """One finding: what it is, why it matters, the pictures concerned, and what can be done.

    `paths` are project paths. `groups` holds the same paths in groups where several belong
    together, such as the copies of one picture. `notes` says something about each path, in the
    same order, or is empty. `keys` name the single pictures or groups by what they are, not by
    where they lie: they stay the same when pictures are renamed or get another class.
    `class_names` are the classes between which `Fix.RELABEL` chooses.
    """

    kind: Kind
    words: str
    why: str
    paths: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()
    keys: tuple[str, ...] = ()
    groups: tuple[tuple[str, ...], ...] = ()
    notes: tuple[str, ...] = ()
    class_names: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What this finding is about, in a few letters; the same for the same content."""
        return finding_key(self.kind, self.keys)

    @property
    def gravity(self) -> Gravity:
        """Whether it spoils a training, is doubtful, or only good to know."""
        return _GRAVITY.get(self.kind, "warn")


def finding_key(kind: Kind, marks: Iterable[str]) -> str:
    """Return the key of what is said about pictures with these fingerprints, in any order."""
    text = "\n".join((kind, *sorted(marks)))
    return hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()


@dataclass(frozen=True)
class Suspicion:
    """One picture, or one group of them, of which the same is to be said as of others.

    `marks` are fingerprints; `note` says more about it.
    """

    paths: tuple[str, ...]
    marks: tuple[str, ...]
    note: str = ""


class Report:
    """Collects findings, but none that the user does not want to see again."""

    def __init__(self, ignored: Collection[str] = frozenset()) -> None:
        self._ignored = ignored
        self._findings: list[Finding] = []

    def findings(self) -> list[Finding]:
        """Return what was added, the gravest first."""
        return sorted(self._findings, key=lambda finding: _ORDER[finding.kind])

    def add(
        self,
        kind: Kind,
        words: str,
        why: str,
        marks: Iterable[str],
        paths: tuple[str, ...] = (),
        fixes: tuple[Fix, ...] = (),
        class_names: tuple[str, ...] = (),
    ) -> None:
        """Add a finding that stands for itself; `marks` say what it is about."""
        key = finding_key(kind, marks)
        if key not in self._ignored:
            self._add(Finding(kind, words, why, paths, fixes, (key,), class_names=class_names))

    def add_all(
        self,
        kind: Kind,
        suspicions: Iterable[Suspicion],
        words: Callable[[Sequence[Suspicion]], str],
        why: str,
        fixes: tuple[Fix, ...],
    ) -> None:
        """Add one finding for many pictures or groups; `words` are made of those not ignored."""
        keyed = [(finding_key(kind, each.marks), each) for each in suspicions]
        left = [(key, each) for key, each in keyed if key not in self._ignored]
        if not left:
            return
        keys, kept = zip(*left, strict=True)
        groups = tuple(each.paths for each in kept)
        paths = tuple(path for group in groups for path in group)
        has_notes = any(each.note for each in kept)
        self._add(
            Finding(
                kind,
                words(kept),
                why,
                paths,
                fixes,
                keys,
                groups if len(paths) > len(groups) else (),
                tuple(each.note for each in kept) if has_notes else (),
            )
        )

    def _add(self, finding: Finding) -> None:
        if finding.key not in self._ignored:
            self._findings.append(finding)


def listed(names: Sequence[str]) -> str:
    """Return names as in a sentence: "a, b and c"."""
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)
