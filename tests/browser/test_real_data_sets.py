"""The seed systems' promises about data sets, on pages of runs of the real pipeline."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import deepvid

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.slow]

TRAIN, TEST = 200, 1200  # as MNIST's 10,000 and 60,000: the smaller split trains
SWAPPED = (
    "dataset.swap=true",
    f"dataset.train={TRAIN}",
    f"dataset.test={TEST}",
    "teacher.network={kind='mlp', hidden=[16]}",
    "teacher.epochs=2",
    "projections=[{method='pca', of='pixels'}]",
)
FASHION = [  # as the proposal lists them
    "t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot",
]  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """It has a run whose splits are drawn anew from both of the source's."""
    store = tmp_path_factory.mktemp("swapped")
    command = [sys.executable, "-m", "deepvid", "run", "fashion_mnist_small", "--store", str(store)]
    settings = [argument for setting in SWAPPED for argument in ("--set", setting)]
    done = subprocess.run(
        [*command, "--stop-after", "teacher", *settings], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return store


@pytest.fixture(scope="module")
def address(store: Path, serve_command: Any) -> Iterator[str]:
    with serve_command(store) as served:
        yield served.address


@pytest.fixture
def opened(address: str, page: Page) -> Page:
    page.goto(address)
    expect(page.locator(".focus-card h2")).to_be_visible(timeout=180_000)
    return page


def test_b_v1_the_larger_split_is_tested_and_the_run_says_how_they_were_drawn(
    opened: Page, store: Path, cell: Callable[..., Any]
) -> None:
    (path,) = (path for path in store.iterdir() if path.is_dir())
    data = deepvid.open_run(path).open("dataset")
    trained, held_out = (np.bincount(data["label"][data["test"] == part], minlength=10) for part in (0, 1))
    assert (trained.sum(), held_out.sum()) == (TRAIN, TEST)
    assert np.abs(held_out / TEST - trained / TRAIN).max() <= 1 / TRAIN  # every class has its share
    expect(opened.get_by_text(re.compile(f"^{TEST:,} images, \\d+ misclassified")).first).to_be_visible()
    cell(1, 1).hover()
    expect(opened.get_by_text(re.compile(rf"Trouser recognized \(\d+ % of {held_out[1]} "))).to_be_visible()
    opened.get_by_role("button", name="Archive", exact=True).click()
    opened.locator("summary", has_text="settings").click()
    for name, value in {
        "train images": f"{TRAIN}",
        "test images": f"{TEST:,}",
        "dataset.swap": "True",
        "dataset.train": f"{TRAIN}",
        "dataset.test": f"{TEST}",
        "seed": "0",
    }.items():
        expect(opened.locator(f"dt:text-is('{name}') + dd span").first).to_have_text(value)


def test_b_d2_the_ten_fashion_classes_have_the_names_of_the_proposal(opened: Page) -> None:
    names = opened.locator(".matrix .beside .name").all_inner_texts()
    found = [name.lower().removesuffix("/top") for name in names]
    assert sorted(found) == sorted(FASHION)
    canvas = opened.locator(".focus-card canvas.picture")
    assert canvas.evaluate("e => [e.width, e.height]") == [28, 28]
