"""What a person asks for in words: `true == "Shirt" and predicted != true and confidence > 0.9`.

A query is a Python expression of names, texts, numbers, comparisons, `and`, `or`, `not` and `in`, and nothing
else. What is not known of an image compares as false with everything.
"""

import ast
import difflib
import operator
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from dashboards.data.certainty import Certainty, certainty
from dashboards.data.learning import Learned
from dashboards.data.population import Mask, Population
from dashboards.data.trust import WORDS
from deepvid.errors import DataError

LONGEST = 500  # letters


class QueryError(DataError):
    """A query that means nothing; `begin` and `end` are the letters at fault."""

    def __init__(self, found: str, begin: int, end: int) -> None:
        super().__init__(
            "A query compares what is known of images",
            found,
            'Such as: predicted == "Shirt" and confidence > 0.9',
        )
        self.begin, self.end = begin, end


def _always(table: Population) -> bool:
    return True


def _teacher(table: Population) -> bool:
    return table.predictions is not None


def _labels(table: Population) -> bool:
    return table.labeled


def _labels_and_teacher(table: Population) -> bool:
    return table.labeled and _teacher(table)


def _runner_up(table: Population) -> bool:
    return not table.labeled


def _students(table: Population) -> bool:
    return table.trust is not None


def _epochs(table: Population) -> bool:
    return table.epochs is not None and table.epochs.two


def _maps(table: Population) -> bool:
    return table.epochs is not None and table.epochs.mapped_twice


def _crossings(table: Population) -> np.ndarray:
    assert table.epochs is not None  # it is asked where two maps are there
    return table.epochs.crossings()


def _learned(table: Population) -> Learned:
    assert table.epochs is not None  # it is asked where two epochs are there
    return table.epochs.learned(table.label)


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


_VERDICTS = tuple(WORDS[verdict] for verdict in sorted(WORDS))


def _measured(meaning: str, there: Callable[[Population], bool], read: Callable[[Population], Any]) -> Value:
    return Value(meaning, there, read, is_measured=True)


def _classes(table: Population) -> tuple[str, ...]:
    return table.class_names


