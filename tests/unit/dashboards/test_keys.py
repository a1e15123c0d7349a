"""The table of keys: what a page tells of them, and that no key means two things."""

import pytest

from dashboards.keys import PAGES, SHORTCUTS, sections
from dashboards.kit.elements import Box, walk, words
from dashboards.pages.catalogue import PAGES as CATALOGUE
from dashboards.views.header.table import keys


@pytest.mark.parametrize("page", PAGES)
def test_a_key_that_is_heard_on_the_whole_page_means_one_thing(page: str) -> None:
    heard = [
        key
        for section in sections(page)
        for line in section.lines
        for _, shortcut in line.heard
        for key in shortcut.split(", ")
    ]
    assert len(heard) == len(set(heard))


def test_a_name_has_the_same_key_on_every_page() -> None:
    lines = [line for page in PAGES for section in sections(page) for line in section.lines]
    assert all(SHORTCUTS[name] == shortcut for line in lines for name, shortcut in line.heard)


def test_every_page_tells_its_keys() -> None:
    assert set(PAGES) == {page.name for page in CATALOGUE}
    told = [element for element in walk(keys(sections("diagnose"))) if isinstance(element, Box)]
    rows = dict(
        zip(*([words(each) for each in told if each.tag == tag] for tag in ("dt", "dd")), strict=True)
    )
    assert rows["/"] == "select in words"
    assert rows["?"] == "this list"
    assert [words(each) for each in told if each.tag == "h2"] == [
        section.title for section in sections("diagnose")
    ]


def test_a_page_that_is_not_in_the_table_tells_those_of_all() -> None:
    assert [section.title for section in sections("theirs")] == ["Everywhere"]
