"""The Network page on models that somebody else has trained: what they show is there, what not is said."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from accessible import violations
from explained import described
from micro import Recorder, looked_into
from playwright.sync_api import Page, expect

from dashboards.session.session import Session
from deepvid.pipeline.runner import RunOptions, run_experiment
from deepvid.pipeline.user_model import named_in

pytestmark = pytest.mark.browser

COUNT, CLASSES = 120, 3


def answered(folder: Path, *, features: bool) -> Path:
    """The store of a table of answers, looked into; every image is a test image. Some are wrong."""
    rng, label = np.random.default_rng(0), np.arange(COUNT) % CLASSES
    images = rng.integers(0, 256, (COUNT, 8, 8, 1), dtype=np.uint8)
    np.savez(folder / "images.npz", images=images, labels=label, class_names=["low", "high", "wide"])
    logits = rng.normal(size=(COUNT, CLASSES)) + 2 * np.eye(CLASSES)[label]
    shown = {"features": rng.normal(size=(COUNT, 6)) + label[:, None]} if features else {}
    np.savez(folder / "answers.npz", logits=logits, **shown)
    wanted = described(
        folder,
        {"source": "predictions", "path": str(folder / "answers.npz")},
        dataset={"source": "arrays", "path": str(folder / "images.npz"), "test_share": 1},
    )
    recorder, named = Recorder(), named_in(wanted)
    assert named is not None
    order = RunOptions(recorder, recorder.cancel, stop_after="projection-pca-features-2d", user_model=named)
    path = run_experiment(named.of(wanted), folder / "runs", order)
    return looked_into(path, neighbors=5, left_out=5).path.parent


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name, exact=name == "Images").click()


def part(page: Page, question: str, name: str) -> None:
    """Of a tab of the image, on Diagnose."""
    page.get_by_role("tab", name=question).click()
    page.get_by_role("group", name=re.compile("^Parts of ")).get_by_role("button", name=name).click()


def test_d_6_what_the_last_layer_reads_has_units_and_says_by_whom_it_was_told(
    page: Page, tmp_path: Path, serve_app: Callable[..., Session]
) -> None:
    serve_app(answered(tmp_path, features=True), "?focus=4&tab=similar&part=influence")
    expect(page.get_by_text("Asked are all images of this run")).to_be_visible()
    expect(page.get_by_role("button", name="TracIn")).to_be_disabled()
    tiles = page.locator(".training-card [data-sample]")
    assert "4" not in [one.get_attribute("data-sample") for one in tiles.all()]  # nobody speaks for itself
    part(page, "What would change it", "Distance")
    expect(page.get_by_text("No distances of this classifier")).to_be_visible()
    page.get_by_role("button", name="Network", exact=True).click()
    expect(page.get_by_text("what the 5 nearest other images say")).to_be_visible()
    expect(page.locator(".stage[data-column]")).to_have_attribute("data-column", "features")
    expect(page.get_by_text("6 units of features")).to_be_visible()
    expect(page.get_by_text("this classifier was trained elsewhere, and answers alone")).to_be_visible()
    inside = page.get_by_text("It asks about the inside of a network that DeepVID trained")
    for name in ("Occlusion", "Maximized"):
        tab(page, name)
        expect(inside.locator("visible=true")).to_have_count(1)
    tab(page, "Maps")
    expect(page.get_by_text("No maps in this network")).to_be_visible()
    assert violations(page, stylesheets=False) == []


def test_d_6_of_answers_alone_the_page_says_which_views_remain(
    page: Page, tmp_path: Path, serve_app: Callable[..., Session]
) -> None:
    serve_app(answered(tmp_path, features=False), "?page=network&focus=4")
    expect(page.locator(".box").first).to_be_visible()
    for name in ("pixels", "logits"):
        expect(page.get_by_role("button", name=name).first).to_be_visible()
    expect(page.get_by_text("Units are those of a layer: they need activations.")).to_have_count(2)
    tab(page, "Images")
    expect(page.locator(".stage[data-column]")).to_have_attribute("data-column", "pixels")
    page.get_by_role("button", name="Diagnose", exact=True).click()
    card = page.locator(".dv-card", has=page.get_by_role("tablist", name="The image under study"))
    asked = card.get_by_text("Of this classifier there is a table of answers").locator("visible=true")
    for question, name in (("What would change it", "Strip"), ("Why", "Superpixels"), ("Try it", "What if")):
        part(page, question, name)
        expect(page.get_by_role("button", name=f"What {name} shows")).to_be_visible()
        expect(asked).to_have_count(1)
    part(page, "Similar", "Influence")
    expect(page.get_by_text("that needs activations, what it reads")).to_be_visible()


@pytest.mark.parametrize(("which", "said"), [([4], "1 image"), (list(range(COUNT)), "120 images")])
def test_one_image_and_all_are_selections_as_others(
    which: list[int], said: str, page: Page, tmp_path: Path, serve_app: Callable[..., Session]
) -> None:
    steps = f'[["replace","samples",{which}]]'.replace(" ", "")
    session = serve_app(answered(tmp_path, features=True), f"?page=network&select={steps}")
    expect(page.locator(".box").first).to_be_visible()
    expect(page.get_by_text("6 units of features")).to_be_visible()
    assert session.selection.count == len(which)
    expect(page.locator(".river-card h2").first).to_contain_text(said)
