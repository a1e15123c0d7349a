"""The Training page in a real Chromium: what opening it, a second run, a brush and a finished epoch cost.

    .venv/bin/python benchmarks/training_page.py [--rows 20000]

Runs are synthetic: 5 epochs, 200 epochs of the same images, and another of 5. A finished epoch is committed
by this process while the page is open, and seen when its headline says so; a page looks for it once a second,
which is part of the time.
"""

import argparse
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import numpy as np
import xarray as xr
from dashboard_page import Opened, Side, chromium, frame_of, listen, opened, served, times_in_turns
from playwright.sync_api import Browser, Page
from records import Baseline, Record, arguments, at_most, lower_is_better, show
from synthetic import Shape, write_run

from deepvid.store import RunWriter, open_run, open_writer

APP = Path(__file__).parents[1] / "dashboards" / "app.py"
FEW, MANY = 5, 200
PLANNED = 100
CHART, CLASSES = ".plot.accuracy .chart", ".training-classes"


def train(writer: RunWriter, epochs: int, planned: int) -> None:
    """The epochs that are not there yet: more is right from one to the next."""
    dataset = writer.run.stages["dataset"].open("label")
    label = dataset["label"].to_numpy()
    generator, series = np.random.default_rng(0), writer.begun_series("teacher", "1" * 12)
    done = series.committed if series else 0
    for number in range(done, epochs):
        said = np.where(generator.random(len(label)) < 0.5 + 0.4 * number / planned, label, (label + 1) % 10)
        logits = generator.normal(size=(len(label), 10)).astype(np.float32)
        logits[np.arange(len(label)), said] += 6
        group = xr.Dataset(
            {
                "parameters": ("parameter", np.zeros(1, np.float32)),
                "test_logits": (("sample", "class"), logits),
                "test_features": (("sample", "feature"), logits[:, :2]),
            },
            coords={"sample": np.arange(len(label), dtype=np.int32)},
        )
        series = series or writer.series("teacher", "1" * 12, group, planned)
        share = float((said == label).mean())
        numbers = {"train_loss": 2.0 / (number + 1), "test_loss": 1.5 / (number + 1), "test_accuracy": share}
        series.append(group, metrics={**numbers, "learning_rate": 0.01, "seconds": 1.0})


def trained(store: Path, rows: int, name: str, epochs: int, planned: int) -> str:
    """A copy of the synthetic run under another name, with such a training."""
    source = write_run(Path(tempfile.gettempdir()) / "deepvid-benchmark-training", Shape(rows))
    target = store / name
    shutil.copytree(source, target)
    with reopened(target) as writer:
        train(writer, epochs, planned)
    return name


def reopened(path: Path) -> RunWriter:
    return open_writer(path.parent, path.name, config=open_run(path).config, provenance={})


def page_of(browser: Browser, address: str, run: str, more: str = "") -> Opened:
    return opened(browser, f"{address}/app?run={run}&page=training{more}", element=CHART)


def cell(page: Page, turn: int) -> None:
    """Another cell of the matrix on Diagnose."""
    listen(page, "pointerup")
    page.locator(f"[data-cell='{turn % 5},{turn % 5}']").first.click()


def brush(page: Page, turn: int) -> None:
    """A drag over a part of the curves."""
    box = frame_of(page, CHART)
    begin = 0.3 + 0.1 * (turn % 3)
    page.mouse.move(*box.at(begin, 0.5))
    page.mouse.down()
    page.mouse.move(*box.at(begin + 0.3, 0.5), steps=3)
    listen(page, "pointerup")
    page.mouse.up()


def class_cell(page: Page, turn: int) -> None:
    """A class in an epoch."""
    listen(page, "pointerup")
    page.locator(".recall").nth(6 + turn % 30).click()


def measured(options: argparse.Namespace) -> Iterator[Record]:
    rows, repeats = (2_000, 3) if options.quick else (options.rows, 10)
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        store = Path(folder)
        few = trained(store, rows, "few-0123abcd", FEW, FEW)
        many = trained(store, rows, "many-0123abcd", MANY, MANY)
        other = trained(store, rows, "other-0123abcd", FEW, FEW)
        growing = trained(store, rows, "growing-0123abcd", FEW, PLANNED)
        with served(store, APP) as (address, _):
            page_of(browser, address, few).page.context.close()  # loads what pages need
            ways = {"few": (few, ""), "many": (many, ""), "two": (few, f"&beside={other}")}
            seconds: dict[str, list[float]] = {name: [] for name in ways}
            for _ in range(repeats):
                for name, (run, more) in ways.items():
                    page, painted = page_of(browser, address, run, more)
                    seconds[name].append(painted)
                    page.context.close()
            baseline = Baseline(f"{FEW} epochs", median(seconds["few"]))
            yield lower_is_better(f"opened, {FEW} epochs", median(seconds["few"]), "s")
            yield lower_is_better(
                f"opened, {MANY} epochs", median(seconds["many"]), "s", baseline, budget=at_most(1.3)
            )
            yield lower_is_better(
                "opened, two runs", median(seconds["two"]), "s", baseline, budget=at_most(1.5)
            )
            sides = [
                Side(opened(browser, f"{address}/app?run={few}", element="[data-cell]").page, cell),
                Side(page_of(browser, address, few).page, brush),
                Side(page_of(browser, address, few).page, class_cell),
            ]
            of_cell, of_brush, of_class = map(median, times_in_turns(sides, repeats))
            baseline = Baseline("cell on Diagnose", of_cell)
            yield lower_is_better("brush of epochs", of_brush, "ms", baseline, budget=at_most(1))
            yield lower_is_better("a class in an epoch", of_class, "ms", baseline, budget=at_most(1))
            page, _ = page_of(browser, address, growing)
            ticks = []
            for epochs in range(FEW + 1, FEW + 1 + repeats):
                with reopened(store / growing) as writer:
                    train(writer, epochs, PLANNED)
                    begun = time.perf_counter()
                    page.get_by_text(f"after epoch {epochs} of {PLANNED}").wait_for()
                    ticks.append(1000 * (time.perf_counter() - begun))
            yield lower_is_better("a finished epoch, committed to seen", median(ticks), "ms")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=20_000, help="test images")
    options = arguments(__doc__, parser)
    show(measured(options), options)
