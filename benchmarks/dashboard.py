"""How long a person waits for the dashboard, in a real Chromium, on synthetic runs of any size.

    .venv/bin/python benchmarks/dashboard.py [--json] [--quick]

A time runs from the mouse event in the page to the frame after the last change that the server sent for it
was applied: everything that is linked is painted then. The baseline of a lasso is the same one through
HoloViews' `link_selections` on the same points (`linked_baseline.py`: a map by class and a confusion matrix),
or a box where neither shapely nor spatialpandas is installed; that of a query, a ribbon of the chord diagram,
a latent and a morph is the same through `pn.bind` (`plain_population.py`, `plain_models.py`). It is null
where no answer comes in three minutes. HoloViews has no lasso in three dimensions, so ours stands beside our
flat one. The baseline of every other gesture is the lasso, or a cell of the confusion matrix.

10 million points need 4 GB of disk and are left out by --quick. The models are trained once and kept in the
temporary folder.
"""

import shutil
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import NamedTuple

import psutil
from dashboard_gestures import (
    box,
    cell,
    click,
    hover,
    kind,
    lasso,
    lasso_3d,
    part,
    press,
    query,
    ribbon,
    sector,
    step,
    tick,
    tile,
)
from dashboard_models import measure_models
from dashboard_page import (
    HERE,
    Gesture,
    Side,
    chromium,
    opened,
    served,
    times,
    times_if_answered,
    times_in_turns,
    visit_all_pages,
)
from dashboard_plain import Plain, beside_plain
from playwright.sync_api import Browser
from records import Baseline, Record, arguments, at_most, at_percentile, lower_is_better, show
from synthetic import Shape, write_run

APP = HERE.parent / "dashboards" / "app.py"
EMPTY, LINKED, PLAIN = (HERE / f"{name}.py" for name in ("empty_page", "linked_baseline", "plain_population"))
SMALL, MILLION, LARGE = 70_000, 1_000_000, 10_000_000
GESTURES = {  # with the most times the lasso's p95
    "confusion cell": (cell, 1.3),
    "hover": (hover, 0.8),
    "click": (click, 0.8),
    "query": (query, 1.3),
}


class Beside(NamedTuple):
    """A gesture that is measured in turns with another one, on a page of its own."""

    gesture: Gesture
    address: str  # what it says of its page
    other: str
    most: float  # times the other's p95


OTHERS: dict[str, Gesture] = {"a confusion cell": cell, "the flat lasso": lasso}
IN_TURNS = {
    "sunburst sector": Beside(sector, "reading=sunburst", "a confusion cell", 1.3),
    "chord ribbon": Beside(ribbon, "reading=chord", "a confusion cell", 1.3),
    "change of focus": Beside(tile, "reading=matrix", "a confusion cell", 1.0),
    "3-D lasso": Beside(lasso_3d, "reading=matrix", "the flat lasso", 1.3),
    "cause in the bar": Beside(part, "reading=matrix", "a confusion cell", 1.3),
    "kind of mistakes": Beside(kind, "reading=modes", "a confusion cell", 1.3),
    "class in the filter": Beside(tick, "filters=open", "a confusion cell", 1.3),
    "label under review": Beside(step, "review=doubted", "a confusion cell", 1.3),
}
PLAINLY = {
    "query": Plain("query", query, "datashade and rasterize"),
    "chord ribbon": Plain("chord", press, "hv.Chord"),
}
MEGA = 1e6
DISCARDED = 4  # s after which the server forgets a closed page
LASSO = bool(find_spec("shapely") or find_spec("spatialpandas"))  # what HoloViews can be asked for


