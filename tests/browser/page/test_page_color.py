"""A student of an image in color: what its red, green and blue say, apart and together."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from playwright.sync_api import Page, expect

from dashboards.session.session import Session

pytestmark = pytest.mark.browser

PIXELS = "e => [...e.getContext('2d').getImageData(0, 0, e.width, e.height).data]"


def in_color(group: xr.Dataset, share: dict[str, tuple[float, float, float]]) -> xr.Dataset:
    """The gray variables named in `share` times that, one number a channel."""
    tinted = {}
    for name, parts in share.items():
        gray = group[name]
        values = gray.values * np.array(parts, "f4")
        whole = np.rint(values) if gray.dtype == np.uint8 else values
        tinted[name] = (gray.dims, whole.astype(gray.dtype))
    return group.drop_vars(list(share)).assign(tinted)


@pytest.fixture(scope="module")
def store(
    begin_run: Callable[..., Any], groups: Any, made: Any, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Images are as red as the gray ones are bright, half as green and not blue; weights are for red, as much
    against green, and nothing of blue.
    """
    store: Path = tmp_path_factory.mktemp("color") / "runs"
    with begin_run(store) as writer:
        tint = (1.0, 0.5, 0.0)
        writer.commit_stage("dataset", "a" * 12, in_color(groups.dataset(), {"image": tint}))
        writer.commit_stage("projection-tsne-features-2d", "b" * 12, groups.projection())
        groups.commit_teacher(writer)
        writer.commit_stage("vae", "d" * 12, groups.vae())
        students = in_color(
            groups.students(made.fitted),
            {"weights": (1.0, -1.0, 0.0), "neighborhood_gradient": tint, "neighborhood_mean": tint},
        )
        writer.commit_stage("students/0123abcd-0", "e" * 12, students)
        writer.finish()
    return store


@pytest.fixture
def session(serve_app: Callable[..., Session], store: Path, made: Any, page: Page) -> Session:
    session = serve_app(store, f"?focus={made.fitted[1]}")
    expect(page.locator(".explain-card .methods")).to_be_visible()
    page.locator(".explain-card summary").click()
    page.get_by_role("button", name="by color").click()
    expect(page.locator(".explain-card .columns .column:not(.names)")).to_have_count(8)
    return session


def painted(page: Page, label: str) -> np.ndarray:
    """uint8 (pixel, 3)."""
    canvas = page.get_by_role("img", name=label, exact=True)
    return np.array(canvas.evaluate(PIXELS), np.uint8).reshape(-1, 4)[:, :3]


def test_b_d1_each_color_has_its_signed_map_and_all_together_their_magnitude(
    page: Page, session: Session, made: Any
) -> None:
    columns = page.locator(".explain-card .columns .column:not(.names)")
    expect(columns).to_have_count(8)  # of the two classes in question, each
    expect(columns.locator(".role")).to_have_text(["red", "green", "blue", "|all|"] * 2)
    first = columns.first.locator("b").inner_text()
    red, green, blue, every = (
        painted(page, f"{first}, weights of {name}") for name in ("red", "green", "blue", "|all|")
    )
    assert len(np.unique(blue, axis=0)) == 1  # nothing
    warm = [np.sign(each[:, 0].astype(int) - each[:, 2]) for each in (red, green)]
    assert (warm[0] * warm[1] <= 0).all()  # where the one is for it, the other is against it
    assert set(warm[0]) >= {-1, 1}
    assert np.ptp(every.astype(int), axis=0).max() > 60
    saturation = np.ptp(every.astype(int), axis=1)
    assert saturation.max() < 30 < np.ptp(red.astype(int), axis=1).max()  # magnitudes have no side


def test_b_d1_the_colors_of_a_class_add_up_to_what_its_pixels_add(page: Page, session: Session) -> None:
    columns = page.locator(".explain-card .columns .column:not(.names)")
    told = [float(text.replace("−", "-")) for text in columns.locator(".student").all_inner_texts()]
    name = columns.first.locator("b").inner_text()
    page.get_by_role("button", name="all classes", exact=True).click()
    expect(columns).to_have_count(4)
    whole = page.locator(".explain-card .columns .column", has=page.locator(f"b:text-is('{name}')")).first
    pixels = float((whole.get_attribute("title") or "").split("Pixels ")[1].split(",")[0].replace("−", "-"))
    assert sum(told[:3]) == pytest.approx(pixels, abs=0.02)
    assert told[3] >= max(map(abs, told[:3])) - 0.01


def test_an_image_in_gray_has_no_colors_to_choose(
    page: Page, serve_app: Callable[..., Session], made: Any
) -> None:
    serve_app(made.path, f"?focus={made.fitted[1]}")
    page.locator(".explain-card summary").click()
    expect(page.locator(".explain-card .columns .column:not(.names)")).to_have_count(4)
    expect(page.get_by_role("button", name="by color")).to_have_count(0)
