"""Text that an ellipsis cuts is shown in full under the pointer, where cards are narrowest."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from dashboards.session.session import Session

pytestmark = pytest.mark.browser

CUT_TEXTS = (Path(__file__).parent / "cut_texts.js").read_text()


@pytest.mark.parametrize(
    "size",
    [ViewportSize(width=1280, height=800), ViewportSize(width=1440, height=900)],
    ids=["1280x800", "1440x900"],
)
def test_what_is_cut_of_two_images_side_by_side_is_told(
    serve_app: Callable[..., Session], made: Any, page: Page, size: ViewportSize
) -> None:
    page.set_viewport_size(size)
    serve_app(made.path, f"?focus={made.fitted[0]}&pin={made.fitted[1]}")
    expect(page.locator(".focus-card .trust")).to_have_count(2)
    page.wait_for_timeout(500)  # until the layout rests
    assert page.evaluate(CUT_TEXTS) == []
