"""A map with its viewport, coloring and selection, kept by name in the run."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from dashboards.data.own_axes import Axis, OwnAxes
from dashboards.session.gestures import Query
from dashboards.session.selection import Mode, Step
from dashboards.session.session import Session
from deepvid.store import kept_maps, open_run

pytestmark = pytest.mark.browser

NAME = "<b>mine</b>"


def made_names(session: Session) -> list[str]:
    assert session.population is not None
    return list(session.population.class_names)


def test_e5_a_map_is_kept_by_name(
    page: Page, serve_app: Callable[..., Session], store: Path, made: Any, figure: Any, wait_until: Any
) -> None:
    session = serve_app(store, "?color=error&contours=yes")
    view = figure("map").settle()
    whole = view.range()
    left, right, bottom, top = whole
    page.mouse.move(*view.at(0.7 * left + 0.3 * right, 0.5 * (bottom + top)))
    page.mouse.wheel(0, -400)
    wait_until(lambda: "view=" in page.url)
    zoomed = view.range()
    assert zoomed[1] - zoomed[0] < 0.9 * (right - left)
    session.schedule(lambda: session.select(Step(Mode.REPLACE, Query("wrong"))))
    wait_until(lambda: session.selection.count == len(made.wrong))
    page.get_by_role("button", name="keep …").click()
    page.get_by_label("Name of this map").fill(NAME)
    page.get_by_role("button", name="Keep this map").click()
    kept = page.get_by_role("list", name="Kept maps").get_by_role("listitem")
    expect(kept).to_have_text([NAME])
    wait_until(lambda: list(kept_maps(open_run(store / made.run))) == [NAME])

    def shows_what_was_kept(seen: Session) -> bool:
        kept_view = view.range() == pytest.approx(zoomed, abs=2e-3 * (right - left))
        return kept_view and seen.navigation.color == "error" and seen.selection.count == len(made.wrong)

    focus = session.navigation.focus
    ends = [f'true == "{name}"' for name in made_names(session)[:2]]
    other = OwnAxes("features", "plain", "", Axis(*ends), None).name
    session.schedule(lambda: session.navigation.param.update(projection=other, color="label"))
    wait_until(lambda: "projection=axes" in page.url and "view=" not in page.url)
    wait_until(lambda: view.range() != pytest.approx(zoomed, rel=1e-2))
    session.schedule(session.clear)
    wait_until(lambda: not session.selection.steps)
    kept.get_by_role("button", name=NAME, exact=True).click()
    wait_until(lambda: shows_what_was_kept(session))
    assert (session.navigation.contours, session.navigation.projection) == (True, "")
    assert session.navigation.focus == focus  # nothing else is another

    again = serve_app(store)
    view.settle()
    page.get_by_role("button", name="keep …").click()
    kept.get_by_role("button", name=NAME, exact=True).click()
    wait_until(lambda: shows_what_was_kept(again))
    link = again.address
    page.get_by_role("button", name=f"Forget the map {NAME}").click()
    expect(kept).to_have_count(0)
    wait_until(lambda: not kept_maps(open_run(store / made.run)))

    linked = serve_app(store, link)
    view.settle()
    wait_until(lambda: shows_what_was_kept(linked))
    view.model("(figure.toolbar.tools.find((tool) => tool.type == 'ResetTool').do.emit(), 0)")
    wait_until(lambda: view.range() == pytest.approx(whole))
    wait_until(lambda: linked.navigation.view is None)
    serve_app(store, "?view=2,1,0,1")
    expect(page.locator(".strip.notice")).to_contain_text("no view '2,1,0,1'")
