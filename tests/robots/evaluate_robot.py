"""Drives the Evaluate step with the mouse, and tells what is to be seen."""

from __future__ import annotations

from cnnstudio.ui.panels.evaluate_panel import EvaluatePanel
from cnnstudio.ui.widgets.banner import Banner
from cnnstudio.ui.widgets.chip_menu import ChipMenu
from cnnstudio.ui.widgets.empty_state import EmptyState
from tests.robots.window_robot import WindowRobot


class EvaluateRobot:
    """A person in front of the Evaluate step."""

    def __init__(self, user: WindowRobot) -> None:
        self.user = user

    # What the user does

    def open_page(self, name: str) -> None:
        """Click the chip of a page."""
        self.user.click(f"evaluate_tab_{name}")
        self.user.settle()

    def choose_part(self, number: int) -> None:
        """Choose the pictures to judge by, counted from 1."""
        menu = self.user.find(ChipMenu, "evaluate_part").menu_of_choices
        menu.actions()[number - 1].trigger()
        self.wait()

    def wait(self) -> None:
        """Wait until the answers are there."""
        self.user.until(lambda: self.user.session.background_jobs.is_idle)
        self.user.until(lambda: self.user.session.engine_jobs.is_idle)
        self.user.settle()

    # What the user sees

    @property
    def panel(self) -> EvaluatePanel:
        panel = self.user.window.panel("evaluate")
        assert isinstance(panel, EvaluatePanel)
        return panel

    def run_shown(self) -> str:
        return self.user.find(ChipMenu, "evaluate_run").text()

    def part_shown(self) -> str:
        return self.user.find(ChipMenu, "evaluate_part").text()

    def cheating_words(self) -> tuple[str, str]:
        """Verdict and explanation of the background test; "" for a verdict that is not there."""
        shown = self.user.is_shown("evaluate_cheating_headline")
        verdict = self.user.text("evaluate_cheating_headline") if shown else ""
        return verdict, self.user.text("evaluate_cheating_explanation")

    def headline(self) -> str:
        return self.user.text("evaluate_headline")

    def banner(self) -> str:
        """What the banner says, "" while there is none."""
        banner = self.user.find(Banner, "evaluate_banner")
        return banner.sentence() if banner.isVisible() else ""

    def empty_words(self) -> str:
        """What is said where there is nothing to show, "" where there is."""
        empty = self.panel.findChild(EmptyState)
        return empty.sentence() if empty.isVisible() else ""
