"""What a background test came to, in sentences."""

from __future__ import annotations

from cnnstudio.core.evaluation.cheating import (
    BORDER_SIDE,
    CENTRE_SIDE,
    CheatingReport,
    RightAnswers,
)
from cnnstudio.ui.words import count_words, percent


def headline(report: CheatingReport) -> str:
    """Return the verdict in a few words, with the figure it rests on."""
    share = percent(report.deciding.share, 0)
    if report.verdict == "yes":
        return f"{share} right without seeing the middle: it may have learned the background"
    if report.verdict == "some":
        return f"{share} right without seeing the middle: the background tells it something"
    if report.verdict == "no":
        return "Without the middle it does no better than guessing: no sign of a shortcut"
    return "This test can tell nothing here"


def explanation(report: CheatingReport) -> str:
    """Return what the verdict means and what to do about it."""
    guessing = (
        f"Who always names the most frequent class is right in {percent(report.guessing, 0)}."
    )
    if report.verdict == "cannot tell":
        return (
            "Even with the whole picture to see, the run is not clearly better than guessing on"
            f" these {count_words(report.whole.count)} pictures. {guessing}"
        )
    deciding = report.deciding
    hidden = percent((CENTRE_SIDE if report.is_border_confusing else BORDER_SIDE) ** 2, 0)
    confusing = (
        " With only the border to see it gives nearly every picture the same answer, so that figure"
        " says nothing."
        if report.is_border_confusing
        else ""
    )
    if report.verdict == "no":
        return (
            f"With {hidden} of each picture hidden it is right in {percent(deciding.share, 0)}, as"
            f" far as {count_words(deciding.count)} pictures can tell. {guessing}{confusing}"
        )
    kept = percent(min(1.0, report.kept_share), 0)
    advice = (
        "Look at the examples: is much of the object still to be seen? Then this is no alarm. If"
        " not, take pictures of each class in front of several backgrounds, and train again."
    )
    return (
        f"With {hidden} of each picture hidden it keeps {kept} of its advantage over guessing."
        f" {guessing}{confusing} {advice}"
    )


def figure(answers: RightAnswers) -> str:
    """Return how many were right, with the share and its interval."""
    low, high = answers.interval
    return (
        f"{percent(answers.share, 0)} · {count_words(answers.right)} of"
        f" {count_words(answers.count)}, true figure {percent(low, 0)} to {percent(high, 0)}"
    )
