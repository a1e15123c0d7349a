"""An optimizer's way to a student is drawn, by an engine that answers what a test says."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from engines import HeldEngine, cancel_and_begin_again, held
from playwright.sync_api import Locator, Page, expect

from dashboards.session.session import Session
from deepvid.engine.requests import Followed, FollowOptimizer, Optimum

pytestmark = pytest.mark.browser

SHEET = ".explain-card .sheet.curve"
FITTED, HELD_OUT, AGREEMENT = [0.8, 0.4, 0.2, 0.1], [0.9, 0.6, 0.4, 0.3], [0.25, 0.5, 0.75, 0.88]
OPTIMUM = Optimum(0.05, 0.2, 0.94, 1.0)
HEIGHTS = "e => e.getAttribute('d').match(/,[\\d.]+/g).map((height) => Number(height.slice(1)))"


def answer(request: FollowOptimizer) -> Followed:
    """Four epochs, of which sgd makes two before it diverges."""
    count = 2 if request.settings.solver == "sgd" else 4
    return Followed(
        request.sample,
        request.settings,
        np.arange(count),
        np.array(FITTED[:count]),
        np.array(HELD_OUT[:count]),
        np.array(AGREEMENT[:count]),
        np.array([1.8, 1.4, 1.2, 1.1][:count]),
        OPTIMUM,
        floor=0.71,
        neighbors=100,
    )


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[HeldEngine]:
    with held(monkeypatch, answer, "step 8 of 200", go=False) as engine:
        yield engine


@pytest.fixture
def session(serve_app: Callable[..., Session], made: Any, page: Page, tmp_path: Path) -> Session:
    path = Path(shutil.copytree(made.path, tmp_path / "runs"))
    session = serve_app(path, f"?focus={made.fitted[1]}")
    expect(page.locator(".explain-card .methods")).to_be_visible()
    return session


def opened(page: Page) -> Locator:
    page.get_by_role("button", name="Settings", exact=True).click()
    page.get_by_role("button", name="Curve …").click()
    sheet = page.locator(SHEET)
    expect(sheet).to_be_visible()
    return sheet


def ask(sheet: Locator, **typed: str) -> None:
    """Changes what is typed and draws again."""
    for label, text in typed.items():
        field = sheet.get_by_label(label.replace("_", " ").capitalize(), exact=True)
        field.select_option(text) if label == "optimizer" else field.fill(text)
    sheet.get_by_role("button", name="Draw").click()


def test_a_s3_each_epoch_has_its_losses_and_agreement_beside_the_floor(
    page: Page, engine: HeldEngine, session: Session, made: Any
) -> None:
    sheet = opened(page)
    expect(sheet.locator(".work")).to_contain_text(f"Drawing the curve of #{made.fitted[1]}")
    engine.go.set()
    expect(sheet.locator(".work")).to_be_hidden()
    (asked,) = engine.asked
    use = asked.settings
    assert (asked.sample, use.solver, use.learning_rate, use.steps) == (made.fitted[1], "adam", 0.01, 200)
    ways = sheet.locator("path.drawn")
    expect(ways).to_have_count(3)
    fitted, held_out, agreement = (ways.nth(number).evaluate(HEIGHTS) for number in range(3))
    assert fitted == sorted(fitted)  # down, with the loss
    assert held_out == sorted(held_out)
    assert agreement == sorted(agreement, reverse=True)
    assert [above < below for above, below in zip(held_out, fitted, strict=True)] == [True] * 4
    levels = sheet.locator("path.level")
    values = levels.evaluate_all("all => all.map((one) => Number(one.dataset.value))")
    assert values == pytest.approx([0.05, 0.2, 0.71, 0.94])  # loss at the optimum; guessing and the optimum
    readout = sheet.locator(".readout")
    expect(readout).to_have_text("Step 3: loss 0.100 nats fitted, 0.300 held out; agreement 88 %")
    sheet.locator(".chart").first.focus()
    page.keyboard.press("Home")
    expect(readout).to_have_text("Step 0: loss 0.800 nats fitted, 0.900 held out; agreement 25 %")
    page.keyboard.press("ArrowRight")
    expect(readout).to_contain_text("Step 1: loss 0.400 nats fitted, 0.600 held out")
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)


def test_a_s3_another_optimizer_is_drawn_and_one_that_diverges_says_so(
    page: Page, engine: HeldEngine, session: Session
) -> None:
    engine.go.set()
    sheet = opened(page)
    ask(sheet, optimizer="nesterov", learning_rate="0.25", steps="3")
    expect(sheet.locator(".sentence")).to_contain_text("After 3 steps nesterov is 0.1 nats above the least")
    expect(sheet.locator(".sentence")).to_contain_text(
        "it agrees on 88 % [80–93], the optimum on 94 %, guessing on 71 %"
    )
    use = engine.asked[-1].settings
    assert (use.solver, use.learning_rate, use.steps) == ("nesterov", 0.25, 3)
    ask(sheet, optimizer="sgd")
    expect(sheet.locator(".sentence")).to_contain_text("sgd diverges: after step 1 no number is finite")
    assert (
        engine.asked[-1].settings.learning_rate == 0.5
    )  # each optimizer has a rate of its own to begin with


def test_a_s3_what_is_typed_wrongly_is_said_and_asks_nothing(
    page: Page, engine: HeldEngine, session: Session, wait_until: Callable[..., Any]
) -> None:
    engine.go.set()
    sheet = opened(page)
    expect(sheet.locator("path.drawn")).to_have_count(3)
    for number, wrong in enumerate(("fast", "nan", "1e999", "-1", "9" * 3000, "<b>1</b>")):
        ask(sheet, learning_rate=wrong)
        expect(sheet.locator(".warning")).to_contain_text("learning_rate")
        expect(sheet.get_by_label("Learning rate", exact=True)).to_have_value(wrong)
        ask(sheet, learning_rate="0.1")
        expect(sheet.locator(".warning")).to_have_count(0)
        wait_until(lambda asked=number + 2: len(engine.asked) == asked)
        expect(sheet.locator(".work:visible")).to_have_count(0)  # the sheet stands, and so does its button
    ask(sheet, steps="0")
    expect(sheet.locator(".warning")).to_contain_text("steps")
    assert {asked.settings.learning_rate for asked in engine.asked} == {0.01, 0.1}


def test_a_s3_a_curve_is_given_up_and_begun_again(page: Page, engine: HeldEngine, session: Session) -> None:
    sheet = opened(page)
    cancel_and_begin_again(sheet, engine, "step 8 of 200", "Draw")
    expect(sheet.locator("path.drawn")).to_have_count(3)


def test_a_s3_who_types_goes_on_in_the_field_when_the_curve_arrives(
    page: Page, engine: HeldEngine, session: Session
) -> None:
    sheet = opened(page)
    steps = sheet.get_by_label("Steps", exact=True)
    steps.fill("59")
    page.keyboard.press("ArrowLeft")
    engine.go.set()
    expect(sheet.locator("path.drawn")).to_have_count(3)
    expect(steps).to_be_focused()
    page.keyboard.type("7")
    expect(steps).to_have_value("579")


def test_a_s3_a_button_that_is_pressed_while_the_curve_arrives_is_clicked(
    page: Page, engine: HeldEngine, session: Session
) -> None:
    sheet = opened(page)
    expect(sheet.locator(".work")).to_be_visible()
    sheet.get_by_role("button", name="Close").hover()
    page.mouse.down()
    engine.go.set()
    expect(sheet.locator(".work")).to_be_hidden()
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.mouse.up()
    expect(sheet).to_have_count(0)
