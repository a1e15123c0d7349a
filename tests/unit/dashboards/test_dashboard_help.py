"""Every view of the pages explains itself."""

import pytest

from dashboards.pages import time_travel
from dashboards.pages.diagnose import READINGS, TABS
from dashboards.pages.tabbed import parts_of
from dashboards.session.view import View
from dashboards.views.focus.view import FocusView
from dashboards.views.grid.view import GridView
from dashboards.views.map.view import MapView
from dashboards.views.network.layer_map.view import LayerMapView
from dashboards.views.network.maximized import MaximizedView
from dashboards.views.network.river.view import RiverView
from dashboards.views.time_travel.epoch.view import EpochView
from dashboards.views.time_travel.landscape.view import LandscapeView

VIEWS = [
    *(MapView, GridView, FocusView, LandscapeView, EpochView, RiverView, LayerMapView, MaximizedView),
    *(view.build for tab in (*READINGS, *TABS, *time_travel.TABS) for view in parts_of(tab) or (tab,)),
]


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_a_view_says_what_it_shows_how_to_use_it_and_what_can_mislead(view: type[View]) -> None:
    assert all(view.help.get(part) for part in ("what", "use", "beware", "source"))
