"""The card of the image under study, from a scene: head, why, trust, pictures, answer."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dashboards.data.class_labels import shortened
from dashboards.data.image_maps import Explained
from dashboards.kit.card import empty
from dashboards.kit.elements import Box, Child, Element, HelpButton, column, quiet, text
from dashboards.session import needs
from dashboards.session.engine_task import ResultStatus
from dashboards.session.image_list import image_list
from dashboards.session.needs import missing
from dashboards.session.scene import Scene
from dashboards.session.view import Of
from dashboards.views.focus import maps, why
from dashboards.views.focus.asking import MapsInquiry, absent, second_judge
from dashboards.views.focus.card import of_file, origin, probabilities, sides
from dashboards.views.focus.headline import LONGEST, heading, pin, steps
from dashboards.views.focus.image_maps import ImageMaps, Memory
from dashboards.views.focus.marking import Marked, flag, said_of
from dashboards.views.focus.table import carries, trust
from dashboards.widgets.help import Help
from deepvid.engine.requests import CausesOfRight, Edited, ExplainImage
from deepvid.reasons import Classes, Reason
from deepvid.store import Run
from deepvid.trust import MapVerdict

BARS = needs.PREDICTED.saying("The teacher's probabilities appear here after its first epoch.")

NOT_LOOKED_FOR, RIGHT = "Causes were not looked for in this run.", "The answer is right."


class Own(NamedTuple):
    """State that the scene does not know."""

    marked: Marked
    doubting: ResultStatus[CausesOfRight, tuple[Reason, ...]]
    asked: MapsInquiry
    framed: bool  # the place that decides is shown on the image
    of: Of
    memory: Memory


class Prepared(NamedTuple):
    """The card, and maps that nobody has computed yet."""

    tree: Element
    request: ExplainImage | None = None


def content(scene: Scene, help: Help) -> Prepared:
    """The card; what cannot be read of its maps is said by the view of the student."""
    run, table, row, sample = scene.studied
    lacks, image = missing([BARS], scene), table.images([row])[0]
    edited = None if lacks else scene.edited.get(sample)
    logits = None if lacks else table.logits(row) if edited is None else edited.logits
    known = ImageMaps() if lacks or edited else scene.own.memory.get(scene, image)
    error = None if edited else run.summary.get("metrics", {}).get("calibration_error")
    tree = column(
        _head(scene, edited, help, bars=logits is not None),
        why.line("WHY", *_why(scene, edited, known)) if not lacks and edited is None else None,
        None if known.shown is None else why.line("TRUST", *_trust(scene, known), look="trust"),
        text(known.warning, tag="p", look="warning gate", hint=known.warning) if known.warning else None,
        _pictures(scene, known, edited.image if edited else image, logits),
        *origin(table, row, of_file(table, row)),
        empty(text(lacks.text, tag="p")) if lacks else None,
        None if logits is None else probabilities(table, row, logits, error),
    )
    return Prepared(tree, known.request)


def _head(scene: Scene, edited: Edited | None, help: Help, *, bars: bool) -> Box:
    _, table, row, sample = scene.studied
    own, paired = scene.own, scene.beside is not None
    lacks, pinned = missing([needs.LABELS], scene), own.of == "pin"
    partial = bars and table.predictions and table.predictions.partial
    found = None if pinned else image_list(scene)
    return Box(
        (
            heading(table, row, edited),
            text("partial", look="partial", hint=partial) if partial else None,
            steps(found, row) if found is not None else None,
            pin(paired=paired, pinned=pinned) if pinned or not paired else None,
            flag(table, row, own.marked, lacks.text if lacks else ""),
            HelpButton("this card", **help, about=str(sample)),
        ),
        look="head",
    )


def _trust(scene: Scene, known: ImageMaps) -> tuple[Child, ...]:
    _, table, _, sample = scene.studied
    shown = known.shown
    assert shown is not None
    carried = carries(shown, table.class_names, _teachers(scene, shown.explained))
    judge = second_judge(shown.explained.infill, scene, known.request, scene.own.asked.explaining)
    images, about = "errors" if table.labeled else "images", f"{sample} {shown.chosen.name}"
    return trust(shown, known.judged, carried, images, about, *judge)


def _teachers(scene: Scene, shown: Explained) -> float:
    """The teacher's difference between the two classes in question."""
    if shown.decision is not None:
        return shown.decision.teacher
    _, table, row, _ = scene.studied
    logits, (first, second) = table.logits(row), shown.contrast
    assert logits is not None
    return float(logits[first] - logits[second])


