"""One card in a static page."""

from functools import partial

import pytest
from cards import Show, opened
from playwright.sync_api import Page


@pytest.fixture
def show(page: Page) -> Show:
    """Opens a card with a tree."""
    return partial(opened, page)
