"""A training of another program is followed while it is logged, and stays a run."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from trainings import IMAGES, LABELS, NAMES, TEST, answers, given

import deepvid

pytestmark = pytest.mark.browser


def wrong(epoch: int) -> int:
    """Misclassified test images."""
    return int((answers(epoch).logits.argmax(axis=1) != LABELS)[TEST].sum())


def test_each_epoch_is_seen_as_it_is_logged_and_what_needs_the_classifier_says_so(
    page: Page, tmp_path: Path, serve_app: Callable[..., object]
) -> None:
    assert wrong(0) != wrong(1)
    store = tmp_path / "runs"
    with deepvid.log_run("toy", IMAGES, LABELS, test=TEST, epochs=3, class_names=NAMES, store=store) as run:
        run.epoch(**given(0))
        serve_app(store, f"?run={run.id}&focus=50&tab=change&part=latents")
        expect(page.get_by_text(f"{wrong(0)} misclassified")).to_be_visible(timeout=15_000)
        run.epoch(**given(1))
        expect(page.get_by_text(f"{wrong(1)} misclassified")).to_be_visible(timeout=15_000)
        expect(page.get_by_text("partial").first).to_be_visible()
    expect(page.get_by_text(f"deepvid project {run.id} --store {store}")).to_be_visible(timeout=15_000)
    expect(page.get_by_text("partial")).to_have_count(0)
    expect(page.get_by_text("No classifier to ask")).to_be_visible()
    expect(page.get_by_text("needs the classifier itself").first).to_be_visible()


def test_e12_texts_are_read_in_tiles_and_under_study_and_found(
    page: Page, tmp_path: Path, serve_app: Callable[..., object]
) -> None:
    store = tmp_path / "runs"
    texts = [f"<b>{NAMES[label]}</b>-{number}" for number, label in enumerate(LABELS.tolist())]
    texts[int(TEST.nonzero()[0][3])] = "שלום Zwölfboxkämpfer"
    with deepvid.log_run(
        "toy", None, LABELS, test=TEST, epochs=1, class_names=NAMES, store=store, texts=texts
    ) as run:
        run.epoch(**given(0))
    serve_app(store, f"?run={run.id}")
    expect(page.get_by_text(f"{int(TEST.sum())} texts").first).to_be_visible()
    read = page.get_by_label("The text under study")
    expect(read).to_contain_text("<b>")  # as it is written, and no element
    find = page.get_by_label("Find an image")
    expect(find).to_have_attribute("placeholder", "Text or #index")
    find.fill("zwölf")
    find.press("Enter")
    expect(read).to_have_text("שלום Zwölfboxkämpfer")
    page.get_by_role("combobox", name="Query").fill('"zwölf" in text')
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="1 selected")).to_be_visible()
