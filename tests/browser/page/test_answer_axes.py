"""Leftovers of the Embedding Projector: an axis of one's own, and nearest by cosine or Euclid."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from dashboards.session.session import Session

pytestmark = pytest.mark.browser

Serve = Callable[..., Session]


def test_e5_an_axis_of_ones_own_and_nearest_by_cosine(
    page: Page, serve_app: Serve, made: Any, wait_until: Any
) -> None:
    session = serve_app(made.path, f"?focus={made.fitted[0]}&tab=similar")
    page.get_by_role("button", name="axes …").click()
    table = session.population
    assert table is not None
    ends = [f'true == "{name}"' for name in table.class_names[:2]]
    page.get_by_label("x from").fill("nonsense")
    page.get_by_label("x to").fill(ends[1])
    page.get_by_role("button", name="Draw", exact=True).click()
    expect(page.locator(".axes-card .warning")).to_contain_text("nonsense")
    page.get_by_label("x from").fill(ends[0])
    page.get_by_role("button", name="Draw", exact=True).click()
    said = page.get_by_text(f"x: {ends[0]} → {ends[1]}, ")
    expect(said).to_contain_text("% of the variance")
    expect(page.locator(".axes-card .axes")).to_be_hidden()
    assert session.run is not None
    features = session.run.stages["teacher"].open("features")["features"].to_numpy()[table.samples]
    direction = features[table.label == 1].mean(axis=0) - features[table.label == 0].mean(axis=0)
    chosen = session.linker.scene.map
    assert chosen is not None
    np.testing.assert_allclose(chosen.x, features @ direction / np.linalg.norm(direction), rtol=1e-4)
    wait_until(lambda: "projection=axes" in page.url)
    page.get_by_role("button", name="cosine").click()
    wait_until(lambda: "metric=cosine" in page.url)
