"""`Sharing`: lets a browser and other programs on this computer ask the chosen run."""

from __future__ import annotations

from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QWidget

from cnnstudio.core.project import Project
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.session import Session
from cnnstudio.ui.widgets.banner import Banner
from cnnstudio.ui.widgets.primary_button import styled_button
from cnnstudio.ui.widgets.restyle import restyle


class Sharing(QObject):
    """`button` starts it; `banner` says which run answers where, and stops it."""

    def __init__(self, session: Session, icons: Icons, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self.service = session.service
        self.button = styled_button("Share on this computer")
        self.button.setObjectName("predict_share")
        self.button.setToolTip(
            "A page for the browser on which pictures are dropped, and an address for other"
            " programs. Only this computer can reach it."
        )
        self.button.clicked.connect(self._start)
        self.banner = Banner(icons)
        self.banner.setObjectName("predict_sharing")
        self._link = self.banner.add_button("")
        self._link.setObjectName("predict_share_link")
        self._link.setProperty("class", "link")
        self._link.setToolTip("Open in the browser")
        restyle(self._link)
        self._copy = self.banner.add_button("Copy")
        self._copy.setObjectName("predict_share_copy")
        self._copy.setAccessibleName("Copy the address")
        self._open = self.banner.add_button("Open in browser")
        self._open.setObjectName("predict_share_open")
        self._switch = self.banner.add_button("Share the chosen run")
        self._switch.setObjectName("predict_share_switch")
        self._stop = self.banner.add_button("Stop")
        self._stop.setObjectName("predict_share_stop")
        self._stop.setAccessibleName("Stop sharing")
        self.banner.hide()
        self._link.clicked.connect(self._open_in_browser)
        self._open.clicked.connect(self._open_in_browser)
        self._copy.clicked.connect(self._copy_address)
        self._switch.clicked.connect(self._start)
        self._stop.clicked.connect(self.service.stop)
        self.service.changed.connect(self._show)
        self.service.failed.connect(self._on_failed)
        session.chosen_run_changed.connect(self._show)
        session.runs_changed.connect(self._show)
        session.project_changed.connect(self._on_project_changed)
        self._show()

    @Slot()
    def _start(self) -> None:
        run = self._session.chosen_run
        if run is not None:
            self.service.start(run)

    @Slot()
    def _open_in_browser(self) -> None:
        QDesktopServices.openUrl(QUrl(self.service.url))

    @Slot()
    def _copy_address(self) -> None:
        QGuiApplication.clipboard().setText(self.service.url)
        self._session.said.emit("Address copied")

    @Slot()
    def _show(self) -> None:
        served, chosen, url = self.service.run, self._session.chosen_run, self.service.url
        self.button.setEnabled(served is None and chosen is not None)
        if served is None:
            self.banner.hide()
            return
        is_other = chosen is not None and chosen.folder != served.folder
        for each in (self._link, self._copy, self._open):
            each.setVisible(bool(url) and not is_other)
        self._switch.setVisible(bool(url) and is_other)
        self._stop.show()
        self._link.setText(url)
        if not url:
            words = f"Starting: {served.name} is loaded once more, for other programs."
        elif is_other:
            words = f"{served.name} still answers at {url}, not the run chosen here."
        else:
            words = f"{served.name} answers on this computer."
        self.banner.set_finding("info", words)
        self.banner.show()

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        for each in (self._link, self._copy, self._open, self._switch, self._stop):
            each.hide()
        self.banner.set_finding("warn", str(error))
        self.banner.show()

    @Slot(object, object)
    def _on_project_changed(self, before: Project | None, after: Project | None) -> None:
        if before is not None and (after is None or before.root != after.root):
            self.service.stop()
            self.banner.hide()
