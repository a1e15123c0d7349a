"""The harness of the browser tests: a real Chromium and a real server."""

import os
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from chromium import NO_TOUR, SIZE, Figure, Guard, Servers
from own_core import every_core
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright
from serving import serve_command, sleep, wait_until

expect.set_options(timeout=30_000)  # ms; on a machine with other work 15 s were not always enough


@pytest.fixture(scope="module", autouse=True)
def _every_core() -> Iterator[None]:
    """The page and its server run at the same time."""
    with every_core():
        yield


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """$DEEPVID_CHROMIUM, the system's, or Playwright's own. Without one, tests fail: they never skip."""
    found = os.environ.get("DEEPVID_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
        browser = playwright.chromium.launch(executable_path=found, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A fresh context at 1440x900."""
    context = chromium.new_context(viewport=SIZE)  # type: ignore[arg-type]
    context.add_init_script(NO_TOUR)
    context.set_default_navigation_timeout(120_000)  # ms; a server's first page, while others begin
    yield context
    context.close()


@pytest.fixture
def guard(context: BrowserContext) -> Guard:
    return Guard(context)


@pytest.fixture
def page(context: BrowserContext, guard: Guard) -> Iterator[Page]:
    """A fresh page at 1440x900. The test fails when it asks for what is not local or a script throws."""
    yield context.new_page()
    context.close()
    guard.check()


@pytest.fixture
def serve_component() -> Iterator[Callable[..., str]]:
    """`serve_component(page, build)` serves what `build()` returns anew to each session; the address."""
    servers = Servers()
    yield servers.serve
    servers.stop()


@pytest.fixture(scope="session")
def serve_always() -> Iterator[Callable[..., str]]:
    """The same, for what several tests use."""
    servers = Servers()
    yield servers.serve
    servers.stop()


@pytest.fixture
def figure(page: Page) -> Callable[[str], Figure]:
    """`figure(name)`: a Bokeh figure of the page, once its layout rests."""
    return lambda name: Figure(page, name).settle()


@pytest.fixture
def cell(page: Page) -> Callable[[int, int], Locator]:
    """`cell(true, predicted)`: a button of the confusion matrix that is shown."""
    return lambda true, predicted: page.locator(f"[data-cell='{true},{predicted}']")


@pytest.fixture(scope="session", name="serve_command")
def _serve_command() -> Any:
    """`serve_command(store, python=[...], port=None)`: a context manager."""
    return serve_command


@pytest.fixture(name="wait_until")
def _wait_until(page: Page) -> Callable[..., Any]:
    """`wait_until(function, timeout=10)`; the page's requests and its address go on while it waits."""

    def pause() -> None:  # Playwright hears the browser only inside a call of its own
        sleep() if page.is_closed() else page.wait_for_timeout(30)

    return partial(wait_until, pause=pause)
