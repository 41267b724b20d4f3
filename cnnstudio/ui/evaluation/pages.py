"""The pages of the Evaluate step, in their order."""

from __future__ import annotations

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


def evaluation_pages(
    session: Session, theme: Theme, icons: Icons, thumbnails: Thumbnails
) -> list[EvaluationPage]:
    """Make the pages; whoever asks for the pictures behind a figure is shown them."""
    overview = OverviewPage(session, theme)
    pictures = PicturesPage(session, theme, icons, thumbnails)

    def show_pictures(true: int | None, predicted: int | None) -> None:
        pictures.show_filter(true, predicted)
        overview.page_wanted.emit(pictures.name)

    overview.pictures_wanted.connect(show_pictures)
    return [
        overview,
        pictures,
        CurvesPage(session, theme),
        MomentsPage(session, theme, icons, thumbnails),
        CheatingPage(session, theme),
        WeatherPage(session, theme, icons),
        EnoughPage(session, theme),
        CautionPage(session, theme, thumbnails),
        DuelPage(session, theme, icons, thumbnails),
    ]
