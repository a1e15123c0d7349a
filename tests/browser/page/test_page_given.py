"""Classifiers that somebody else has trained: what a page shows of a table, and of a function it asks."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from trainings import IMAGES, LABELS, NAMES, TEST, answers, quick

import deepvid

pytestmark = pytest.mark.browser

WEIGHT = np.random.default_rng(7).normal(size=(9 * 8 * 3, 3)).astype(np.float32)


def net(batch: np.ndarray) -> np.ndarray:
    return batch.reshape(len(batch), -1) @ WEIGHT


def test_a_table_of_answers_has_a_map_and_says_what_needs_the_classifier(
    page: Page, tmp_path: Path, serve_app: Callable[..., object]
) -> None:
    np.savez(tmp_path / "answers.npz", logits=answers(0).logits)
    run = deepvid.explain(
        tmp_path / "answers.npz", IMAGES, LABELS, NAMES, test=TEST, store=tmp_path / "runs", settings=quick(0)
    )
    wrong = int((answers(0).logits.argmax(axis=1) != LABELS)[TEST].sum())
    serve_app(tmp_path / "runs", f"?run={run.id}&focus=50&tab=why&part=student")
    expect(page.get_by_text(f"{wrong} misclassified").first).to_be_visible(timeout=15_000)
    expect(page.locator("option", has_text="PCA of logits").first).to_be_attached()
    expect(page.get_by_text("No classifier to ask")).to_be_visible()
    expect(page.get_by_text("Of this classifier there is a table of answers").first).to_be_visible()
    page.get_by_role("tab", name="Try it").click()
    page.get_by_role("button", name="Filters", exact=True).click()
    expect(page.get_by_text("No layers to look into")).to_be_visible()


def test_a_function_is_asked_by_the_page_and_has_occlusion_for_a_second_witness(
    page: Page, tmp_path: Path, serve_app: Callable[..., object]
) -> None:
    run = deepvid.explain(net, IMAGES, LABELS, NAMES, test=TEST, store=tmp_path / "runs", settings=quick(0))
    serve_app(tmp_path / "runs", f"?run={run.id}&focus=50&tab=why&part=student")
    page.get_by_role("button", name="Fit now").click()
    expect(page.get_by_text("Occlusion", exact=True).first).to_be_visible(timeout=120_000)
    expect(page.get_by_text("gradient", exact=False).filter(visible=True)).to_have_count(0)
