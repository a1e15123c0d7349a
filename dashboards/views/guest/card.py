"""An opened image as a tree of elements."""

from collections.abc import Sequence

import numpy as np

from dashboards.kit.elements import Box, Button, Child, Close, quiet, text
from dashboards.kit.pictures import Heat, Picture, Thumbnail
from dashboards.theme import class_color
from deepvid.map_words import trust_sentence
from deepvid.report import Case, Neighbor
from deepvid.report.case import SHOWN, words_of_neighbors
from deepvid.wording import probability, sentence_case

SIDE = 36  # CSS pixels of a neighbor, about
FEW = 4  # probabilities that are told


def guest_card(names: Sequence[str], shown: int, case: Case, classes: Sequence[str]) -> Box:
    """The image that is shown, of all that are opened, by their `names`."""
    said = case.answer
    others = tuple(
        Button((name,), "show", place, pressed=place == shown, look="chip", hint=f"Show {name}")
        for place, name in enumerate(names)
    )
    title = f"{case.name}: {said.predicted} ({probability(said.confidence)})"
    report = Button(
        ("Report",), "report", look="chip", hint="All of this as one HTML file, which any browser opens"
    )
    return Box(
        (
            Box(
                (
                    text(title, tag="h2", look="title", hint=title),
                    quiet(" · ".join(case.facts)),
                    *(others if len(names) > 1 else ()),
                    report,
                    Close((), "drop", shown, hint=f"Let go of {case.name}"),
                ),
                "header",
                look="head",
            ),
            Box((*_pictures(case), Box(_answers(case, classes), look="answers")), look="body"),
        ),
        look="opened",
    )


def _pictures(case: Case) -> tuple[Child, ...]:
    assert case.image is not None
    image = _figure(Picture(case.image.tobytes(), case.image.shape), "The image")
    if not case.maps:
        return (image,)
    best = case.maps[0]
    end = float(np.abs(best.values).max()) or 1.0
    label = f"{best.title}: blue for {case.contrast[0]}, orange for {case.contrast[1]}"
    heat = Heat(best.values.astype("<f4").tobytes(), best.values.shape, end, label=label)
    return image, _figure(heat, best.title, hint=label)


def _figure(picture: Child, words: str, hint: str = "") -> Box:
    return Box((picture, quiet(words)), look="figure", hint=hint)


def _answers(case: Case, classes: Sequence[str]) -> tuple[Child, ...]:
    """Causes, trust, neighbors and probabilities."""
    why = [text(text(f"{sentence_case(one.title)}. ", tag="b"), one.text, tag="p") for one in case.reasons]
    trust = trust_sentence(case.maps[0].facts) if case.maps else "No map of it could be computed."
    near = case.neighbors
    shares = case.answer.probabilities[:FEW]
    return (
        *(_line("Why", one) for one in (why or [text(case.without_reasons, tag="p")])),
        _line("Trust", text(trust, tag="p")),
        _line(
            "Similar",
            Box(
                (*(_tile(one, classes) for one in near[:SHOWN]), quiet(words_of_neighbors(near))), look="near"
            ),
        ),
        _line("Answer", text(", ".join(f"{name} {probability(share)}" for name, share in shares), tag="p")),
    )


def _line(word: str, said: Child) -> Box:
    return Box((text(word, look="word"), said), look="line")


def _tile(near: Neighbor, classes: Sequence[str]) -> Child:
    if near.image is None:
        return None
    color = class_color(classes.index(near.label)) if near.label in classes else "var(--dv-line)"
    picture = Thumbnail(near.image.tobytes(), near.image.shape, color, "", SIDE)
    return text(picture, hint=f"#{near.sample} {near.label or ''}".strip())
