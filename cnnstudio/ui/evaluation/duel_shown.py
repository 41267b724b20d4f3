"""What the Duel page shows, made in a worker: each group's pictures with both answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtGui import QColor

from cnnstudio.core.arranging import Arrangement
from cnnstudio.core.evaluation.browsing import Standing, standings
from cnnstudio.core.evaluation.duelling import Answer, Duel, DuelPicture, LeftOut, duel
from cnnstudio.core.evaluation.evaluation import kept_evaluation
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Project, Sample
from cnnstudio.core.runs import Run, read_samples
from cnnstudio.ui.evaluation.gallery import badge_of, sample_of
from cnnstudio.ui.inspection import Facts
from cnnstudio.ui.models.answered_model import CaptionLine, Tile
from cnnstudio.ui.words import count_words, percent, pictures

GROUPS = ("fixed", "broken", "both_wrong")
"""The lists of a `Duel`."""


@dataclass(frozen=True, eq=False)
class DuelShown:
    """A duel, and what the grid shows of each of its groups; `words` counts who is right."""

    duel: Duel
    words: str
    shown: dict[str, tuple[Arrangement, tuple[Tile, ...]]]


def show_duel(
    first: Run,
    other: Run,
    project: Project,
    facts: Facts,
    colours: Sequence[QColor],
    context: TaskContext,
) -> DuelShown:
    """Let two runs compete; reads files.

    Raises:
        StudioError: the answers of one of them are missing or damaged.
        Cancelled: it is no longer wanted.
    """
    answers = kept_evaluation(first, "test")
    context.checkpoint()
    others = kept_evaluation(other, "test")
    context.checkpoint()
    found = duel(("A", "B"), (answers, read_samples(first)), (others, read_samples(other)))
    context.checkpoint()
    known = {path: row.fingerprint for path, row in facts.items()}
    now = standings(answers, project, known)
    shown = {}
    for group in GROUPS:
        samples: list[Sample] = []
        tiles: list[Tile] = []
        listed: tuple[DuelPicture, ...] = getattr(found, group)
        for each in listed:
            samples.append(sample_of(each.picture, now[each.row], project))
            colour = colours[int(answers.true[each.row])]
            tiles.append(_tile(each, samples[-1].file_name, now[each.row], project, colour))
        places = {sample.path: place for place, sample in enumerate(samples)}
        shown[group] = Arrangement(tuple(samples), places), tuple(tiles)
    return DuelShown(found, _count_words(found), shown)


def _tile(
    picture: DuelPicture, file_name: str, standing: Standing, project: Project, colour: QColor
) -> Tile:
    answers = (("A", picture.first), ("B", picture.second))
    lines = tuple(_line(name, answer) for name, answer in answers)
    words = (
        file_name,
        f"is {picture.true}",
        *(
            f"{name} {line.mark}: {_said(answer)}"
            for (name, answer), line in zip(answers, lines, strict=True)
        ),
    )
    badge = badge_of(standing, project)
    return Tile((*lines, CaptionLine(f"is {picture.true}")), words, badge, colour)


def _line(name: str, answer: Answer) -> CaptionLine:
    return CaptionLine(
        f"{name}: {answer.title}", answer.probability, "right" if answer.is_right else "wrong"
    )


def _said(answer: Answer) -> str:
    return f"{answer.title} {percent(answer.probability)}"


def _count_words(told: Duel) -> str:
    """Return how often each is right, and what does not count."""
    words = []
    if told.count:
        first, second = len(told.broken) + told.both_right, len(told.fixed) + told.both_right
        words.append(
            f"Of these {pictures(told.count)}, A is right about {count_words(first)} and B about"
            f" {count_words(second)}; both are right about {count_words(told.both_right)}."
        )
    if told.left_out.total:
        words.append(_left_out_words(told.left_out))
    return " ".join(words)


def _left_out_words(left_out: LeftOut) -> str:
    reasons = (
        (left_out.not_in_second, "not among the test pictures of B"),
        (left_out.learned, "learned by one of them"),
        (left_out.relabelled, "of another class in B"),
    )
    parts = [f"{count_words(count)} {why}" for count, why in reasons if count]
    return f"Left out: {', '.join(parts)}."
