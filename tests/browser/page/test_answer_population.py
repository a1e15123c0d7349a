"""The population first: errors by their cause, the review of labels, and the column of filters."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from accessible import violations
from diagnosed import causes_group
from playwright.sync_api import Page, expect
from resting import rested

from dashboards.session.session import Session

pytestmark = pytest.mark.browser

Wait = Callable[..., Any]


@pytest.fixture
def session(serve_drawn: Callable[..., Session], made: Any) -> Session:
    """Of a run whose first three errors have doubtful labels, and the others no cause."""
    found = [{"label_doubt": (1.6 - error / 10, 9.2, 0.2)} for error in range(3)]
    found += [{"overlap": (0.6, 0.2, 0.7, 0.2)}] * (len(made.wrong) - 3)
    return serve_drawn({"causes": causes_group(made.wrong.tolist(), found)})


def selected(session: Session) -> list[int]:
    assert session.population is not None
    mask = session.selection.mask
    return [] if mask is None else sorted(session.population.samples[np.flatnonzero(mask)].tolist())


def test_a_part_of_the_bar_of_causes_selects_its_errors(
    page: Page, session: Session, made: Any, wait_until: Wait
) -> None:
    bar, wrong = page.locator(".causes-bar"), made.wrong.tolist()
    expect(bar.locator("h2")).to_have_text(f"{len(wrong)} of 400 are wrong")
    names = bar.locator(".part")
    expect(names).to_have_text(["label doubt 3", f"unknown {len(wrong) - 3}"])
    narrow, wide = (bar.locator(".width").nth(place).bounding_box()["width"] for place in (0, 1))  # type: ignore[index]
    assert narrow / wide == pytest.approx(3 / (len(wrong) - 3), rel=0.1)

    names.first.click()
    wait_until(lambda: selected(session) == wrong[:3])
    expect(names).to_have_text(["label doubt 3 / 3", f"unknown 0 / {len(wrong) - 3}"])
    expect(names.first).to_have_attribute("aria-pressed", "true")
    bar.locator(".width").last.click(modifiers=["Shift"])
    wait_until(lambda: selected(session) == wrong)
    names.first.click(modifiers=["Control"])
    wait_until(lambda: selected(session) == wrong[3:])
    rested(page)
    assert violations(page) == []
