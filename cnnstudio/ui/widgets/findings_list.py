"""`FindingsList`: what the health check found, above the pictures it is about."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from cnnstudio.core.dataset.health.findings import Finding
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.widgets.banner import Banner


class FindingsList(Banner):
    """The gravest finding, and a button that shows its pictures."""

    show_wanted = Signal(object)
    fix_wanted = Signal(object, object)

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(icons, "warn", title="Health check", parent=parent)
        self.setObjectName("images_health")
        self._findings: list[Finding] = []
        self._look = self.add_button("Look at them")
        self._look.setObjectName("images_look_at_problems")
        self._look.clicked.connect(lambda: self.show_wanted.emit(self._findings[0]))
        self.hide()

    def set_findings(self, findings: Sequence[Finding]) -> None:
        """Show the gravest of these."""
        self._findings = list(findings)
        if findings:
            self.set_finding("warn", findings[0].words, title="Health check")
        self.setVisible(bool(findings))
