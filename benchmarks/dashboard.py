"""How long a person waits for the dashboard, in a real Chromium, on synthetic runs of any size.

    .venv/bin/python benchmarks/dashboard.py [--json] [--quick]

A time runs from the mouse event in the page to the frame after the last change that the server sent for it
was applied: everything that is linked is painted then. The baseline is the same lasso through HoloViews'
`link_selections` on the same points (`linked_baseline.py`: a map by class and a confusion matrix), or a box
where neither shapely nor spatialpandas is installed; it is null where no answer comes in three minutes. 10
million points need 3 GB of disk and are left out by --quick.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psutil
from playwright.sync_api import Browser, Page, TimeoutError, sync_playwright
from records import Record, arguments, at_most, report
from synthetic import Shape, write_run

HERE = Path(__file__).parent
APP, BASELINE = HERE.parent / "dashboards" / "app.py", HERE / "linked_baseline.py"
BUDGETS = {70_000: (110, 170), 1_000_000: (110, 170), 10_000_000: (160, 260)}  # lasso p50, p95 in ms
LASSO = bool(find_spec("shapely") or find_spec("spatialpandas"))  # what the baseline can be asked for
QUIET = 0.25  # s without a change after which a gesture is over

# Notes when an input event arrives and when the frame after the last change from the server is done.
_WATCH = """() => {
  window.watch = {begun: 0, painted: 0}
  for (const name of ["pointerup", "pointermove"])
    window.addEventListener(name, () => { if (watch.on == name) watch.begun = performance.now() }, true)
  const note = () => { watch.painted = performance.now() }
  for (const document of Bokeh.documents)
    document.on_change((event) => {
      if (!event.sync) requestAnimationFrame(() => requestAnimationFrame(note))
    })
}"""

_FIGURE = """(name) => {
  const visit = (view) => {
    if (view.model?.name === name && view.frame?.bbox.width) return view
    for (const child of view.children?.() ?? []) { const found = visit(child); if (found) return found }
    return null
  }
  for (const root of window.Bokeh?.index?.roots ?? []) { const found = visit(root); if (found) return found }
  return null
}"""

_FRAME = f"""(name) => {{
  const view = ({_FIGURE})(name)
  if (view == null) return null
  const {{left, top}} = view.el.getBoundingClientRect(), {{x, y, width, height}} = view.frame.bbox
  return [left + x, top + y, width, height, performance.now()]
}}"""


class Frame(NamedTuple):
    """The inside of a figure in page pixels."""

    x: float
    y: float
    width: float
    height: float

    def at(self, right: float, down: float) -> tuple[float, float]:
        """A point by its shares of width and height."""
        return self.x + right * self.width, self.y + down * self.height


def measure(quick: bool) -> Iterator[Record]:
    """All records, small runs first."""
    store = Path(tempfile.mkdtemp(prefix="deepvid-benchmark-"))
    try:
        with sync_playwright() as playwright:
            found = shutil.which("chromium") or shutil.which("google-chrome")
            browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
            for rows in (70_000, 1_000_000) if quick else BUDGETS:
                run = write_run(store, Shape(rows)).name
                repeats = 5 if quick else 40 if rows <= 1_000_000 else 12  # of 10 million, one takes seconds
                yield from _measure_run(browser, store, run, rows, repeats)
            browser.close()
    finally:
        shutil.rmtree(store)


def _measure_run(browser: Browser, store: Path, run: str, rows: int, repeats: int) -> Iterator[Record]:
    name = f"{rows // 1000:,}k"
    with _served(APP, store) as (address, server):
        _opened(browser, f"{address}/app?run={run}")[0].context.close()
        page, first = _opened(browser, f"{address}/app?run={run}")  # on a warm server
        budget = 2.5 if rows == 70_000 else None
        yield at_most(f"first paint, {name}", first, "s", budget=budget)
        lasso = _times(page, _lasso, repeats)
        cell, hover, click = (_times(page, gesture, repeats) for gesture in (_cell, _hover, _click))
        memory = _session_memory(browser, f"{address}/app?run={run}", server) if rows == 1_000_000 else None
        page.context.close()
    with _served(BASELINE, store) as (address, _):
        page, _ = _opened(browser, f"{address}/linked_baseline?run={run}")
        baseline = None
        with suppress(TimeoutError):  # what it may take is no reason to lose all else
            baseline = _times(page, _lasso if LASSO else _box, max(3, repeats // 4))
        page.context.close()
    for share, budget in zip((50, 95), BUDGETS[rows], strict=True):
        yield at_most(
            f"lasso to all views painted, {name}, p{share}",
            float(np.percentile(lasso, share)),
            "ms",
            budget=budget,
            baseline=f"HoloViews link_selections, {'lasso' if LASSO else 'box'}",
            baseline_value=None if baseline is None else float(np.percentile(baseline, share)),
        )
    for what, times, limit in (("confusion cell", cell, 130), ("hover", hover, 110), ("click", click, 130)):
        yield at_most(f"{what}, {name}, p95", float(np.percentile(times, 95)), "ms", budget=limit)
    if memory is not None:
        yield at_most(f"memory a session, {name}", memory, "MB", budget=6)


@contextmanager
def _served(app: Path, store: Path) -> Iterator[tuple[str, psutil.Process]]:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    environment = dict(os.environ, DEEPVID_STORE=str(store), PYTHONPATH=str(HERE.parent))
    command = [sys.executable, "-m", "panel", "serve", str(app), "--port", str(port)]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while socket.socket().connect_ex(("localhost", port)):
            time.sleep(0.1)
        yield f"http://localhost:{port}", psutil.Process(server.pid)
    finally:
        server.terminate()
        server.wait()


def _opened(browser: Browser, address: str) -> tuple[Page, float]:
    """A page with its map painted, and the seconds that took from navigation."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.set_default_timeout(180_000)
    page.goto(address, wait_until="commit")
    painted = page.wait_for_function(_FRAME, arg="map").json_value()[4]
    page.wait_for_timeout(1500)  # the layout rests, ranges and sizes have been told
    page.evaluate(_WATCH)
    return page, painted / 1000


