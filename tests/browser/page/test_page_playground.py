"""The playground: everything is chosen by hand or by a link, and the browser computes by itself."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from accessible import violations
from playwright.sync_api import Page, expect
from resting import rested

from dashboards.data.population import population
from dashboards.session.session import Session
from dashboards.views.playground.keeping import training_of
from deepvid.errors import DataError
from deepvid.store import list_runs, open_run

pytestmark = pytest.mark.browser

Open = Callable[..., Session]
Wait = Callable[..., object]


def passes(page: Page) -> int:
    return int(page.locator(".passes").inner_text().split()[0].replace(",", ""))


def pixels(page: Page) -> str:
    """The output's picture."""
    return str(page.locator(".plane canvas").evaluate("canvas => canvas.toDataURL()"))


def test_e1_a_network_is_built_trained_and_looked_into(
    page: Page, serve_app: Open, made: Any, wait_until: Wait
) -> None:
    session = serve_app(made.path, "?page=playground")
    button = page.get_by_role("button", name="Play", exact=True)
    before = pixels(page)
    canvas = page.locator(".plane canvas").bounding_box()
    assert canvas is not None
    assert canvas["width"] == pytest.approx(page.locator(".plane svg").bounding_box()["width"])  # type: ignore[index]
    assert canvas["width"] > 300
    page.get_by_role("button", name="One pass", exact=True).click()
    expect(page.locator(".passes")).to_have_text("1 pass")
    assert pixels(page) != before
    button.click()
    wait_until(lambda: passes(page) > 60, timeout=20)
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.locator(".alarms")).to_contain_text("No alarm in")
    at = passes(page)
    page.get_by_role("button", name="Unit 3 of layer 1", exact=True).click()
    expect(page.locator(".answer h2")).to_have_text("Unit 3 of layer 1")
    page.get_by_role("button", name="Unit 3 of layer 1", exact=True).click()
    expect(page.locator(".answer h2")).to_have_text("Output")
    assert passes(page) == at
    page.get_by_role("button", name="Layer 1: more units", exact=True).click()
    expect(page.locator(".passes")).to_have_text("0 passes")  # another network begins
    page.get_by_role("button", name="A layer more", exact=True).click()
    page.get_by_role("button", name="x1x2", exact=True).click()
    page.get_by_label("data", exact=True).select_option("xor")
    wait_until(lambda: session.pages["playground"].to_query() == {
        "data": "xor", "inputs": "x1,x2,x1x2", "hidden": "5,2,2"})  # fmt: skip
    wait_until(lambda: "hidden=5%2C2%2C2" in page.url)


def test_e2_networks_race_and_a_broken_one_rings(page: Page, serve_app: Open, made: Any) -> None:
    serve_app(made.path, "?page=playground&race=activation&fault=one")
    expect(page.locator(".race figure")).to_have_count(4)
    expect(page.locator(".race figcaption b")).to_have_text(["tanh", "ReLU", "sigmoid", "linear"])
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.locator(".alarms")).to_contain_text("One class for all since pass 150", timeout=30_000)


def test_a_link_opens_it_as_it_was_and_says_what_makes_no_sense(
    page: Page, serve_app: Open, made: Any
) -> None:
    serve_app(made.path, "?page=playground&data=spiral&hidden=3&rate=7&activation=ReLU")
    expect(page.get_by_label("data", exact=True)).to_have_value("spiral")
    expect(page.get_by_label("learning rate", exact=True)).to_have_value("0.03")
    expect(page.get_by_role("button", name=re.compile("Unit . of layer"))).to_have_count(3)
    expect(page.get_by_text("A link names only what the run has").first).to_be_visible()


def test_it_works_without_a_run(page: Page, serve_app: Open, tmp_path: Any) -> None:
    serve_app(tmp_path, "?page=playground")
    page.get_by_role("button", name="One pass", exact=True).click()
    expect(page.locator(".passes")).to_have_text("1 pass")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_breaks_no_rule_of_accessibility(page: Page, serve_app: Open, made: Any, theme: str) -> None:
    serve_app(made.path, f"?page=playground&race=rate&theme={theme}")
    page.get_by_role("button", name="One pass", exact=True).click()
    rested(page)
    assert violations(page, stylesheets=False) == []


def test_a_training_is_kept_as_a_run_on_its_plane(page: Page, serve_app: Open, tmp_path: Any) -> None:
    serve_app(tmp_path, "?page=playground&hidden=3&data=xor")
    for _ in range(3):
        page.get_by_role("button", name="One pass", exact=True).click()
    page.get_by_role("button", name="Keep as run", exact=True).click()
    status = page.locator(".said [role=status]")
    expect(status).to_contain_text("Kept as playground-xor-", timeout=30_000)
    (listing,) = list_runs(tmp_path)
    run = open_run(listing.path)
    series = run.series("teacher")
    assert series is not None
    assert (series.epochs, run.summary["state"]) == (2, "finished")
    table = population(run, "test")
    assert table is not None
    (shown,) = table.maps.values()
    assert (shown.title, {len(shown.x), len(shown.y)}) == ("given map", {500})
    assert np.abs(shown.x).max() < 6
    np.testing.assert_array_equal(table.columns["x1"].values, shown.x)
    page.get_by_role("button", name="Open it").click()
    expect(page.locator("nav [aria-current=page]")).to_have_text("Diagnose")


def test_who_may_not_write_cannot_keep_one(
    page: Page, serve_app: Open, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboards.views.playground.view.store_refusal", lambda _: "It is read only.")
    serve_app(tmp_path, "?page=playground")
    button = page.get_by_role("button", name="Keep as run", exact=True)
    expect(button).to_be_disabled()
    expect(button).to_have_attribute("title", "It is read only.")


@pytest.mark.parametrize(
    "broken",
    [
        {"logits": [[0.0, 1.0, np.nan]]},
        {"training": 3},
        {"features": [[[0.0]]]},
        {"points": [[0, 1], [0, 1], [0, 1]]},
    ],
)
def test_a_message_that_is_no_training_is_refused(broken: dict[str, Any]) -> None:
    told = {"points": [[0, 1, 1]] * 3, "training": 2, "logits": [[0.0, 1.0, 2.0]], "features": [[[0.0]] * 3]}
    assert training_of("xor", told).test.tolist() == [False, False, True]
    with pytest.raises(DataError, match="finite answers for every point"):
        training_of("xor", told | broken)
