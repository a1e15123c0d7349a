"""The window: links, runs, pages, history, themes, and what is left when a session closes."""

import gc
import re
import shutil
import time
import weakref
from collections.abc import Callable
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from dashboards.session.gestures import Polygon, Samples
from dashboards.session.selection import Mode, Step
from dashboards.session.session import Session

pytestmark = pytest.mark.browser

Serve = Callable[..., Session]
Wait = Callable[..., Any]


def background(page: Page) -> str:
    return page.evaluate("getComputedStyle(document.documentElement).backgroundColor")


@pytest.mark.fresh
@pytest.mark.parametrize(("theme", "color"), [("light", "rgb(243, 244, 247)"), ("dark", "rgb(14, 16, 20)")])
def test_no_other_theme_is_painted_before_scripts_run(
    page: Page, serve_app: Serve, made: Any, theme: str, color: str
) -> None:
    serve_app(made.path, f"?theme={theme}")
    browser = page.context.browser
    assert browser is not None
    context = browser.new_context(java_script_enabled=False)
    still = context.new_page()
    still.goto(page.url)
    pixel = Image.open(BytesIO(still.screenshot())).convert("RGB").getpixel((5, 400))
    context.close()
    assert background(page) == color == f"rgb{pixel}"


def test_opens_the_newest_run_at_its_most_confident_error_that_is_explained(
    page: Page, serve_app: Serve, made: Any
) -> None:
    session = serve_app(made.path)
    confidence = session.population.confidence  # type: ignore[union-attr]
    explained = made.fitted[::2]  # of the others the copy is another class to the teacher
    worst = max(explained, key=lambda sample: confidence[session.population.row_of(sample)])  # type: ignore[union-attr]
    expect(page.get_by_label("Run", exact=True)).to_have_value(made.run)
    assert session.navigation.focus == worst
    expect(page.locator("h2 .index")).to_have_text(f"#{worst}")


def test_a_link_reproduces_the_view_and_the_page_says_its_link(
    page: Page, serve_app: Serve, made: Any, wait_until: Wait
) -> None:
    select = '[["replace","cells",[[0,1]]]]'
    session = serve_app(made.path, f"?run=shapes&focus={made.fitted[0]}&theme=dark&select={select}")
    wait_until(lambda: session.selection.count > 0)
    assert session.navigation.focus == made.fitted[0]
    assert session.navigation.dark
    wrong = [sample for sample in made.wrong if (made.label[sample], made.predicted[sample]) == (0, 1)]
    assert session.selection.count == len(wrong)
    expect(page.get_by_text(f"{len(wrong)} selected")).to_be_visible()
    expect(page.locator(".image-grid h2")).to_have_text(f"{len(wrong)} circle taken for square")
    for said in (f"run={made.run}", "select=", "theme=dark"):
        expect(page).to_have_url(re.compile(said))


def test_undo_redo_clear_and_modes(page: Page, serve_app: Serve, made: Any, wait_until: Wait) -> None:
    session = serve_app(made.path)
    undo = page.get_by_label("Undo")
    expect(undo).to_be_disabled()
    for samples in ([30, 31], [40]):
        session.schedule(lambda chosen=samples: session.select(Step(Mode.ADD, Samples(tuple(chosen)))))
        wait_until(
            lambda chosen=samples: len(session.selection.steps) and session.selection.count >= len(chosen)
        )
    wait_until(lambda: session.selection.count == 3)
    undo.click()
    expect(page.get_by_text("2 selected")).to_be_visible()
    page.keyboard.press("Control+y")
    expect(page.get_by_text("3 selected")).to_be_visible()
    page.get_by_label("Clear the selection").click()
    expect(page.get_by_text("nothing selected")).to_be_visible()
    page.get_by_label("Subtract from the selection").click()
    wait_until(lambda: session.selection.mode is Mode.SUBTRACT)


def test_dark_changes_every_layer(page: Page, serve_app: Serve, made: Any, wait_until: Wait) -> None:
    session = serve_app(made.path)
    light = background(page)
    page.get_by_label("Dark theme").click()
    wait_until(lambda: background(page) != light)
    wait_until(lambda: session.navigation.dark)
    expect(page).to_have_url(re.compile("theme=dark"))
    expect(page.get_by_label("Light theme")).to_be_visible()


def test_back_returns_from_the_archive(page: Page, serve_app: Serve, made: Any, wait_until: Wait) -> None:
    session = serve_app(made.path)
    page.get_by_role("button", name="Archive").click()
    expect(page.get_by_text("1 run")).to_be_visible()
    expect(page).to_have_url(re.compile("page=archive"))
    page.go_back()
    wait_until(lambda: session.navigation.page == "diagnose")
    expect(page.get_by_text("1 run")).to_be_hidden()


