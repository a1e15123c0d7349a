"""A page starts what it lacks: how far it is, the end, cancelling, and the header of every page."""

from collections.abc import Callable
from pathlib import Path

import pytest
from micro import Recorder, experiment, run
from micro_runs import MicroRuns, copied
from playwright.sync_api import Page, expect

from dashboards.session.session import Session
from deepvid.store import open_run

pytestmark = [pytest.mark.browser, pytest.mark.long]


def test_network_is_computed_from_its_empty_page_and_then_shown(
    page: Page, serve_app: Callable[..., Session], tmp_path: Path, micro_runs: MicroRuns
) -> None:
    path = copied(micro_runs.teacher(), tmp_path)
    serve_app(path.parent, "?page=network")
    expect(page.get_by_text("No layers looked into yet")).to_be_visible()
    page.locator(".empty").get_by_role("button", name="Run it now").click()
    chip = page.get_by_role("button", name="Computations")
    expect(chip).to_contain_text("Layers")
    expect(page.locator(".work:visible").first).to_contain_text("ooking into the layers", timeout=60_000)
    expect(page.locator(".stage[data-column]")).not_to_have_attribute("data-column", "", timeout=60_000)
    expect(chip).to_contain_text("Layers done", timeout=90_000)
    chip.click()
    row = page.get_by_role("dialog", name="Computations").get_by_role("listitem").first
    expect(row).to_contain_text(path.name)
    expect(row).to_contain_text("done")
    page.keyboard.press("Escape")
    expect(chip).to_have_text("Computed")  # somebody knows
    assert open_run(path).stage("layers") is not None


def test_the_rest_of_a_stopped_run_is_started_and_cancelled(
    page: Page, serve_app: Callable[..., Session], tmp_path: Path
) -> None:
    wanted = experiment(teacher={"network": {"kind": "mlp", "hidden": [8]}, "epochs": 100_000, "batch": 20})
    run(tmp_path, wanted, Recorder(), "dataset")
    serve_app(tmp_path)
    strip = page.locator(".status-strip .strip")
    expect(strip).to_contain_text("The run stopped after reading the images, as asked.")
    strip.get_by_role("button", name="Run it now").click()
    expect(strip).to_contain_text("Training the teacher", timeout=60_000)
    expect(strip).to_contain_text("epoch", timeout=60_000)
    strip.get_by_role("button", name="Cancel").click()
    expect(strip).to_contain_text("The run was interrupted while training the teacher.", timeout=60_000)
    expect(strip.get_by_role("button", name="Run it now")).to_be_visible(timeout=30_000)


def test_a_fork_is_made_on_the_page_and_stands_beside_its_control(
    page: Page, serve_app: Callable[..., Session], tmp_path: Path, micro_runs: MicroRuns
) -> None:
    path = copied(micro_runs.teacher(), tmp_path)
    serve_app(path.parent, "?page=training&tab=forks")
    card = page.locator(".training-table")
    expect(card).to_contain_text("What if?")
    card.get_by_label("what if").select_option("leave_out")
    card.get_by_label("units, or images").fill("0,x")
    card.get_by_role("button", name="Plan it").click()
    expect(card.get_by_role("alert")).to_contain_text("whole numbers with commas")
    card.get_by_label("units, or images").fill("0,3")
    card.get_by_role("button", name="Plan it").click()
    expect(card.locator("code")).to_contain_text(f"deepvid fork {path.name}")
    expect(card.locator("code")).to_contain_text("--after=1 --leave-out=0,3")
    card.get_by_role("button", name="Run it now").click()
    expect(card.get_by_role("status")).to_contain_text("it is being trained")
    fork = card.get_by_role("button", name="without 2 images, after epoch 1")
    expect(fork).to_be_visible(timeout=90_000)
    expect(card.get_by_role("button", name="another order of the images (1), after epoch 1")).to_be_visible()
    expect(card).to_contain_text("against its control")
    fork.click()
    expect(fork).to_have_attribute("aria-pressed", "true")
    (made,) = (
        run for run in map(open_run, path.parent.iterdir()) if "leave_out" in str(run.config["teacher"])
    )
    expect(page.locator(".training-curves").get_by_role("combobox").first).to_have_value(made.id)
    assert made.config["teacher"]["changes"] == [{"after": 1, "action": "leave_out", "samples": [0, 3]}]
