"""Labels that a person takes for wrong: marked on the image card, kept in the run's notes, saved as CSV."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from dashboards.data.orders import ordered
from dashboards.session.session import Session
from deepvid.store import drop_mark, kept_marks, open_run, write_archive

pytestmark = pytest.mark.browser

Serve = Callable[..., Session]
Wait = Callable[..., Any]

CORNER = """() => {
  const find = (root) => { for (const e of root.querySelectorAll('*')) {
    if (e.matches('.image-grid')) return e
    const inner = e.shadowRoot && find(e.shadowRoot); if (inner) return inner } }
  const scroll = find(document).querySelector('.scroll'), canvas = find(document).querySelector('canvas')
  const left = Math.max(10, (scroll.clientWidth - Math.floor((scroll.clientWidth - 16) / 56) * 56 + 4) / 2)
  const ratio = devicePixelRatio, context = canvas.getContext('2d')
  return [...context.getImageData((left + 6) * ratio, 14 * ratio, 4, 4).data].join()
}"""
HOSTILE = "=1+1 <img src=x onerror=document.title='run'> & <b>bold</b>"


def flag(page: Page) -> Locator:
    return page.locator(".focus-card .flag")


def mark(page: Page, remark: str) -> None:
    expect(flag(page)).to_be_visible()
    page.keyboard.press("m")
    field = page.get_by_label("Remark")
    expect(field).to_be_focused()
    field.fill(remark)
    page.get_by_role("button", name="Mark", exact=True).click()
    expect(flag(page)).to_have_attribute("aria-pressed", "true")


def exported(page: Page, folder: Path) -> list[dict[str, str]]:
    flag(page).click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Export CSV").click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_mark_is_there_after_a_reload_until_it_is_taken_back(
    page: Page, serve_app: Serve, made: Any, store: Path, wait_until: Wait
) -> None:
    sample = made.fitted[1]
    names = serve_app(store, f"?focus={sample}").population.class_names  # type: ignore[union-attr]
    predicted = int(made.predicted[sample])
    mark(page, "the hole is filled")
    said = f"should be {names[predicted]}: the hole is filled"  # the teacher's class is offered
    expect(page.locator(".focus-card .remark")).to_have_text(said)
    run = open_run(store / made.run)
    wait_until(lambda: sample in kept_marks(run))
    assert kept_marks(run)[sample][1:] == ("the hole is filled", predicted, False)
    page.reload()
    expect(page.locator(".focus-card .remark")).to_have_text(said)
    flag(page).click()
    page.get_by_label("It should be").select_option("not known")
    page.get_by_label("Remark").fill("")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".focus-card .remark")).to_have_text("mislabelled")
    flag(page).click()
    page.get_by_role("button", name="Unmark").click()
    expect(flag(page)).to_have_attribute("aria-pressed", "false")
    expect(page.locator(".focus-card .remark")).to_have_count(0)
    wait_until(lambda: kept_marks(run) == {})


def test_markup_in_a_remark_is_text_and_no_formula_leaves_the_page(
    page: Page, serve_app: Serve, made: Any, store: Path, tmp_path: Path
) -> None:
    sample = made.fitted[1]
    session = serve_app(store, f"?focus={sample}")
    names = session.population.class_names  # type: ignore[union-attr]
    mark(page, HOSTILE)
    expect(page.locator(".focus-card .remark")).to_contain_text(HOSTILE)
    assert page.locator(".focus-card .remark *").count() == 0
    assert page.title() != "run"
    (row,) = exported(page, tmp_path)
    assert row["remark"] == f"'{HOSTILE}"
    assert (row["sample"], row["was"], row["predicted"], row["label"]) == (
        str(sample),
        names[made.label[sample]],
        names[made.predicted[sample]],
        names[made.predicted[sample]],
    )


def test_an_archive_keeps_marks_in_the_page_and_says_so(
    page: Page, serve_app: Serve, made: Any, tmp_path: Path
) -> None:
    archive = write_archive(open_run(made.path / made.run), tmp_path / "shapes.zip")
    before = archive.read_bytes()
    serve_app(archive, f"?focus={made.fitted[1]}")
    expect(flag(page)).to_be_visible()
    page.keyboard.press("m")
    expect(page.locator(".focus-card .popover")).to_contain_text("The mark stays in this page")
    page.keyboard.press("Escape")
    expect(page.locator(".focus-card .popover")).to_have_count(0)
    mark(page, "from an archive")
    assert [row["remark"] for row in exported(page, tmp_path)] == ["from an archive"]
    assert archive.read_bytes() == before


def test_a_marked_tile_has_a_flag_until_somebody_takes_it_back_elsewhere(
    page: Page, serve_app: Serve, made: Any, store: Path, wait_until: Wait
) -> None:
    session = serve_app(store, f"?focus={made.fitted[1]}")
    scroll = page.locator(".image-grid .scroll")
    expect(scroll).to_be_visible()
    first = _first_listed(session)
    session.schedule(lambda: session.focus(first))
    expect(page.locator("h2 .index")).to_have_text(f"#{first}")
    page.wait_for_timeout(300)
    before = page.evaluate(CORNER)
    mark(page, "")
    wait_until(lambda: page.evaluate(CORNER) != before)
    drop_mark(open_run(store / made.run), first)
    wait_until(lambda: page.evaluate(CORNER) == before)  # the page looks once a second
    expect(flag(page)).to_have_attribute("aria-pressed", "false")


def _first_listed(session: Session) -> int:
    table = session.population
    assert table is not None
    return int(table.samples[ordered(table, "explained", None).rows(0, 1)[0]])
