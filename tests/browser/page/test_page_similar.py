"""The tabs of the image under study, and the images that are similar to it."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from dashboards.kit.elements import Element
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.theme import class_color
from dashboards.views.similar import SimilarView

pytestmark = pytest.mark.browser

Serve = Callable[..., Session]
Wait = Callable[..., Any]

FIRST = 20  # test image; those before it are of training
PIXEL = "(e, [x, y]) => [...e.getContext('2d').getImageData(x, y, 1, 1).data].slice(0, 3)"


def tab(page: Page, name: str) -> Locator:
    return page.get_by_role("tab", name=name)


def group(page: Page, name: str) -> Locator:
    return page.locator(f'.similar-card section[aria-label="{name}"]')


def shown(page: Page, name: str) -> list[int]:
    tiles = group(page, name).locator(".tile")
    expect(tiles.first).to_be_visible()
    return [int(tile.get_attribute("data-sample") or -1) for tile in tiles.all()]


def brute_force(made: Any, sample: int, samples: range) -> list[int]:
    features = made.logits[:, :2].astype(np.float64)
    distance = np.linalg.norm(features - features[sample], axis=1)
    return sorted((other for other in samples if other != sample), key=lambda other: distance[other])


@pytest.fixture
def prepared(monkeypatch: pytest.MonkeyPatch) -> list[int | None]:
    """Scenes that the Similar views of this test prepared."""
    asked: list[int | None] = []
    original = SimilarView.prepare

    def prepare(view: SimilarView, scene: Scene) -> Element:
        asked.append(scene.focus)
        return original(view, scene)

    monkeypatch.setattr(SimilarView, "prepare", prepare)
    return asked


def test_tabs_open_by_key_by_click_and_by_arrow(page: Page, serve_app: Serve, made: Any) -> None:
    serve_app(made.path, f"?focus={made.fitted[1]}")
    expect(page.locator(".explain-card .methods")).to_be_visible()
    expect(tab(page, "Why")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("2")
    expect(page.locator(".similar-card .sentence")).to_be_visible()
    expect(page.locator(".explain-card .methods")).to_be_hidden()
    page.wait_for_url("**tab=similar**")
    page.keyboard.press("1")
    expect(page.locator(".explain-card .methods")).to_be_visible()
    expect(page.locator(".similar-card .sentence")).to_be_hidden()
    page.wait_for_url(lambda url: "tab=" not in url)
    tab(page, "Similar").click()
    expect(page.locator(".similar-card .sentence")).to_be_visible()
    page.keyboard.press("End")
    expect(page.get_by_role("tablist").last.get_by_role("tab").last).to_be_focused()
    page.keyboard.press("ArrowRight")  # around the end
    expect(page.locator(".explain-card .methods")).to_be_visible()
    expect(tab(page, "Why")).to_be_focused()


def test_a_digit_in_a_field_is_text(page: Page, serve_app: Serve, made: Any) -> None:
    serve_app(made.path, f"?focus={made.fitted[1]}")
    expect(page.locator(".explain-card .methods")).to_be_visible()
    page.get_by_label("Find an image").press_sequentially("#22")
    page.keyboard.press("Enter")
    expect(page.locator("h2 .index")).to_have_text("#22")
    expect(tab(page, "Why")).to_have_attribute("aria-selected", "true")


def test_a_link_opens_the_tab_with_the_nearest_of_all_images(page: Page, serve_app: Serve, made: Any) -> None:
    sample = made.fitted[1]
    serve_app(made.path, f"?focus={sample}&tab=similar")
    expect(tab(page, "Similar")).to_have_attribute("aria-selected", "true")
    training, test = shown(page, "Nearest training images"), shown(page, "Nearest test images")
    assert training == brute_force(made, sample, range(FIRST))[: len(training)]
    assert test == brute_force(made, sample, range(FIRST, len(made.label)))[: len(test)]
    assert len(training) >= 10
    expect(page.locator(".similar-card .sentence")).to_contain_text("Of its 20 nearest training images")
    expect(page.locator(".similar-card .said p")).to_contain_text("of their own near them")
    expect(page.locator(".similar-card .distance").first).to_contain_text("×")


def test_a_tile_is_its_image_in_a_frame_of_its_true_class(page: Page, session: Session, made: Any) -> None:
    table = session.population
    assert table is not None
    for name in ("Nearest training images", "Nearest test images"):  # also behind the first group
        sample = shown(page, name)[3]
        color = class_color(int(made.label[sample]))
        framed = group(page, name).locator(f'[data-sample="{sample}"] .framed')
        rgb = ", ".join(str(int(color[at : at + 2], 16)) for at in (1, 3, 5))
        expect(framed).to_have_css("border", f"2px solid rgb({rgb})")
        gray, canvas = int(table.images_of(np.array([sample]))[0, 6, 6, 0]), framed.locator("canvas")
        assert canvas.evaluate(PIXEL, [6, 6]) == [gray] * 3
        expect(canvas).to_have_css("width", "48px")  # four times as large


def test_a_click_studies_an_image_with_those_that_it_is_one_of(
    page: Page, session: Session, made: Any, wait_until: Wait
) -> None:
    second = shown(page, "Nearest test images")[1]
    tile = group(page, "Nearest test images").locator(f'[data-sample="{second}"]')
    tile.hover()
    wait_until(lambda: session.navigation.hover == second)
    tile.click()
    expect(page.locator("h2 .index")).to_have_text(f"#{second}")
    assert shown(page, "Nearest test images")[0] != second
    trained = shown(page, "Nearest training images")[0]
    group(page, "Nearest training images").locator(".tile").first.click()
    expect(page.locator("h2 .index")).to_have_text(f"#{trained}")
    split = page.get_by_label("Split")
    expect(split).to_have_value("training")
    expect(page.locator(".plot-header h2").first).to_contain_text(f"{FIRST} training images")
    split.select_option("test")
    expect(page.locator("h2 .index")).not_to_have_text(f"#{trained}")
    wait_until(lambda: session.population is not None and session.population.split == "test")


def test_the_pointer_in_another_view_marks_the_tile(page: Page, session: Session) -> None:
    second = shown(page, "Nearest test images")[1]
    session.schedule(lambda: session.navigation.param.update(hover=second))
    expect(page.locator(".similar-card .tile[data-hovered]")).to_have_attribute("data-sample", str(second))


def test_a_hidden_tab_prepares_nothing_and_is_up_to_date_when_it_is_shown(
    page: Page, serve_app: Serve, made: Any, wait_until: Wait, prepared: list[int | None]
) -> None:
    session = serve_app(made.path, f"?focus={made.fitted[1]}")
    expect(page.locator(".explain-card .methods")).to_be_visible()
    assert prepared == []
    page.keyboard.press("2")
    expect(page.locator(".similar-card .scale")).to_be_visible()  # what is usual is known
    page.keyboard.press("1")
    expect(page.locator(".explain-card .methods")).to_be_visible()
    before = len(prepared)
    session.schedule(lambda: session.focus(made.fitted[2]))
    expect(page.locator("h2 .index")).to_have_text(f"#{made.fitted[2]}")
    page.get_by_role("button", name="Archive").click()
    expect(page.get_by_role("tab", name="Provenance")).to_be_visible()
    page.get_by_role("button", name="Diagnose").click()  # the page is shown again, the tab is not
    expect(page.locator(".explain-card .methods")).to_be_visible()
    page.wait_for_timeout(300)
    assert len(prepared) == before
    page.keyboard.press("2")
    wait_until(lambda: prepared[before:] and prepared[-1] == made.fitted[2])
    test = shown(page, "Nearest test images")
    wait_until(lambda: shown(page, "Nearest test images")[0] == _first(made, made.fitted[2]))
    assert test


def test_of_a_pair_each_has_its_own_in_the_same_tab(page: Page, serve_app: Serve, made: Any) -> None:
    left, right = made.fitted[1], made.fitted[2]
    serve_app(made.path, f"?focus={right}&pin={left}&tab=similar")
    groups = page.locator('.similar-card section[aria-label="Nearest test images"]')
    for index, sample in enumerate((left, right)):
        tile = groups.nth(index).locator(".tile").first
        expect(tile).to_have_attribute("data-sample", str(_first(made, sample)))
    page.keyboard.press("1")
    expect(page.locator(".explain-card .methods")).to_have_count(2)
    expect(page.locator(".similar-card .sentence").first).to_be_hidden()


def _first(made: Any, sample: int) -> int:
    return brute_force(made, sample, range(FIRST, len(made.label)))[0]


def test_it_waits_for_the_teacher(
    page: Page, serve_app: Serve, tmp_path: Path, begin_run: Callable[..., Any], groups: Any
) -> None:
    with begin_run(tmp_path) as writer:
        writer.commit_stage("dataset", "a" * 12, groups.dataset())
        serve_app(tmp_path, f"?focus={FIRST}&tab=similar")
        expect(page.get_by_text("appear here once the teacher is trained")).to_be_visible()
        groups.commit_teacher(writer)
        expect(page.locator(".similar-card .sentence")).to_be_visible()


def test_features_that_cannot_be_read_are_said_and_the_page_goes_on(
    page: Page, serve_app: Serve, made: Any, tmp_path: Path
) -> None:
    store = Path(shutil.copytree(made.path, tmp_path / "runs"))
    file = min(store.glob("*/data.zarr/stage/teacher-*/features/c*"))
    file = min(path for path in [file, *file.rglob("*")] if path.is_file())
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    serve_app(store, f"?focus={made.fitted[1]}")
    expect(page.locator(".explain-card .methods")).to_be_visible()
    page.keyboard.press("2")
    expect(page.get_by_text(f"What is similar to #{made.fitted[1]} cannot be shown")).to_be_visible()
    page.keyboard.press("1")
    expect(page.locator(".explain-card .methods")).to_be_visible()


@pytest.fixture
def session(serve_app: Serve, made: Any, page: Page) -> Session:
    session = serve_app(made.path, f"?focus={made.fitted[1]}&tab=similar")
    expect(page.locator(".similar-card .scale")).to_be_visible()
    return session
