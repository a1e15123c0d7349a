"""Menus, places, keys and words above a page, in a browser."""

import pytest
from accessible import violations
from cards import Show
from playwright.sync_api import expect

from dashboards.kit.elements import Box, Button, text
from dashboards.kit.menus import KeyButton, Menu, Nav, Query, Refusal, Share, Signal, Tabs

pytestmark = pytest.mark.browser

WORDS = (("wrong", "misclassified"), ("confidence", "probability"), ('"Coat"', "class"))


def menu(about: str = "") -> Menu:
    """It has a button that closes it, and one that does not."""
    inside = (Button(("Choose",), "go", 1, data={"closes": ""}), Button(("Stay",), "go", 2))
    return Menu(inside, ("Menu",), "opened", "Things", about=about, shortcut="?")


def test_a_menu_says_that_it_opens_and_is_put_away(show: Show) -> None:
    card = show(menu())
    button, things = (
        card.page.get_by_role("button", name="Menu"),
        card.page.get_by_role("dialog", name="Things"),
    )
    button.click()
    expect(things).to_be_visible()
    assert violations(card.page) == []
    things.get_by_role("button", name="Stay").click()
    expect(things).to_be_visible()
    card.page.keyboard.press("Escape")
    expect(things).to_be_hidden()
    expect(button).to_be_focused()
    card.page.keyboard.press("?")
    things.get_by_role("button", name="Choose").click()
    expect(things).to_be_hidden()
    button.click()
    card.draw(menu("another"))
    expect(things).to_be_hidden()
    opened = [value for action, value in card.said if action == "opened"]
    assert opened == [True, False] * 3
    assert [value for action, value in card.said if action == "go"] == [2, 1]


def test_a_place_is_marked_before_it_is_there(show: Show) -> None:
    nav = Nav("page", (("a", "First"), ("b", "Second")), "a", label="Pages")
    card = show(nav)
    expect(card.page.get_by_role("navigation", name="Pages")).to_be_visible()
    card.page.get_by_role("button", name="Second").click()
    expect(card.find("[aria-current=page]")).to_have_text(["Second"])
    assert card.said == [["page", "b"]]
    card.draw(Nav("page", (("a", "First"), ("b", "Second")), "a", label="Pages", hint="it cannot be shown"))
    expect(card.find("[aria-current=page]")).to_have_text(["First"])


def test_keys_press_buttons_but_where_a_person_types(show: Show) -> None:
    undo, redo = (
        KeyButton(("U",), "undo", shortcut="Ctrl Z"),
        KeyButton(("R",), "redo", shortcut="Ctrl Shift Z, Ctrl Y"),
    )
    off = KeyButton(("C",), "clear", shortcut="Esc", disabled=True)
    card = show(Box((undo, redo, off, Query("ask", "words", "", shortcut="/", label="Query"))))
    for key in ("Control+z", "Control+Shift+Z", "Control+y", "Escape", "z", "/"):
        card.page.keyboard.press(key)
    expect(card.page.get_by_label("Query")).to_be_focused()
    card.page.keyboard.press("Control+z")
    assert [action for action, _ in card.said] == ["undo", "redo", "redo"]


def test_a_query_is_completed_asked_and_refused(show: Show) -> None:
    card = show(Query("ask", "words", "wrong", label="Query"))
    card.change(lists={"words": WORDS})
    field, offered = card.page.get_by_label("Query"), card.page.get_by_role("option")
    field.press_sequentially("co")
    expect(offered).to_have_text(["confidenceprobability", '"Coat"class'])
    assert violations(card.page) == []
    field.press("ArrowDown")
    field.press("Enter")
    expect(field).to_have_value("confidence ")
    field.press_sequentially('> "c')
    expect(offered).to_have_text(['"Coat"class'])
    field.press("Escape")
    field.press("Enter")
    assert card.said == [["ask", 'confidence > "c']]
    refusal = Refusal('confidence > "c', 13, 15, "It has no end")
    card.draw(Query("ask", "words", "wrong", refusal=refusal, label="Query"))
    expect(card.find("mark")).to_have_text('"c')
    field.press_sequentially("o")
    expect(card.find(".fault")).to_be_empty()


def test_what_is_asked_elsewhere_stands_there_unless_a_person_types(show: Show) -> None:
    card = show(Query("ask", "words", "", current="wrong", label="Query"))
    field = card.page.get_by_label("Query")
    expect(field).to_have_value("wrong")
    card.draw(Query("ask", "words", "", current="dark", label="Query"))
    expect(field).to_have_value("dark")
    field.fill("mine")
    card.draw(Query("ask", "words", "", current="", label="Query"))
    expect(field).to_have_value("mine")


def test_an_address_is_copied_and_a_signal_is_heard(show: Show) -> None:
    share = Share("?run=a", label="Link")
    card = show(Box((share, Signal((text("Picture"),), "dv-test"))))
    expect(card.page.get_by_label("Link")).to_have_value("http://127.0.0.1:1/?run=a")
    card.page.get_by_role("button", name="Copy").click()
    expect(card.page.get_by_role("button", name="Copied")).to_be_visible()
    expect(card.page.get_by_role("status")).to_contain_text("this machine only")
    card.page.evaluate("() => document.addEventListener('dv-test', () => { window.heard = true })")
    card.page.get_by_role("button", name="Picture").click()
    assert card.page.evaluate("() => window.heard")


def test_tabs_are_chosen_by_arrows_and_keys(show: Show) -> None:
    options = (("a", "First"), ("b", "Second"), ("c", "Third"))
    card = show(Tabs("turn", options, "a", ("1", "2", "3"), label="Tabs"))
    tabs = card.page.get_by_role("tab")
    expect(tabs).to_have_text(["First1", "Second2", "Third3"])
    assert violations(card.page) == []
    tabs.first.press("ArrowLeft")
    tabs.nth(1).click()
    tabs.first.focus()
    card.page.keyboard.press("1")
    card.page.keyboard.press("3")
    assert card.said == [["turn", "c"], ["turn", "b"], ["turn", "c"]]
    card.draw(Tabs("turn", options, "c", ("1", "2", "3"), label="Tabs"))
    expect(tabs.last).to_be_focused()
    expect(tabs.last).to_have_attribute("aria-selected", "true")
