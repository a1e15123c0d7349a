"""Forms of all fields of a journal's line: one table, for who writes lines and for all who read them.

A right checksum does not make a line one of ours: anybody can chain lines of their own. What passes here can
be listed, shown and added up without another look. Fields that the table does not know are nobody's concern.
"""

import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

LARGEST = 2**63  # of a whole number: what every language reads
_NO_STEP = re.compile(r"[\x00-\x1f\x7f\\:]")  # in a name: what leads elsewhere, or breaks a line
DEEPEST = 64  # lists and objects within each other: what every parser and printer follows


class Form(NamedTuple):
    """Form of a value in words, and whether a value has it."""

    words: str
    fits: Callable[[Any], bool]


class Table(NamedTuple):
    """An object with fields of these forms: some must be there, the others may."""

    needed: Mapping[str, "Form | Table"]
    others: Mapping[str, "Form | Table"] = {}


def fault_of(record: Any) -> str | None:
    """Fault of the record of a line, in words; None where it has none."""
    if (fault := _fault(record, LINE, "")) is None and record["kind"] in DETAILS:
        fault = _fault(record["details"], DETAILS[record["kind"]], "details.")
    return fault


def fault_of_attributes(attributes: Any) -> str | None:
    """Fault of the attributes of a declared group, in words; None where they have none."""
    return _fault(attributes, ATTRIBUTES, "attributes.")


def fits(value: Any, table: "Form | Table") -> bool:
    """Whether a value is of a form."""
    return _fault(value, table, "") is None


def too_deep(value: Any, left: int = DEEPEST) -> bool:
    """Whether lists and objects lie in each other deeper than any line needs."""
    if not isinstance(value, dict | list):
        return False
    return left == 0 or any(
        too_deep(inner, left - 1) for inner in (value.values() if isinstance(value, dict) else value)
    )


def _fault(value: Any, form: Form | Table, name: str) -> str | None:
    if isinstance(form, Form):
        return None if form.fits(value) else f"{name.rstrip('.')} is {_short(value)}, not {form.words}"
    if not isinstance(value, dict):
        return f"{name.rstrip('.') or 'it'} is {_short(value)}, not an object"
    if lacking := form.needed.keys() - value.keys():
        return f"{name}{min(lacking)} is missing"
    known = {**form.others, **form.needed}
    faults = (_fault(value[field], known[field], f"{name}{field}.") for field in known if field in value)
    return next((fault for fault in faults if fault), None)


def _short(value: Any) -> str:
    text = "a huge number" if isinstance(value, int) and abs(value) >= LARGEST else repr(value)
    return text if len(text) < 60 else f"{text[:57]}..."


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value < LARGEST


def _is_number(value: Any) -> bool:
    if isinstance(value, int):
        return abs(value) < LARGEST
    return isinstance(value, float) and math.isfinite(value)


def _is_time(value: Any) -> bool:
    try:
        time = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return False
    return time.tzinfo is not None and 1970 <= time.year < 9999  # what every time zone can show


def _is_sum(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value) is not None


def _is_path(value: Any) -> bool:
    """Whether a text is the name of a file or folder that lies below another, on any system."""
    steps = value.split("/") if isinstance(value, str) else [""]
    return not any(step in ("", ".", "..") or _NO_STEP.search(step) for step in steps)


def _is_group(value: Any) -> bool:
    return _is_path(value) and value.startswith("data.zarr/")


def _every(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, dict) and all(map(fits, value.values()))


def _all(form: Form | Table) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(fits(one, form) for one in value)


