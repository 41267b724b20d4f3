"""Drives the Duel page of the Evaluate step with the mouse, and tells what is seen."""

from __future__ import annotations

from cnnstudio.ui.evaluation.duel_page import DuelPage
from cnnstudio.ui.models.answered_model import AnsweredModel
from cnnstudio.ui.widgets.answer_grid import AnswerGrid
from cnnstudio.ui.widgets.chip import Chip
from cnnstudio.ui.widgets.chip_menu import ChipMenu
from cnnstudio.ui.widgets.empty_state import EmptyState
from tests.robots.window_robot import WindowRobot


class DuelRobot:
    """A person who compares two runs picture by picture."""

    def __init__(self, user: WindowRobot) -> None:
        self.user = user

    # What the user does

    def show(self, group: str) -> None:
        """Click the chip of "fixed", "broken" or "both_wrong"."""
        self.user.click(f"evaluate_duel_{group}")
        self.user.settle()

    def choose_other(self, number: int) -> None:
        """Choose run B, counted from 1."""
        menu = self.user.find(ChipMenu, "evaluate_duel_other").menu_of_choices
        menu.actions()[number - 1].trigger()
        self.user.settle()

    # What the user sees

    def first(self) -> str:
        return self.user.text("evaluate_duel_first")

    def others(self) -> list[str]:
        menu = self.user.find(ChipMenu, "evaluate_duel_other").menu_of_choices
        return [each.text().partition(",")[0] for each in menu.actions()]

    def verdict(self) -> str:
        return self.user.text("evaluate_duel_verdict")

    def facts(self) -> str:
        return self.user.text("evaluate_duel_facts")

    def chips(self) -> list[str]:
        groups = ("fixed", "broken", "both_wrong")
        return [self.user.find(Chip, f"evaluate_duel_{each}").text() for each in groups]

    @property
    def model(self) -> AnsweredModel:
        model = self.user.find(AnswerGrid, "evaluate_duel_grid").model()
        assert isinstance(model, AnsweredModel)
        return model

    def pictures(self) -> dict[str, list[str]]:
        """File names, and the lines below each, a mark first where there is one."""
        return {
            sample.file_name: [
                f"{line.mark} {line.text}".strip() for line in self.model.tile(row).lines
            ]
            for row, sample in enumerate(self.model.samples)
        }

    def badge(self, name: str) -> str:
        names = [each.file_name for each in self.model.samples]
        return self.model.tile(names.index(name)).badge

    def empty_words(self) -> str:
        """What is said where there is nothing to show, "" where there is."""
        page = self.user.window.findChild(DuelPage)
        assert page is not None
        shown = [each for each in page.findChildren(EmptyState) if each.isVisible()]
        return shown[0].sentence() if shown else ""
