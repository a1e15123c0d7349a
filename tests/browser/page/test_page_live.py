"""A run while it goes: the page fills in, keeps the selection, and says what became of it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from dashboards.data.orders import ordered
from dashboards.session.gestures import Samples
from dashboards.session.selection import Mode, Step
from dashboards.session.session import Session
from deepvid.errors import DataError
from deepvid.progress import Tick

pytestmark = [pytest.mark.browser, pytest.mark.fresh]

Serve = Callable[..., Session]
Wait = Callable[..., Any]


def test_the_page_fills_in_and_keeps_the_selection(
    page: Page,
    serve_app: Serve,
    tmp_path: Path,
    begin_run: Callable[..., Any],
    groups: Any,
    wait_until: Callable[..., Any],
) -> None:
    session = serve_app(tmp_path)
    expect(page.get_by_text("No run to show yet")).to_be_visible()
    with begin_run(tmp_path) as writer:
        writer.commit_stage("dataset", "a" * 12, groups.dataset())
        expect(page.locator(".image-grid h2")).to_contain_text("400 images")
        writer.report("teacher", Tick(2, 6, "epoch 2 of 6", 20.0, 42.0))
        strip = page.locator(".status-strip .strip")
        expect(strip).to_contain_text("Training the teacher")
        expect(strip).to_contain_text("epoch 2 of 6")
        expect(strip).to_contain_text("42 s left")
        expect(page.get_by_text("The confusion matrix appears after")).to_be_visible()
        gesture = Step(Mode.REPLACE, Samples((40, 41, 42)))
        session.schedule(lambda: session.select(gesture))
        expect(page.get_by_text("3 selected")).to_be_visible()
        writer.commit_stage("projection-tsne-features-2d", "b" * 12, groups.projection())
        groups.commit_teacher(writer)
        expect(page.locator(".focus-card h2")).to_contain_text("taken for")  # the worst error is under study
        expect(page.get_by_text("Students appear here once")).to_be_visible()
        assert session.selection.count == 3
        wait_until(lambda: sorted(session.population.samples[session.selection.mask]) == [40, 41, 42])  # type: ignore[union-attr]
        writer.commit_stage("vae", "d" * 12, groups.vae())
        writer.commit_stage("students/0123abcd-0", "e" * 12, groups.students((session.navigation.focus,)))
        expect(page.locator(".explain-card .fidelity")).to_contain_text("The student agrees")
        writer.finish()
    expect(strip).to_be_hidden()


@pytest.fixture
def writer(tmp_path: Path, begin_run: Callable[..., Any], groups: Any) -> Iterator[Any]:
    """The writer of a run that has its data set, in the store `tmp_path`."""
    with begin_run(tmp_path) as writer:
        writer.commit_stage("dataset", "a" * 12, groups.dataset())
        yield writer


def test_what_is_committed_while_the_page_is_being_drawn_arrives(
    page: Page, serve_app: Serve, tmp_path: Path, writer: Any, groups: Any, wait_until: Wait
) -> None:
    drawn = _say_nothing_after_asking_for_the_document(page)
    session = serve_app(tmp_path)
    expect(page.get_by_text("The confusion matrix appears after")).to_be_visible()
    seen = session.version
    groups.commit_teacher(writer)
    wait_until(lambda: session.version > seen)
    page.wait_for_timeout(1000)  # for what the new version changes
    drawn()
    expect(page.locator(".focus-card h2")).to_contain_text("taken for")
    expect(page.get_by_text("The confusion matrix appears after")).to_be_hidden()
    grid = page.locator(".image-grid")
    expect(grid.get_by_label("Order of the images")).to_have_value("worst")
    assert grid.locator(".scroll").evaluate("list => list.scrollTop") == 0  # the worst is in sight
    writer.commit_stage("vae", "d" * 12, groups.vae())
    writer.commit_stage("students/0123abcd-0", "e" * 12, groups.students((session.navigation.focus,)))
    expect(page.locator(".explain-card .fidelity")).to_contain_text("The student agrees")


def test_students_bring_their_badges_and_an_explained_image(
    page: Page, serve_app: Serve, writer: Any, groups: Any, tmp_path: Path, wait_until: Wait
) -> None:
    groups.commit_teacher(writer)
    session, order = serve_app(tmp_path), page.get_by_label("Order of the images")
    expect(order).to_have_value("worst")
    table, first = session.population, session.navigation.focus
    assert table is not None
    least = ordered(table, "worst", table.wrong).rows()[-1]
    sample = int(table.samples[least])
    writer.commit_stage("vae", "d" * 12, groups.vae())
    writer.commit_stage("students/0123abcd-0", "e" * 12, groups.students((sample,)))
    wait_until(lambda: session.navigation.focus == sample)
    assert first != sample
    expect(order).to_have_value("explained")
    expect(page.locator(".image-grid .note")).to_contain_text("cannot tell")


def test_the_worst_error_is_under_study_until_a_person_chooses(
    page: Page, serve_app: Serve, tmp_path: Path, writer: Any, groups: Any, wait_until: Wait
) -> None:
    groups.commit_teacher(writer)
    session = serve_app(tmp_path)
    grid = page.locator(".image-grid")
    first = session.navigation.focus
    for seed in (2, 3):
        groups.commit_teacher(writer, seed)
        wait_until(lambda before=first: session.navigation.focus != before)
        table = session.population
        assert table is not None
        worst = table.confidence[table.wrong].argmax()
        assert session.navigation.focus == table.samples[table.wrong][worst]
        expect(page.locator(".focus-card h2")).to_contain_text(f"#{session.navigation.focus}")
        assert grid.locator(".scroll").evaluate("list => list.scrollTop") == 0
        first = session.navigation.focus
    grid.locator(".scroll").click(position={"x": 150, "y": 30})
    wait_until(lambda: session.navigation.focus != first)
    chosen, seen = session.navigation.focus, session.version
    groups.commit_teacher(writer, 4)
    wait_until(lambda: session.version > seen)
    page.wait_for_timeout(1000)
    assert session.navigation.focus == chosen


def _say_nothing_after_asking_for_the_document(page: Page) -> Callable[[], None]:
    """A browser that is slow to draw: it asks for the document, and its next message waits for a call."""
    held: list[str | bytes] | None = []
    servers: list[WebSocketRoute] = []

    def relay(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        servers.append(server)
        parts = 3  # of the message that asks: header, metadata, content

        def from_page(part: str | bytes) -> None:
            nonlocal parts
            if held is None or parts:
                parts = max(0, parts - 1)
                server.send(part)
            else:
                held.append(part)

        socket.on_message(from_page)

    def drawn() -> None:
        nonlocal held
        waiting, held = held, None
        for part in waiting or []:
            servers[0].send(part)

    page.route_web_socket("**/ws*", relay)
    return drawn


def test_a_failed_stage_says_what_failed_and_what_to_do(
    page: Page, serve_app: Serve, tmp_path: Path, begin_run: Callable[..., Any], groups: Any
) -> None:
    with begin_run(tmp_path) as writer:
        writer.commit_stage("dataset", "a" * 12, groups.dataset())
        writer.fail(
            "teacher", DataError("Losses are finite", "nan at step 120", "Lower teacher.learning_rate")
        )
    serve_app(tmp_path)
    strip = page.locator(".status-strip .strip.failed")
    expect(strip).to_contain_text("The run failed while training the teacher.")
    expect(strip).to_contain_text("Losses are finite. Found: nan at step 120. Lower teacher.learning_rate.")
    expect(page.locator(".image-grid h2")).to_contain_text("400 images")
    expect(page.locator(".image-grid select")).to_have_value("index")  # without a teacher nothing is worst


def test_an_interrupted_run_names_the_command_that_continues_it(
    page: Page, serve_app: Serve, tmp_path: Path, begin_run: Callable[..., Any], groups: Any
) -> None:
    with begin_run(tmp_path) as writer:
        writer.commit_stage("dataset", "a" * 12, groups.dataset())
        writer.report("teacher", Tick(2, 6, "epoch 2 of 6", 20.0, 42.0))
    serve_app(tmp_path)
    expect(page.locator(".status-strip .strip.interrupted")).to_contain_text("deepvid run shapes.toml")