@pytest.mark.parametrize("size", [(1280, 800), (1440, 900), (1920, 1080)])
def test_nothing_scrolls_but_the_grid(page: Page, serve_app: Serve, made: Any, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    serve_app(made.path, f"?focus={made.fitted[1]}")
    expect(page.locator(".explain-card .drawer")).to_be_in_viewport(ratio=1)
    overflow = """() => [document.documentElement.scrollHeight - innerHeight,
      document.documentElement.scrollWidth - innerWidth]"""
    assert page.evaluate(overflow) == [0, 0]
    card = page.locator(".explain-card").evaluate("e => e.scrollHeight - e.clientHeight")
    assert card <= 0


def test_an_unknown_run_says_so_and_an_empty_store_says_what_to_do(
    page: Page, serve_app: Serve, made: Any, tmp_path: Path
) -> None:
    serve_app(made.path, "?run=nonsense")
    expect(page.get_by_text("'nonsense' begins the id of one run")).to_be_visible()
    serve_app(tmp_path / "no runs")
    expect(page.get_by_text("No run to show yet")).to_be_visible()
    command = f"deepvid demo --store '{tmp_path / 'no runs'}'"
    expect(page.get_by_text(command)).to_be_visible()
    expect(page.get_by_text("null")).to_have_count(0)
    page.get_by_role("button", name="Archive").click()
    expect(page.get_by_text("No runs yet")).to_be_visible()
    expect(page.get_by_text(command)).to_be_visible()
    expect(page.get_by_text("null")).to_have_count(0)


def test_a_link_to_what_is_not_there_says_so_and_the_rest_is_shown(
    page: Page, serve_app: Serve, made: Any
) -> None:
    link = f"?run={made.run}&page=nowhere&tab=path&focus=99999&projection=<b>none</b>&reading=chord"
    serve_app(made.path, link)
    notice = page.locator(".strip.notice")
    expect(notice).to_contain_text(
        "no page 'nowhere', no image #99999 among the test images, no map '<b>none</b>'"
    )
    expect(notice.locator("b", has_text="none")).to_have_count(0)
    expect(page.get_by_role("tab", name="Path")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("tab", name="More")).to_have_attribute("aria-selected", "true")
    expect(page.locator(".focus-card h2 .index")).to_have_text(re.compile(r"#\d+"))  # the one that is offered
    expect(page).to_have_url(re.compile(r"\?run=[^&]+&focus=\d{1,3}&tab=path&reading=more&shape=chord$"))


@pytest.mark.fresh
def test_nothing_of_a_session_survives_it(
    page: Page, serve_app: Serve, made: Any, sessions: list[Session], wait_until: Wait
) -> None:
    quickly = {"check_unused_sessions_milliseconds": 500, "unused_session_lifetime_milliseconds": 4000}
    serve_app(made.path, **quickly)
    expect(page.locator(".image-grid canvas")).to_be_visible()
    gone = weakref.ref(sessions.pop())
    page.goto("about:blank")

    def collected() -> bool:
        gc.collect()
        return gone() is None

    wait_until(collected, timeout=20)


@pytest.mark.fresh
def test_a_page_that_comes_back_after_its_session_expired_stays_on_this_machine(
    page: Page, serve_app: Serve, made: Any, sessions: list[Session]
) -> None:
    """Its WebSocket begins a session that no page was rendered for; `page` fails for a foreign request."""

    quickly = {"check_unused_sessions_milliseconds": 200, "unused_session_lifetime_milliseconds": 200}
    page.route("**/bokeh.min.js*", lambda route: (time.sleep(3), route.continue_())[1])
    serve_app(made.path, **quickly)
    assert len(sessions) == 2
    expect(page.locator(".image-grid canvas")).to_be_visible()
    page.wait_for_load_state("networkidle")


def test_a_long_selection_has_a_short_link_that_opens_it_again(
    page: Page, serve_app: Any, tmp_path: Path, make_run: Any, wait_until: Any
) -> None:
    """Twenty lassos of two hundred corners each, as a person draws who is thorough."""
    make_run(tmp_path / "runs", "thorough")
    session = serve_app(tmp_path / "runs")
    selected = page.get_by_role("status").filter(has_text="selected")
    angle = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    for number in range(20):
        x, y = 8 * np.cos(angle) + number - 10, 8 * np.sin(angle) + 0.1 * number
        step = Step(Mode.ADD, Polygon.drawn("tsne-features-2d", x, y))
        session.schedule(partial(session.select, step))
        wait_until(lambda number=number: len(session.selection.steps) == number + 1)
    expect(selected).not_to_contain_text("nothing")
    wait_until(lambda: session.address.partition("select=")[2] in page.url)
    assert "select=note" in page.url
    assert len(page.url) < 500
    said, address = selected.inner_text(), page.url
    other = page.context.new_page()
    other.goto(address)
    expect(other.get_by_role("status").filter(has_text="selected")).to_have_text(said)
    other.goto(re.sub("note(:|%3A)[0-9a-f]{12}", "note:000000000000", address))
    expect(other.get_by_text("none named 000000000000")).to_be_visible()


def test_the_menu_has_the_latest_runs_and_others_are_found_by_a_part_of_their_id(
    page: Page, serve_app: Serve, made: Any, tmp_path: Path, wait_until: Wait
) -> None:
    store = tmp_path / "many"
    shutil.copytree(made.path, store)
    for number in range(60):
        (other := store / f"other-{number:04d}").mkdir()
        shutil.copy(store / made.run / "journal.jsonl", other)
    session = serve_app(store, f"?run={made.run}&focus={made.fitted[0]}")
    menu, seek = page.get_by_label("Run", exact=True), page.get_by_label("Find a run")
    expect(menu).to_have_value(made.run)
    expect(menu.locator("option")).to_have_count(51 if made.run < "other" else 50)
    expect(seek).to_have_attribute("title", re.compile("latest of 61 runs"))
    seek.press_sequentially("0037", delay=30)
    expect(menu.locator("option")).to_have_text(["other-0037", made.run])
    expect(seek).to_be_focused()
    expect(seek).to_have_value("0037")
    seek.fill("")
    expect(menu.locator("option")).not_to_have_count(2)
    seek.fill("0037")
    expect(menu.locator("option")).to_have_count(2)
    seek.press("Enter")
    wait_until(lambda: "other-0037" in session.notice or session.navigation.run == "other-0037")
