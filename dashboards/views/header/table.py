"""What stands in the header: places, what is computed, the selection, and menus, as elements."""

from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple

from dashboards.keys import SHORTCUTS, Section
from dashboards.kit.elements import Box, Button, Child, Choice, Icon, text
from dashboards.kit.forms import Field, Link
from dashboards.kit.menus import KeyButton, Menu, Nav, Query, Refusal, Share, Signal
from dashboards.serving.transfer import Download
from dashboards.session.notes import LONGEST_NAME
from deepvid.data_check.kinds import KINDS

Named = Sequence[Sequence[str]]  # name, text

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
SAVE = "M8 2v8 M4.5 7 8 10.5 11.5 7 M2.5 13.5h11"
CLOSES = {"closes": ""}  # data of what puts away the menu that it is in


class Places(NamedTuple):
    """Where a person is, and could be."""

    page: str
    pages: Named
    run: str  # id; empty: none
    runs: Named  # the latest, and those that are sought
    listed: int  # runs that there are, if the menu has not all of them
    chosen: int  # times that a run was
    split: str
    splits: Named
    read_only: bool


def places(here: Places) -> Box:
    """The page, the run, and which of its images."""
    nav = Nav("page", tuple((name, words) for name, words in here.pages), here.page, label="Pages")
    runs = _list("run", here.runs, here.run, "Run", "The run that every page shows", times=here.chosen)
    seek = Field(
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


def _list(act: str, options: Named, chosen: str, label: str, hint: str, times: int = 0) -> Choice:
    listed = tuple((value, words, "") for value, words in options)
    return Choice(act, listed, chosen, label=label, hint=hint, data={"times": times})


def asking(example: str, asked: str, refusal: Refusal | None) -> Query:
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
    """What is selected, and what can be done with it."""

    selected: str  # how many images, in words
    mode: str  # of the next gesture
    clear: bool  # whether anything is selected
    undo: bool
    redo: bool
    steps: Sequence[Sequence[str]]  # mode and words of each gesture, while they are looked at


def changing(changes: Changes) -> tuple[Child, ...]:
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
        changes.selected,
        not changes.clear,
        label=f"{changes.selected}, by these gestures",
        look="selected",
        hint="The gestures that it is made of"
        if changes.clear
        else "Click a cell, lasso the map, or ask in words",
    )


def _step(index: int, mode: str, words: str) -> Box:
    sign = SIGNS[mode] if index else "all but" if mode == "subtract" else ""
    drop = _icon(f"Take out: {words}", CLOSE, "drop", index, data=CLOSES)
    return Box((text(sign, tag="b", look="sign"), text(words), drop), look="step", role="listitem")


def theme(*, dark: bool) -> Button:
    """Turns light and dark."""
    return _icon("Light theme" if dark else "Dark theme", THEME, "dark", not dark)


class Kept(NamedTuple):
    """Selections that can be had back, and what can be saved."""

    named: Sequence[str]
    times: int  # that one was named
    found: Sequence[str]  # kinds of what the check of the data found
    unkept: str  # why names stay in this session; empty: they do not
    selected: bool  # whether there is anything to name
    counted: str  # images that a file would have, in words
    saving: str  # how far the file is, or why there is none
    unsaved: str  # why no file can be saved
    download: Download | None  # to be saved at once
    studied: bool  # whether an image under study is seen
    query: str  # of what is seen


def saving(kept: Kept) -> Menu:
    """The selection by a name, as a file, and its link."""
    stopped = bool(kept.unsaved) or kept.saving.endswith("…")
    files = (
        ("csv", "Table (CSV)", "One line an image: what is known of it"),
        ("npz", "Arrays (NPZ)", "Images, labels and logits for NumPy"),
    )
    chips = (
        Button((words,), "save", kind, disabled=stopped, look="chip", hint=hint)
        for kind, words, hint in files
    )
    picture = Signal(
        ("Picture of this explanation",),
        "dv-picture-of-image",
        not kept.studied,
        look="chip",
        hint="The image under study as a PNG: what the teacher says, the verdict, and the explanation that "
        "lies over it",
    )
    file = kept.download
    return Menu(
        (
            text("Named selections", tag="h2", look="title"),
            Box(
                (*map(_named, kept.named), *map(_found, kept.found)),
                look="kept",
                role="list",
                label="Named selections",
            ),
            _naming(kept),
            _note(f"Kept in this session: {kept.unkept}" if kept.unkept else ""),
            text(f"Save {kept.counted}", tag="h2", look="title"),
            Box(tuple(chips), look="files"),
            _note(kept.saving or kept.unsaved, role="status"),
            text("Show it to somebody", tag="h2", look="title"),
            Box((picture,), look="files"),
            Share(kept.query, label="Link to what is seen", look="files"),
            Link((), file["link"], file["name"], given=True, look="given") if file else None,
        ),
        (Icon(SAVE),),
        name="Save the selection",
        opened="save",
        about=file["link"] if file else "",
        label="Save the selection, or show this to somebody",
        hint="Save the selection, or show this to somebody",
        look="plain",
    )


def _named_selections(kept: Kept) -> Box:
    lines = (*map(_named, kept.named), *map(_found, kept.found))
    return Box(lines, look="kept", role="list", label="Named selections")


def _naming(kept: Kept) -> Field:
    return Field(
        "name",
        "Name this selection" if kept.selected else "Select something to name it",
        button="Keep",
        about=str(kept.times),
        most=LONGEST_NAME,
        disabled=not kept.selected,
        label="Name of the selection",
        look="files",
    )


def _note(words: str, role: str = "") -> Box:
    return text(words, tag="p", look="quiet", role=role)


def _named(name: str) -> Box:
    button = Button((name,), "named", name, look="plain-text", hint=name, data=CLOSES)
    return Box((button, _icon(f"Forget {name}", CLOSE, "unname", name)), look="one", role="listitem")


def _found(word: str) -> Box:
    """A kind of finding, with the word that a query has where it is another."""
    short = KINDS[word].short
    words = short if short == word else f"{short} ({word})"
    hint = "Found by the check of the data"
    return Box(
        (Button((words,), "found", word, look="plain-text", hint=hint, data=CLOSES),),
        look="one",
        role="listitem",
    )


def keys(sections: Sequence[Section]) -> Menu:
    """What keys and the mouse do, and what words mean, while it is looked at."""
    return Menu(
        tuple(map(_section, sections)),
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


def _icon(words: str, path: str, act: str, value: object, **rest: Any) -> Button:
    return Button((Icon(path),), act, value, look="plain", hint=words, label=words, **rest)
