"""How long a person waits for the dashboard, in a real Chromium, on synthetic runs of any size.

    .venv/bin/python benchmarks/dashboard.py [--json] [--quick]

A time runs from the mouse event in the page to the frame after the last change that the server sent for it
was applied: everything that is linked is painted then. The baseline of a lasso is the same one through
HoloViews' `link_selections` on the same points (`linked_baseline.py`: a map by class and a confusion matrix),
or a box where neither shapely nor spatialpandas is installed; it is null where no answer comes in three
minutes. The baseline of every other gesture is the lasso. 10 million points need 3 GB of disk and are left
out by --quick.
"""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from statistics import median

import numpy as np
import psutil
from dashboard_gestures import box, cell, click, hover, lasso, ribbon, sector
from dashboard_page import HERE, chromium, opened, served, times, times_in_turns, visit_all_pages
from playwright.sync_api import Browser, Page, TimeoutError
from records import Baseline, Record, arguments, at_most, lower_is_better, show
from synthetic import Shape, write_run

APP = HERE.parent / "dashboards" / "app.py"
EMPTY, LINKED = HERE / "empty_page.py", HERE / "linked_baseline.py"
SMALL, MILLION, LARGE = 70_000, 1_000_000, 10_000_000
GESTURES = {"confusion cell": (cell, 1.3), "hover": (hover, 0.8), "click": (click, 0.8)}  # of the lasso's p95
READINGS = {"sunburst sector": ("sunburst", sector), "chord ribbon": ("chord", ribbon)}
MEGA = 1e6
DISCARDED = 4  # s after which the server forgets a closed page
LASSO = bool(find_spec("shapely") or find_spec("spatialpandas"))  # what HoloViews can be asked for


