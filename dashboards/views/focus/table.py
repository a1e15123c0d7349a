"""Whether the explanation of one image can be believed: the verdict on its first map, and on its student."""

from collections.abc import Sequence
from typing import NamedTuple, TypedDict

import numpy as np

from dashboards.data.captions import in_words
from dashboards.data.decision import STUDENT
from dashboards.data.explanations import Explanation
from dashboards.data.students import Student
from dashboards.data.trust import WORDS
from dashboards.theme import VERDICT_COLORS
from deepvid.faithfulness import places_of_explainers
from deepvid.trust import Evidence, MapEvidence, MapVerdict, Verdict, reasons, verdicts
from deepvid.wording import change, percent


class Agreement(TypedDict):
    """How often a student and the teacher agree on neighbors, 0 to 1."""

    value: float
    low: float
    high: float
    floor: float  # what guessing the commonest class would reach


class Judged(TypedDict):
    """The verdict on the first map, or where none was judged that on the student."""

    verdict: str
    color: str
    map: str  # which map it is, and what that is worth; empty: none was judged
    reasons: list[str]  # sentences about the student; the first says the most
    agreement: Agreement | None  # None: there is no student


class Told(NamedTuple):
    """What was known of the neighbors."""

    band: float | None  # standard deviations they spread
    widened: bool
    commonest: float | None  # share of the commonest label
    name: str  # of that label


_STAMPS = {
    MapVerdict.HOLDS: ("map holds", VERDICT_COLORS[Verdict.EXPLAINED]),
    MapVerdict.PARTLY: ("map partly holds", VERDICT_COLORS[Verdict.WEAK]),
    MapVerdict.DOES_NOT_HOLD: ("no map holds", VERDICT_COLORS[Verdict.CANNOT_TELL]),
}


def with_map(of_student: Judged | None, explanation: Explanation | None, *, cause: bool) -> Judged | None:
    """The verdict with that on the first map before it. `cause` is whether one is known: only where nothing
    is, the page cannot tell.
    """
    found = None if explanation is None else _first_map(explanation)
    if found is None:
        return of_student
    place, verdict = found
    assert explanation is not None
    told: Judged = of_student or {"verdict": "", "color": "", "map": "", "reasons": [], "agreement": None}
    if verdict is MapVerdict.DOES_NOT_HOLD and not cause and told["verdict"] == WORDS[Verdict.CANNOT_TELL]:
        return told
    name = in_words(explanation.methods[place], explanation.labels[place])[0]
    worth = change(float(explanation.evidence.worth[place]))
    words, color = _STAMPS[verdict]
    disputed = "disputed by the judges" if explanation.disputed()[place] else f"worth {worth} logits here"
    return {**told, "verdict": words, "color": color, "map": f"{name}, {disputed}"}


def _first_map(explanation: Explanation) -> tuple[int, MapVerdict] | None:
    """The one that is worth the most on the image, and its verdict; None where none was judged."""
    places = places_of_explainers(explanation.methods)
    if not places:
        return None
    place = places[int(MapEvidence(*(values[places] for values in explanation.evidence)).best)]
    verdict = MapVerdict(int(explanation.verdicts()[place]))
    return None if verdict is MapVerdict.UNKNOWN else (place, verdict)


def judged(student: Student, explanation: Explanation | None, class_names: Sequence[str]) -> Judged:
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
    return {
        "verdict": WORDS[verdict],
        "color": VERDICT_COLORS[verdict],
        "map": "",
        "reasons": _sentences(verdict, reasons(evidence), told(student, class_names), measured=lost == lost),
        "agreement": {
            "value": float(student.agreement[fit]),
            "low": float(student.agreement_low[fit]),
            "high": float(student.agreement_high[fit]),
            "floor": float(student.floor[fit]),
        },
    }


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
