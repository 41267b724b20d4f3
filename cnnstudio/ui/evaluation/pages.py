"""The pages of the Evaluate step, in their order."""

from __future__ import annotations

from functools import cache

from cnnstudio.ui.evaluation.caution_page import CautionPage
from cnnstudio.ui.evaluation.cheating_page import CheatingPage
from cnnstudio.ui.evaluation.curves_page import CurvesPage
from cnnstudio.ui.evaluation.duel_page import DuelPage
from cnnstudio.ui.evaluation.enough_page import EnoughPage
from cnnstudio.ui.evaluation.moments_page import MomentsPage
from cnnstudio.ui.evaluation.overview_page import OverviewPage
from cnnstudio.ui.evaluation.page import EvaluationPage
from cnnstudio.ui.evaluation.pictures_page import PicturesPage
from cnnstudio.ui.evaluation.weather_page import WeatherPage
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.thumbnails import Thumbnails
from cnnstudio.ui.widgets.page_chips import LaterPage


def evaluation_pages(
    session: Session, theme: Theme, icons: Icons, thumbnails: Thumbnails
) -> list[LaterPage[EvaluationPage]]:
    """Return the pages; whoever asks for the pictures behind a figure is shown them."""

    @cache
    def pictures() -> PicturesPage:
        return PicturesPage(session, theme, icons, thumbnails)

    def overview() -> OverviewPage:
        page = OverviewPage(session, theme)

        def show_pictures(true: int | None, predicted: int | None) -> None:
            pictures().show_filter(true, predicted)
            page.page_wanted.emit(PicturesPage.name)

        page.pictures_wanted.connect(show_pictures)
        return page

    return [
        LaterPage(OverviewPage, overview),
        LaterPage(PicturesPage, pictures),
        LaterPage(CurvesPage, lambda: CurvesPage(session, theme)),
        LaterPage(MomentsPage, lambda: MomentsPage(session, theme, icons, thumbnails)),
        LaterPage(CheatingPage, lambda: CheatingPage(session, theme)),
        LaterPage(WeatherPage, lambda: WeatherPage(session, theme, icons)),
        LaterPage(EnoughPage, lambda: EnoughPage(session, theme)),
        LaterPage(CautionPage, lambda: CautionPage(session, theme, thumbnails)),
        LaterPage(DuelPage, lambda: DuelPage(session, theme, icons, thumbnails)),
    ]
