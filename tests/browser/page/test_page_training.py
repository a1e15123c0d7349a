"""The Training page: four classes that are learned, one of which is forgotten on the way."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from accessible import violations
from courses import commit_record, commit_training
from playwright.sync_api import Locator, Page, expect
from resting import rested

from dashboards.session.gestures import ClassChanges, Samples
from dashboards.session.selection import Mode, Step
from dashboards.session.session import Session
from deepvid.logger import LoggedRun, log_run
from deepvid.logger.steps import PERIOD
from deepvid.store import RunWriter, open_run, open_writer, read_control

pytestmark = pytest.mark.browser

TRAIN, EPOCHS, FORGOTTEN = 20, 5, 2  # "cross", in its second epoch
Wait = Callable[..., Any]
Open = Callable[..., Session]


def said(label: np.ndarray, epochs: int = EPOCHS) -> list[np.ndarray]:
    """Of the test images: every epoch a tenth more is right, and after the second epoch no cross is."""
    right = [np.arange(len(label)) % 10 <= 5 + epoch for epoch in range(epochs)]
    if epochs > 1:
        right[1] &= label != FORGOTTEN
    return [np.where(one, label, (label + 1) % 4) for one in right]


def train(writer: RunWriter, made: Any, epochs: int = EPOCHS, **options: Any) -> None:
    label = made.label[TRAIN:]
    commit_training(writer, said(label, epochs), label, np.arange(TRAIN, TRAIN + len(label)), **options)


def reopened(store: Path, run: str) -> RunWriter:
    return open_writer(store, run, config=open_run(store / run).config, provenance={})


@pytest.fixture
def trained(made: Any, store: Path) -> Path:
    with reopened(store, made.run) as writer:
        train(writer, made)
    return store


@pytest.fixture
def training(trained: Path, made: Any, serve_app: Open, page: Page) -> Open:
    """`training(query)` opens the page on it."""

    def open_page(query: str = "") -> Session:
        session = serve_app(trained, f"?run={made.run}&page=training{query}")
        chart(page).wait_for()
        return session

    return open_page


def chart(page: Page, of: str = "accuracy") -> Locator:
    return page.locator(f".plot.{of} .chart")


def choice(page: Page, name: str) -> Locator:
    return page.locator(".training-curves").get_by_role("button", name=name, exact=True)


def brush(page: Page, first: int, last: int, of: str = "accuracy") -> None:
    """Drags from the middle of one epoch, from 1, to that of another."""
    box = chart(page, of).bounding_box()
    assert box is not None
    for number, at in enumerate((first, last)):
        page.mouse.move(box["x"] + box["width"] * at / EPOCHS - 1, box["y"] + box["height"] / 2, steps=2)
        (page.mouse.up if number else page.mouse.down)()


def test_e6_curves_are_seen_and_read_epoch_by_epoch(page: Page, training: Open) -> None:
    training()
    expect(page.locator(".training-curves h2")).to_have_text("100.0 % right [99.0, 100.0] after 5 epochs")
    for of in ("loss", "accuracy", "rate"):
        expect(chart(page, of)).to_be_visible()
    chart(page).focus()
    page.keyboard.press("Home")
    expect(page.locator(".training-curves .readout")).to_contain_text("Epoch 1: loss ")
    expect(page.locator(".training-curves .readout")).to_contain_text("right 60.0 % [55.1 %, 64.7 %]")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".training-curves .readout")).to_contain_text("Epoch 2")


def test_e16_a_brush_of_epochs_selects_who_changed_class_on_every_page(
    page: Page, training: Open, made: Any, wait_until: Wait
) -> None:
    session = training()
    brush(page, 2, 3)
    wait_until(lambda: session.selection.steps == (Step(Mode.REPLACE, ClassChanges(2, 3)),))
    label = made.label[TRAIN:]
    epochs = said(label)
    changed = (epochs[0] != epochs[1]) | (epochs[1] != epochs[2])
    assert session.selection.count == changed.sum()
    expect(page.locator(".image-grid h2")).to_contain_text(f"{changed.sum()} images whose class changed")
    expect(page.locator(".chart .brush").first).to_be_visible()
    expect(page.locator(".drawn.selected")).to_have_count(1)  # how they were learned
    wait_until(lambda: "changed" in page.url)
    brush(page, 2, 3)  # again: they are let go
    wait_until(lambda: session.selection.mask is None)


def test_b_i1_a_class_is_learned_and_forgotten(page: Page, training: Open, wait_until: Wait) -> None:
    session = training()
    card = page.locator(".training-classes")
    expect(card.locator("h2")).to_contain_text("cross is forgotten in epoch 2: 60 → 0 %")
    cell = card.locator("tr", has_text="cross").locator("button").nth(1)
    expect(cell).to_contain_text("▼")
    cell.click()
    wait_until(lambda: session.selection.steps == (Step(Mode.REPLACE, ClassChanges(2, 2, FORGOTTEN)),))
    expect(cell).to_have_attribute("aria-pressed", "true")
    label = session.population.label[session.selection.mask]  # type: ignore[union-attr]
    assert set(label.tolist()) == {FORGOTTEN}
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+Enter")
    wait_until(lambda: len(session.selection.steps) == 2)


def test_alarms_say_since_when_and_how_often_they_are_wrong(
    page: Page, made: Any, store: Path, serve_app: Open, wait_until: Wait
) -> None:
    label = made.label[TRAIN:]
    chance = np.random.default_rng(0).integers(0, 4, (4, len(label)))
    with reopened(store, made.run) as writer:
        commit_training(writer, list(chance), label, np.arange(TRAIN, TRAIN + len(label)))
    session = serve_app(store, f"?run={made.run}&page=training")
    alarm = page.locator(".training-alarms .alarm")
    expect(alarm).to_have_count(1)
    expect(alarm).to_contain_text("Test images at chance")
    expect(alarm).to_contain_text("naming their commonest class has 25.0 %")
    expect(alarm).to_contain_text("healthy trainings. It does not see")
    alarm.get_by_role("button", name="epoch 4").click()
    wait_until(lambda: session.selection.steps == (Step(Mode.REPLACE, ClassChanges(4, 4)),))


def test_no_alarm_is_said_with_how_often_the_rules_ring_for_nothing(page: Page, training: Open) -> None:
    training()
    expect(page.locator(".training-alarms")).to_contain_text("No alarm in 5 epochs")
    expect(page.locator(".training-alarms")).to_contain_text("healthy trainings")


@pytest.fixture
def recorded(trained: Path, made: Any) -> Path:
    with reopened(trained, made.run) as writer:
        commit_record(writer, EPOCHS)
    return trained


def test_e7_each_layer_says_how_far_a_step_moves_it(
    recorded: Path, page: Page, serve_app: Open, made: Any
) -> None:
    serve_app(recorded, f"?run={made.run}&page=training&tab=layers&axis=step")
    card = page.locator(".training-table")
    expect(card.locator("h2")).to_have_text("stem.conv moves the least: 1.7 times less than the median layer")
    row = card.get_by_role("row", name="dense")
    expect(row.locator("td").nth(1)).to_have_text("−2.5")  # log10 of .003
    expect(row.locator("td").nth(2)).to_have_text("−2.5 to −2.5")
    expect(row.locator(".curve")).to_have_count(2)
    expect(page.locator(".plot.rate")).to_contain_text("200")  # steps, of 40 an epoch
    line = page.locator(".plot.loss .drawn.faint")
    assert len((line.get_attribute("d") or "").split("L")) == 5 * 40  # of the steps, not of the epochs


def test_e15_each_layer_says_how_much_its_outputs_drift(
    recorded: Path, page: Page, serve_app: Open, made: Any
) -> None:
    serve_app(recorded, f"?run={made.run}&page=training&tab=layers")
    row = page.locator(".training-table").get_by_role("row", name="pool")
    expect(row.locator("td").nth(1)).to_have_text("0.50")
    expect(row.locator("td").last).to_have_text("50 %")


def test_a_run_of_an_earlier_version_says_that_its_layers_were_not_recorded(
    page: Page, training: Open
) -> None:
    training("&tab=layers")
    expect(page.get_by_text("How far its layers move was not recorded")).to_be_visible()


def test_axes_stand_in_the_address(page: Page, training: Open, wait_until: Wait) -> None:
    training("&axis=second&ratios=yes")
    expect(page.locator(".training-curves .plot.rate")).to_contain_text("seconds")
    expect(choice(page, "log")).to_have_attribute("aria-pressed", "true")
    choice(page, "epochs").click()
    choice(page, "linear").click()
    wait_until(lambda: "axis=" not in page.url and "ratios" not in page.url)


def test_e1_two_runs_are_seen_on_the_same_axes(
    page: Page, training: Open, made: Any, trained: Path, complete_run: Any, wait_until: Wait
) -> None:
    other = complete_run(trained, "others", teacher=2)
    with reopened(trained, other.run) as writer:
        train(writer, made, 3, planned=10)
    training()
    page.get_by_label("On the same axes").select_option(other.run)
    expect(page.locator(".plot.accuracy .drawn.beside")).to_have_count(2)
    expect(page.locator(".training-curves .keys")).to_contain_text(other.run)
    wait_until(lambda: f"beside={other.run}" in page.url)
    page.get_by_role("tab", name="Numbers").click()
    row = page.locator(".training-table tr", has_text="test accuracy")
    expect(row.locator("td").last).to_have_text("0.8")
    expect(row.locator(".curve .beside")).to_have_count(1)
    page.get_by_label("Names of the numbers").fill("te*acc")
    expect(page.locator(".training-table tbody tr")).to_have_count(1)
    wait_until(lambda: "pattern=te" in page.url)


@pytest.mark.fresh
def test_e16_a_training_under_way_grows_and_leaves_the_selection(
    page: Page, serve_app: Open, tmp_path: Path, begin_run: Any, groups: Any, made: Any
) -> None:
    with begin_run(tmp_path) as writer:
        writer.commit_stage("dataset", "a" * 12, groups.dataset())
        session = serve_app(tmp_path, "?page=training")
        expect(page.get_by_text("The training begins").first).to_be_visible()
        train(writer, made, 2, planned=EPOCHS)
        title = page.locator(".training-curves h2")
        expect(title).to_contain_text("after epoch 2 of 5, under way")
        session.schedule(lambda: session.select(Step(Mode.REPLACE, Samples((40, 41, 42)))))
        expect(page.locator(".drawn.selected")).to_have_count(1)
        choice(page, "log").click()
        train(writer, made, 3, planned=EPOCHS)
        expect(title).to_contain_text("after epoch 3 of 5, under way")
        expect(choice(page, "log")).to_have_attribute("aria-pressed", "true")
        assert session.selection.steps == (Step(Mode.REPLACE, Samples((40, 41, 42))),)
        box = chart(page).bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + 0.98 * box["width"], box["y"] + 20)  # an epoch that is still to come
        expect(page.locator(".training-curves .readout")).to_have_text("Epoch 5 is still to come")
        assert session.selection.count == 3


LABELS = np.arange(60) % 3


def begin_logging(store: Path) -> LoggedRun:
    images = np.random.default_rng(0).integers(0, 256, (60, 12, 12), dtype=np.uint8)
    return log_run("own", images, LABELS, test=np.arange(30, 60), epochs=3, store=store)


def log_epoch(run: LoggedRun, epoch: int) -> None:
    """Forty steps, then what the classifier answers."""
    for step in range(40):
        run.step(loss=2 / (1 + epoch + step / 40), accuracy=0.5, **{"<b>margin</b>": step})
    logits = (1 + epoch) * np.eye(3, dtype=np.float32)[LABELS]
    run.epoch(logits=logits, features=logits)


@pytest.mark.fresh
def test_e6_a_training_of_a_persons_own_is_paused_and_stopped(
    page: Page, serve_app: Open, tmp_path: Path, wait_until: Wait
) -> None:
    with begin_logging(tmp_path) as run:
        log_epoch(run, 0)
        serve_app(tmp_path, f"?run={run.id}&page=training&tab=numbers&axis=step")
        line = page.locator(".plot.loss .drawn.faint")
        expect(line).to_be_visible()
        assert len((line.get_attribute("d") or "").split("L")) == 40
        row = page.locator(".training-table tr", has_text="<b>margin</b>, by step")
        expect(row.locator("td").nth(1)).to_have_text("39")
        control = page.locator(".training-control")
        expect(control).to_contain_text("Training is under way.")
        for loss in (0.75, 0.5):
            run.step(loss=loss, accuracy=0.5)
            time.sleep(PERIOD)
        run.step(loss=0.25)
        expect(control).to_contain_text("Epoch 2, step 2: loss 0.50, 50 % right")
        wait_until(lambda: len((line.get_attribute("d") or "").split("L")) == 42)
        control.get_by_role("button", name="Pause", exact=True).click()
        expect(control).to_contain_text("Pausing at the next step.")
        wait_until(lambda: read_control(run.path) == "pause")
        control.get_by_role("button", name="Go on", exact=True).click()
        control.get_by_role("button", name="Stop", exact=True).click()
        wait_until(lambda: read_control(run.path) == "stop")
        expect(control.get_by_role("button", name="Stop", exact=True)).to_be_disabled()
        while True:
            run.step(loss=1)
    assert run.stopped
    expect(control.get_by_role("button")).to_have_count(0)


@pytest.mark.fresh
def test_who_may_not_write_is_told_why_a_training_cannot_be_stopped(
    page: Page, serve_app: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = "This server is read only: it was started with --read-only."
    monkeypatch.setattr("dashboards.views.training.control.store_refusal", lambda _: refusal)
    with begin_logging(tmp_path) as run:
        log_epoch(run, 0)
        serve_app(tmp_path, f"?run={run.id}&page=training")
        control = page.locator(".training-control")
        expect(control).to_contain_text(refusal)
        for name in ("Pause", "Stop"):
            expect(control.get_by_role("button", name=name, exact=True)).to_be_disabled()
        assert read_control(run.path) == "go"


def test_a_run_without_epochs_says_when_they_come(page: Page, serve_app: Open, made: Any) -> None:
    serve_app(made.path, "?page=training")
    expect(page.get_by_text("It appears after the first epoch.").first).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_breaks_no_rule_of_accessibility(page: Page, training: Open, theme: str) -> None:
    training(f"&theme={theme}")
    rested(page)
    broken = violations(page)
    page.get_by_role("tab", name="Numbers").click()
    rested(page)
    assert broken + violations(page, stylesheets=False) == []


@pytest.mark.parametrize("width", [960, 1280])
def test_nothing_of_it_is_out_of_a_narrow_window(page: Page, training: Open, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 720})
    training()
    for name in ("Undo", "Dark theme", "Save the selection"):
        expect(page.get_by_role("button", name=name)).to_be_in_viewport(ratio=1)
    for of in ("loss", "accuracy", "rate"):
        box = chart(page, of).bounding_box()
        assert box is not None
        assert 0 < box["x"] < box["x"] + box["width"] <= width
        assert box["height"] >= 40
