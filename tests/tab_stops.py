"""Where the Tab key leads in a page: what a screen reader says there, and whether the focus is seen."""

from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Page

_AT = (Path(__file__).parent / "tab_stops.js").read_text()
_NODE = """(() => {
  let node = document.activeElement
  while (node.shadowRoot?.activeElement) node = node.shadowRoot.activeElement
  return node
})()"""
_MOST = 300  # stops of a page


class Stop(NamedTuple):
    """One stop of the Tab key."""

    role: str
    name: str
    html: str
    seen: bool

    @property
    def told(self) -> bool:
        """Whether a person who does not see it knows what it is."""
        return self.role != "generic" and any(letter.isalnum() for letter in self.name)


def tab_stops(page: Page) -> list[Stop]:
    """All of a page, from its start to its end."""
    chromium = page.context.new_cdp_session(page)
    chromium.send("Accessibility.enable")
    stops: list[Stop] = []
    page.keyboard.press("Tab")
    while (at := page.evaluate(_AT)) is not None:
        node = chromium.send("Runtime.evaluate", {"expression": _NODE})["result"]["objectId"]
        asked = {"objectId": node, "fetchRelatives": False}
        said = chromium.send("Accessibility.getPartialAXTree", asked)["nodes"][0]
        role, name = (said.get(part, {}).get("value", "") for part in ("role", "name"))
        stops.append(Stop(role, name, at["html"], at["seen"]))
        assert len(stops) < _MOST, "the Tab key leads in a circle"
        page.keyboard.press("Tab")
    return stops
