"""The image under study: what the teacher says of it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from dashboards.session.session import Session

pytestmark = pytest.mark.browser


def test_a_t4_every_class_has_a_bar_with_the_true_and_the_predicted_marked_and_logits_on_request(
    page: Page, serve_app: Callable[..., Session], made: Any
) -> None:
    sample = made.fitted[1]
    session = serve_app(made.path, f"?focus={sample}")
    assert session.population is not None
    names, logits = session.population.class_names, np.asarray(made.logits[sample], np.float64)
    likely = np.argsort(-logits)
    rows = page.locator(".focus-card .bars .row")
    expect(rows.locator(".name")).to_have_text([names[index] for index in likely])
    true, predicted = (int(of[sample]) for of in (made.label, made.predicted))
    assert true != predicted
    for name, index in (("true", true), ("predicted", predicted)):
        marked = page.locator(f".focus-card .bars .row:has(.mark.{name}) .name")
        expect(marked).to_have_text([names[index]])
    exponents = np.exp(logits - logits.max())
    shares = (exponents / exponents.sum())[likely]
    for index, share in enumerate(shares):
        if 0.005 <= share <= 0.995:
            expect(rows.nth(index).locator(".value")).to_have_text(f"{share:.2f}".removeprefix("0"))
    page.locator(".focus-card .answers summary").click()
    page.get_by_role("button", name="logit", exact=True).click()
    expect(rows.locator(".value")).to_have_text(
        [f"{logits[index]:.1f}".replace("-", "−") for index in likely]
    )