def measure(quick: bool) -> Iterator[Record]:
    """All records, small runs first."""
    store = Path(tempfile.mkdtemp(prefix="deepvid-benchmark-"))
    small: float | None = None  # ms of a lasso among the fewest rows
    try:
        with chromium() as browser:
            for rows in (SMALL,) if quick else (SMALL, MILLION, LARGE):
                run = write_run(store, Shape(rows)).name
                repeats = 3 if quick else 40 if rows <= MILLION else 12  # of 10 million, one takes seconds
                with served(store, APP, EMPTY) as (address, _):
                    if rows == SMALL:
                        yield _first_paint(browser, address, run, 1 if quick else 9)
                    seen = _gestures(browser, f"{address}/app?run={run}", repeats)
                    for name in READINGS:
                        yield _reading(browser, f"{address}/app?run={run}", name, rows, repeats)
                    if quick or rows == MILLION:
                        yield _all_pages_visited(browser, f"{address}/app?run={run}", rows, repeats)
                yield from _beside(seen, _linked_lassos(browser, store, run, max(3, repeats // 4)), rows)
                small = small or median(seen["lasso"])
                if rows == LARGE:
                    baseline = Baseline(f"the same, {_size(SMALL)}", small)
                    yield _lasso(rows, 50, seen["lasso"], baseline, at_most(2.5))
                if rows == MILLION:
                    yield from _memory(browser, store, run)
    finally:
        shutil.rmtree(store)


def _first_paint(browser: Browser, address: str, run: str, repeats: int) -> Record:
    """Both pages in turns from one server, which has shown both before."""
    addresses = (f"{address}/app?run={run}", f"{address}/empty_page")
    turns = [[_painted(browser, page) for page in addresses] for _ in range(repeats + 1)]
    ours, empty = (median(column) for column in zip(*turns[1:], strict=True))
    baseline = Baseline("an empty page of the same template", empty)
    return lower_is_better(f"first paint, {_size(SMALL)}", ours, "s", baseline, budget=at_most(1.3))


def _painted(browser: Browser, address: str) -> float:
    page, seconds = opened(browser, address)
    page.context.close()
    return seconds


def _gestures(browser: Browser, address: str, repeats: int) -> dict[str, list[float]]:
    """Milliseconds of every gesture, all in one page."""
    page, _ = opened(browser, address)
    seen = {"lasso": times(page, lasso, repeats)}
    seen |= {name: times(page, gesture, repeats) for name, (gesture, _) in GESTURES.items()}
    page.context.close()
    return seen


def _reading(browser: Browser, address: str, name: str, rows: int, repeats: int) -> Record:
    """Two sessions in turns: in one what `READINGS` names is clicked, in the other a confusion cell."""
    reading, gesture = READINGS[name]
    other, matrix = (opened(browser, f"{address}&reading={each}").page for each in (reading, "matrix"))

    def click_either(page: Page, turn: int) -> None:
        (gesture if page is other else cell)(page, turn)

    ours, cells = times_in_turns([other, matrix], click_either, repeats)
    for page in (other, matrix):
        page.context.close()
    baseline = Baseline("a confusion cell's p95", float(np.percentile(cells, 95)))
    value = float(np.percentile(ours, 95))
    return lower_is_better(f"{name}, {_size(rows)}, p95", value, "ms", baseline, budget=at_most(1.3))


def _all_pages_visited(browser: Browser, address: str, rows: int, repeats: int) -> Record:
    """Two sessions of one server in turns: one has seen every page, one only the first."""
    pages = [opened(browser, address).page for _ in range(2)]
    visit_all_pages(pages[0])
    visited, fresh = times_in_turns(pages, lasso, repeats)
    for page in pages:
        page.context.close()
    name = f"a lasso with all pages visited, {_size(rows)}, p50"
    baseline = Baseline("with one page visited", median(fresh))
    return lower_is_better(name, median(visited), "ms", baseline, budget=at_most(1.1))


def _linked_lassos(browser: Browser, store: Path, run: str, repeats: int) -> list[float] | None:
    """Milliseconds of HoloViews' own, or None where it does not answer in time."""
    with served(store, LINKED) as (address, _), suppress(TimeoutError):
        page, _ = opened(browser, f"{address}/linked_baseline?run={run}")
        try:
            return times(page, lasso if LASSO else box, repeats)
        finally:
            page.context.close()
    return None


def _beside(seen: dict[str, list[float]], linked: list[float] | None, rows: int) -> Iterator[Record]:
    """The lasso beside HoloViews' own, and every other gesture beside the lasso."""
    for share, budget in ((50, 5.0), (95, None)):
        value = None if linked is None else float(np.percentile(linked, share))
        baseline = Baseline(f"HoloViews link_selections, {'lasso' if LASSO else 'box'}", value)
        yield _lasso(rows, share, seen["lasso"], baseline, budget)
    slow = Baseline("the lasso's p95", float(np.percentile(seen["lasso"], 95)))
    for name, (_, most) in GESTURES.items():
        value = float(np.percentile(seen[name], 95))
        yield lower_is_better(f"{name}, {_size(rows)}, p95", value, "ms", slow, budget=at_most(most))


def _lasso(rows: int, share: int, lassos: list[float], baseline: Baseline, budget: float | None) -> Record:
    name = f"lasso to all views painted, {_size(rows)}, p{share}"
    return lower_is_better(name, float(np.percentile(lassos, share)), "ms", baseline, budget=budget)


def _memory(browser: Browser, store: Path, run: str, sessions: int = 5) -> Iterator[Record]:
    """What sessions with a selection take while they are open, and what they leave behind.

    Ten are compared to five that were open before them, for the first ones grow what all of them share.
    """
    with served(store, APP, lifetime=DISCARDED) as (address, server):
        page = f"{address}/app?run={run}"
        _sessions(browser, page, server, sessions)
        few, _ = _sessions(browser, page, server, sessions)
        many, before = _sessions(browser, page, server, 2 * sessions)
        _, after = _sessions(browser, page, server, 2 * sessions)
    row = Baseline("6 bytes a row", 6 * MILLION / MEGA)
    taken, kept = max(many - few, 1) / sessions / MEGA, (after - before) / sessions / 2 / MEGA
    yield lower_is_better(f"memory of a further session, {_size(MILLION)}", taken, "MB", row, budget=1)
    yield lower_is_better(f"memory kept of a closed session, {_size(MILLION)}", kept, "MB")


def _sessions(browser: Browser, address: str, server: psutil.Process, count: int) -> tuple[int, int]:
    """The server's bytes with as many open, a selection in all of them, and after they were closed."""
    pages = [opened(browser, address).page for _ in range(count)]
    for turn, page in enumerate(pages):
        lasso(page, turn)
        page.wait_for_timeout(500)
    size: int = server.memory_info().rss
    for page in pages:
        page.context.close()
    time.sleep(2 * DISCARDED)
    return size, server.memory_info().rss


def _size(rows: int) -> str:
    return f"{rows // 1000:,}k"


if __name__ == "__main__":
    options = arguments(__doc__)
    show(measure(options.quick), options)
