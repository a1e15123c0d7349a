"""What a person does on a run of the real pipeline, served by the real command."""

import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import deepvid

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(tiny_store: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "deepvid", "serve", str(tiny_store), "--port", str(port), "--no-show"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    assert f"http://localhost:{port}/app" in server.stdout.readline()
    yield f"http://localhost:{port}/app"
    server.send_signal(signal.SIGINT)
    server.wait(30)


@pytest.fixture
def opened(address: str, page: Page, wait_until: Callable[..., Any]) -> Page:
    port = int(address.split(":")[2].split("/")[0])
    wait_until(lambda: socket.socket().connect_ex(("localhost", port)) == 0, timeout=60)
    page.goto(address)
    expect(page.locator(".focus-card h2")).to_be_visible(timeout=60_000)
    return page


def test_from_the_population_to_one_explained_error(
    opened: Page, tiny_run: Path, figure: Callable[[str], Any]
) -> None:
    run = deepvid.open_run(tiny_run)
    label = run.stages["dataset"].open()["label"].to_numpy()
    predicted = run.stages["teacher"].open()["logits"].to_numpy().argmax(axis=1)
    test = run.stages["dataset"].open()["test"].to_numpy()
    counts = np.zeros((10, 10), int)
    np.add.at(counts, (label[test], predicted[test]), 1)
    errors = np.where(np.eye(10, dtype=bool), 0, counts)
    true, wrong = np.unravel_index(errors.argmax(), errors.shape)

    figure("confusion").click(wrong, 9 - true)
    expect(opened.get_by_role("status")).to_have_text(f"{counts[true, wrong]} selected")

    # The most confident error is under study from the start, with its student and how far to trust it.
    expect(opened.locator(".student-card .trust p")).to_contain_text("held-out neighbors")
    expect(opened.locator(".student-card .large figure")).to_have_count(4)
    assert f"run={run.id}" in opened.url
    assert "select=" in opened.url


def test_a_lasso_selects_exactly_what_it_encloses(
    opened: Page, tiny_run: Path, figure: Callable[[str], Any]
) -> None:
    position = deepvid.open_run(tiny_run).stages["projection-tsne-features-2d"].open()["position"].to_numpy()
    middle = float(np.median(position[:, 0]))
    map_figure = figure("map")
    left, right, bottom, top = map_figure.range()
    pad_x, pad_y = 0.01 * (right - left), 0.01 * (top - bottom)
    corners = [
        (left + pad_x, bottom + pad_y),
        (middle, bottom + pad_y),
        (middle, top - pad_y),
        (left + pad_x, top - pad_y),
    ]
    map_figure.drag([*corners, corners[0]])
    inside = int((position[:, 0] < middle).sum())
    found = opened.get_by_role("status").filter(has_text="selected")
    expect(found).not_to_contain_text("nothing")
    assert abs(int(found.inner_text().split()[0].replace(",", "")) - inside) <= 2  # the mouse moves by pixels


def test_the_archive_lists_the_run(opened: Page, tiny_run: Path) -> None:
    opened.get_by_text("Archive").click()
    expect(opened.locator(".run-table").get_by_text(tiny_run.name).first).to_be_visible()
    assert "page=archive" in opened.url
