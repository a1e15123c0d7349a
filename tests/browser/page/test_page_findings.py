"""Faults of the data on the page: a line that selects, a sentence on the card, and a name in the menu."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from micro import Recorder, experiment, run
from playwright.sync_api import Page, expect

from dashboards.session.session import Session

pytestmark = pytest.mark.browser

Wait = Callable[..., Any]


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """40 training and 20 test images of noise; two of these are training images, one with another label."""
    rng = np.random.default_rng(0)
    pictures, label = rng.integers(0, 255, (60, 9, 9), np.uint8), np.arange(60) % 3
    pictures[50], label[50] = pictures[5], label[5]
    pictures[51], label[51] = pictures[6], (label[6] + 1) % 3
    np.savez(
        tmp_path / "images.npz", x_train=pictures[:40], y_train=label[:40], x_test=pictures[40:],
        y_test=label[40:],
    )  # fmt: skip
    dataset = {"source": "arrays", "path": str(tmp_path / "images.npz")}
    run(tmp_path / "runs", experiment(dataset=dataset), Recorder(), stop_after="teacher")
    return tmp_path / "runs"


def selected(session: Session) -> list[int]:
    assert session.population is not None
    mask = session.selection.mask
    return [] if mask is None else sorted(session.population.samples[np.flatnonzero(mask)].tolist())


def test_a_click_on_what_was_found_selects_it_and_the_card_says_what_it_copies(
    page: Page, serve_app: Callable[..., Session], planted: Path, wait_until: Wait
) -> None:
    session = serve_app(planted)
    line = page.get_by_role("group", name="What is wrong with the data")
    expect(line.get_by_role("button")).to_have_text(["2 also in training", "1 with two labels"])
    line.get_by_role("button", name="also in training").click()
    wait_until(lambda: selected(session) == [50, 51])
    expect(line.get_by_role("button", name="also in training")).to_have_attribute("aria-pressed", "true")
    line.get_by_role("button", name="with two labels").click()
    wait_until(lambda: selected(session) == [51])
    session.schedule(lambda: session.focus(51))
    expect(page.locator(".finding")).to_have_text("The same picture as training image #6, labeled 0")
    line.get_by_role("button", name="with two labels").click()
    wait_until(lambda: not session.selection.steps)

    page.get_by_role("button", name="Save the selection").click()
    named = page.get_by_role("list", name="Named selections")
    named.get_by_role("button", name="also in training (copied)").click()
    wait_until(lambda: selected(session) == [50, 51])


def test_nothing_is_shown_where_nothing_was_found(
    page: Page, serve_app: Callable[..., Session], made: Any
) -> None:
    serve_app(made.path)
    expect(page.get_by_role("combobox", name="Query")).to_be_visible()
    expect(page.get_by_role("group", name="What is wrong with the data")).to_be_hidden()
    expect(page.locator(".finding")).to_have_count(0)
