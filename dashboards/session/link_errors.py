"""What a link names that is not there: it is said once, and the rest of the link is shown."""

from collections.abc import Iterable, Mapping
from typing import Any

from dashboards.data.class_groups import ALL, class_of
from dashboards.data.decision import BLACK, GRADIENT, OCCLUSION, STUDENT
from dashboards.data.explanations import methods
from dashboards.data.feature_neighbors import distance_sample
from dashboards.data.hierarchy import HEAD
from dashboards.data.levels import numbers
from dashboards.data.orders import ORDERS
from dashboards.data.population import Population
from dashboards.data.students import StudentTable, settings_keys
from dashboards.session.address import SELECT
from deepvid.errors import DeepVIDError, UserError
from deepvid.store import Run

_HELD = {STUDENT, BLACK, GRADIENT, OCCLUSION}  # explanations that a student itself may hold
_LONGEST = 40  # letters of what a link says, in a sentence


def missing_now(table: Population, values: Mapping[str, Any]) -> dict[str, str]:
    """What of the values for a `Navigation` no stage will bring to the run: the name, and words for it."""
    lacks = {
        name: f"no test image #{values[name]}"
        for name in ("focus", "pin")
        if values[name] is not None and table.row_of(values[name]) is None
    }
    sort, classes = values["sort"], values["classes"]
    if sort and not _sorts(table, sort):
        lacks["sort"] = no_such("order", sort)
    if classes not in ("", ALL) and class_of(classes, table.class_count) is None:
        lacks["classes"] = no_such("class of the number", classes)
    return lacks


def missing_yet(
    table: Population, run: Run, fitted: StudentTable, values: Mapping[str, Any]
) -> dict[str, str]:
    """What of them a stage would bring, and none has; `fitted` are the students that one session has."""
    lacks = {}
    projection, color, tree = values["projection"], values["color"], values["tree"]
    overlay, student = values["overlay"], values["student"]
    if projection and projection not in {**table.maps, **table.maps_3d}:
        lacks["projection"] = no_such("map", projection)
    if not _colors(table, run, color):
        lacks["color"] = no_such("color", color)
    if tree != HEAD and table.hierarchy(tree) is None:
        lacks["tree"] = no_such("tree", tree)
    try:
        keys = settings_keys(run, fitted)
        if overlay and overlay not in methods(run) | (_HELD if keys else set()):
            lacks["overlay"] = no_such("explanation", overlay)
        if student and student not in keys:
            lacks["student"] = no_such("student", student)
    except DeepVIDError:
        pass  # the views say what cannot be read
    return lacks


def no_such(kind: str, text: str) -> str:
    """The words for something that is not there."""
    return f"no {kind} {_shortened(text)}"


def link_error(misread: Mapping[str, str], lacks: Iterable[str]) -> UserError:
    """Says both: what makes no sense anywhere, and what the run lacks."""
    unknown = [
        "a selection that cannot be read" if name == SELECT else no_such(name, text)
        for name, text in misread.items()
    ]
    return UserError(
        "A link names only what the run has",
        ", ".join([*unknown, *lacks]),
        "Use the rest, which is shown, or ask the sender for a new link",
    )


def _colors(table: Population, run: Run, color: str) -> bool:
    """What is colored by trust is known of students, which are judged later than they are there."""
    if color in ("trust", "fidelity") and run.batches("students"):
        return True
    if color == "error":
        return table.wrong is not None
    if color == "predicted":
        return table.predicted is not None
    return color == "label" or color in numbers(table)


def _sorts(table: Population, sort: str) -> bool:
    sample = distance_sample(sort)
    return sort in ORDERS if sample is None else table.row_of(sample) is not None


def _shortened(text: str) -> str:
    return repr(text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…")