def measure(quick: bool) -> Iterator[Record]:
    """All records, small runs first."""
    store = Path(tempfile.mkdtemp(prefix="deepvid-benchmark-"))
    small: list[float] = []  # ms of lassos among the fewest rows
    try:
        with chromium() as browser:
            for rows in (SMALL,) if quick else (SMALL, MILLION, LARGE):
                run = write_run(store, Shape(rows, reasons=True)).name
                repeats = 2 if quick else 40 if rows <= MILLION else 12  # of 10 million, one takes seconds
                with served(store, APP, EMPTY) as (address, _):
                    if rows == SMALL:
                        yield _first_paint(browser, address, run, 1 if quick else 9)
                    seen = _gestures(browser, f"{address}/app?run={run}", repeats)
                    for name, ours, others in _in_turns(browser, f"{address}/app?run={run}", repeats):
                        yield _beside_other(name, rows, ours, others)
                        seen[name] = ours
                    if quick or rows == MILLION:
                        yield _all_pages_visited(browser, f"{address}/app?run={run}", rows, repeats)
                small = small or seen["lasso"]
                with served(store, LINKED, PLAIN) as (address, _):
                    yield from _beside_holoviz(seen, browser, address, run, rows, max(2, repeats // 4))
                yield from _beside_lasso(seen, rows)
                if rows == LARGE:
                    name, same = _lasso(rows), f"the same, {_size(SMALL)}"
                    yield at_percentile(50, name, seen["lasso"], same, small, budget=at_most(2.5))
                if rows == MILLION:
                    yield from _memory(browser, store, run)
            yield from measure_models(browser, 2 if quick else 40)
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


def _in_turns(browser: Browser, address: str, repeats: int) -> Iterator[tuple[str, list[float], list[float]]]:
    """Every gesture of `IN_TURNS` with its milliseconds and those of the other one."""
    beside = opened(browser, f"{address}&reading=matrix").page
    for name, (gesture, said, other, _) in IN_TURNS.items():
        page = opened(browser, f"{address}&{said}").page
        ours, others = times_in_turns([Side(page, gesture), Side(beside, OTHERS[other])], repeats)
        page.context.close()
        yield name, ours, others
    beside.context.close()


def _beside_other(name: str, rows: int, ours: list[float], others: list[float]) -> Record:
    _, _, other, most = IN_TURNS[name]
    words = f"{other}'s p95"
    return at_percentile(95, f"{name}, {_size(rows)}", ours, words, others, budget=at_most(most))


def _all_pages_visited(browser: Browser, address: str, rows: int, repeats: int) -> Record:
    """Two sessions of one server in turns: one has seen every page, one only the first."""
    pages = [opened(browser, address).page for _ in range(2)]
    visit_all_pages(pages[0])
    visited, fresh = times_in_turns([Side(page, lasso) for page in pages], repeats)
    for page in pages:
        page.context.close()
    name = f"a lasso with all pages visited, {_size(rows)}"
    return at_percentile(50, name, visited, "with one page visited", fresh, budget=at_most(1.1))


def _beside_holoviz(
    seen: dict[str, list[float]], browser: Browser, address: str, run: str, rows: int, repeats: int
) -> Iterator[Record]:
    """The lasso beside HoloViews' own, and what `PLAINLY` names beside the same through plain HoloViz."""
    page = f"{address}/linked_baseline?run={run}"
    linked = times_if_answered(browser, page, lasso if LASSO else box, repeats)
    words = f"HoloViews link_selections, {'lasso' if LASSO else 'box'}"
    for share, budget in ((50, 5.0), (95, None)):
        yield at_percentile(share, _lasso(rows), seen["lasso"], words, linked, budget=budget)
    page = f"{address}/plain_population?run={run}"
    for name, plain in PLAINLY.items():
        yield from beside_plain(browser, page, f"{name}, {_size(rows)}", seen[name], plain, repeats)


def _beside_lasso(seen: dict[str, list[float]], rows: int) -> Iterator[Record]:
    for name, (_, most) in GESTURES.items():
        named = f"{name}, {_size(rows)}"
        yield at_percentile(95, named, seen[name], "the lasso's p95", seen["lasso"], budget=at_most(most))


def _lasso(rows: int) -> str:
    return f"lasso to all views painted, {_size(rows)}"


def _memory(browser: Browser, store: Path, run: str, sessions: int = 5) -> Iterator[Record]:
    """Memory that sessions with a selection take while they are open, and leave behind.

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
