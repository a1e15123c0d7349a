"""Queries of a person in words: `true == "Shirt" and predicted != true and confidence > 0.9`.

A query is a Python expression of names, texts, numbers, comparisons, `and`, `or`, `not` and `in`, and nothing
else. Dates are texts of ISO 8601, and a text is `in` a column whose text or word contains it. What is not
known of an image compares as false with everything.
"""

import ast
import difflib
import json
import operator
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from dashboards.data.population import Mask, Population
from dashboards.data.values import MARKS, STUDENT_VERDICTS, VALUES, YES_NO, vocabulary, why_unknown
from deepvid.columns import Kind, seconds_of
from deepvid.errors import DataError

LONGEST = 500  # letters
MOST_WORDS = 500  # of further columns, for completion


class QueryError(DataError):
    """A query that means nothing; `begin` and `end` are the letters at fault."""

    def __init__(self, found: str, begin: int, end: int) -> None:
        super().__init__(
            "A query compares what is known of images",
            found,
            'Such as: predicted == "Shirt" and confidence > 0.9',
        )
        self.begin, self.end = begin, end


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
        return _Former().visit(ast.parse(text.strip().replace("\n", " "), mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        shift, offset = len(text) - len(text.lstrip()), getattr(error, "offset", None)
        begin = shift + offset - 1 if offset else len(text)
        end = max(begin + bool(offset), shift + (getattr(error, "end_offset", None) or 0) - 1)
        hint = "; two things are compared by ==" if "=" in text and "==" not in text else ""
        found = f"{text[begin:end]!r} where it cannot stand" if text[begin:end].strip() else "no end"
        raise QueryError(f"{found}{hint}", begin, end) from error


class _Former(ast.NodeTransformer):
    """Reads queries of earlier versions, in which `verdict` had the words of students alone."""

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return self._renamed(node, "verdict") if node.id == "first_map" else node

    def visit_Compare(self, node: ast.Compare) -> ast.Compare:
        texts = {one.value for one in ast.walk(node) if isinstance(one, ast.Constant)}
        if texts and texts <= set(STUDENT_VERDICTS):
            sides = [
                self._renamed(side, "student_verdict")
                if isinstance(side, ast.Name) and side.id == "verdict"
                else side
                for side in (node.left, *node.comparators)
            ]
            node.left, node.comparators = sides[0], sides[1:]
        return self.generic_visit(node)  # type: ignore[return-value]

    def _renamed(self, node: ast.expr, name: str) -> ast.Name:
        return ast.copy_location(ast.Name(name, ast.Load()), node)


def evaluated(text: str, table: Population) -> Mask:
    """The rows that a query means, new memory. Raises QueryError where it means nothing for this run."""
    return _Query(text, table).mask(parsed(text))


def check(text: str, table: Population) -> None:
    """Raises what `evaluated` would, without looking at any image."""
    _Query(text, table, dry=True).mask(parsed(text))


def words(table: Population) -> list[list[str]]:
    """[word, meaning] of what a query can say of a run, for completion."""
    known = [[name, value.meaning] for name, value in vocabulary(table).items() if value.there(table)]
    named = [[f'"{name}"', "class"] for name in table.class_names]
    verdicts = [
        [f'"{word}"', name.replace("_", " ")]
        for name in ("verdict", "student_verdict", "cause", "mode")
        if VALUES[name].there(table)
        for word in VALUES[name].words(table)
    ]
    of_columns = [[quote(word), name] for name, column in table.columns.items() for word in column.words]
    return (
        known
        + named
        + verdicts
        + of_columns[:MOST_WORDS]
        + [[word, ""] for word in ("and", "or", "not", "in")]
    )


def names_of(text: str) -> set[str]:
    """The words of a query that stand for what is known of images."""
    return {node.id for node in ast.walk(parsed(text)) if isinstance(node, ast.Name)}


def says_marks(text: str) -> bool:
    """Whether a query is about marks, which change."""
    return not names_of(text).isdisjoint(MARKS)


def quote(word: str) -> str:
    """A word as a query has it."""
    return json.dumps(word, ensure_ascii=False)


def example(table: Population) -> str:
    """Example of a query of a run; a class stands for "…"."""
    asked = next(name for name in ("true", "predicted", "runner_up") if VALUES[name].there(table))
    return f'{asked} == "…"' + (" and confidence > 0.9" if VALUES["confidence"].there(table) else "")


class _Side(NamedTuple):
    """One side of a comparison that stands for a value of every image."""

    values: np.ndarray  # (row,)
    words: tuple[str, ...]  # that its indices mean
    kind: Kind

    @property
    def ordered(self) -> bool:
        return not self.words and self.kind != "text"


class _Query:
    """One query of one table."""

    def __init__(self, text: str, table: Population, *, dry: bool = False) -> None:
        self._text, self._table, self._dry = text, table, dry
        self._shift = len(text) - len(text.lstrip())
        self._vocabulary = vocabulary(table)

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
            case ast.Name(id=name) if name in VALUES and VALUES[name].words(self._table) == YES_NO:
                return np.asarray(self._side(node).values > 0)
            case ast.Name(id=name) if name in self._vocabulary:
                raise self._error(node, f"{name} alone; compare it with something")
        raise self._error(node, f"{self._of(node)} where a comparison stands")

    def _compared(self, how: ast.cmpop, left: ast.expr, right: ast.expr) -> Mask:
        if isinstance(how, ast.In | ast.NotIn):
            return self._among(left, right, inside=isinstance(how, ast.In))
        compare = _COMPARE.get(type(how))
        if compare is None:
            raise self._error(left, "a comparison that is none of == != < <= > >= in")
        if not self._is_value(left):
            if not self._is_value(right):
                raise self._unknown(left)
            left, right, compare = right, left, _MIRRORED.get(compare, compare)
        side = self._side(left)
        if not side.ordered and isinstance(how, _IN_ORDER):
            raise self._error(left, f"{self._of(left)}, which has words and no order; compare it by == or !=")
        if self._is_value(right):
            other = self._side(right)
            if other[1:] != side[1:]:
                raise self._error(right, f"{self._of(right)}, which is nothing like {self._of(left)}")
            return np.asarray(compare(side.values, other.values) & _known(side.values) & _known(other.values))
        return np.asarray(compare(side.values, self._constant(right, side, left)) & _known(side.values))

    def _among(self, left: ast.expr, right: ast.expr, *, inside: bool) -> Mask:
        if isinstance(left, ast.Constant) and isinstance(left.value, str) and self._is_value(right):
            side = self._side(right)
            if side.ordered:
                raise self._error(right, f"{self._of(right)}, which has no words to look in")
            return np.asarray((_containing(side, left.value) == inside) & _known(side.values))
        if not isinstance(right, ast.List | ast.Tuple | ast.Set) or not right.elts:
            found = f'{self._of(right)} where a list stands, as in: true in ["Shirt", "Coat"]'
            raise self._error(right, found)
        side = self._side(left)
        listed = [self._constant(one, side, left) for one in right.elts]
        return np.asarray(
            (np.isin(side.values, np.array(listed, side.values.dtype)) == inside) & _known(side.values)
        )

    def _is_value(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and node.id in self._vocabulary

    def _side(self, node: ast.expr) -> _Side:
        if not isinstance(node, ast.Name) or node.id not in self._vocabulary:
            raise self._unknown(node)
        value = self._vocabulary[node.id]
        if not value.there(self._table):
            raise self._error(node, f"{node.id}, {why_unknown(node.id, self._table)}")
        values = (
            np.zeros(0, object if value.kind == "text" else float) if self._dry else value.read(self._table)
        )
        return _Side(values, value.words(self._table), value.kind)

    def _constant(self, node: ast.expr, side: _Side, of: ast.expr) -> Any:
        """A number, the index of a word, the seconds of a date, or a text."""
        if side.words:
            return self._index(node, side.words, of)
        if side.kind == "text":
            return self._word(node)
        if side.kind == "date":
            seconds = seconds_of(self._word(node, 'a date stands, as in "2024-01-31"'))
            if seconds is None:
                raise self._error(node, f'{self._of(node)} where a date stands, as in "2024-01-31"')
            return seconds
        sign = 1.0
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            sign, node = -1.0, node.operand
        if not isinstance(node, ast.Constant) or type(node.value) not in (int, float):
            raise self._error(node, f"{self._of(node)} where a number stands")
        try:
            return sign * float(node.value)  # type: ignore[arg-type]
        except OverflowError as error:
            raise self._error(node, "a number over 1.8e308") from error

    def _word(self, node: ast.expr, wanted: str = "a word stands; put it in quotes") -> str:
        """A word stands in quotes; one that is a name may go without."""
        word = node.id if isinstance(node, ast.Name) else getattr(node, "value", None)
        word = str(word) if isinstance(word, bool) else word  # True and False are words of a column
        if not isinstance(word, str):
            raise self._error(node, f"{self._of(node)} where {wanted}")
        return word

    def _index(self, node: ast.expr, meant: tuple[str, ...], of: ast.expr) -> int:
        word = self._word(node)
        if word not in meant:
            near, name = _nearest(word, meant), self._of(of)
            kind = VALUES[name].meaning if name in VALUES else f"value of {name}"
            raise self._error(node, f"{word!r}, which is no {kind}{near}")
        return meant.index(word)

    def _unknown(self, node: ast.expr) -> QueryError:
        known = ", ".join(self._vocabulary)
        if not isinstance(node, ast.Name):
            return self._error(node, f"{self._of(node)} where a name stands; known are {known}")
        return self._error(node, f"{node.id!r}; known are {known}{_nearest(node.id, self._vocabulary)}")

    def _error(self, node: ast.expr, found: str) -> QueryError:
        begin, end = (self._letters(column) for column in (node.col_offset, node.end_col_offset or 0))
        return QueryError(found, begin, end)

    def _of(self, node: ast.expr) -> str:
        begin, end = (self._letters(column) for column in (node.col_offset, node.end_col_offset or 0))
        return self._text[begin:end]

    def _letters(self, column: int) -> int:
        """Python counts bytes of UTF-8."""
        return self._shift + len(self._text[self._shift :].encode()[:column].decode(errors="ignore"))


def _known(values: np.ndarray) -> np.ndarray:
    if values.dtype == object:
        return np.asarray(values != "", np.bool_)
    return ~np.isnan(values) if values.dtype.kind == "f" else values >= 0


def _containing(side: _Side, part: str) -> np.ndarray:
    """bool (row,): the text, or the word, has `part` in it, capital or small."""
    wanted = part.casefold()
    texts = side.words if side.words else side.values.tolist()
    inside = np.array([wanted in text.casefold() for text in texts], np.bool_)
    return np.append(inside, False)[side.values.astype(np.intp)] if side.words else inside


def _nearest(word: str, known: Any) -> str:
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else ""
