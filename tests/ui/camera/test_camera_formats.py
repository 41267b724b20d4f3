from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.ui.camera.camera_formats import OfferedFormat, best_format

VGA = OfferedFormat(640, 480, 30)
HD = OfferedFormat(1280, 720, 30)
FULL_HD = OfferedFormat(1920, 1080, 30)
FOUR_K = OfferedFormat(3840, 2160, 30)


@pytest.mark.parametrize(
    ("offered", "wanted"),
    [
        ([VGA, HD, FULL_HD, FOUR_K], HD),
        ([VGA, FULL_HD, FOUR_K], FULL_HD),
        ([VGA], VGA),
        ([FOUR_K], FOUR_K),
        ([OfferedFormat(1280, 720, 5), VGA], VGA),
        ([OfferedFormat(1280, 720, 15), HD], HD),
        ([OfferedFormat(1280, 720, 60), HD], OfferedFormat(1280, 720, 60)),
    ],
)
def test_the_size_nearest_to_720_lines_is_taken_where_it_is_smooth(
    offered: list[OfferedFormat], wanted: OfferedFormat
) -> None:
    place = best_format(offered)
    assert place is not None
    assert offered[place] == wanted


def test_a_camera_that_offers_nothing_is_left_to_itself() -> None:
    assert best_format([]) is None


@given(
    st.lists(
        st.builds(OfferedFormat, st.integers(0, 8000), st.integers(0, 8000), st.floats(0, 240)),
        min_size=1,
    )
)
def test_whatever_is_offered_one_of_it_is_taken(offered: list[OfferedFormat]) -> None:
    place = best_format(offered)
    assert place is not None
    assert 0 <= place < len(offered)
