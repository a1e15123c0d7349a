"""How smoothly do layers slide on the Network page, in a real Chromium, and what does a gesture there cost?

    .venv/bin/python benchmarks/network_page.py RUN [--json] [--quick]

RUN is the folder of a run that `deepvid network` has seen: the demo's has 10,000 test images. A slide is what
a person gets by moving the slider by one layer. The interval is that between two frames of the browser, one
each 16.7 ms on a screen of 60 Hz; script is what all callbacks of one frame take together. Chromium without a
GPU paints by software, so that intervals say more of the machine than of the page where scripts are far from
filling a frame. A gesture runs as in `dashboard.py`, to the frame after the last change that the server has
sent, in turns with the lasso on Diagnose of the same run.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from dashboard_gestures import click_here, encircle, lasso
from dashboard_page import Gesture, Side, chromium, frame_of, listen, opened, served, times_in_turns
from playwright.sync_api import Browser, Page
from records import Baseline, Record, arguments, at_most, at_percentile, lower_is_better, show

APP = Path(__file__).parents[1] / "dashboards" / "app.py"
REPEATS = 20
FRAME = 1000 / 60  # ms
TOLERANCE = 1.05  # of a frame: a clock's own
SETTLED = 1200  # ms for a slide, and what follows it
WALK = 12_000  # ms
MOST = 1.5  # times Diagnose's lasso

# Before a page's own scripts: what the callbacks of each frame take, by the frame's time.
_SPENT = """(() => {
  const ask = window.requestAnimationFrame.bind(window)
  window.spent = new Map()
  window.plainly = ask
  window.requestAnimationFrame = (act) => ask((now) => {
    const begun = performance.now()
    try { act(now) } finally { spent.set(now, (spent.get(now) ?? 0) + performance.now() - begun) }
  })
})()"""

# From now on: the time of each frame in which the map slides, with what scripts took.
_RECORD = """() => {
  const inside = (root) => [...root.querySelectorAll("*")].filter(({shadowRoot}) => shadowRoot)
  const find = (root) => root.querySelector(".stage[data-column]")
    ?? inside(root).reduce((found, {shadowRoot}) => found ?? find(shadowRoot), null)
  const stage = find(document)
  window.frames_seen = []
  window.recording = true
  let last = null
  const look = (now) => {
    const slides = stage.dataset.column === ""
    if (slides && last !== null) frames_seen.push([now - last, now])
    last = slides ? now : null
    if (recording) plainly(look)
  }
  plainly(look)
}"""
_STOP = "() => { recording = false; return frames_seen.map(([gap, now]) => [gap, spent.get(now) ?? 0]) }"


def measure_page(run: Path, repeats: int = REPEATS) -> Iterator[Record]:
    """Of a run that was looked into."""
    with chromium() as browser, served(run.parent, APP) as (address, _):
        base = f"{address}/app?run={run.name}"
        page = _seen(browser, f"{base}&page=network&column=pixels")
        yield from _frames("the layer slider slides", _slide(page, max(4, repeats // 2)))
        yield from _frames("the loop plays", _walk(page))
        page.context.close()
        for name, gesture in GESTURES.items():
            diagnose = opened(browser, base).page  # anew: a lasso around what is selected changes nothing
            page = opened(browser, f"{base}&page=network", element=".responses .strip").page
            ours, others = times_in_turns([Side(page, gesture), Side(diagnose, lasso)], repeats)
            for one in (page, diagnose):
                one.context.close()
            for share in (50, 95):
                what = f"{name}, five views painted"
                yield at_percentile(share, what, ours, "Diagnose's lasso", others, budget=at_most(MOST))


def _seen(browser: Browser, address: str) -> Page:
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.set_default_timeout(180_000)
    page.add_init_script(_SPENT)
    page.goto(address)
    page.locator(".stage[data-column='pixels']").wait_for()
    page.wait_for_timeout(3000)
    return page


def _slide(page: Page, times: int) -> np.ndarray:
    """From the pixels to the last layer and back, one layer after the other."""
    slider = page.get_by_label("Layer of the map")
    last = int(slider.get_attribute("max") or 1)
    way = [*range(1, last + 1), *range(last - 1, -1, -1)]
    slider.fill("1")
    page.wait_for_timeout(2 * SETTLED)
    page.evaluate(_RECORD)
    for turn in range(times):
        slider.fill(str(way[(turn + 1) % len(way)]))
        page.wait_for_timeout(SETTLED)
    return np.array(page.evaluate(_STOP))


def _walk(page: Page) -> np.ndarray:
    stage = page.locator(".stage[data-column]")
    stage.press(" ")
    page.wait_for_timeout(SETTLED)
    page.evaluate(_RECORD)
    page.wait_for_timeout(WALK)
    seen = np.array(page.evaluate(_STOP))
    stage.press("Escape")
    return seen


def _frames(what: str, seen: np.ndarray) -> Iterator[Record]:
    interval, script = np.percentile(seen, 95, axis=0).tolist()
    one = Baseline("a frame of 60 Hz", FRAME)
    yield lower_is_better(
        f"{what}: between frames, p95 of {len(seen)}", interval, "ms", one, budget=at_most(TOLERANCE)
    )
    yield lower_is_better(f"{what}: script a frame, p95", script, "ms", one, budget=1)


def _lasso(page: Page, turn: int) -> None:
    encircle(page, frame_of(page, ".stage[data-column]"), turn)


def _ribbon(page: Page, turn: int) -> None:
    """A click on the ribbon of a class that stays what it is from the pixels to the first layer."""
    there = page.locator("[data-at^='r:0:']").all()
    straight = [one for one in there if len(set((one.get_attribute("data-at") or "").split(":")[2:])) == 1]
    box = straight[turn % len(straight)].bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    click_here(page)


def _responses(page: Page, turn: int) -> None:
    """A fifth of the responses of the unit."""
    strip, begin = frame_of(page, ".responses .strip"), 0.05 + 0.1 * (turn % 7)
    page.mouse.move(*strip.at(begin, 0.5))
    page.wait_for_timeout(150)
    page.mouse.down()
    page.mouse.move(*strip.at(begin + 0.2, 0.5), steps=6)
    listen(page, "pointerup")
    page.mouse.up()


GESTURES: dict[str, Gesture] = {
    "lasso on the layer map": _lasso,
    "ribbon of the river": _ribbon,
    "brush of a unit's responses": _responses,
}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("run", type=Path, help="the folder of a run that has the stage `network`")
    options = arguments(__doc__, parser)
    show(measure_page(options.run.resolve(), 3 if options.quick else REPEATS), options)
