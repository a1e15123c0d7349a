"""How far the map that is looked at can be believed, how that is known, and what is known of its student."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dashboards.data.decision import GRADIENT, OF_STUDENT, STUDENT
from dashboards.data.explanations import Explanation
from dashboards.data.image_maps import first_in_words
from dashboards.data.students import Student
from dashboards.data.trust import WORDS
from dashboards.kit.elements import Child, quiet, text
from dashboards.kit.forms import Popover
from dashboards.views.focus.maps import ShownMaps
from deepvid.map_words import MapFacts, evidence_sentences, in_words, share_sentence, trust_sentence
from deepvid.trust import Evidence, MapVerdict, Verdict, reasons, verdicts
from deepvid.wording import percent, sentence_case


class Agreement(NamedTuple):
    """How often a student and the teacher agree on neighbors, 0 to 1."""

    value: float
    low: float
    high: float
    floor: float  # what guessing the commonest class would reach


class Judgment(NamedTuple):
    """The verdict on a student."""

    verdict: str = ""
    reasons: tuple[str, ...] = ()  # sentences about the student; the first says the most
    agreement: Agreement | None = None  # None: there is no student


class Told(NamedTuple):
    """What was known of the neighbors."""

    band: float | None  # standard deviations they spread
    widened: bool
    commonest: float | None  # share of the commonest label
    name: str  # of that label


WHO = (
    "Neighbors are variations of this image; the student is a simple model of what the teacher, your "
    "classifier, answers to them; held-out ones it never saw"
)


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
    return Judgment(WORDS[verdict], tuple(why), agreement)


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
    sentences = [f"{sentence_case(reason)}." for reason in why]
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
    return f"{sentence_case(who)} a {neighbors.name}."


def agrees(agreement: Agreement) -> str:
    """How often student and teacher agree, with its interval, and what guessing would reach."""
    interval = f"[{100 * agreement.low:.0f}–{100 * agreement.high:.0f}]"
    return (
        f"The student agrees with the teacher on {percent(agreement.value)} {interval} of held-out "
        f"neighbors, guessing reaches {percent(agreement.floor)}."
    )


def carries(shown: ShownMaps, names: Sequence[str], teacher: float) -> str:
    """How much of the difference in question the map carries; empty where it is no sum."""
    method, decided = shown.chosen, shown.explained.decision
    first, second = (names[place] for place in shown.explained.contrast)
    base = decided.base if decided and method.name == STUDENT and decided.against_mean else None
    return share_sentence(method.name, float(method.map.sum()), teacher, (first, second), base)


def trust(
    shown: ShownMaps, of_student: Judgment | None, carried: str, images: str, about: str, *judge: Child
) -> tuple[Child, ...]:
    """Whether the map holds, and behind a button how that is known; `judge` asks a further one."""
    facts, method = shown.facts, shown.chosen
    about_student = of_student if method.name in OF_STUDENT | {GRADIENT} else None
    begin, end = _split(trust_sentence(facts) if facts else UNMEASURED)
    agreement = about_student.agreement if about_student else None
    ranking = shown.explained.ranking
    known = (
        *(evidence_sentences(facts) if facts else (UNMEASURED,)),
        "" if ranking is None else first_in_words(ranking, images),
        carried,
        "" if agreement is None else f"{agrees(agreement)} {WHO}.",
        *(of_student.reasons if of_student else ()),
    )
    popover = Popover(
        ("How do we know?",),
        about,
        (
            text(in_words(method.name, method.label)[0], tag="h3", look="title"),
            *judge,  # first: what opens gets the focus, and is not to scroll
            *(text(one, tag="p") for one in known if one),
        ),
        look="plain-text how",
    )
    rest = " ".join(filter(None, (carried, agrees(agreement) if agreement else "")))
    whole = f"{begin}{end} {rest}".strip()
    said = text(text(begin, tag="b"), end, quiet(f" {rest}") if rest else None, tag="p", hint=whole)
    return said, popover


def _split(sentence: str) -> tuple[str, str]:
    """Up to its colon, and the rest with it."""
    head, colon, tail = sentence.partition(":")
    return head, f"{colon}{tail}"


UNMEASURED = trust_sentence(MapFacts(MapVerdict.UNKNOWN, False, np.nan, np.nan, np.nan, np.nan, 0, 0))
