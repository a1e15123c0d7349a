"""A student is fitted while a person waits: settings, progress, cancel, and where it is kept."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from engines import HeldEngine, held
from playwright.sync_api import Page, expect

from dashboards.session.session import Session
from deepvid.store import kept_students, open_run

pytestmark = pytest.mark.browser

Wait = Callable[..., Any]


@pytest.fixture
def made(made: Any, tmp_path: Path) -> Any:
    """A copy, for what is fitted is kept in the run's notes."""
    return made._replace(path=Path(shutil.copytree(made.path, tmp_path / "runs")))


@pytest.fixture
def session(serve_app: Callable[..., Session], made: Any, page: Page) -> Session:
    session = serve_app(made.path, f"?focus={made.fitted[1]}")
    expect(page.locator(".explain-card .methods")).to_be_visible()
    return session


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch, groups: Any) -> Iterator[HeldEngine]:
    def answer(request: Any) -> Any:
        batch = groups.students((request.sample,))
        batch.attrs.update(settings=request.settings.model_dump(mode="json"), settings_key="89abcdef")
        return batch

    with held(monkeypatch, answer, "labeling", go=False) as engine:
        yield engine


def refit(page: Page, **texts: str) -> None:
    page.get_by_role("button", name="Settings").click()
    for label, text in texts.items():
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_role("button", name="Fit", exact=True).click()


def test_a_s4_a_student_is_fitted_anew_with_other_settings(
    page: Page, slow: HeldEngine, session: Session, made: Any, wait_until: Wait
) -> None:
    refit(page, band="0.9")
    work = page.locator(".explain-card .work")
    expect(work).to_contain_text(f"Fitting #{made.fitted[1]}")
    expect(work).to_contain_text("labeling")
    (asked,) = slow.asked
    assert (asked.sample, asked.settings.band) == (made.fitted[1], 0.9)
    slow.go.set()
    expect(work).to_be_hidden()
    page.locator(".explain-card summary").click()
    chosen = page.get_by_label("Settings of the student")
    expect(chosen.locator("option:checked")).to_contain_text("band 0.9")
    expect(chosen.locator("option:checked")).to_contain_text("fitted in a page")
    expect(page.locator(".explain-card .faithfulness")).to_contain_text("not measured")
    wait_until(lambda: kept_students(open_run(made.path / made.run)))
    page.reload()  # the address names it, and the run's notes hold it
    expect(page.locator(".explain-card .methods")).to_be_visible()
    page.locator(".explain-card summary").click()
    expect(chosen.locator("option:checked")).to_contain_text("band 0.9")
    chosen.select_option(index=0)
    expect(chosen.locator("option:checked")).not_to_contain_text("fitted in a page")


def test_a_fit_that_ends_after_its_page_is_gone_is_kept(
    page: Page, slow: HeldEngine, session: Session, made: Any, wait_until: Wait
) -> None:
    refit(page, band="0.8")
    wait_until(lambda: slow.asked)
    page.reload()
    slow.go.set()
    run = open_run(made.path / made.run)
    wait_until(lambda: kept_students(run))
    assert kept_students(run)[0].open().attrs["settings"]["band"] == 0.8


def test_where_nothing_can_be_written_it_stays_in_the_page(
    page: Page, slow: HeldEngine, session: Session, made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboards.session.engine_task.store_refusal", lambda _: "This server is read only.")
    expect(page).to_have_url(re.compile(f"focus={made.fitted[1]}"))
    page.goto(page.url.replace(f"focus={made.fitted[1]}", f"focus={made.fitted[0]}"))
    expect(page.locator(".explain-card .methods")).to_be_visible()
    page.get_by_role("button", name="Settings").click()
    expect(page.locator(".explain-card .flyout")).to_contain_text(
        "It stays in this page. This server is read only."
    )
    page.get_by_label("band", exact=True).fill("0.7")
    page.get_by_role("button", name="Fit", exact=True).click()
    slow.go.set()
    page.locator(".explain-card summary").click()
    chosen = page.get_by_label("Settings of the student")
    expect(chosen.locator("option:checked")).to_contain_text("band 0.7")
    assert not kept_students(open_run(made.path / made.run))


def test_a_fit_belongs_to_the_image_it_was_asked_for(
    page: Page, slow: HeldEngine, session: Session, made: Any
) -> None:
    refit(page)
    other = int(next(sample for sample in made.wrong if sample not in made.fitted))
    session.schedule(lambda: session.focus(other))
    expect(page.get_by_text(f"No student was fitted for #{other}")).to_be_visible()
    expect(page.get_by_role("button", name="Fit now")).to_be_enabled()
    expect(page.locator(".explain-card .work")).to_contain_text(f"Fitting #{made.fitted[1]}")
    slow.go.set()
    expect(page.locator(".explain-card .work")).to_be_hidden()
    expect(page.get_by_text(f"No student was fitted for #{other}")).to_be_visible()


def test_a_fit_is_given_up(page: Page, slow: HeldEngine, session: Session, wait_until: Wait) -> None:
    refit(page)
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".explain-card .work")).to_be_hidden()


def test_what_is_typed_wrongly_is_said_where_it_was_typed(
    page: Page, slow: HeldEngine, session: Session, made: Any
) -> None:
    refit(page, neighbors="few")
    expect(page.locator(".explain-card .flyout .warning")).to_contain_text("neighbors")
    assert not slow.asked
    session.schedule(lambda: session.focus(made.fitted[0]))  # it was said of another image
    expect(page.locator(".explain-card .flyout")).to_have_count(0)
