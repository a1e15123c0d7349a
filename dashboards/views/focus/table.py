"""Whether the explanation of one image can be believed: the verdict on its first map, and on its student."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dashboards.data.decision import STUDENT
from dashboards.data.explanations import Explanation
from dashboards.data.students import Student
from dashboards.data.trust import WORDS
from dashboards.kit.charts import Rail
from dashboards.kit.elements import Box, Child, quiet, text
from dashboards.theme import VERDICT_COLORS
from deepvid.faithfulness import places_of_explainers
from deepvid.map_words import in_words
from deepvid.trust import Evidence, MapEvidence, MapVerdict, Verdict, reasons, verdicts
from deepvid.wording import change, percent


class Agreement(NamedTuple):
    """How often a student and the teacher agree on neighbors, 0 to 1."""

    value: float
    low: float
    high: float
    floor: float  # what guessing the commonest class would reach


class Judgment(NamedTuple):
    """The verdict on the first map, or where none was judged that on the student."""

    verdict: str = ""
    color: str = ""
    map: str = ""  # which map it is, and what that is worth; empty: none was judged
    reasons: tuple[str, ...] = ()  # sentences about the student; the first says the most
    agreement: Agreement | None = None  # None: there is no student


class Told(NamedTuple):
    """What was known of the neighbors."""

    band: float | None  # standard deviations they spread
    widened: bool
    commonest: float | None  # share of the commonest label
    name: str  # of that label


REASONS = 3  # sentences, of which a low card shows one
WHO = (
    "Neighbors are variations of this image; the student is a simple model of what the teacher, your "
    "classifier, answers to them; held-out ones it never saw"
)
_STAMPS = {
    MapVerdict.HOLDS: ("map holds", VERDICT_COLORS[Verdict.EXPLAINED]),
    MapVerdict.PARTLY: ("map partly holds", VERDICT_COLORS[Verdict.WEAK]),
    MapVerdict.DOES_NOT_HOLD: ("no map holds", VERDICT_COLORS[Verdict.CANNOT_TELL]),
}


def with_map(of_student: Judgment | None, explanation: Explanation | None, *, cause: bool) -> Judgment | None:
    """The verdict with that on the first map before it. `cause` is whether one is known: only where nothing
    is, the page cannot tell.
    """
    found = None if explanation is None else _first_map(explanation)
    if found is None:
        return of_student
    place, verdict = found
    assert explanation is not None
    told = of_student or Judgment()
    if verdict is MapVerdict.DOES_NOT_HOLD and not cause and told.verdict == WORDS[Verdict.CANNOT_TELL]:
        return told
    name = in_words(explanation.methods[place], explanation.labels[place])[0]
    worth = change(float(explanation.evidence.worth[place]))
    words, color = _STAMPS[verdict]
    disputed = "disputed by the judges" if explanation.disputed()[place] else f"worth {worth} logits here"
    return told._replace(verdict=words, color=color, map=f"{name}, {disputed}")


def _first_map(explanation: Explanation) -> tuple[int, MapVerdict] | None:
    """The one that is worth the most on the image, and its verdict; None where none was judged."""
    places = places_of_explainers(explanation.methods)
    if not places:
        return None
    place = places[int(MapEvidence(*(values[places] for values in explanation.evidence)).best)]
    verdict = MapVerdict(int(explanation.verdicts()[place]))
    return None if verdict is MapVerdict.UNKNOWN else (place, verdict)


def judgment(student: Student, explanation: Explanation | None, class_names: Sequence[str]) -> Judgment:
    """The verdict on a student, by the smoothest fit, whose picture is shown."""
    fit = int(np.argmax(student.smoothness))
    place = None if explanation is None else explanation.index_of(STUDENT)
    lost, chance = (
        (np.nan, np.nan)
        if explanation is None or place is None
        else (explanation.evidence.lost[place], explanation.evidence.chance[place])
    )
    known = [student.agreement_low[fit], student.floor[fit], student.kl[fit], student.gate]
    known += [student.agrees_on_sample[fit], student.values.get("stability", np.nan), lost, chance]
    evidence = Evidence(*(np.asarray(value, np.float32) for value in known))
    verdict = Verdict(int(verdicts(evidence)))
    fidelity = (student.agreement, student.agreement_low, student.agreement_high, student.floor)
    why = _sentences(verdict, reasons(evidence), told(student, class_names), measured=lost == lost)
    agreement = Agreement(*(float(values[fit]) for values in fidelity))
    return Judgment(WORDS[verdict], VERDICT_COLORS[verdict], "", tuple(why), agreement)


def told(student: Student, class_names: Sequence[str]) -> Told:
    """How far the neighbors spread and how much they have in common."""
    band, widening = student.settings.get("band"), float(student.values.get("widening") or 1.0)
    share, label = student.values.get("commonest"), student.values.get("commonest_class")
    return Told(
        widening * band if isinstance(band, int | float) else None,
        widening > 1.0,
        None if share is None else float(share),
        "" if label is None else class_names[int(label)],
    )


def _sentences(verdict: Verdict, why: Sequence[str], neighbors: Told, *, measured: bool) -> list[str]:
    sentences = [f"{reason[0].upper()}{reason[1:]}." for reason in why]
    if verdict == Verdict.CANNOT_TELL and neighbors.commonest is not None:
        sentences.insert(0, _in_common(neighbors))
    elif neighbors.widened and neighbors.band is not None:
        sentences.append(
            f"Nearer neighbors nearly all had one label: the band was widened to {neighbors.band:.2g} sd."
        )
    return [_met(measured=measured), *sentences] if verdict == Verdict.EXPLAINED else sentences


def _met(*, measured: bool) -> str:
    if not measured:
        return "How much its strongest pixels matter to the teacher was not measured."
    return "Its strongest pixels matter to the teacher, and other neighbors give the same picture."


def _in_common(neighbors: Told) -> str:
    share = neighbors.commonest or 0.0
    who = "every neighbor is" if share > 0.995 else f"{percent(share)} of the neighbors are"
    if neighbors.widened and neighbors.band is not None:
        return f"Even {neighbors.band:.2g} sd away {who} a {neighbors.name}."
    return f"{who[0].upper()}{who[1:]} a {neighbors.name}."


def verdict(judged: Judgment) -> Box:
    """What the page believes of the explanation, and why."""
    name, color, of_map, why, agreement = judged
    return Box(
        (
            text(
                text(name.upper(), tag="b", look="stamp"),
                text(of_map, hint=of_map) if of_map else None,
                _agrees(agreement) if agreement else None,
                tag="p",
                look="line",
            ),
            _meter(agreement) if agreement else None,
            Box(
                tuple(
                    text(reason, _more(place, len(why)), tag="li")
                    for place, reason in enumerate(why[:REASONS])
                ),
                "ul",
                look="reasons quiet",
                hint="\n".join(why),
            ),
        ),
        look="verdict",
        style=f"--verdict:{color}",
    )


def _more(place: int, count: int) -> Child:
    """How many reasons are not shown where this is the last one."""
    room = {0: "one", REASONS - 1: "three"}.get(place)
    hidden = count - place - 1
    return text(f" +{hidden} more", tag="b", look=f"more {room}") if room and hidden > 0 else None


def _agrees(agreement: Agreement) -> Box:
    value, low, high = (f"{100 * share:.0f}" for share in agreement[:3])
    words = f"student agrees on {value} % [{low}–{high}] of held-out neighbors"
    return text(words, hint=f"{words}. {WHO}")


def _meter(agreement: Agreement) -> Box:
    """From what guessing would reach, at the left end, to all of the neighbors."""
    value, low, high, floor = agreement
    room = max(1 - floor, 1e-9)
    at, begin, end = (max(0.0, min(1.0, (share - floor) / room)) for share in (value, low, high))
    interval = f"(95 % interval {percent(low)} to {percent(high)})"
    return Box(
        (quiet(f"guessing {percent(floor)}"), Rail(0.0, (begin, end), at), quiet("100 %")),
        role="img",
        label=f"Agreement {percent(value)}, guessing {percent(floor)}",
        hint=f"Student and teacher agree on {percent(value)} of the held-out neighbors {interval}; the meter "
        "begins at what guessing the commonest class would reach",
        look="meter",
    )
