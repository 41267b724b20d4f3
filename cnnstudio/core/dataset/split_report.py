"""What keeping look-alikes on one side has changed, and the words for it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from cnnstudio.core.dataset.look_alikes import LookAlikes, Reason
from cnnstudio.core.dataset.splitting import split_samples
from cnnstudio.core.project import SPLITS, Split
from cnnstudio.core.storage.split_book import SplitBook

_EXAMPLES: dict[Reason, str] = {
    "taken together": "frames of one video",
    "series": "pictures of one series",
    "near copies": "slightly changed copies",
    "copies": "copies",
    "look-alikes": "pictures taken at one place in one go",
}
_NAMED_AT_MOST = 3


@dataclass(frozen=True)
class SplitReport:
    """What is to be said of look-alikes; pictures are files.

    `groups` holds two files or more each, `pictures` is how many lie in them, `reasons` how many
    for each reason (a picture may have several). `spared` is how many pictures dealt one by one, as
    the seed would have it, would have been validated or tested on look-alikes that were learned.
    `straddling` counts those that still are, by part: where folders or an import pin them. Classes
    that had to be divided are named in `divided`. `moved` is how many pictures lie on another side
    than in the training before, because look-alikes came to lie on both.
    """

    groups: int = 0
    pictures: int = 0
    reasons: Mapping[Reason, int] = field(default_factory=dict)
    spared: int = 0
    straddling: Mapping[Split, int] = field(default_factory=dict)
    divided: tuple[str, ...] = ()
    moved: int = 0

    @property
    def sentence(self) -> str:
        """What was done, for the window; "" where no pictures look alike."""
        if not self.groups:
            return ""
        most: Reason = max(_EXAMPLES, key=lambda reason: self.reasons.get(reason, 0))
        groups = "one group" if self.groups == 1 else f"{self.groups:,} groups"
        said = f"{self.pictures:,} pictures look alike in {groups}, such as {_EXAMPLES[most]}."
        kept = " It is" if self.groups == 1 else " Each group is"
        if self.spared:
            said += (
                f"{kept} kept on one side; dealt one by one, {self.spared:,} of them would have"
                " been tested on look-alikes that were learned."
            )
        elif not self.straddling:
            said += f"{kept} kept on one side."
        return said

    @property
    def warnings(self) -> list[str]:
        """What makes figures too good, or runs hard to compare, in sentences."""
        sentences = []
        if self.divided:
            few = self.divided[:_NAMED_AT_MOST]
            rest = len(self.divided) - len(few)
            names = ", ".join(few) + (f" and {rest} more" if rest else "")
            sentences.append(
                "Nearly all pictures of a class belong together, like frames of one video:"
                f" {names}. They had to be divided, so the figures will be too good. Add pictures"
                " that were taken at another time or place."
            )
        parts = [split for split in SPLITS if self.straddling.get(split)]
        if parts:
            count = " and ".join(f"{self.straddling[split]:,} {split}" for split in parts)
            is_one = sum(self.straddling.values()) == 1
            sentences.append(
                f"{count} {'picture looks' if is_one else 'pictures look'} like training pictures:"
                " the figures may be too good. They stay where your folders put them."
            )
        if self.moved:
            pictures = "1 picture" if self.moved == 1 else f"{self.moved:,} pictures"
            sentences.append(
                f"{pictures} moved to the side of look-alikes: compare the figures with those of"
                " earlier runs with care."
            )
        return sentences

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> SplitReport:
        """Read what `to_dict` made.

        Raises:
            ValueError: a value is missing or of another kind.
        """
        try:
            return cls(
                int(plain["groups"]),
                int(plain["pictures"]),
                {reason: int(plain["reasons"].get(reason, 0)) for reason in _EXAMPLES},
                int(plain["spared"]),
                {split: int(plain["straddling"].get(split, 0)) for split in SPLITS},
                tuple(map(str, plain["divided"])),
                int(plain["moved"]),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("this is no report of a split") from error


def report_split(
    fingerprints: Sequence[str],
    labels: Sequence[int],
    pinned_by_folder: Sequence[Split | None],
    splits: Sequence[Split],
    before: SplitBook,
    after: SplitBook,
    look_alikes: LookAlikes,
    class_titles: Sequence[str],
) -> SplitReport:
    """Compare a split with one by single pictures, and with the one before.

    Args:
        fingerprints: as `split_samples` was given them, like the next two.
        labels: places in `class_titles`.
        pinned_by_folder: the parts that folders pin pictures to.
        splits: what it made of them.
        before: the book it was given.
        after: the book it returned.
        look_alikes: the groups it was given.
        class_titles: for the words.
    """
    groups = look_alikes.group_of
    sizes = Counter(groups)
    # Each file for itself, by names that do not depend on the order of different pictures.
    seen: Counter[str] = Counter()
    single = []
    for mark in fingerprints:
        single.append(f"{mark}/{seen[mark]}" if seen[mark] else mark)
        seen[mark] += 1
    shares = after.validation_share, after.test_share
    empty = SplitBook(pinned=before.pinned)
    by_chance, _ = split_samples(single, labels, pinned_by_folder, empty, after.seed, *shares)
    chance = _straddling(by_chance, groups).total()
    straddling = _straddling(splits, groups)
    is_same_deal = (before.seed, before.validation_share, before.test_share) == (
        after.seed,
        *shares,
    )
    known = before.sides if is_same_deal else {}
    return SplitReport(
        sum(size > 1 for size in sizes.values()),
        sum(size for size in sizes.values() if size > 1),
        look_alikes.counts,
        max(0, chance - straddling.total()),
        dict(straddling),
        tuple(class_titles[label] for label in look_alikes.divided),
        sum(
            known.get(mark, side) != side
            for mark, side in dict(zip(fingerprints, splits, strict=True)).items()
        ),
    )


def _straddling(splits: Sequence[Split], groups: Sequence[int]) -> Counter[Split]:
    """How many of each later part have look-alikes that are learned."""
    sides: dict[int, set[Split]] = defaultdict(set)
    for split, group in zip(splits, groups, strict=True):
        sides[group].add(split)
    return Counter(
        split
        for split, group in zip(splits, groups, strict=True)
        if split != "train" and "train" in sides[group]
    )