def _or_none(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or fits(value)


BOOL = Form("true or false", lambda value: isinstance(value, bool))
TEXT = Form("a text", lambda value: isinstance(value, str))
TEXTS = Form("a list of texts", lambda value: isinstance(value, list) and all(map(TEXT.fits, value)))
NAMES = Form(
    "a list of names",
    lambda value: isinstance(value, list) and all(_is_path(name) and "/" not in name for name in value),
)
GROUP = Form("a group below data.zarr", _is_group)
GROUP_OR_NONE = Form("empty or a group below data.zarr", lambda value: value == "" or _is_group(value))
COUNT = Form("a whole number from 0", _is_count)
NUMBER = Form("a number", _is_number)
TIME = Form("a time as ISO 8601 with its zone", _is_time)
OBJECT = Form("an object", lambda value: isinstance(value, dict))
COUNTS = Form("an object of whole numbers", _every(_is_count))
NUMBERS = Form("an object of numbers", _every(_or_none(_is_number)))
SUMS = Form(
    "an object of sha256 by name",
    lambda value: isinstance(value, dict) and all(map(_is_path, value)) and all(map(_is_sum, value.values())),
)
STATE = Form("running, finished or failed", lambda value: value in ("running", "finished", "failed"))

_STAGE = Table({}, {"key": TEXT, "time": TIME, "seconds": NUMBER})
_STAGES = Form("an object of key, time and seconds by stage", _every(lambda value: fits(value, _STAGE)))
_STATE_GROUP = Table({"path": GROUP, "digest": TEXT}, {"files": SUMS, "bytes": COUNT})
_KEPT_STATE = Form("null or a training state", _or_none(lambda value: fits(value, _STATE_GROUP)))

LINE = Table(
    {
        **{"seq": COUNT, "prev": TEXT, "kind": TEXT, "time": TIME, "name": TEXT, "key": TEXT},
        **{"path": GROUP_OR_NONE, "digest": TEXT, "metrics": NUMBERS, "details": OBJECT, "sum": TEXT},
        "summary": Table(
            {"state": STATE, "bytes": COUNT, "stages": _STAGES, "epochs": COUNTS, "metrics": NUMBERS},
            {"name": TEXT, "created": TIME, "source": TEXT},
        ),
    }
)

OWNER = Table({"pid": COUNT, "host": TEXT, "since": TEXT, "started": TEXT})
"""Of `owner.json`."""

REPORT = Table(
    {},
    {
        **{"stage": TEXT, "message": TEXT, "updated": TIME, "done": NUMBER, "total": NUMBER},
        **{"after": COUNT, "remaining": Form("null or a number", _or_none(_is_number))},
        "stopped": BOOL,
    },
)
"""Of `status.json`."""

CONFIG = Table({}, {"name": TEXT, "seed": COUNT, "dataset": OBJECT, "teacher": OBJECT, "students": OBJECT})
"""Of the configuration: what is read of it without asking whether it is one of an experiment."""

_GIT = Table({"commit": TEXT, "dirty": BOOL})
_KEPT_GIT = Form("null or a commit", _or_none(lambda value: fits(value, _GIT)))
PROVENANCE = Table(
    {},
    {
        **{"argv": TEXTS, "devices": TEXTS, "git": _KEPT_GIT},
        **{"cpu": OBJECT, "environment": OBJECT, "packages": OBJECT, "checksums": OBJECT},
    },
)

_NUMBERS = re.compile(r"[0-9]{1,9}( [0-9]{1,9})*")
_SAMPLES = Form(
    "whole numbers between spaces", lambda value: isinstance(value, str) and bool(_NUMBERS.fullmatch(value))
)

COMPUTED = Table({}, {"processor": TEXT, "device": TEXT, "jax": TEXT, "threads": COUNT})

DETAILS: Mapping[str, Table] = {
    "created": Table(
        {"config": CONFIG, "provenance": PROVENANCE}, {"id": TEXT, "hashing": COUNT, "crate": COUNT}
    ),
    "stage": Table({}, {"files": SUMS, "whole": OBJECT, "computed": COMPUTED, "samples": _SAMPLES}),
    "series": Table({"epochs": COUNT, "arrays": NAMES}, {"files": SUMS, "whole": OBJECT}),
    "epoch": Table({"epoch": COUNT, "state": _KEPT_STATE}, {"files": SUMS}),
    "failed": Table({"error": Table({"must": TEXT, "found": TEXT, "action": TEXT})}),
    "selection": Table({"steps": Form("a list", lambda value: isinstance(value, list))}),
    "archived": Table({"without": TEXTS, "cropped": OBJECT, "original": TEXT}),
}

_SHAPE = Form("a list of whole numbers", lambda value: isinstance(value, list) and all(map(_is_count, value)))


def _is_layout(value: Any) -> bool:
    triples = isinstance(value, list) and all(isinstance(one, list) and len(one) == 3 for one in value)
    return triples and all(
        TEXT.fits(name) and TEXT.fits(of) and _SHAPE.fits(shape) for name, of, shape in value
    )


_MEASURED = Form("null or a number", _or_none(_is_number))
_MEASURE = Table(dict.fromkeys(("value", "low", "high", "chance"), _MEASURED))
_QUALITY = Form("an object of measures by name", _every(lambda value: fits(value, _MEASURE)))

_COLUMN = Table({"name": TEXT, "kind": TEXT, "at": COUNT}, {"title": TEXT, "width": COUNT, "words": TEXTS})
_COLUMNS = Form("a list of columns", _all(_COLUMN))

_NEAR_COPIES = Table({"compared": COUNT, "nearer_share": NUMBER}, {"z": NUMBER})

_INTERVAL = Form(
    "a value and its interval",
    lambda value: _all(_MEASURED)(value) and len(value) == 3,
)
_REACH = Table(dict.fromkeys(("size", "stride", "offset"), NUMBER))
_SEEN = Table({"y": _REACH, "x": _REACH})
_LAYER = Table(
    {
        **{"name": TEXT, "shape": _SHAPE, "parameters": _MEASURED, "accuracy": _INTERVAL, "chance": NUMBER},
        "receptive_field": Form("null or its size along y and x", _or_none(lambda value: fits(value, _SEEN))),
        **{"residual": _MEASURED, "mirrored": BOOL, "neighbors_kept": _INTERVAL},
        **{"neighbors_chance": _MEASURED, "units": COUNT},
    }
)
_LAYERS = Form("a list of layers", _all(_LAYER))

_TIERS = ("predictions", "predict", "activations", "gradients")  # of `deepvid.tier`
_TIER = Form("a tier", lambda value: value in _TIERS)
_MODEL = Table({"source": TEXT, "name": TEXT}, {"input": OBJECT, "output": OBJECT})

_GRID = Form("two whole numbers", lambda value: _SHAPE.fits(value) and len(value) == 2)
_MODE = Table(
    {
        **dict.fromkeys(("name", "sentence", "rule", "action"), TEXT),
        **{"errors": COUNT, "central": _SHAPE, "confirmed": BOOL, "usual": NUMBER, "shuffled": NUMBER},
        "places": Form("a list of numbers", _all(NUMBER)),
        "rate": Form("null or a value and its interval", _or_none(_INTERVAL.fits)),
    }
)
_MODES = Form("a list of kinds of mistakes", _all(_MODE))

ATTRIBUTES = Table(
    {},
    {
        **{"class_names": TEXTS, "source": TEXT, "checksums": OBJECT, "network": OBJECT},
        **{"image_shape": _SHAPE, "tier": _TIER, "model": _MODEL, "features_of": TEXT, "rows": COUNT},
        **{"settings": OBJECT, "settings_key": TEXT, "projection": OBJECT, "quality": _QUALITY},
        "note": TEXT,
        "white": Form(
            "two whole numbers over zero",
            lambda value: _SHAPE.fits(value) and len(value) == 2 and 0 not in value,
        ),
        "layout": Form("a list of name, type and shape", _is_layout),
        "table_columns": _COLUMNS,
        "text_column": TEXT,
        **{"columns": _LAYERS, "bases": TEXTS, "among": TEXT, "never": _INTERVAL},
        **{"neighbors": COUNT, "training_images": COUNT, "errors": COUNT},
        **{"found": COUNTS, "sentences": TEXTS, "unknown": TEXTS, "near_copies": _NEAR_COPIES},
        **{"causes": TEXTS, "grid": _GRID, "lacks": TEXTS, "asked": COUNT, "modes": _MODES},
        "reads": Form("an object of keys by name", _every(TEXT.fits)),
        **dict.fromkeys(("numbers", "units", "kernels", "statistics", "measures", "layers"), TEXTS),
        "layer_units": _SHAPE,
    },
)
"""Of a group whose variables are declared; each kind of group has some of them."""
