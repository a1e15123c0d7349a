"""A real Chromium over a served app: a page opened, a figure, a gesture timed; part of `dashboard.py`."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import psutil
from playwright.sync_api import Browser, Page, TimeoutError, sync_playwright

HERE = Path(__file__).parent
QUIET = 0.25  # s without a change after which a gesture is over
LIFETIME = 15  # s, Bokeh's own, after which a session whose page is closed is discarded

# Notes when an input event arrives and when the frame after the last change from the server is done.
_WATCH = """() => {
  window.watch = {begun: 0, painted: 0}
  for (const name of ["pointerup", "pointermove", "keydown", "keyup"])
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
    for (const child of view.children?.() ?? []) { const figure = visit(child); if (figure) return figure }
    return null
  }
  for (const root of window.Bokeh?.index?.roots ?? []) {
    const figure = visit(root)
    if (figure) return figure
  }
  return null
}"""

_FRAME = f"""(name) => {{
  const view = ({_FIGURE})(name)
  if (view == null) return null
  const {{left, top}} = view.el.getBoundingClientRect(), {{x, y, width, height}} = view.frame.bbox
  return [left + x, top + y, width, height, performance.now()]
}}"""


_BOX = """(element) => {
  const {x, y, width, height} = element.getBoundingClientRect()
  return [x, y, width, height]
}"""


class Frame(NamedTuple):
    """The inside of a figure, or an element's box, in page pixels."""

    x: float
    y: float
    width: float
    height: float

    def at(self, right: float, down: float) -> tuple[float, float]:
        """A point by its shares of width and height."""
        return self.x + right * self.width, self.y + down * self.height


class Opened(NamedTuple):
    """A page with its figure painted, and the seconds that took from navigation."""

    page: Page
    seconds: float


Gesture = Callable[[Page, int], None]  # the page and a number that makes every gesture another one


class Side(NamedTuple):
    """Gestures by page."""

    page: Page
    gesture: Gesture


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium, or Playwright's own."""
    with sync_playwright() as playwright:
        installed = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=installed, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def served(store: Path, *apps: Path, lifetime: int = LIFETIME) -> Iterator[tuple[str, psutil.Process]]:
    """The address that the apps' names follow, and the process that serves them."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    environment = dict(os.environ, DEEPVID_STORE=str(store), PYTHONPATH=str(HERE.parent))
    command = [sys.executable, "-m", "panel", "serve", *map(str, apps), "--port", str(port)]
    command += ["--check-unused-sessions", "500", "--unused-session-lifetime", str(1000 * lifetime)]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while socket.socket().connect_ex(("localhost", port)):
            time.sleep(0.1)
        yield f"http://localhost:{port}", psutil.Process(server.pid)
    finally:
        server.terminate()
        server.wait()


def opened(browser: Browser, address: str, figure: str = "map", *, element: str = "") -> Opened:
    """A page of a context of its own, so that nothing is cached, once the layout around a figure rests.

    Of a page without a figure, around the `element` that a selector finds.
    """
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.add_init_script("try { localStorage.setItem('deepvid-tour', 'done') } catch {}")
    page.set_default_timeout(180_000)
    page.goto(address, wait_until="commit")
    if element:
        page.locator(element).first.wait_for()
        painted = page.evaluate("performance.now()")
    else:
        painted = page.wait_for_function(_FRAME, arg=figure).json_value()[4]
    page.wait_for_timeout(1500)  # ranges and sizes have been told
    page.evaluate(_WATCH)
    return Opened(page, painted / 1000)


def visit_all_pages(page: Page) -> None:
    """Every page of the header once, and back to the first."""
    buttons = page.locator("nav[aria-label=Pages] button")
    for name in [*buttons.all_inner_texts()[1:], buttons.first.inner_text()]:
        buttons.get_by_text(name, exact=True).click()
        page.locator(f"nav[aria-label=Pages] button[aria-current=page]:text-is('{name}')").wait_for()
        page.wait_for_timeout(1500)
    page.wait_for_function(_FRAME, arg="map")


def times(page: Page, gesture: Gesture, repeats: int) -> list[float]:
    """Milliseconds from the input event to the last painted frame."""
    return times_in_turns([Side(page, gesture)], repeats)[0]


def times_in_turns(sides: Sequence[Side], repeats: int) -> list[list[float]]:
    """The same of several pages, which take turns, first one way round, then the other.

    The first two gestures warm up.
    """
    lists: list[list[float]] = [[] for _ in sides]
    for turn in range(repeats + 2):
        both = list(zip(sides, lists, strict=True))
        for (page, gesture), milliseconds in both if turn % 2 else reversed(both):
            milliseconds.append(_time(page, gesture, turn))
    return [milliseconds[2:] for milliseconds in lists]


def times_if_answered(
    browser: Browser, address: str, gesture: Gesture, repeats: int, figure: str = "map"
) -> list[float] | None:
    """The same of a page of its own, or None where no answer comes in three minutes."""
    with suppress(TimeoutError):
        page, _ = opened(browser, address, figure)
        try:
            return times(page, gesture, repeats)
        finally:
            page.context.close()
    return None


def _time(page: Page, gesture: Gesture, turn: int) -> float:
    page.evaluate("() => { watch.begun = watch.painted = 0; watch.on = null }")
    gesture(page, turn)
    page.wait_for_function("watch.painted > watch.begun && watch.begun > 0")
    page.wait_for_timeout(1000 * QUIET)
    while page.evaluate("performance.now() - watch.painted") < 1000 * QUIET:
        page.wait_for_timeout(100)
    return float(page.evaluate("watch.painted - watch.begun"))


def listen(page: Page, event: str) -> None:
    """From now on the last `event` is where a gesture's time begins."""
    page.evaluate("(name) => { watch.begun = watch.painted = 0; watch.on = name }", event)


def frame(page: Page, name: str) -> Frame:
    """The inside of the figure of this name."""
    return Frame(*page.evaluate(_FRAME, name)[:4])


def frame_of(page: Page, selector: str) -> Frame:
    """The box of the first element that a selector finds."""
    return Frame(*page.locator(selector).first.evaluate(_BOX))
