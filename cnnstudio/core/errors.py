"""The two exceptions that every part of the program knows."""

from __future__ import annotations


class StudioError(Exception):
    """Something the person in front of the screen can understand and act on.

    `sentence` says what happened, `hint` what to do about it. Both are shown as they are, without a
    traceback, in the window and on the command line.
    """

    def __init__(self, sentence: str, hint: str = "") -> None:
        # Both go to Exception.__init__ so that pickling and copying rebuild the same error.
        super().__init__(sentence, hint)
        self.sentence = sentence
        self.hint = hint

    def __str__(self) -> str:
        """The sentence, followed by the hint where there is one."""
        return f"{self.sentence} {self.hint}" if self.hint else self.sentence


class Cancelled(Exception):
    """The user cancelled the task; raised by `context.checkpoint()`, never shown as a failure."""


class LeftForLater(Cancelled):
    """The user ended the task and wants to go on with it another time, where that can be done."""
