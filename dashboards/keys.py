"""Keys, what the mouse does, and words: one line each, which a "?" tells and the browser hears."""

from typing import NamedTuple


class Key(NamedTuple):
    """Keys or a gesture of the mouse as a person reads them, or a word, and what it means.

    `heard` names what they do wherever the focus is, with their shortcuts, as "Ctrl Shift Z, Ctrl Y"; what
    has none is heard by the view that has the focus.
    """

    keys: str
    meaning: str
    heard: tuple[tuple[str, str], ...] = ()


class Section(NamedTuple):
    """Lines about one part of a page."""

    title: str
    lines: tuple[Key, ...]


SELECTION = (
    Key("/", "select in words", (("ask", "/"),)),
    Key("Esc", "clear the selection, or take an edit back", (("clear", "Esc"),)),
    Key("Ctrl Z", "undo; with Shift: redo", (("undo", "Ctrl Z"), ("redo", "Ctrl Shift Z, Ctrl Y"))),
)
"""Heard on all pages that show the selection."""
TABS = tuple((f"tab {number}", str(number)) for number in range(1, 10))

WORDS = Section(
    "Words",
    (
        Key("teacher", "the classifier that is explained"),
        Key("neighbors", "variations of one image, which an autoencoder makes"),
        Key(
            "student",
            "a simple model of what the teacher answers to them: a weight for every pixel and class",
        ),
        Key("held out", "neighbors that the student was not fitted to, by which it is judged"),
        Key("logit", "a class's score before it becomes a probability"),
        Key("margin", "the logit of the predicted class less that of the true one, or of the runner-up"),
        Key("latent", "one of the numbers by which the autoencoder describes an image"),
    ),
)

