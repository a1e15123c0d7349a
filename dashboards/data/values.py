"""Values known of images, by the name that a query, a color and a saved table have for each."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from dashboards.data.causes import NAME as CAUSE
from dashboards.data.epochs import LearningHistory
from dashboards.data.modes import NAME as MODE
from dashboards.data.population import Population, facts_of
from dashboards.data.trust import MAP_WORDS, WORDS
from deepvid.caching import newest_per, once_per
from deepvid.causes import CAUSES
from deepvid.columns import Column, Kind, date_text
from deepvid.data_check.kinds import KINDS

_CHUNK = 1 << 16


class Certainty(NamedTuple):
    """f32 (row,) each; nan where the teacher has not seen the image."""

    margin: np.ndarray  # probability of the predicted class less that of the next one
    loss: np.ndarray  # cross-entropy of the true class, in nats


@once_per(facts_of)
def certainty(table: Population) -> Certainty | None:
    """None without a teacher. Slow the first time, where logits are many."""
    said = table.predictions
    if said is None:
        return None
    margin, loss = (np.full(table.rows, np.nan, np.float32) for _ in range(2))
    for begin in range(0, table.rows, _CHUNK):
        rows = begin + np.flatnonzero(said.source[begin : begin + _CHUNK] >= 0)
        probability = said.link(said.logits[said.source[rows]].to_numpy())
        ascending = np.sort(np.pad(probability, ((0, 0), (1, 0))), axis=1)  # also of one class
        margin[rows] = ascending[:, -1] - ascending[:, -2]
        true = probability[np.arange(len(rows)), table.label[rows]]
        loss[rows] = -np.log(np.maximum(true, np.finfo(np.float32).tiny))
    return Certainty(margin, loss)


def _teacher(table: Population) -> bool:
    return table.predictions is not None


def _labels(table: Population) -> bool:
    return table.labeled


def _labels_and_teacher(table: Population) -> bool:
    return table.labeled and _teacher(table)


def _larger_files(table: Population) -> bool:
    return table.of_file is not None


def _students(table: Population) -> bool:
    return table.trust is not None


def _epochs(table: Population) -> bool:
    return table.epochs is not None and table.epochs.two


def _crossings(table: Population) -> np.ndarray:
    assert table.epochs is not None  # it is asked where two maps are there
    return table.epochs.crossings()


def _learned(table: Population) -> LearningHistory:
    assert table.epochs is not None  # it is asked where two epochs are there
    return _learned_by(table, table.epochs.content)


@newest_per(facts_of)
def _learned_by(table: Population, content: tuple[str, int]) -> LearningHistory:
    assert table.epochs is not None
    return table.epochs.learning_history(table.label)


def _certainty(table: Population) -> Certainty:
    known = certainty(table)
    assert known is not None  # it is asked where a teacher is there
    return known


class Value(NamedTuple):
    """Something that is known of images: a number, or one of few words by its index."""

    meaning: str
    there: Callable[[Population], bool]  # whether the run knows it
    read: Callable[[Population], Any]  # (row,); nan, or an index below 0, where it is not known of an image
    words: Callable[[Population], tuple[str, ...]] = lambda _: ()  # what the indices mean; none: numbers
    is_measured: bool = False  # a number that has a scale, as an index has none
    kind: Kind = "number"  # of what has no words: a number, a date or a text


STUDENT_VERDICTS = tuple(WORDS[verdict] for verdict in sorted(WORDS))
_MAP_VERDICTS = tuple(MAP_WORDS[verdict] for verdict in sorted(MAP_WORDS))


def _measured(meaning: str, there: Callable[[Population], bool], read: Callable[[Population], Any]) -> Value:
    return Value(meaning, there, read, is_measured=True)


def _classes(table: Population) -> tuple[str, ...]:
    return table.class_names


YES_NO = ("no", "yes")
"""Words of what is so or not: its name alone is a query."""


def _finding(name: str, meaning: str) -> Value:
    """A kind of finding about the data; it is known where some image is of it."""

    def there(table: Population) -> bool:
        return table.findings is not None and name in table.findings.flags

    return Value(
        meaning, there, lambda table: table.findings and table.findings.flags[name], lambda _: YES_NO
    )


def _followed(table: Population) -> bool:
    return table.causes is not None and table.causes.has_area


def _causes(table: Population) -> bool:
    return table.causes is not None


def _strength(name: str, title: str) -> Value:
    """How far a cause goes: known of errors, and where it could be looked for."""
    return _measured(
        f"{title}, over its threshold", _causes, lambda table: table.causes and table.causes.strength(name)
    )


def _marks(table: Population) -> bool:
    return bool(table.marks)


def _marked(table: Population) -> np.ndarray:
    marked = np.zeros(table.rows, np.bool_)
    marked[[row for row, mark in table.marked_rows.items() if not mark.right]] = True
    return marked


def _marked_classes(table: Population) -> np.ndarray:
    classes = np.full(table.rows, -1, np.int32)
    for row, mark in table.marked_rows.items():
        if mark.label is not None and 0 <= mark.label < table.class_count:
            classes[row] = mark.label
    return classes


def _remarks(table: Population) -> np.ndarray:
    texts = np.full(table.rows, "", object)
    for row, mark in table.marked_rows.items():
        texts[row] = mark.remark
    return texts


MARKS = ("marked", "mark", "remark")
VALUES: Mapping[str, Value] = {
    "true": Value("true class", _labels, lambda table: table.label, _classes),
    "runner_up": Value(
        "class that it is nearly taken for",
        lambda table: not table.labeled,
        lambda table: table.label,
        _classes,
    ),
    "predicted": Value("class by the teacher", _teacher, lambda table: table.predicted, _classes),
    "wrong": Value("it is misclassified", _labels_and_teacher, lambda table: table.wrong, lambda _: YES_NO),
    "of_file": Value(
        "class by the teacher of the file itself, which is larger",
        _larger_files,
        lambda table: table.of_file,
        _classes,
    ),
    "confidence": _measured("probability of the predicted class", _teacher, lambda table: table.confidence),
    "margin": _measured("that less the next one", _teacher, lambda table: _certainty(table).margin),
    "loss": _measured("cross-entropy, in nats", _labels_and_teacher, lambda table: _certainty(table).loss),
    "area_under_margin": _measured(
        "logit of the label less the largest other, mean over the epochs",
        _followed,
        lambda table: table.causes and table.causes.area,
    ),
    "verdict": Value(
        "whether the first map of its explanation holds on it",
        _students,
        lambda table: table.trust and table.trust.first_map,
        lambda _: _MAP_VERDICTS,
    ),
    "student_verdict": Value(
        "whether its student can be believed",
        _students,
        lambda table: table.trust and table.trust.of_row,
        lambda _: STUDENT_VERDICTS,
    ),
    "fidelity": _measured(
        "agreement of student and teacher, held out",
        _students,
        lambda table: table.trust and table.trust.agreement_of_row,
    ),
    CAUSE: Value(
        "why it is misclassified",
        _causes,
        lambda table: table.causes and table.causes.column.values,
        lambda table: table.causes.column.words if table.causes else (),
    ),
    **{name: _strength(name, cause.title) for name, cause in CAUSES.items()},
    MODE: Value(
        "kind of mistake",
        lambda table: table.modes is not None,
        lambda table: table.modes and table.modes.column.values,
        lambda table: table.modes.column.words if table.modes else (),
    ),
    "flips": _measured(
        "times its class changed from epoch to epoch", _epochs, lambda table: _learned(table).flips
    ),
    "forgotten": _measured(
        "times it was right, and wrong an epoch later", _epochs, lambda table: _learned(table).forgotten
    ),
    "learned": _measured(
        "epoch from which it is right to the end", _epochs, lambda table: _learned(table).since
    ),
    "crossed": _measured(
        "times it crossed a border of the map from epoch to epoch",
        lambda table: table.epochs is not None and table.epochs.mapped_twice,
        _crossings,
    ),
    **{name: _finding(name, kind.meaning) for name, kind in KINDS.items()},
    "marked": Value("its label is marked as wrong", lambda _: True, _marked, lambda _: YES_NO),
    "mark": Value("class that it should have, by a mark", _marks, _marked_classes, _classes),
    "remark": Value("remark of a mark", _marks, _remarks, kind="text"),
    "index": Value("number of the image", lambda _: True, lambda table: table.samples),
}
"""By the name that a query has for it."""
_OF_LABELS = ("true", "wrong", "loss")
_MEANINGS: Mapping[Kind, str] = {
    "number": "column of numbers",
    "date": "column of dates",
    "category": "column of words",
    "text": "column of texts",
}


def vocabulary(table: Population) -> Mapping[str, Value]:
    """`VALUES`, and behind them the further columns of the run."""
    return {**VALUES, **{name: _of_column(column) for name, column in table.columns.items()}}


def categories(table: Population) -> dict[str, Column]:
    """Columns of few words by name: causes, and further columns of the run."""
    own = {} if table.causes is None else {CAUSE: table.causes.column}
    own |= {} if table.modes is None else {MODE: table.modes.column}
    return own | {name: column for name, column in table.columns.items() if column.kind == "category"}


def column_texts(table: Population, row: int) -> list[str]:
    """ "age 54", "hospital North": the values that one image has in further columns."""
    told = []
    for name, column in table.columns.items():
        value = column.values[row]
        if name == table.reads:
            continue  # it stands in the place of an image
        if column.kind == "category":
            text = column.words[value] if value >= 0 else ""
        elif column.kind == "text":
            text = str(value)
        else:
            write = date_text if column.kind == "date" else "{:.6g}".format
            text = "" if np.isnan(value) else write(value)
        if text:
            told.append(f"{name} {text}")
    return told


def _of_column(column: Column) -> Value:
    meaning = _MEANINGS[column.kind] + (f": {column.title}" if column.title else "")
    measured = column.kind in ("number", "date")
    return Value(
        meaning, lambda _: True, lambda _: column.values, lambda _: column.words, measured, column.kind
    )


def why_unknown(name: str, table: Population) -> str:
    """Why a run does not know a value."""
    if name in _OF_LABELS and not table.labeled:
        return "which labels tell, and these images have none; known is runner_up"
    if name == "runner_up":
        return "which is asked of images without labels; these have true"
    if name in KINDS:
        return "which is found of no image here" if table.findings else "which this run was not checked for"
    if name in (CAUSE, "area_under_margin") or name in CAUSES:
        return "which deepvid causes RUN finds"
    if name in MARKS:
        return "which is said of no image yet; M marks the one under study"
    if name == MODE:
        return "which deepvid modes RUN finds"
    return "which this run does not know yet"
