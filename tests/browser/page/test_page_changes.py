"""Changes that a toy run's teacher would answer to: distances that select, and strips."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from accessible import violations
from engines import HeldEngine, cancel_and_begin_again, held
from looks import WAYS, commit_layers, layers_group, with_changes
from playwright.sync_api import Page, expect

from dashboards.session import computing
from dashboards.session.gestures import FlipDistance
from dashboards.session.selection import Step
from dashboards.session.session import Session
from deepvid.engine.requests import DrawStrip, Frames, Superpixels, SuperpixelWeights

pytestmark = pytest.mark.browser

TRAIN = 20
Opened = Callable[..., Session]
Wait = Callable[..., Any]


def distances(made: Any) -> np.ndarray:
    """(space, test image): right ones lie from .5 to 1.5, wrong ones from 0 to .5; half as far in pixels."""
    random = np.random.default_rng(4).uniform(size=len(made.label) - TRAIN)
    wrong = made.predicted[TRAIN:] != made.label[TRAIN:]
    distance = np.where(wrong, random / 2, 0.5 + random)
    distance[::7] = np.nan
    return np.stack([distance, distance / 2])


@pytest.fixture
def changed(made: Any, store: Path) -> Path:
    samples = np.arange(TRAIN, len(made.label))
    said = np.stack([made.label[TRAIN:]] * 3)
    flipped = np.stack([(made.predicted[TRAIN:] + 1) % 4] * 2)
    commit_layers(store, made.run, with_changes(layers_group(said, samples), distances(made), flipped))
    return store


@pytest.fixture
def opened(changed: Path, serve_app: Callable[..., Session], page: Page) -> Opened:
    def opened(query: str = "") -> Session:
        session = serve_app(changed, f"?tab=change&part=flip{query}")
        expect(bins(page).first).to_be_attached()
        return session

    return opened


def bins(page: Page) -> Any:
    return page.locator(".bins .bin")


def edge(page: Page, number: int) -> float:
    """The lower end of a bin, as it is told."""
    told = bins(page).nth(number).get_attribute("aria-label")
    return float(str(told).split(" to ")[0])


def test_g_9_brushing_distances_selects_and_undo_and_links_keep_it(
    page: Page, opened: Opened, made: Any, wait_until: Wait
) -> None:
    session = opened(f"&focus={TRAIN + 1}")
    is_wrong = made.predicted[TRAIN:] != made.label[TRAIN:]
    right, wrong = (np.nanmedian(distances(made)[0][kind]) for kind in (~is_wrong, is_wrong))
    card = page.locator(".card", has=page.locator(".bin"))
    expect(card.locator("h3")).to_have_text(
        f"Median distance to another answer in latents: right {right:.3g}, wrong {wrong:.3f}".replace(
            " 0.", " ."
        )
    )
    expect(card.locator(".detection")).to_contain_text(
        re.compile(r"distance 1\.00 \[.*margin .*confidence .*")
    )
    expect(card.locator(".own")).to_contain_text(f"#{TRAIN + 1} is ")
    first, last = bins(page).nth(2).bounding_box(), bins(page).nth(5).bounding_box()
    assert first is not None
    assert last is not None
    page.mouse.move(first["x"] + 2, first["y"] + 20)
    page.mouse.down()
    page.mouse.move(last["x"] + last["width"] / 2, last["y"] + 30, steps=5)
    expect(page.locator(".brush")).to_be_visible()
    page.mouse.up()
    low, high = edge(page, 2), edge(page, 6)
    with np.errstate(invalid="ignore"):
        inside = (distances(made)[0] >= low) & (distances(made)[0] < high)
    wait_until(lambda: session.selection.count == inside.sum())
    assert 0 < inside.sum() < len(inside)
    ((_, gesture),) = session.selection.steps
    assert gesture == FlipDistance("latent", low, high)
    assert session.population is not None
    chosen = session.population.samples[session.selection.mask]
    assert sorted(chosen - TRAIN) == np.flatnonzero(inside).tolist()
    expect(card.locator("h3")).to_contain_text("selected")
    expect(page).to_have_url(re.compile("select=.*flip-distance"))
    link = page.url
    page.keyboard.press("Control+z")
    wait_until(lambda: session.selection.steps == ())
    again = opened("&" + link.split("?")[1])
    wait_until(lambda: again.selection.count == inside.sum())


def test_g_9_the_space_is_chosen_and_stands_in_the_address(page: Page, opened: Opened) -> None:
    session = opened()
    page.get_by_role("button", name="pixels", exact=True).last.click()
    expect(page.get_by_text("Median distance to another answer in pixels")).to_be_visible()
    expect(page).to_have_url(re.compile("space=pixel"))
    assert session.navigation.space == "pixel"


def test_g_9_the_keyboard_stretches_and_selects(page: Page, opened: Opened, wait_until: Wait) -> None:
    session = opened()
    bins(page).first.focus()
    page.keyboard.press("ArrowRight")
    expect(bins(page).nth(1)).to_be_focused()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Enter")
    wanted = FlipDistance("latent", edge(page, 1), edge(page, 4))
    wait_until(lambda: [step.gesture for step in session.selection.steps] == [wanted])
    assert isinstance(session.selection.steps[0], Step)
    expect(bins(page).nth(3)).to_be_focused()


def test_a_run_of_an_earlier_version_says_what_to_do(
    page: Page, made: Any, store: Path, serve_app: Callable[..., Session]
) -> None:
    said = np.stack([made.label[TRAIN:]] * 3)
    commit_layers(store, made.run, layers_group(said, np.arange(TRAIN, len(made.label))))
    serve_app(store, "?tab=change&part=flip")
    expect(page.get_by_text("by an earlier version")).to_be_visible()
    expect(page.get_by_text(f"deepvid network {made.run} --store {store}")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_histogram_is_accessible(page: Page, opened: Opened, theme: str) -> None:
    opened(f"&theme={theme}&focus=31")
    page.wait_for_timeout(500)
    assert violations(page, stylesheets=False) == []


FRAMES, SHAPE = 8, (12, 12, 1)
CARD = ".strip-card"
TRANSFER = {
    "accuracy": 0.8,
    "epochs": 2,
    "ways": {
        way: {
            "strips": 20,
            "anyway": 0,
            "flips": 20,
            "flips_followed": followed,
            "ends": 20,
            "ends_followed": 18,
        }
        for way, followed in zip(WAYS, (8, 4, 1), strict=True)
    },
}


def frames(answer: int, target: int, share: float) -> Frames:
    """Evidence from −1 to 2, so that frame 4 is the first other answer; the left half gets brighter."""
    logits = np.full((FRAMES, 4), -9.0, "f4")
    logits[:, answer] = 1
    logits[:, target] = 1 + np.linspace(-1, 2, FRAMES)
    difference = np.zeros((FRAMES, *SHAPE), "f4")
    difference[:, :, :6] = share * np.linspace(0, 1, FRAMES)[:, None, None, None]
    return Frames(difference, logits)


@pytest.fixture
def drawer(monkeypatch: pytest.MonkeyPatch, made: Any) -> Iterator[HeldEngine]:
    """Leads every image from its answer to the class that is asked for, or to the next one."""

    def answered(request: DrawStrip) -> Frames:
        answer = int(made.predicted[request.sample])
        target = (answer + 1) % 4 if request.target is None else request.target
        return frames(answer, target, 0.5 if request.space == "pixel" else 0.25)

    with held(monkeypatch, answered, "leading the image", go=True) as engine:
        yield engine


def wrong_and_right(made: Any) -> tuple[int, int]:
    """The first test images of which the teacher is wrong, and right."""
    wrong = made.predicted[TRAIN:] != made.label[TRAIN:]
    return TRAIN + int(wrong.argmax()), TRAIN + int((~wrong).argmax())


def test_d_1_a_strip_towards_or_away_from_a_class(
    page: Page, made: Any, changed: Path, serve_app: Callable[..., Session], drawer: HeldEngine
) -> None:
    wrong, _ = wrong_and_right(made)
    answer, true = int(made.predicted[wrong]), int(made.label[wrong])
    session = serve_app(changed, f"?tab=change&focus={wrong}&space=pixel")
    card = page.locator(CARD)
    expect(card.locator(".frame")).to_have_count(FRAMES)
    names = session.population.class_names if session.population is not None else ()
    expect(card.locator("h3")).to_have_text(
        re.compile(rf"#{wrong} towards {names[true]}, its true class, in pixels: the answer changes between")
    )
    expect(card.locator(".notes")).to_have_text(
        "Each frame adds 0.43 logits of evidence: the target less the answer"
    )
    flips = card.locator(".frame.flip")
    expect(flips).to_have_count(1)
    assert flips.evaluate("e => [...e.parentNode.children].indexOf(e)") == 3
    expect(card.locator(".frame").nth(7)).to_contain_text(names[true])
    expect(card.locator(".frame").nth(7)).to_contain_text("‖Δ‖ 4.24")  # .5 in 72 pixels
    last, first = (
        card.locator(".frame")
        .nth(at)
        .locator(".map")
        .evaluate("e => [...e.getContext('2d').getImageData(2, 6, 1, 1).data.slice(0, 3)]")
        for at in (7, 0)
    )
    assert first == [255, 255, 255]
    assert last[2] > last[0] + 40  # brighter is blue, on the one scale of all frames
    expect(card.locator(".transfer")).to_have_text("Whether another teacher agrees was not measured.")
    card.get_by_label("Where it leads").select_option(label=f"away from {names[answer]}")
    expect(card.locator("h3")).to_contain_text(f"#{wrong} away from {names[answer]}")
    expect(page).to_have_url(re.compile("target=away"))
    card.get_by_role("button", name="smoothed pixels").click()
    expect(card.locator("h3")).to_contain_text("in smoothed pixels")
    expect(card.locator(".frame").nth(7)).to_contain_text("‖Δ‖ 2.12")
    assert [(one.target, one.space) for one in drawer.asked] == [
        (true, "pixel"), (None, "pixel"), (None, "smooth")
    ]  # fmt: skip


def test_d_1_a_right_answer_is_led_to_its_runner_up_and_another_image_to_its_own(
    page: Page, made: Any, changed: Path, serve_app: Callable[..., Session], drawer: HeldEngine
) -> None:
    wrong, right = wrong_and_right(made)
    session = serve_app(changed, f"?tab=change&focus={right}")
    expect(page.locator(f"{CARD} h3")).to_contain_text(f"#{right} towards")
    expect(page.locator(f"{CARD} h3")).to_contain_text("its runner-up")
    session.schedule(lambda: session.focus(wrong))
    expect(page.locator(f"{CARD} h3")).to_contain_text(f"#{wrong} towards")
    expect(page.locator(f"{CARD} h3")).to_contain_text("its true class")


def test_d_1_drawing_is_cancelled_and_begun_again(
    page: Page, made: Any, changed: Path, serve_app: Callable[..., Session], drawer: HeldEngine
) -> None:
    drawer.go.clear()
    serve_app(changed, f"?tab=change&focus={wrong_and_right(made)[0]}")
    cancel_and_begin_again(page.locator(CARD), drawer, "leading the image", "Draw it")
    expect(page.locator(f"{CARD} .frame")).to_have_count(FRAMES)


def test_d_1_without_computing_stored_strips_stay_and_others_say_why(
    page: Page,
    made: Any,
    store: Path,
    serve_app: Callable[..., Session],
    monkeypatch: pytest.MonkeyPatch,
    drawer: HeldEngine,
) -> None:
    wrong, right = wrong_and_right(made)
    true, answer = int(made.label[wrong]), int(made.predicted[wrong])
    samples = np.arange(TRAIN, len(made.label))
    group = layers_group(np.stack([made.label[TRAIN:]] * 3), samples)
    way = frames(answer, true, 0.5)
    strips = np.array([wrong]), np.stack([way.difference] * 3)[None], np.stack([way.logits] * 3)[None]
    flipped = np.stack([(made.predicted[TRAIN:] + 1) % 4] * 2)
    commit_layers(store, made.run, with_changes(group, distances(made), flipped, strips, TRANSFER))
    monkeypatch.setattr(computing, "refusal", lambda: "This server computes nothing.")
    session = serve_app(store, f"?tab=change&focus={wrong}&space=smooth")
    card = page.locator(CARD)
    expect(card.locator(".frame")).to_have_count(FRAMES)
    expect(card.locator(".transfer")).to_contain_text(
        "Another teacher agrees with 20 % [8, 42] of such flips"
    )
    expect(card.locator(".transfer")).to_contain_text("(latents 40 %, pixels 5 %)")
    session.schedule(lambda: session.focus(right))
    expect(card.locator(".empty")).to_contain_text(re.compile("not stored.*This server computes nothing"))
    expect(card.locator(".empty")).to_contain_text("Stored are those of 1 error")
    assert drawer.asked == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_strip_is_accessible(
    page: Page, made: Any, changed: Path, serve_app: Callable[..., Session], drawer: HeldEngine, theme: str
) -> None:
    serve_app(changed, f"?tab=change&theme={theme}&focus={wrong_and_right(made)[0]}")
    expect(page.locator(f"{CARD} .frame")).to_have_count(FRAMES)
    assert violations(page, stylesheets=False) == []


SQUARES = ".superpixels-card"


@pytest.fixture
def coverer(monkeypatch: pytest.MonkeyPatch, made: Any) -> Iterator[HeldEngine]:
    """Of sixteen squares the first speaks for the answer, and the last for the other class; others do not.
    It holds of true classes.
    """

    def covered(request: Superpixels) -> SuperpixelWeights:
        weight = np.zeros((4, 4), "f4")
        weight[0, 0], weight[3, 3] = 2, -1
        well = made.label[request.sample] == request.target
        return SuperpixelWeights(weight, 3, 300, 0.8 if well else 0.3, 0.97)

    with held(monkeypatch, covered, "covering squares", go=True) as engine:
        yield engine


def test_e8_squares_say_whom_they_speak_for_and_how_far_they_can_be_believed(
    page: Page, made: Any, changed: Path, serve_app: Callable[..., Session], coverer: HeldEngine
) -> None:
    wrong, _ = wrong_and_right(made)
    session = serve_app(changed, f"?tab=why&part=squares&focus={wrong}")
    card = page.locator(SQUARES)
    squares = card.locator(".square")
    expect(squares).to_have_count(16)
    names = session.population.class_names if session.population is not None else ()
    answer, true = names[made.predicted[wrong]], names[made.label[wrong]]
    expect(card.locator("h3")).to_have_text(
        f"#{wrong}: most speaks the square in row 1, column 1, for {answer} (+2.00 logits)"
    )
    expect(squares.nth(15)).to_have_attribute("aria-label", f"Row 4, column 4: −1.00 logits for {true}")
    expect(card.locator(".trust")).to_have_text(
        "Held-out R² 0.80, correlation with a repeat of other masks 0.97 (300 masks each)"
    )
    first, last = (
        squares.nth(at).evaluate("e => getComputedStyle(e).backgroundColor.match(/[0-9]+/g).map(Number)")
        for at in (0, 15)
    )
    assert first[2] > first[0] + 40  # blue speaks for the answer
    assert last[0] > last[2] + 20
    assert [one.target for one in coverer.asked] == [made.label[wrong]]


def test_e8_where_squares_do_not_explain_it_that_is_said(
    page: Page, made: Any, changed: Path, serve_app: Callable[..., Session], coverer: HeldEngine
) -> None:
    other = TRAIN + int(((made.predicted[TRAIN:] != 3) & (made.label[TRAIN:] != 3)).argmax())
    serve_app(changed, f"?tab=why&part=squares&focus={other}&target=3")
    expect(page.locator(f"{SQUARES} .warning")).to_contain_text("squares alone do not explain the answer")
    assert violations(page, stylesheets=False) == []


def test_e8_without_computing_it_says_so_and_it_can_be_cancelled(
    page: Page,
    made: Any,
    changed: Path,
    serve_app: Callable[..., Session],
    coverer: HeldEngine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wrong, _ = wrong_and_right(made)
    coverer.go.clear()
    serve_app(changed, f"?tab=why&part=squares&focus={wrong}")
    cancel_and_begin_again(page.locator(SQUARES), coverer, "covering squares", "Cover them")
    expect(page.locator(f"{SQUARES} .square")).to_have_count(16)
    monkeypatch.setattr(computing, "refusal", lambda: "This server computes nothing.")
    serve_app(changed, f"?tab=why&part=squares&focus={wrong}")
    expect(page.locator(f"{SQUARES} .empty")).to_contain_text(re.compile("not stored.*This server computes"))
