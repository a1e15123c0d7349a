"""Diagnose at the limits of what a data set may be: the largest color images, and one class alone."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from playwright.sync_api import Page, expect

from dashboards.session.session import Session
from deepvid import config
from deepvid.store import open_writer

pytestmark = [pytest.mark.browser, pytest.mark.fresh]

Serve = Callable[..., Session]
TRAIN = 8


def finished(store: Path, images: np.ndarray, logits: np.ndarray, names: Sequence[str]) -> Path:
    """A run whose teacher says `logits`; the true classes take turns."""
    label = (np.arange(len(images)) % len(names)).astype("i4")
    parent = np.array([len(names)] * len(names) + [-1] if len(names) > 1 else [-1], "i4")
    share = {"value": 0.8, "low": 0.7, "high": 0.9}
    kinds = ("flat", "hard", "soft", "hard_agreement", "soft_agreement")
    dataset = xr.Dataset(
        {
            "image": (("sample", "y", "x", "channel"), images),
            "label": ("sample", label),
            "test": ("sample", np.arange(len(images)) >= TRAIN),
        },
        attrs={"class_names": list(names), "source": "drawn", "checksums": {}},
    )
    teacher = xr.Dataset(
        {
            "logits": (("sample", "class"), logits),
            "features": (("sample", "feature"), logits),
            "parameters": ("parameter", np.zeros(3, "f4")),
        },
        attrs={
            "network": {"kind": "mlp"},
            "class_names": list(names),
            "image_shape": list(images.shape[1:]),
        },
    )
    hierarchy = xr.Dataset(
        {
            "parent": ("node", parent),
            "node_probability": ("node", np.full(len(parent), 0.9, "f4")),
            "leaf": ("sample", logits.argmax(axis=1).astype("i4")),
            "path_probability": ("sample", np.full(len(images), 0.9, "f4")),
            "turn": ("sample", np.full(len(images), -1, "i4")),
        },
        attrs={
            "source": "induced",
            "random_trees": 100,
            "accuracy": dict.fromkeys([*kinds, *(f"random_{kind}" for kind in kinds[1:])], share),
        },
    )
    settings = config.Experiment(name="limits").model_dump(mode="json")
    with open_writer(store, "limits-0123abcd", config=settings, provenance={}) as writer:
        writer.commit_stage("dataset", "a" * 12, dataset)
        writer.commit_stage("teacher", "b" * 12, teacher)
        writer.commit_stage("hierarchy", "c" * 12, hierarchy)
        writer.finish()
    return store


@pytest.fixture
def errors(page: Page) -> list[Any]:
    """Errors that the page threw."""
    found: list[Any] = []
    page.on("pageerror", lambda error: found.append(error))
    return found


def read_all(page: Page) -> None:
    """Opens every reading of the confusions."""
    for tab in ("Sunburst", "More", "Matrix"):
        page.get_by_role("tab", name=tab, exact=True).click()
        expect(page).to_have_url(re.compile(f"reading={tab.lower()}") if tab != "Matrix" else re.compile("."))
    page.get_by_role("button", name="List", exact=True).click()
    expect(page).to_have_url(re.compile("shape=pairs"))


def test_color_images_of_128_pixels_a_side_are_shown_whole(
    page: Page, serve_app: Serve, tmp_path: Path, errors: list[Any]
) -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (40, 128, 128, 3), dtype=np.uint8)
    logits = np.eye(2, dtype="f4")[rng.permutation(40) % 2] * 3
    session = serve_app(finished(tmp_path / "runs", images, logits, ("cat", "dog")), "?run=limits-0123abcd")
    expect(page.locator("h2 .index")).to_have_text(f"#{session.navigation.focus}")
    sizes = "found => found.map(each => [each.width, each.naturalWidth ?? 0])"
    shown = page.locator("canvas, img").evaluate_all(sizes)
    assert any(128 in each for each in shown), shown
    expect(page.locator(".image-grid h2")).to_contain_text("32 images")
    read_all(page)
    assert not errors


def test_one_class_has_a_tree_of_one_node_and_no_errors(
    page: Page, serve_app: Serve, tmp_path: Path, errors: list[Any]
) -> None:
    images = np.random.default_rng(0).integers(0, 256, (40, 8, 8, 1), dtype=np.uint8)
    store = finished(tmp_path / "runs", images, np.ones((40, 1), "f4"), ("cat",))
    session = serve_app(store, "?run=limits-0123abcd&reading=sunburst")
    expect(page.get_by_text("a tree of one node")).to_be_visible()
    assert session.navigation.focus is not None
    read_all(page)
    assert not errors