def _times(page: Page, gesture: Callable[[Page, int], None], repeats: int) -> list[float]:
    """Milliseconds from the input event to the last painted frame; the first two gestures warm up."""
    times = []
    for turn in range(repeats + 2):
        page.evaluate("() => { watch.begun = watch.painted = 0; watch.on = null }")
        gesture(page, turn)
        page.wait_for_function("watch.painted > watch.begun && watch.begun > 0")
        page.wait_for_timeout(1000 * QUIET)
        while page.evaluate("performance.now() - watch.painted") < 1000 * QUIET:
            page.wait_for_timeout(100)
        times.append(page.evaluate("watch.painted - watch.begun"))
    return times[2:]


def _lasso(page: Page, turn: int) -> None:
    """Encircles one side of the ring and ends in its empty middle, where nothing is hovered."""
    frame = _frame(page, "map")
    angle = 2 * np.pi * turn / 7
    center = np.array([0.5 + 0.25 * np.cos(angle), 0.5 + 0.25 * np.sin(angle)])
    around = np.linspace(0, 2 * np.pi, 24)
    path = center + 0.17 * np.stack([np.cos(around), np.sin(around)], axis=1)
    page.mouse.move(*frame.at(0.5, 0.5))
    page.wait_for_timeout(150)
    page.mouse.down()
    for right, down in path:
        page.mouse.move(*frame.at(right, down))
    page.mouse.move(*frame.at(0.5, 0.5))
    _listen(page, "pointerup")
    page.mouse.up()


def _box(page: Page, turn: int) -> None:
    """A box from the empty middle of the ring to a corner."""
    frame = _frame(page, "map")
    page.mouse.move(*frame.at(0.5, 0.5))
    page.wait_for_timeout(150)
    page.mouse.down()
    page.mouse.move(*frame.at(0.05 + 0.9 * (turn % 2), 0.05 + 0.9 * (turn // 2 % 2)), steps=8)
    _listen(page, "pointerup")
    page.mouse.up()


def _cell(page: Page, turn: int) -> None:
    frame, cell = _frame(page, "confusion"), turn % 10
    page.mouse.move(*frame.at((cell + 0.5) / 10, (cell + 0.5) / 10))
    _press(page)


def _hover(page: Page, turn: int) -> None:
    frame = _frame(page, "map")
    page.mouse.move(*frame.at(0.5, 0.5))
    page.wait_for_timeout(200)
    _listen(page, "pointermove")
    page.mouse.move(*_on_the_ring(frame, turn))


def _click(page: Page, turn: int) -> None:
    page.mouse.move(*_on_the_ring(_frame(page, "map"), turn))
    _press(page)


def _on_the_ring(frame: Frame, turn: int) -> tuple[float, float]:
    angle = 2 * np.pi * (turn % 10) / 10
    return frame.at(0.5 + 0.3 * np.cos(angle), 0.5 - 0.3 * np.sin(angle))


def _press(page: Page) -> None:
    page.wait_for_timeout(400)  # apart from the last click, and after what hovering brings
    _listen(page, "pointerup")
    page.mouse.down()
    page.mouse.up()


def _listen(page: Page, event: str) -> None:
    page.evaluate("(name) => { watch.begun = watch.painted = 0; watch.on = name }", event)


def _frame(page: Page, name: str) -> Frame:
    return Frame(*page.evaluate(_FRAME, name)[:4])


def _session_memory(browser: Browser, address: str, server: psutil.Process, sessions: int = 5) -> float:
    """MB by which the server grows for a further session, each with a selection of its own."""
    before = server.memory_info().rss
    pages = [_opened(browser, address)[0] for _ in range(sessions)]
    for turn, page in enumerate(pages):
        _lasso(page, turn)
        page.wait_for_timeout(500)
    grown = server.memory_info().rss - before
    for page in pages:
        page.context.close()
    return grown / sessions / 2**20


if __name__ == "__main__":
    options = arguments(__doc__)
    report(measure(options.quick), options)
