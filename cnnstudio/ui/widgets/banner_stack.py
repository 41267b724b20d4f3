"""`BannerStack`: several banners in the place of one, the gravest first."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from cnnstudio.ui.widgets.banner import Banner, Level


class BannerStack(QWidget):
    """Shows one banner at a time, so that what lies below keeps its room.

    The others follow when the one shown is closed or has nothing to say any more.
    """

    def __init__(self, banners: Sequence[Banner], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._banners = tuple(banners)
        self._speaking: set[Banner] = set()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for banner in banners:
            layout.addWidget(banner)
            banner.closed.connect(self._on_closed)
        self._refresh()

    def tell(self, banner: Banner, level: Level, sentence: str) -> None:
        """Let a banner say something, now or when its turn comes."""
        banner.set_finding(level, sentence)
        self._speaking.add(banner)
        self._refresh()

    def hush(self, *banners: Banner) -> None:
        """Let banners say nothing any more."""
        self._speaking.difference_update(banners)
        self._refresh()

    def _on_closed(self) -> None:
        banner = self.sender()
        if isinstance(banner, Banner):
            self.hush(banner)

    def _refresh(self) -> None:
        shown = next((each for each in self._banners if each in self._speaking), None)
        for banner in self._banners:
            banner.setVisible(banner is shown)
        self.setVisible(shown is not None)
