"""What is said of a single picture with a problem: a word on it, a sentence about it."""

from __future__ import annotations

from cnnstudio.core.arranging import Problem

_WORDS = {
    "unreadable": ("cannot be read", "Cannot be read"),
    "two classes": ("in two classes", "The same picture is in another class, too"),
    "two parts": ("in two parts", "The same picture is in another part, too"),
    "twins in two classes": ("twin elsewhere", "Nearly the same picture is in another class"),
    "twins in two parts": ("twin elsewhere", "Nearly the same picture is in another part"),
    "duplicate": ("copy", "The same picture is there more than once"),
    "near twins": ("twin", "Another picture looks nearly the same"),
    "uniform": ("one colour", "Hardly anything but one colour"),
    "dark": ("dark", "Very dark"),
    "bright": ("bright", "Very bright"),
    "blurred": ("blurred", "Looks blurred"),
    "too small": ("small", "Small beside the size that the network sees"),
    "long and narrow": ("narrow", "Long and narrow"),
    "wrong ending": ("wrong ending", "Its name says another kind of picture than it is"),
}


def badge_word(kind: str) -> str:
    """Return the word for a kind of problem, as the health check names it."""
    return _WORDS[kind][0] if kind in _WORDS else kind


def problem_words(problem: Problem) -> str:
    """Return what is wrong with a picture in one line, without a full stop."""
    known = _WORDS.get(problem.kind)
    sentence = known[1] if known else problem.kind[:1].upper() + problem.kind[1:]
    return f"{sentence}: {problem.note}" if problem.note else sentence
