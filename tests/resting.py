"""When a page rests: nothing in it moves, and nothing is prepared for it, where this process serves it."""

import time
from concurrent.futures import wait

from free_threads import all_free
from playwright.sync_api import Page

PAUSE = 120  # ms
SECONDS = 30

# Its elements, through shadow roots, and where they are.
_SEEN = """() => {
  const told = []
  const visit = (root) => {
    for (const each of root.querySelectorAll("*")) {
      const {x, y, width, height} = each.getBoundingClientRect()
      told.push([each.localName, each.getAttribute("class"), x, y, width, height].join())
      if (each.shadowRoot) visit(each.shadowRoot)
    }
  }
  visit(document)
  return told.join(";")
}"""


def rested(page: Page) -> None:
    """Waits until the server's threads are free and the page has been the same three times."""
    seen: list[str] = []
    end = time.monotonic() + SECONDS
    while len(seen) < 3 or len(set(seen[-3:])) > 1:
        assert time.monotonic() < end, "the page does not come to rest"
        page.wait_for_timeout(PAUSE)
        for free in wait(all_free()).done:
            free.result()
        seen.append(page.evaluate(_SEEN))
