"""The menu that keeps the selection: by a name, as a file, and as a link."""

from collections.abc import Sequence
from typing import NamedTuple

from dashboards.kit.elements import Box, Button, Icon, text
from dashboards.kit.forms import Entry, Link
from dashboards.kit.menus import Menu, Share, Signal
from dashboards.serving.transfer import Download
from dashboards.session.notes import LONGEST_NAME
from dashboards.views.header.table import CLOSE, CLOSES, icon_button
from deepvid.data_check.kinds import KINDS
from deepvid.report import MOST

SAVE = "M8 2v8 M4.5 7 8 10.5 11.5 7 M2.5 13.5h11"


class SaveState(NamedTuple):
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
    reported: int  # images of the selection, if a report can have so many; 0: it cannot
    query: str  # of what is seen


def save_menu(kept: SaveState) -> Menu:
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
        hint="The image under study as a PNG: why it is wrong, its map and how far to believe that, and "
        "the link",
    )
    report = (
        Button(
            ("Report of this image",),
            "report",
            "image",
            disabled=stopped or not kept.studied,
            look="chip",
            hint="One HTML file that any browser opens, without DeepVID: causes, maps with their worth, "
            "nearest training images, digests",
        ),
        Button(
            ("Report of the selection",),
            "report",
            "selection",
            disabled=stopped or not kept.reported,
            look="chip",
            hint=f"The same of each selected image, {MOST} at most",
        ),
    )
    opening = Signal(
        ("Open an image",),
        "dv-open-image",
        bool(kept.unsaved),
        look="chip",
        hint="An image of your own is answered, explained, and compared with the training images; "
        "you can also drop or paste it anywhere on the page",
    )
    file = kept.download
    return Menu(
        (
            text("Named selections", tag="h2", look="title"),
            _named_selections(kept),
            _naming(kept),
            _note(f"Kept in this session: {kept.unkept}" if kept.unkept else ""),
            text(f"Save {kept.counted}", tag="h2", look="title"),
            Box(tuple(chips), look="files"),
            _note(kept.saving or kept.unsaved, role="status"),
            text("Show it to somebody", tag="h2", look="title"),
            Box((picture,), look="files"),
            Box(report, look="files"),
            Share(kept.query, label="Link to what is seen", look="files"),
            text("Ask about another image", tag="h2", look="title"),
            Box((opening,), look="files"),
            Link((), file["link"], file["name"], at_once=True, look="given") if file else None,
        ),
        (Icon(SAVE),),
        name="Save the selection",
        opened="save",
        about=file["link"] if file else "",
        label="Save the selection, or show this to somebody",
        hint="Save the selection, or show this to somebody",
        look="plain",
    )


def _named_selections(kept: SaveState) -> Box:
    lines = (*map(_named, kept.named), *map(_found, kept.found))
    return Box(lines, look="kept", role="list", label="Named selections")


def _naming(kept: SaveState) -> Entry:
    return Entry(
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
    return Box((button, icon_button(f"Forget {name}", CLOSE, "unname", name)), look="one", role="listitem")


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
