"""Causes of errors on the page: the card begins with them, the map has their colors, a query their words."""

import re
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
    """Of a run whose first error has a doubtful label and classes that overlap, the others no cause."""
    found = [{"label_doubt": (1.6, 9.2, 0.2), "overlap": (1.2, 0.1, 0.8, 0.2)}]
    found += [{"overlap": (0.6, 0.2, 0.7, 0.2)}] * (len(made.wrong) - 1)
    return serve_drawn({"causes": causes_group(made.wrong.tolist(), found)})


def test_the_card_begins_with_why_it_is_wrong(page: Page, session: Session, made: Any) -> None:
    card, why = page.locator(".focus-card"), page.locator(".focus-card .cause p")
    expect(card.locator("h2")).to_contain_text(f"#{made.wrong[0]}")  # the one error whose cause is known
    expect(why).to_have_count(2)
    expect(why.first).to_contain_text("Label doubt. Probably the label is wrong: whichever place is covered")
    expect(why.first).to_have_attribute(
        "title", re.compile("Look at these labels. Named first, it is right on 77 %")
    )
    expect(why.last).to_contain_text("Else: classes overlap.")
    session.schedule(lambda: session.focus(int(made.wrong[1])))
    expect(why).to_have_count(1)
    expect(why).to_contain_text("Cause unknown. Of its nearest training images 70 % are")
    right = next(sample for sample in range(20, 420) if sample not in made.wrong)
    session.schedule(lambda: session.focus(right))
    expect(why).to_have_count(0)


def test_a_right_image_is_asked_what_speaks_against_it(page: Page, session: Session, made: Any) -> None:
    why, ask = (
        page.locator(".focus-card .cause p"),
        page.get_by_role("button", name="What speaks against it?"),
    )
    expect(why).to_have_count(2)
    expect(ask).to_have_count(0)  # it is an error, whose causes are known
    right = [sample for sample in range(20, 420) if sample not in made.wrong]
    session.schedule(lambda: session.focus(right[0]))
    ask.click()
    expect(why.first).to_contain_text(re.compile("Nothing speaks against it|overlap|unlike|The picture is"))
    expect(ask).to_have_count(0)
    session.schedule(lambda: session.focus(right[1]))
    expect(ask).to_be_visible()  # of another image nobody has asked
    expect(why).to_have_count(0)


def test_causes_color_the_map_and_a_chip_selects_one(
    page: Page, session: Session, made: Any, wait_until: Wait
) -> None:
    page.get_by_label("color", exact=True).select_option("cause")
    page.get_by_role("button", name="label doubt 1").click()
    wait_until(lambda: session.selection.mask is not None)
    assert session.population is not None
    assert session.population.samples[np.flatnonzero(session.selection.mask)].tolist() == [made.wrong[0]]
    scroll = page.get_by_role("listbox", name="Images of the selection")
    scroll.hover(position={"x": 40, "y": 40})
    expect(scroll).to_have_attribute("title", re.compile(f"#{made.wrong[0]} .* · label doubt"))
    expect(page.locator(".image-grid .note")).to_have_attribute("title", re.compile("L label doubt"))
    rested(page)
    assert violations(page) == []