VALUES: Mapping[str, Value] = {
    "true": Value("true class", _labels, lambda table: table.label, _classes),
    "runner_up": Value("class that it is nearly taken for", _runner_up, lambda table: table.label, _classes),
    "predicted": Value("class by the teacher", _teacher, lambda table: table.predicted, _classes),
    "wrong": Value(
        "it is misclassified", _labels_and_teacher, lambda table: table.wrong, lambda _: ("no", "yes")
    ),
    "confidence": Value(
        "probability of the predicted class", _teacher, lambda table: table.confidence, is_measured=True
    ),
    "margin": Value(
        "that less the next one", _teacher, lambda table: _certainty(table).margin, is_measured=True
    ),
    "loss": Value(
        "cross-entropy, in nats", _labels_and_teacher, lambda table: _certainty(table).loss, is_measured=True
    ),
    "verdict": Value(
        "whether its explanation can be believed",
        _students,
        lambda table: table.trust and table.trust.of_row,
        lambda _: _VERDICTS,
    ),
    "fidelity": _measured(
        "agreement of student and teacher, held out",
        _students,
        lambda table: table.trust and table.trust.agreement_of_row,
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
    "crossed": _measured("times it crossed a border of the map from epoch to epoch", _maps, _crossings),
    "index": Value("number of the image", _always, lambda table: table.samples),
}
"""By the name that a query has for it."""
_OF_LABELS = ("true", "wrong", "loss")

_COMPARE: Mapping[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_MIRRORED = {
    operator.lt: operator.gt,
    operator.le: operator.ge,
    operator.gt: operator.lt,
    operator.ge: operator.le,
}
_IN_ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


def parsed(text: str) -> ast.expr:
    """The expression of a query. Raises QueryError where it is none, whatever the run."""
    if not text.strip():
        raise QueryError("nothing", 0, len(text))
    if len(text) > LONGEST:
        raise QueryError(f"{len(text):,} letters, over {LONGEST}", LONGEST, len(text))
    try:
        return ast.parse(text.strip().replace("\n", " "), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        shift, offset = len(text) - len(text.lstrip()), getattr(error, "offset", None)
        begin = shift + offset - 1 if offset else len(text)
        end = max(begin + bool(offset), shift + (getattr(error, "end_offset", None) or 0) - 1)
        hint = "; two things are compared by ==" if "=" in text and "==" not in text else ""
        found = f"{text[begin:end]!r} where it cannot stand" if text[begin:end].strip() else "no end"
        raise QueryError(f"{found}{hint}", begin, end) from error


def evaluated(text: str, table: Population) -> Mask:
    """The rows that a query means, new memory. Raises QueryError where it means nothing for this run."""
    return _Query(text, table).mask(parsed(text))


def check(text: str, table: Population) -> None:
    """Raises what `evaluated` would, without looking at any image."""
    _Query(text, table, dry=True).mask(parsed(text))


def words(table: Population) -> list[list[str]]:
    """[word, meaning] of what a query can say of a run, for completion."""
    known = [[name, value.meaning] for name, value in VALUES.items() if value.there(table)]
    named = [[f'"{name}"', "class"] for name in table.class_names]
    verdicts = [[f'"{word}"', "verdict"] for word in _VERDICTS] if table.trust is not None else []
    return known + named + verdicts + [[word, ""] for word in ("and", "or", "not", "in")]


def example(table: Population) -> str:
    """What a query of a run may look like; a class stands for "…"."""
    asked = "true" if _labels(table) else "predicted" if _teacher(table) else "runner_up"
    return f'{asked} == "…"' + (" and confidence > 0.9" if _teacher(table) else "")


class _Query:
    """One query of one table."""

    def __init__(self, text: str, table: Population, *, dry: bool = False) -> None:
        self._text, self._table, self._dry = text, table, dry
        self._shift = len(text) - len(text.lstrip())

    def mask(self, node: ast.expr) -> Mask:
        match node:
            case ast.BoolOp(op=how, values=parts):
                masks = [self.mask(part) for part in parts]
                combine = np.logical_and if isinstance(how, ast.And) else np.logical_or
                return np.asarray(combine.reduce(masks))
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                return ~self.mask(inner)
            case ast.Compare(left=left, ops=operators, comparators=others):
                sides = [left, *others]
                pairs = zip(operators, sides[:-1], sides[1:], strict=True)
                return np.asarray(np.logical_and.reduce([self._compared(*pair) for pair in pairs]))
            case ast.Name(id="wrong"):
                values, _ = self._values(node)
                return np.asarray(values > 0)
            case ast.Name(id=name) if name in VALUES:
                raise self._error(node, f"{name} alone; compare it with something")
        raise self._error(node, f"{self._of(node)} where a comparison stands")

    def _compared(self, how: ast.cmpop, left: ast.expr, right: ast.expr) -> Mask:
        if isinstance(how, ast.In | ast.NotIn):
            return self._among(left, right, inside=isinstance(how, ast.In))
        compare = _COMPARE.get(type(how))
        if compare is None:
            raise self._error(left, "a comparison that is none of == != < <= > >= in")
        if not isinstance(left, ast.Name) or left.id not in VALUES:
            if not isinstance(right, ast.Name) or right.id not in VALUES:
                raise self._unknown(left)
            left, right, compare = right, left, _MIRRORED.get(compare, compare)
        values, meant = self._values(left)
        if meant and isinstance(how, _IN_ORDER):
            raise self._error(left, f"{self._of(left)}, which has words and no order; compare it by == or !=")
        if isinstance(right, ast.Name) and right.id in VALUES:
            other, of_other = self._values(right)
            if of_other != meant:
                raise self._error(right, f"{self._of(right)}, which is nothing like {self._of(left)}")
            return np.asarray(compare(values, other) & _known(values) & _known(other))
        return np.asarray(compare(values, self._constant(right, meant, left)) & _known(values))

    def _among(self, left: ast.expr, right: ast.expr, *, inside: bool) -> Mask:
        if not isinstance(right, ast.List | ast.Tuple | ast.Set) or not right.elts:
            found = f'{self._of(right)} where a list stands, as in: true in ["Shirt", "Coat"]'
            raise self._error(right, found)
        values, meant = self._values(left)
        listed = [self._constant(one, meant, left) for one in right.elts]
        return np.asarray((np.isin(values, listed) == inside) & _known(values))

    def _values(self, node: ast.expr) -> tuple[np.ndarray, tuple[str, ...]]:
        if not isinstance(node, ast.Name) or node.id not in VALUES:
            raise self._unknown(node)
        value = VALUES[node.id]
        if not value.there(self._table):
            raise self._error(node, f"{node.id}, {_why(node.id, self._table)}")
        return np.zeros(0) if self._dry else value.read(self._table), value.words(self._table)

    def _constant(self, node: ast.expr, meant: tuple[str, ...], of: ast.expr) -> float:
        """A number, or the index of a word."""
        if meant:
            return self._index(node, meant, of)
        sign = 1.0
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            sign, node = -1.0, node.operand
        if not isinstance(node, ast.Constant) or type(node.value) not in (int, float):
            raise self._error(node, f"{self._of(node)} where a number stands")
        return sign * float(node.value)  # type: ignore[arg-type]

    def _index(self, node: ast.expr, meant: tuple[str, ...], of: ast.expr) -> int:
        """A word stands in quotes; one that is a name may go without."""
        word = node.id if isinstance(node, ast.Name) else getattr(node, "value", None)
        if not isinstance(word, str):
            raise self._error(node, f"{self._of(node)} where a word stands; put it in quotes")
        if word not in meant:
            near = _nearest(word, meant)
            raise self._error(node, f"{word!r}, which is no {VALUES[self._of(of)].meaning}{near}")
        return meant.index(word)

    def _unknown(self, node: ast.expr) -> QueryError:
        if not isinstance(node, ast.Name):
            return self._error(node, f"{self._of(node)} where a name stands; known are {', '.join(VALUES)}")
        return self._error(node, f"{node.id!r}; known are {', '.join(VALUES)}{_nearest(node.id, VALUES)}")

    def _error(self, node: ast.expr, found: str) -> QueryError:
        begin, end = (self._letters(column) for column in (node.col_offset, node.end_col_offset or 0))
        return QueryError(found, begin, end)

    def _of(self, node: ast.expr) -> str:
        begin, end = (self._letters(column) for column in (node.col_offset, node.end_col_offset or 0))
        return self._text[begin:end]

    def _letters(self, column: int) -> int:
        """Python counts bytes of UTF-8."""
        return self._shift + len(self._text[self._shift :].encode()[:column].decode(errors="ignore"))


def _why(name: str, table: Population) -> str:
    """Why a run does not know a value."""
    if name in _OF_LABELS and not table.labeled:
        return "which labels tell, and these images have none; known is runner_up"
    if name == "runner_up":
        return "which is asked of images without labels; these have true"
    return "which this run does not know yet"


def _known(values: np.ndarray) -> np.ndarray:
    return ~np.isnan(values) if values.dtype.kind == "f" else values >= 0


def _nearest(word: str, known: Any) -> str:
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else ""
