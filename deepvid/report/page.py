"""A report as HTML: no script, and nothing is asked of anybody."""

import math
from collections.abc import Sequence
from importlib.resources import files

from deepvid.faithfulness import Row
from deepvid.map_words import MapFacts, evidence_sentences, logits, trust_sentence
from deepvid.reasons import Reason
from deepvid.report.case import SHOWN, Case, Map, words_of_neighbors
from deepvid.report.drawing import SMALL, map_picture, picture
from deepvid.report.elements import Html, element
from deepvid.trust import MapVerdict
from deepvid.wording import change, percent, probability, quantity, sentence_case

VERDICTS = {
    MapVerdict.HOLDS: "holds here",
    MapVerdict.PARTLY: "partly holds here",
    MapVerdict.DOES_NOT_HOLD: "does not hold here",
    MapVerdict.UNKNOWN: "not measured here",
}
CLASSES = 10  # whose probabilities are listed, at most
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def page(cases: Sequence[Case], title: str, provenance: Sequence[tuple[str, str]]) -> str:
    """One document; `provenance` are names and what they are."""
    style = files(__package__).joinpath("report.css").read_text(encoding="utf-8")
    several = len(cases) > 1
    listed = [element("li", element("a", _headline(one), href=f"#case-{at}")) for at, one in enumerate(cases)]
    body = (
        element("h1", f"DeepVID · {title}"),
        element("nav", element("ol", *listed)) if several else None,
        *(_case(one, at) for at, one in enumerate(cases)),
        element(
            "footer",
            element("h2", "Provenance"),
            element("dl", *(part for name, text in provenance for part in _pair(name, text))),
        ),
    )
    head = (
        element("meta", charset="utf-8"),
        element("meta", **{"http-equiv": "Content-Security-Policy", "content": POLICY}),
        element("meta", name="viewport", content="width=device-width"),
        element("title", f"{_headline(cases[0]) if not several else f'{len(cases)} cases'} · {title}"),
        element("style", Html(style)),
    )
    return "<!doctype html>\n" + element("html", element("head", *head), element("body", *body), lang="en")


def _pair(name: str, text: str) -> tuple[Html, Html]:
    return element("dt", name), element("dd", text)


def _headline(case: Case) -> str:
    said = case.answer
    answer = f"{said.predicted} ({probability(said.confidence)})"
    if said.label is None:
        return f"{case.name} {answer}"
    return f"{case.name} labeled {said.label}, {'taken for' if said.is_wrong else 'recognized as'} {answer}"


def _case(case: Case, place: int) -> Html:
    best = case.maps[0] if case.maps else None
    return element(
        "article",
        element("p", case.heading, look="kind") if case.heading else None,
        element("h2", _headline(case)),
        element("p", " · ".join(case.facts), look="quiet"),
        element("dl", *_why(case), *_trust(best), look="answer"),
        element(
            "div",
            _figure(picture(case.image), "image", "The image") if case.image is not None else None,
            _figure(map_picture(best.values), "map", best.title) if best else None,
            look="large",
        ),
        _legend(case) if best else None,
        _maps(case) if best else None,
        _neighbors(case),
        _probabilities(case),
        id=f"case-{place}",
    )


def _why(case: Case) -> list[Html]:
    if not case.reasons:
        return [*_pair("Why", case.without_reasons)]
    return [
        part
        for place, reason in enumerate(case.reasons)
        for part in (element("dt", "Else" if place else "Why"), element("dd", *_reason(reason)))
    ]


def _reason(reason: Reason) -> list[Html | str | None]:
    return [
        element("b", f"{sentence_case(reason.title)}. "),
        reason.text,
        element("p", f"What to do: {reason.action}.") if reason.action else None,
        element("p", f"{sentence_case(reason.right)}.", look="quiet") if reason.right else None,
    ]


def _trust(best: Map | None) -> tuple[Html, Html]:
    """Worth of the map that stands beside the image, and how it is known."""
    if best is None:
        return _pair("Trust", "No map of this image was computed, so that there is none to believe.")
    how = " ".join(evidence_sentences(best.facts))
    return element("dt", "Trust"), element(
        "dd",
        element("b", trust_sentence(best.facts)),
        element("p", best.carries) if best.carries else None,
        element("p", how, look="quiet") if how else None,
    )


def _verdict(facts: MapFacts) -> str:
    return "disputed" if facts.disputed else VERDICTS[facts.verdict]


def _luck(facts: MapFacts) -> str:
    """Logits that luck reaches, by each judge that was asked."""
    known = [value for value in (facts.chance, facts.infill_chance) if not math.isnan(value)]
    return ", ".join(map(logits, known)) or "–"


def _figure(address: str, look: str, caption: str, alt: str = "") -> Html:
    image = element("img", src=address, alt=alt or caption, look=look)
    return element("figure", image, element("figcaption", caption))


def _legend(case: Case) -> Html:
    first, second = case.contrast
    return element(
        "p",
        element("i", look="for"),
        f" for {first} ",
        element("i", look="against"),
        f" for {second}",
        look="legend",
    )


def _maps(case: Case) -> Html:
    heads = (
        "",
        "Map",
        "On this image",
        "Beyond chance",
        "Luck reaches",
        "Mean over the run",
        "Images beyond luck",
    )
    return element(
        "table",
        element("caption", "Maps, and what they are worth"),
        element("thead", element("tr", *(element("th", head, scope="col") for head in heads))),
        element("tbody", *map(_map_row, case.maps)),
    )


def _map_row(one: Map) -> Html:
    facts = one.facts
    cells: tuple[Html | str, ...] = (
        element("img", src=map_picture(one.values), alt=one.title, look="map small"),
        Html(element("b", one.title) + element("p", one.about, look="quiet")),
        element("span", _verdict(facts), look=f"mark {_verdict(facts).partition(' ')[0]}"),
        "–" if math.isnan(facts.worth) else logits(facts.worth),
        _luck(facts),
        *_over_run(one.over_run),
    )
    return element("tr", *(element("td", cell) for cell in cells))


def _over_run(row: Row | None) -> tuple[str, str]:
    """Its mean, and the share of images on which it is beyond luck."""
    if row is None or math.isnan(row.margin_lost.value):
        return "–", "–"
    value, low, high = map(change, row.margin_lost)
    return f"{value} [{low}, {high}]", percent(row.beats_chance)


def _neighbors(case: Case) -> Html | None:
    if not case.neighbors:
        return None
    shown = [
        _figure(picture(one.image, SMALL), "image", one.label or "", f"#{one.sample}")
        if one.image is not None
        else element("figure", element("figcaption", f"#{one.sample} {one.label or ''}"))
        for one in case.neighbors[:SHOWN]
    ]
    return element(
        "section", element("h3", words_of_neighbors(case.neighbors)), element("div", *shown, look="near")
    )


def _probabilities(case: Case) -> Html:
    every = case.answer.probabilities
    listed, rest = every[:CLASSES], every[CLASSES:]
    rows = [
        element(
            "tr",
            element("td", name),
            element("td", element("i", look="bar", style=f"width: {100 * share:.1f}%")),
            element("td", probability(share)),
        )
        for name, share in listed
    ]
    more = f"{quantity(len(rest), 'other')}, each at most {probability(rest[0][1])}" if rest else ""
    return element(
        "section",
        element("h3", "Probabilities"),
        element("table", element("tbody", *rows), look="bars"),
        element("p", more, look="quiet") if more else None,
    )
