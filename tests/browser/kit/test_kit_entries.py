"""Elements that are typed in, ticked, dropped on, copied from and confirmed, in a browser."""

from pathlib import Path

import pytest
from accessible import violations
from cards import Show
from playwright.sync_api import expect

from dashboards.kit.elements import Box, Button, text
from dashboards.kit.forms import Check, Confirm, Copy, Entry, FileButton, Line, Link, Upload

pytestmark = pytest.mark.browser


def test_a_live_field_asks_while_a_person_types_and_others_when_they_are_left(show: Show) -> None:
    live, left = Entry("seek", "Find", live=True, label="Live"), Entry("seek", "Find", label="Left")
    card = show(Box((live, left)))
    card.page.get_by_label("Live").press_sequentially("ab")
    card.page.wait_for_function("() => window.said.length > 0")
    card.page.get_by_label("Live").press("Enter")
    card.page.get_by_label("Left").fill("c")
    card.page.get_by_label("Left").press("Enter")
    assert card.said[-3:] == [
        ["seek", {"text": "ab", "entered": False}],
        ["seek", {"text": "ab", "entered": True}],
        ["seek", {"text": "c", "entered": True}],
    ]
    assert violations(card.page) == []


def test_a_field_with_a_button_says_nothing_empty_and_is_empty_about_something_else(show: Show) -> None:
    card = show(Entry("name", "Name", button="Keep", label="Name", about="1"))
    field, button = card.page.get_by_label("Name"), card.page.get_by_role("button", name="Keep")
    expect(button).to_be_disabled()
    field.fill("  ")
    field.press("Enter")
    field.fill("mine")
    button.click()
    assert card.said == [["name", {"text": "mine", "entered": True}]]
    expect(field).to_have_value("mine")
    card.draw(Entry("name", "Name", button="Keep", label="Name", about="2"))
    expect(field).to_have_value("")


def test_rows_are_chosen_and_led_through(show: Show) -> None:
    rows = (Line((text(name, tag="td"),), "choose", name, name == "b", label=name) for name in "ab")
    card = show(Box((Box(tuple(rows), "tbody"),), "table"))
    first, second = card.find("tr").all()
    expect(second).to_have_attribute("aria-selected", "true")
    first.press("ArrowDown")
    expect(second).to_be_focused()
    second.press("Enter")
    first.dblclick()
    assert card.said == [["choose", {"value": "b", "twice": False}]] + [
        ["choose", {"value": "a", "twice": twice}] for twice in (False, False, True)
    ]


def test_a_box_is_ticked(show: Show) -> None:
    card = show(Check(("images",), "part", "image", True))
    card.page.get_by_label("images").uncheck()
    assert card.said == [["part", {"name": "image", "checked": False}]]


def test_nothing_is_done_before_it_is_confirmed(show: Show) -> None:
    answers = (text("For good?", tag="p"), Button(("Yes",), "delete", "run"))
    card = show(Confirm(answers, "Delete …", "Keep it", about="run", label="Delete"))
    button, question = card.find("button"), card.page.get_by_role("alertdialog", name="Delete")
    button.click()
    expect(card.page.get_by_role("button", name="Keep it")).to_be_focused()
    expect(question).to_contain_text("For good?")
    assert violations(card.page) == []
    card.page.keyboard.press("Enter")
    expect(button).to_be_focused()
    button.click()
    card.draw(Confirm(answers, "Delete …", "Keep it", about="another", label="Delete"))
    expect(question).to_have_count(0)
    button.click()
    card.page.get_by_role("button", name="Yes").click()
    expect(question).to_have_count(0)
    assert card.said == [["delete", "run"]]


def test_text_is_copied_and_a_file_is_saved_once(show: Show) -> None:
    card = show(Box((Copy(("Copy",), "all of it"),)))
    card.find("button").click()
    expect(card.find("button")).to_have_text("Copied")
    expect(card.find("button")).to_have_text("Copy")
    saved: list[str] = []
    card.page.on("download", lambda file: saved.append(file.suggested_filename))
    link = Link(("run.zip",), "data:application/zip,0", "run.zip", at_once=True)
    with card.page.expect_download():
        card.draw(Box((link,)))
    card.draw(Box(()))
    card.draw(Box((link,)))
    expect(card.find("a")).to_have_text("run.zip")
    card.page.wait_for_timeout(200)
    assert saved == ["run.zip"]


def test_a_file_is_posted_to_the_link_and_a_fault_is_said(show: Show, tmp_path: Path) -> None:
    file = tmp_path / "run.zip"
    file.write_text("held")
    posted: list[str] = []
    answers = [200, 507]

    def place(link: str) -> Upload:
        return Upload((FileButton(("Choose",)),), "offer", link, ".zip", label="Import")

    card = show(place(""))
    card.page.route(
        "**/post/*",
        lambda route: (posted.append(route.request.method), route.fulfill(status=answers.pop(0))),
    )
    button = card.page.get_by_role("button", name="Choose")
    for link in ("post/1", "post/2"):
        with card.page.expect_file_chooser() as chooser:
            button.click()
        chooser.value.set_files(file)
        expect(button).to_be_disabled()
        card.draw(place(link))
        expect(button).to_be_enabled()
    assert posted == ["POST", "POST"]
    names = [value["file"] for _, value in card.said]
    assert names == ["run.zip"] * 3
    assert card.said[-1][1]["fault"].startswith("507")