PAGES: dict[str, tuple[Section, ...]] = {
    "diagnose": (
        Section(
            "Select",
            (
                Key("drag", "lasso or box on the map; a click studies the nearest image"),
                Key("click", "a cell, a class, a sector or a pair; again: let it go"),
                Key("Shift", "held with a gesture: add"),
                Key("Ctrl", "held with a gesture: take away; with Shift: keep what is in both"),
                *SELECTION,
                Key("S", "open or fold the filter, which writes the query", (("filter", "S"),)),
            ),
        ),
        Section(
            "The image under study",
            (
                Key("1 … 5", "open a tab", TABS),
                Key("P", "pin it beside the next one, or let it go", (("pin", "P"),)),
                Key("M", "mark its label as wrong", (("mark", "M"),)),
                Key(
                    ", .",
                    "the image before it in the list, and the next one",
                    (("previous image", ","), ("next image", ".")),
                ),
                Key("W", "its map raw, as measured, or smoothed", (("raw", "W"),)),
            ),
        ),
        Section(
            "Review of labels",
            (
                Key("R", "look at doubted labels one by one", (("review", "R"),)),
                Key("M", "this label is wrong; a digit says which is right"),
                Key("K", "this label is right"),
                Key("← →", "the image before, and the next one"),
                Key("U", "take the last mark back"),
            ),
        ),
        Section(
            "What if",
            (
                Key("drag", "paint, erase or shift the image"),
                Key("← → ↑ ↓", "shift the image by a pixel"),
                Key("Ctrl Z", "undo a stroke"),
                Key("Esc", "the image as it is stored, every unit answering"),
            ),
        ),
        Section(
            "Where the focus is",
            (
                Key("← → ↑ ↓", "the next image of the grid, method, tab or value; a map in 3-D turns"),
                Key("← → ↑ ↓", "on the map: move a cursor; with Shift: in longer steps"),
                Key("Enter", "on the map: study the image at the cursor; with Shift or Ctrl: select it"),
                Key("L", "on the map: set a corner of a lasso, which Enter closes and Esc drops"),
                Key("Enter", "on the matrix, sunburst or chord: select what the arrows have led to"),
                Key("+ −", "a map comes nearer, or goes away"),
                Key("Page ↑ ↓", "a page of the grid, or five steps of a value"),
                Key("Home End", "the first and the last; on a map Home shows all"),
            ),
        ),
        WORDS,
    ),
    "network": (
        Section(
            "The river",
            (
                Key("click", "a box or a ribbon: select its images; again: let them go"),
                Key("click", "a layer's name: show it"),
                Key("Shift", "held with a gesture: add"),
                Key("Ctrl", "held with a gesture: take away; with Shift: keep what is in both"),
                *SELECTION,
                Key("↑ ↓", "the next box of a layer, or ribbon between two"),
                Key("← →", "along the widest ribbon to the next layer"),
                Key("Enter", "select the box or ribbon"),
            ),
        ),
        Section(
            "The layer's map",
            (
                Key("drag", "lasso images; a click studies the nearest one"),
                Key("Page ↑ ↓", "slide to the layer before, or the next one"),
                Key("space", "walk through the layers, or stop; Esc stops, too"),
                Key("← → ↑ ↓", "move a cursor; with Shift: in longer steps"),
                Key("Enter", "study the image at the cursor; with Shift or Ctrl: select it"),
                Key("L", "set a corner of a lasso, which Enter closes and Esc drops"),
                Key("+ −", "nearer, and farther, as the wheel does; Home goes back"),
            ),
        ),
    ),
    "training": (
        Section(
            "Epochs",
            (
                Key("drag", "over epochs: select the images that were given another class in them"),
                Key("click", "one epoch; on a class: its images that changed; again: let them go"),
                Key("Shift", "held with a gesture: add"),
                Key("Ctrl", "held with a gesture: take away; with Shift: keep what is in both"),
                *SELECTION,
                Key("← → Home End", "on a curve: another epoch; with Shift: several, which Enter selects"),
                Key("1 … 3", "open a tab", TABS),
            ),
        ),
    ),
    "time-travel": (
        Section(
            "Time",
            (
                Key("space", "play, or pause"),
                Key("← →", "the epoch before, and the next one"),
                Key("Home End", "the first and the last epoch"),
                Key("drag", "on the timeline: any moment between two epochs"),
                Key("click", "on the timeline, a curve or an event: go to its epoch"),
                Key("1 … 3", "open a tab", TABS),
            ),
        ),
        Section(
            "The map",
            (
                Key("drag", "lasso test images; a click studies the nearest one"),
                Key("Shift", "held with a gesture: add; on the timeline: select who changes class"),
                Key("Ctrl", "held with a gesture: take away; with Shift: keep what is in both"),
                Key("Shift ← → ↑ ↓", "on the map: move a cursor; with Ctrl, too: in longer steps"),
                Key("Enter", "study the image at the cursor; with Shift or Ctrl: select it"),
                Key("L", "set a corner of a lasso, which Enter closes and Esc drops"),
                Key("+ − 0", "nearer, farther, all"),
                *SELECTION,
            ),
        ),
    ),
    "archive": (
        Section(
            "Runs",
            (
                Key("↑ ↓", "the run above and below"),
                Key("Enter", "choose it; a double click opens it in Diagnose"),
                Key("← →", "the next tab"),
            ),
        ),
    ),
    "playground": (
        Section(
            "Network",
            (
                Key("Tab, Space", "an input: whether it is read; a unit: its picture in large"),
                Key("← →", "the next value of what is chosen by a slider or a list"),
            ),
        ),
    ),
}
"""By the name of a page."""

EVERYWHERE = Section(
    "Everywhere",
    (
        Key("Tab", "the next control"),
        Key(
            "F",
            "the card with the focus fills the screen, as by a double click on its title; Esc: back",
            (("fill", "F"),),
        ),
        Key(
            "[ ]",
            "less or more room for it; or drag what lies between two cards",
            (("less", "["), ("more", "]")),
        ),
        Key("?", "this list", (("keys", "?"),)),
    ),
)


def sections(page: str) -> tuple[Section, ...]:
    """Lines about a page, and those about all."""
    return (*PAGES.get(page, ()), EVERYWHERE)


SHORTCUTS = {
    name: shortcut
    for page in PAGES
    for section in sections(page)
    for line in section.lines
    for name, shortcut in line.heard
}
"""By the name of what they do."""
