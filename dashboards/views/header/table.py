"""The header as elements: places, the selection, and menus."""

from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple

from dashboards.keys import SHORTCUTS, Section
from dashboards.kit.elements import Box, Button, Child, Choice, Icon, text
from dashboards.kit.forms import Entry
from dashboards.kit.menus import KeyButton, Menu, Nav, Query, Refusal, Signal

Options = Sequence[Sequence[str]]  # name, text

MODES = (
    ("replace", "Replace the selection", "M2.5 2.5h11v11h-11z"),
    ("add", "Add to the selection (Shift)", "M2 2h8v4h4v8H6v-4H2z"),
    ("subtract", "Subtract from the selection (Ctrl)", "M2 2h8v8H2z M10 6h4v8H6v-4 M4 6h4"),
    (
        "intersect",
        "Keep only what is in both (Shift + Ctrl)",
        "M2 2h8v4 M10 14h4V6H6v8h4 M6 10H2V2 M6 6h4v4H6z",
    ),
)
SIGNS = {"replace": "", "add": "+", "subtract": "−", "intersect": "∩"}
UNDO = "M6 3 3 6l3 3 M3 6h6.5a3.5 3.5 0 0 1 0 7H6"
REDO = "M10 3l3 3-3 3 M13 6H6.5a3.5 3.5 0 0 0 0 7H10"
CLOSE = "M4 4l8 8 M12 4l-8 8"
THEME = "M8 2a6 6 0 1 0 0 12z M8 2a6 6 0 0 1 0 12"
TOUR = "dv-tour"  # event that begins it
CLOSES = {"closes": ""}  # data of what puts away the menu that it is in


class Places(NamedTuple):
    """Where a person is, and could be."""

    page: str
    pages: Options
    run: str  # id; empty: none
    runs: Options  # the latest, and those that are sought
    listed: int  # runs that there are, if the menu has not all of them
    chosen: int  # times that a run was
    split: str
    splits: Options
    read_only: bool


def places(here: Places) -> Box:
    """The page, the run, and which of its images."""
    nav = Nav("page", tuple((name, words) for name, words in here.pages), here.page, label="Pages")
    runs = _list("run", here.runs, here.run, "Run", "The run that every page shows", times=here.chosen)
    seek = Entry(
        "seek",
        "Find a run",
        live=True,
        label="Find a run",
        hint=f"The menu has the latest of {here.listed:,} runs: type a part of another's id",
        look="seek",
    )
    splits = _list("split", here.splits, here.split, "Split", "The images that every page shows")
    read_only = text(
        "read only",
        look="partial",
        hint="Nothing is imported, deleted, fitted or computed on this server",
    )
    return Box(
        (
            text("Deep", text("VID", tag="i"), tag="h1", look="brand"),
            nav,
            runs if here.runs else None,
            seek if here.listed else None,
            splits if len(here.splits) > 1 else None,
            read_only if here.read_only else None,
        ),
        look="left",
    )


def _list(act: str, options: Options, chosen: str, label: str, hint: str, times: int = 0) -> Choice:
    listed = tuple((value, words, "") for value, words in options)
    return Choice(act, listed, chosen, label=label, hint=hint, data={"times": times})


def query_line(example: str, asked: str, refusal: Refusal | None) -> Query:
    """Where images are asked for in words."""
    return Query(
        "query",
        "words",
        example,
        asked,
        refusal,
        SHORTCUTS["ask"],
        label="Query",
        hint=f"Select images by what is known of them (key {SHORTCUTS['ask']})",
    )


class Changes(NamedTuple):
    """The selection, and what can be done with it."""

    selected: str  # how many images, in words
    mode: str  # of the next gesture
    clear: bool  # whether anything is selected
    undo: bool
    redo: bool
    steps: Sequence[Sequence[str]]  # mode and words of each gesture, while they are looked at


def selection_controls(changes: Changes) -> tuple[Child, ...]:
    """The selection's controls."""
    buttons = (
        _key("Undo", UNDO, "undo", enabled=changes.undo),
        _key("Redo", REDO, "redo", enabled=changes.redo),
        _key("Clear the selection", CLOSE, "clear", enabled=changes.clear),
    )
    modes = (
        Button((Icon(path),), "mode", mode, pressed=mode == changes.mode, hint=words, label=words)
        for mode, words, path in MODES
    )
    return (
        _steps(changes),
        text(*buttons, look="group"),
        Box(tuple(modes), look="segmented", role="group", label="How a gesture changes the selection"),
    )


def _steps(changes: Changes) -> Menu:
    """The gestures that the selection is made of, each of which can be taken out."""
    lines = (_step(index, *step) for index, step in enumerate(changes.steps))
    return Menu(
        (Box(tuple(lines), role="list", label="Gestures of the selection"),),
        (text(changes.selected, role="status"),),
        "steps",
        "Gestures of the selection",
        "steps",
        about="something" if changes.clear else "nothing",
        enters=True,
        disabled=not changes.clear,
        label=f"{changes.selected}, by these gestures",
        look="selected",
        hint="The gestures that it is made of"
        if changes.clear
        else "Click a cell, lasso the map, or ask in words",
    )


def _step(index: int, mode: str, words: str) -> Box:
    sign = SIGNS[mode] if index else "all but" if mode == "subtract" else ""
    drop = icon_button(f"Take out: {words}", CLOSE, "drop", index, data=CLOSES)
    return Box((text(sign, tag="b", look="sign"), text(words), drop), look="step", role="listitem")


def theme(*, dark: bool) -> Button:
    """Turns light and dark."""
    return icon_button("Light theme" if dark else "Dark theme", THEME, "dark", not dark)


def keys(sections: Sequence[Section], *, tour: bool = False) -> Menu:
    """Keys, gestures of the mouse and words, while they are looked at; on a page with a `tour`, that, too."""
    again = Signal(("Show the tour again",), TOUR, look="plain-text")
    return Menu(
        (again if tour and sections else None, *map(_section, sections)),
        ("?",),
        "keys",
        opened="shortcuts",
        shortcut=SHORTCUTS["keys"],
        label="Keyboard and mouse",
        hint=f"Keyboard, mouse and words ({SHORTCUTS['keys']})",
        look="plain help-button",
    )


def _section(section: Section) -> Box:
    lines = ((text(line.keys, tag="dt"), text(line.meaning, tag="dd")) for line in section.lines)
    table = Box(tuple(chain.from_iterable(lines)), "dl")
    return Box((text(section.title, tag="h2", look="title"), table), "section")


def _key(words: str, path: str, act: str, *, enabled: bool) -> KeyButton:
    return KeyButton(
        (Icon(path),),
        act,
        disabled=not enabled,
        shortcut=SHORTCUTS[act],
        look="plain",
        hint=words,
        label=words,
    )


def icon_button(words: str, path: str, act: str, value: object, **rest: Any) -> Button:
    """A button that is a drawing; its words are its hint, and read aloud."""
    return Button((Icon(path),), act, value, look="plain", hint=words, label=words, **rest)
