"""A model on images that nobody labeled: the page holds each answer against its runner-up, and says so."""

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from trainings import IMAGES, NAMES, quick

import deepvid
from deepvid.store import Run

pytestmark = pytest.mark.browser

WEIGHT = np.random.default_rng(7).normal(size=(9 * 8 * 3, 3)).astype(np.float32)


def net(batch: np.ndarray) -> np.ndarray:
    return batch.reshape(len(batch), -1) @ WEIGHT


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return deepvid.explain(
        net, IMAGES, class_names=NAMES, store=tmp_path_factory.mktemp("unlabeled"), settings=quick(2)
    )


def ranked(run: Run, sample: int) -> tuple[str, str]:
    """The predicted class of an image, and the runner-up."""
    first, second = np.argsort(-run.stages["teacher"].open()["logits"].to_numpy()[sample])[:2]
    return NAMES[first], NAMES[second]


def test_the_page_names_the_runner_up_and_no_error(
    page: Page, run: Run, serve_app: Callable[..., object]
) -> None:
    sample = int(run.students()["sample"].to_numpy()[0])
    predicted, second = ranked(run, sample)
    serve_app(run.path.parent, f"?run={run.id}&focus={sample}&tab=why&part=student")
    expect(page.get_by_text(f"{len(IMAGES)} images · without labels").first).to_be_visible(timeout=15_000)
    expect(page.get_by_text("Predicted against runner-up")).to_be_visible()
    expect(page.get_by_role("heading", name=f"taken for {predicted}")).to_be_visible()
    expect(page.locator(".focus-card")).to_contain_text(f"for {second}")
    expect(page.get_by_text(f"Why {predicted}, not {second}?")).to_be_visible()
    expect(page.get_by_text("frame: predicted class").first).to_be_visible()
    expect(page.get_by_text("misclassified", exact=False).filter(visible=True)).to_have_count(0)
    expect(page.get_by_text("true class", exact=False).filter(visible=True)).to_have_count(0)
    query = page.get_by_role("combobox", name="Query")
    expect(query).to_have_attribute("placeholder", 'predicted == "…" and confidence > 0.9')
    flag = page.get_by_role("button", name="Mark as mislabelled")
    expect(flag).to_be_disabled()
    assert "Nobody labeled the images" in (flag.get_attribute("title") or "")


def test_every_reading_of_the_answers_says_what_it_is_held_against(
    page: Page, run: Run, serve_app: Callable[..., object]
) -> None:
    serve_app(run.path.parent, f"?run={run.id}&focus=5")
    page.get_by_role("button", name="List", exact=True).click()
    expect(page.get_by_text("Pairs it hesitates between")).to_be_visible(timeout=15_000)
    page.locator(".pair").first.click()
    expect(page.get_by_text("images in 2 cells").first).to_be_visible()
    page.get_by_role("tab", name="Sunburst").click()
    expect(page.get_by_text("unlike the teacher").first).to_be_visible()
    expect(page.get_by_text("without labels nothing says what is right", exact=False)).to_be_visible()
    page.get_by_role("tab", name="Path").click()
    expect(page.get_by_text("runner-up").filter(visible=True).first).to_be_visible()
    page.get_by_role("tab", name="Similar").click()
    expect(page.get_by_text("frame: predicted class").filter(visible=True).nth(1)).to_be_visible()


def test_a_query_for_the_true_class_says_what_is_known_instead(
    page: Page, run: Run, serve_app: Callable[..., object]
) -> None:
    serve_app(run.path.parent, f"?run={run.id}&focus=5")
    box = page.get_by_role("combobox", name="Query")
    box.fill('true == "ant"')
    box.press("Enter")
    expect(page.get_by_text("these images have none; known is runner_up", exact=False)).to_be_visible()
    box.fill('runner_up == "ant"')
    box.press("Enter")
    expect(page.get_by_text('where runner_up == "ant"').first).to_be_visible()