def _words_read(words: str) -> Box:
    label = "The text under study"
    return text(words or quiet("(empty)"), tag="p", look="words-read", label=label, focusable=True)


def _pictures(scene: Scene, known: ImageMaps, image: np.ndarray, logits: np.ndarray | None) -> Box:
    _, table, row, sample = scene.studied
    shown, own = known.shown, scene.own
    names = shortened(table.class_names, LONGEST)
    remark = said_of(own.marked.entries.get(sample), table.class_names)
    place = table.causes.deciding_place(row) if own.framed and table.causes is not None else None
    between = () if logits is None else sides(logits, int(table.label[row]), names)
    note = text(remark, tag="p", look="remark", hint=remark) if remark else None
    if table.textual and table.files is not None:
        return Box((_words_read(table.files.of([sample])[0]), note), look="body alone")
    picture = maps.image(image, shown, between, place, note, main=own.of == "focus")
    height, width = image.shape[:2]
    style = f"--ratio: {width / height:.5g}"
    if shown is None:
        edited = sample in scene.edited
        beside = None if edited or logits is None or known.fault else absent(scene, known.request, own.asked)
        return Box((picture, beside), look="body alone", style=style)
    first, second = (names[each] for each in shown.explained.contrast)
    return Box(
        (
            picture,
            None if shown.over else maps.chosen_map(shown),
            maps.choice(shown),
            maps.legend(shown, first, second),
        ),
        look="body laid" if shown.over else "body",
        style=style,
    )


def _why(scene: Scene, edited: Edited | None, known: ImageMaps) -> Sequence[Child]:
    """Causes of an error, or what speaks against a right answer once a person asks; and the question."""
    run, table, row, sample = scene.studied
    if table.predicted is None or not table.labeled:
        return (quiet("Nobody labeled this image: no cause of an error can be looked for.", tag="p"),)
    wrong = table.wrong is not None and bool(table.wrong[row])
    if table.causes is None:
        return (quiet(NOT_LOOKED_FOR if wrong else RIGHT, tag="p"),)
    names, own = table.class_names, scene.own
    classes = Classes(names[table.label[row]], names[table.predicted[row]], names)
    mark = own.marked.entries.get(sample)
    of = why.Subject(table, row, mark, own.framed, not missing([needs.LABELS], scene))
    found = table.causes.reasons(row, classes)
    if wrong and _fails(known) and not table.causes.has_cause[row]:
        judged = 0 if known.shown is None or known.shown.facts is None else known.shown.facts.of
        return (why.unclear(table.causes.tried(row), table.causes.stored.lacks, judged),)
    if found:
        return why.causes(found, of)
    if wrong or scene.refusal:
        return (quiet("Nobody looked for its cause." if wrong else RIGHT, tag="p"),)
    request = question(run, sample)
    doubts, error = own.doubting.result(request), own.doubting.error(request)
    if doubts is not None:
        return why.causes(doubts, of)
    busy = own.doubting.request == request and own.doubting.task.busy
    return (why.cause("It could not be asked.", error) if error else None, why.doubting(busy=busy))


def _fails(known: ImageMaps) -> bool:
    """Whether maps were judged and none holds, not even in part."""
    if known.shown is None:
        return False
    return max(each.verdict for each in known.shown.explained.methods) is MapVerdict.DOES_NOT_HOLD


def question(run: Run, sample: int) -> CausesOfRight:
    """What speaks against a right answer."""
    return CausesOfRight(run.address, sample, int(run.config.get("seed", 0)))
