"""The Time travel page of a run in a real Chromium: what a slider costs, and how smoothly it plays."""

from collections.abc import Iterator
from pathlib import Path
from statistics import median

from dashboard_page import chromium, served
from playwright.sync_api import Browser, Page
from records import Baseline, Record, at_most, higher_is_better, lower_is_better

APP = Path(__file__).parents[1] / "dashboards" / "app.py"
REPEATS, SECONDS = 20, 3.0
FRAMES = 30  # a second that a view that plays holds

# Milliseconds from an event of a kind to the frame in which the map shows another time.
_SEEN = """(kind) => new Promise((resolve) => {
  const inside = (root) => [...root.querySelectorAll("*")].filter(({shadowRoot}) => shadowRoot)
  const find = (root) => root.querySelector(".stage")
    ?? inside(root).reduce((found, {shadowRoot}) => found ?? find(shadowRoot), null)
  const stage = find(document), before = stage.dataset.time
  window.seen = null
  window.addEventListener(kind, () => {
    const begun = performance.now()
    const look = () => stage.dataset.time === before ? requestAnimationFrame(look)
      : requestAnimationFrame(() => { window.seen = performance.now() - begun })
    look()
  }, {capture: true, once: true})
  resolve()
})"""

# The same, to the frame after the last change that the server has sent.
_ANSWERED = """(kind) => {
  window.answered = null
  window.addEventListener(kind, () => {
    const begun = performance.now()
    const note = () => { window.answered = performance.now() - begun }
    for (const document of Bokeh.documents) document.on_change(({sync}) => {
      if (!sync) requestAnimationFrame(() => requestAnimationFrame(note))
    })
  }, {capture: true, once: true})
}"""


def measure_page(run: Path, repeats: int = REPEATS) -> Iterator[Record]:
    """Of a run with time travel."""
    with chromium() as browser, served(run.parent, APP) as (address, _):
        page = _opened(browser, f"{address}/app?run={run.name}&page=time-travel")
        cells = [_cell(page, turn) for turn in range(repeats + 2)][2:]
        slides = [_slide(page, turn) for turn in range(repeats + 2)][2:]
        baseline = Baseline("cell of the epoch's confusion", median(cells))
        yield lower_is_better(
            "slider: epoch to painted map", median(slides), "ms", baseline, budget=at_most(1.3)
        )
        for name, settings in {
            "plain": "",
            "with Trust": "&trust=yes",
            "with border points": "&boundary=yes",
            "beside the first epoch": "&beside=epoch",
        }.items():
            page = _opened(browser, f"{address}/app?run={run.name}&page=time-travel&epoch=1{settings}")
            yield higher_is_better(
                f"playing, {name}", _frames(page), "frames/s", Baseline("held", FRAMES), budget=1
            )
            page.context.close()


def _opened(browser: Browser, address: str) -> Page:
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(address)
    page.locator(".stage[data-time]").first.wait_for()
    page.wait_for_timeout(1500)
    return page


def _cell(page: Page, turn: int) -> float:
    cell = page.locator(f"[data-cell='{turn % 5},{turn % 5}']").first
    page.evaluate(_ANSWERED, "pointerup")
    cell.click()
    page.wait_for_function("window.answered !== null")
    page.wait_for_timeout(600)
    return float(page.evaluate("window.answered"))


def _slide(page: Page, turn: int) -> float:
    """A drag of the timeline's hand: its first move shows another moment."""
    box = page.locator(".track").first.bounding_box()
    assert box is not None
    from_, to = (0.3, 0.7) if turn % 2 else (0.7, 0.3)
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + from_ * box["width"], y)
    page.mouse.down()
    page.wait_for_timeout(200)
    page.evaluate(_SEEN, "pointermove")
    page.mouse.move(box["x"] + to * box["width"], y)
    page.wait_for_function("window.seen !== null")
    page.mouse.up()
    page.wait_for_timeout(1200)
    return float(page.evaluate("window.seen"))


def _frames(page: Page) -> float:
    """Frames a second of the first map while it plays, slowly enough to play all the time."""
    page.get_by_label("Speed").first.select_option("0.5")
    stage = page.locator(".stage").first
    stage.focus()
    page.keyboard.press(" ")
    page.wait_for_timeout(500)
    first = int(stage.get_attribute("data-frames") or 0)
    page.wait_for_timeout(1000 * SECONDS)
    return (int(stage.get_attribute("data-frames") or 0) - first) / SECONDS
