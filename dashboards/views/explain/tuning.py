"""Trying settings of a student while a person waits, and what is drawn of what was found."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from pydantic import ValidationError

from dashboards.data.students import Student, known_students
from dashboards.kit import ticks
from dashboards.kit.charts import Dot, FactGroup, Facts, Ring, Scatter
from dashboards.kit.elements import Box, Button, column, text
from dashboards.kit.forms import Progress, Sheet
from dashboards.session.engine_task import EngineTask, TaskStatus
from dashboards.session.session import Session
from dashboards.views.explain.pictures import key
from dashboards.views.explain.settings import sheet
from deepvid import config
from deepvid.config.reading import text_of
from deepvid.engine.requests import TuneStudent
from deepvid.store import Run
from deepvid.tuning import DIGITS, KL_DIGITS, Grid, Ranking, Row, Tuned, pareto, place_of, ranking
from deepvid.wording import minus, percent_interval, sentence_case

LEAST = 1e-5  # nats: less is drawn there
ROOM = 1.12  # beyond the least and the largest KL
BELOW, ABOVE = 0.06, 0.14  # shares of the range of faithfulness, beyond its ends
KINDS = (
    "Every value of temperature, penalties, smoothness, band and number of neighbors is tried with every "
    "other.",
    "Temperature, penalties, smoothness, band and number of neighbors can be tried, every value with every "
    "other.",
)


class Point(NamedTuple):
    """One setting that was tried on the image."""

    kl: float  # nats, held out
    faithfulness: float  # insertion - deletion
    stability: float
    agreement: str  # with its interval
    optimal: bool  # nothing beats it in the three numbers
    texts: dict[str, str]  # the settings that are tuned, as a person types them


class Front(NamedTuple):
    """The points of a tuning, as they are drawn."""

    points: tuple[Point, ...]
    line: tuple[int, ...]  # points that nothing beats in KL and faithfulness, by KL
    own: int  # the point of the run's settings
    shown: int | None  # that of the student shown; None: it is none
    sentence: str


class TuningTask(EngineTask):
    """Findings stay in this page, as long as their run is open."""

    def __init__(self, session: Session, changed: Callable[[], None], *, of: str) -> None:
        super().__init__(session, changed, of=of)
        self._found: dict[int, Tuned] = {}  # by sample

    def of(self, sample: int | None) -> Tuned | None:
        """The last tuning of an image."""
        return None if sample is None else self._found.get(sample)

    def forget(self) -> None:
        """Another run is open."""
        self.cancel()
        self._found = {}

    def tune(self, run: Run, sample: int) -> None:
        """Returns at once; a tuning of this image that is under way goes on."""
        if self.status.about(f"#{sample}").busy:
            return
        own = config.Students.model_validate(run.config.get("students", {}))
        student = known_students(run, self._session.fitted).get(sample, self._session.navigation.student)
        shown = None if student is None else settings_of(student)
        others = () if shown is None else (shown,)
        seed = int(run.config.get("seed", 0))

        def arrived(found: Tuned) -> None:
            if run is self._session.run:
                self._found[sample] = found

        self.ask(f"#{sample}", TuneStudent(run.address, sample, own, others, seed), arrived)


def settings_of(student: Student) -> config.Students | None:
    """Settings that a student was fitted with; None where another version had other settings."""
    try:
        return config.Students.model_validate(student.settings)
    except ValidationError:
        return None


def front(found: Tuned, shown: config.Students | None) -> Front:
    """Points to draw; `shown` are the settings of the student on the page, where there is one."""
    ranked = ranking([found])
    rows = {row.point: row for row in ranked.rows}
    points = tuple(_point(rows[place]) for place in range(len(found.settings)))
    return Front(
        points,
        _line(found, ranked),
        found.own,
        None if shown is None else place_of(found, shown),
        f"The run’s settings rank {ranked.rank} of {len(points)} by held-out KL: "
        f"{ranked.own.kl.value:.3f} nats on {found.held_out} neighbors, the best "
        f"{ranked.rows[0].kl.value:.3f}.",
    )


def tuning_sheet(sample: int, found: Tuned | None, student: Student | None, status: TaskStatus) -> Sheet:
    """Many settings of the student of one image, by held-out KL and faithfulness."""
    if found is None:
        content = Box(
            (
                text(status.error, tag="p", look="warning") if status.error else None,
                text(KINDS[not status.busy], tag="p"),
                None if status.busy else Button(("Tune",), "tune", sample, look="action"),
            ),
            look="empty",
        )
    else:
        content = tuned(front(found, None if student is None else settings_of(student)), sample)
    return sheet(
        f"Settings of the student of #{sample}",
        Progress("tuning", "leave"),
        content,
        look="tuning",
        label=f"Tuning of #{sample}",
    )


def tuned(drawn: Front, sample: int) -> Box:
    """Points that a click fits, beside what each is."""
    across, up = (
        text(words, look="axis-name")
        for words in ("held-out KL, nats (← better)", "insertion − deletion (↑ better)")
    )
    plot = Box((up, scatter(drawn, sample), across), look="plot")
    keys = (
        key("line-key", "nothing has a lower KL and a higher insertion − deletion"),
        key("dot-key", "nothing is better in these and in stability"),
        text("stability 0", Box((), "i", look="ramp"), "1", look="key"),
    )
    return column(
        text(drawn.sentence, tag="p", look="sentence"),
        Box((plot, facts(drawn)), look="halves"),
        text(f"A click fits #{sample} with a point’s settings. ", *keys, tag="p", look="quiet how"),
        look="grow tuned",
    )


def scatter(drawn: Front, sample: int) -> Scatter:
    """Points by their KL, on a logarithmic axis, and their faithfulness."""
    points, names = drawn.points, _names(drawn)
    kl = [max(point.kl, LEAST) for point in points]
    areas = [point.faithfulness for point in points]
    left, right = min(kl) / ROOM, max(kl) * ROOM
    span = max(0.02, max(areas) - min(areas))
    floor, roof = min(areas) - BELOW * span, max(areas) + ABOVE * span

    def x(value: float) -> float:
        return round(math.log(value / left) / math.log(right / left), 4)

    def y(value: float) -> float:
        return round((value - floor) / (roof - floor), 4)

    places = [(x(each), y(area)) for each, area in zip(kl, areas, strict=True)]
    return Scatter(
        "fit",
        tuple(_dot(drawn, number, sample, *place) for number, place in enumerate(places)),
        tuple(places[number] for number in drawn.line),
        tuple(Ring(number, name, "own" * (number == drawn.own)) for number, name in names.items()),
        tuple((x(value), words) for value, words in ticks.ratios(left, right)),
        tuple((y(value), _digits(value)) for value in ticks.linear(floor, roof)),
        label="Settings by held-out KL and insertion − deletion",
    )


def facts(drawn: Front) -> Facts:
    """The settings and the numbers of the point under the pointer, else of that which is shown."""
    names, points = _names(drawn), drawn.points
    titles = [names.get(number, "under the pointer") for number in range(len(points))]
    texts = tuple(tuple(point.texts.values()) for point in points)
    settings = FactGroup(tuple(points[0].texts), texts, drawn.own, "run")
    measured = tuple(
        (f"{point.kl:.3f} nats", point.agreement, _digits(point.stability), _digits(point.faithfulness))
        for point in points
    )
    numbers = FactGroup(("held-out KL", "agreement", "stability", "ins. − del."), measured)
    dot = drawn.own if drawn.shown is None else drawn.shown
    return Facts(tuple(map(sentence_case, titles)), (settings, numbers), dot)


def _names(drawn: Front) -> dict[int, str]:
    """Of the points that have one."""
    if drawn.own == drawn.shown:
        return {drawn.own: "the run’s, shown"}
    return {drawn.own: "the run’s"} | ({} if drawn.shown is None else {drawn.shown: "shown"})


def _dot(drawn: Front, number: int, sample: int, x: float, y: float) -> Dot:
    point = drawn.points[number]
    settings = ", ".join(f"{name} {text}" for name, text in point.texts.items())
    return Dot(
        x,
        y,
        {"sample": sample, "texts": point.texts},
        f"{settings}: held-out KL {point.kl:.3f}, insertion − deletion {_digits(point.faithfulness)}, "
        f"stability {_digits(point.stability)}. Fit it",
        "optimal" * point.optimal,
        f"--stability: {round(100 * max(0.0, point.stability))}%",
        point.optimal or number == drawn.own,
    )


def _line(found: Tuned, ranked: Ranking) -> tuple[int, ...]:
    """The points that nothing beats in KL and faithfulness, by KL; of equal ones the stablest."""
    costs = [np.round(found.kl, KL_DIGITS), -np.round(found.faithfulness.mean(axis=1), DIGITS)]
    best = pareto(np.stack(costs, axis=1))
    return tuple(row.point for row in ranked.rows if row.optimal and best[row.point])


def _point(row: Row) -> Point:
    return Point(
        round(row.kl.value, 5),
        round(row.faithfulness.value, 4),
        round(row.stability.value, 4),
        percent_interval(row.agreement, to="–"),
        row.optimal,
        {name: text_of(getattr(row.settings, name)) for name in Grid._fields},
    )


def _digits(value: float) -> str:
    return minus(f"{value:.2f}")
