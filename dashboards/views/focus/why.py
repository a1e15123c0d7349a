"""Why it is wrong, or what speaks against a right answer: causes as sentences, each with what to do."""

from collections.abc import Sequence
from typing import NamedTuple

from dashboards.data.population import Population
from dashboards.kit.elements import Box, Button, Child, Element, quiet, text
from deepvid.causes import CAUSES, SENTENCES
from deepvid.causes import Cause as KnownCause
from deepvid.map_words import tried_sentence
from deepvid.reasons import Reason, planted_shares
from deepvid.store import Mark
from deepvid.wording import sentence_case

DOUBT = (
    "Overlapping classes, a picture unlike the others, one place that decides: the causes of errors, asked "
    "of an image that is right"
)
_OF_TITLE: dict[str, KnownCause] = {cause.title: cause for cause in CAUSES.values()}


class Subject(NamedTuple):
    """The image that the causes are of, and what was done about it."""

    table: Population
    row: int
    mark: Mark | None = None
    framed: bool = False  # the place that decides is shown on the image
    markable: bool = False


def line(name: str, *children: Child, look: str = "") -> Box:
    """A part of the card behind its name."""
    named = text(name, tag="b", look="part")
    return Box((named, Box(children, look="parts")), look=f"answer {look}".strip())


def causes(named: Sequence[Reason], of: Subject) -> list[Child]:
    """The first ones, each with its sentence, how often it is right, and what to do about it."""
    return [
        Box((_sentence(one, first=not place), Box(_actions(one, of), look="actions")), look="cause")
        for place, one in enumerate(named[:SENTENCES])
    ]


def _sentence(one: Reason, *, first: bool) -> Box:
    known = _OF_TITLE.get(one.title)
    begin = f"{sentence_case(one.title)}." if first else f"Else: {one.title}."
    hint = ". ".join(sentence_case(part) for part in (one.action, one.right) if part)
    right = f" Named first, it is right on {planted_shares(known)}." if known and known.right else ""
    return cause(begin, one.text, hint, quiet(right.replace(" %", "\u00a0%")) if right else None, first=first)


def cause(begin: str, words: str, hint: str = "", *more: Child, first: bool = True) -> Box:
    """One sentence; the hint says what to do about it, and how often it is right."""
    whole = "\n".join(filter(None, (words, hint)))
    look = "" if first else "quiet"
    return text(
        text(begin, tag="b"), f" {words}".replace(" %", "\u00a0%"), *more, tag="p", look=look, hint=whole
    )


def _actions(one: Reason, of: Subject) -> tuple[Child, ...]:
    known = _OF_TITLE.get(one.title)
    if known is None:
        return ()
    see = Button(("See them",), "see", look="action", hint="The images that are most alike: the tab Similar")
    if known.name == "label_doubt":
        return see, _mark(of)
    if known.name == "overlap":
        hint = "Pins the nearest image whose label and answer are both this label, beside this one"
        return (Button(("Compare",), "compare", look="action", hint=hint),)
    if known.name == "one_place":
        hint = "Frames the place on the image"
        return (Button(("Show on the image",), "place", pressed=of.framed, look="action", hint=hint),)
    return () if known.name == "picture_quality" else (see,)


def _mark(of: Subject) -> Child:
    table, row = of.table, of.row
    if not of.markable or table.predicted is None:
        return None
    label, sample = int(table.predicted[row]), int(table.samples[row])
    if of.mark is not None and not of.mark.right:
        return Button(("Marked",), "unmark", sample, pressed=True, look="action", hint="Take the mark off")
    value = {"sample": sample, "texts": {"remark": "", "label": str(label)}}
    words = f"Mark as mislabelled: it should be {table.class_names[label]}. M says more"
    return Button(("Mark the label",), "mark", value, look="action", hint=words)


def unclear(tried: Sequence[str], lacks: Sequence[str], maps: int) -> Box:
    """Neither a cause nor a map says anything: what was tried."""
    return Box((cause("Cannot tell.", tried_sentence(tried, lacks, maps)),), look="cause")


def doubting(*, busy: bool) -> Element:
    """Asks what speaks against a right answer, or says that it is being asked."""
    if busy:
        return quiet("Asking what speaks against it …", tag="p", role="status")
    return Button(("What speaks against it?",), "doubt", look="plain-text", hint=DOUBT)
