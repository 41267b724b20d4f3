"""The pages of the Look inside step, in their order."""

from __future__ import annotations

from cnnstudio.ui.icons import Icons
from cnnstudio.ui.inside.convolution_page import ConvolutionPage
from cnnstudio.ui.inside.layers_page import LayersPage
from cnnstudio.ui.inside.map_page import MapPage
from cnnstudio.ui.inside.network_page import NetworkPage
from cnnstudio.ui.inside.page import InsidePage
from cnnstudio.ui.inside.why_page import WhyPage
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.thumbnails import Thumbnails
from cnnstudio.ui.widgets.page_chips import LaterPage


def inside_pages(
    session: Session, theme: Theme, icons: Icons, thumbnails: Thumbnails
) -> list[LaterPage[InsidePage]]:
    """Return the pages."""
    return [
        LaterPage(WhyPage, lambda: WhyPage(session, theme)),
        LaterPage(ConvolutionPage, lambda: ConvolutionPage(session, theme)),
        LaterPage(NetworkPage, lambda: NetworkPage(session, theme, icons)),
        LaterPage(LayersPage, lambda: LayersPage(session, theme, icons)),
        LaterPage(MapPage, lambda: MapPage(session, theme, icons, thumbnails)),
    ]
