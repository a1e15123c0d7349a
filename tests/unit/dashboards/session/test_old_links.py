"""Links that earlier versions wrote: their tabs open where the views are now."""

import pytest

from dashboards.pages.diagnose import TABS
from dashboards.pages.tabbed import parts_of
from dashboards.session.old_links import PLACES, renewed


def test_every_new_place_is_there() -> None:
    there = {(tab.name, part.name) for tab in TABS for part in parts_of(tab)}
    assert {place for places in PLACES.values() for place in places.values()} <= there


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"tab": "morph", "focus": "7"}, {"tab": "change", "part": "morph", "focus": "7"}),
        (
            {"page": "network", "tab": "training", "run": "a"},
            {"tab": "similar", "part": "influence", "run": "a"},
        ),
        ({"page": "network", "unit_tab": "maps"}, {"page": "network", "unit_tab": "maps"}),
        ({"tab": "similar"}, {"tab": "similar"}),  # a tab of today
        ({"page": "archive", "tab": "verify"}, {"page": "archive", "tab": "verify"}),
    ],
)
def test_a_tab_that_has_moved_leads_to_its_new_place(query: dict[str, str], expected: dict[str, str]) -> None:
    assert renewed(query) == expected
