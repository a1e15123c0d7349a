"""Violations of the rules of accessibility that a program can check: every rule of axe-core."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def violations(page: Page, *, stylesheets: bool = True) -> list[str]:
    """Which rule is broken, and by what; the text of each is at dequeuniversity.com/rules/axe.

    Without `stylesheets`, the two rules that read more than the document are left out, which take most of the
    time: nothing locks the orientation of a screen, and no sound plays by itself. Once is enough for a page.
    """
    found = Axe().run(page, options={"resultTypes": ["violations"], "preload": stylesheets})
    return [
        f"{rule['id']}: {node['html'][:200]}"
        for rule in found.response["violations"]
        for node in rule["nodes"]
    ]
