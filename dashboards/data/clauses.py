"""Clauses of a query, joined by `and`: what a filter says of one name is read from it, and replaced in it."""

import ast
from collections.abc import Sequence
from typing import NamedTuple

from dashboards.data.query import QueryError, parsed, quote


class Range(NamedTuple):
    """Ends of a clause `low <= name <= high`; None: open. Of dates they are texts."""

    low: float | str | None
    high: float | str | None


def with_clause(query: str, name: str, clause: str) -> str:
    """The query with this clause in the place of what it says of a name as filters do; the others stay."""
    kept = [part for part in _clauses(query) if _words(part, name) is None and _range(part, name) is None]
    return " and ".join([*kept, clause] if clause else kept)


def words_of(query: str, name: str) -> tuple[str, ...]:
    """Words that it wants of a name: `true in ["Coat", "Shirt"]`, `wrong` is "yes"; none: it says nothing."""
    return next((found for part in _clauses(query) if (found := _words(part, name)) is not None), ())


def range_of(query: str, name: str) -> Range | None:
    """The range that it wants of a name; None: it says nothing."""
    return next((found for part in _clauses(query) if (found := _range(part, name)) is not None), None)


def clause_of_words(name: str, words: Sequence[str], *, yes_no: bool = False) -> str:
    """The inverse of `words_of`."""
    if yes_no:
        return "" if len(words) != 1 else name if words[0] == "yes" else f"not {name}"
    if len(words) == 1:
        return f"{name} == {quote(words[0])}"
    return f"{name} in [{', '.join(map(quote, words))}]" if words else ""


def clause_of_range(name: str, found: Range) -> str:
    """The inverse of `range_of`."""
    low, high = map(_written, found)
    if low and high:
        return f"{low} <= {name} <= {high}"
    return f"{name} >= {low}" if low else f"{name} <= {high}" if high else ""


def _written(end: float | str | None) -> str:
    return "" if end is None else quote(end) if isinstance(end, str) else f"{end:.12g}"


def _clauses(query: str) -> list[str]:
    """Parts between the outermost `and`s; alternatives stand in parentheses. A query that means nothing is
    one part.
    """
    try:
        tree = parsed(query)
    except QueryError:
        return [f"({query})"] if query.strip() else []
    parts = tree.values if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And) else [tree]
    told = [ast.get_source_segment(query.strip().replace("\n", " "), part) or "" for part in parts]
    return [
        f"({text})" if isinstance(part, ast.BoolOp) else text for part, text in zip(parts, told, strict=True)
    ]


def _words(clause: str, name: str) -> tuple[str, ...] | None:
    match _tree(clause):
        case ast.Name(id=found) if found == name:
            return ("yes",)
        case ast.UnaryOp(op=ast.Not(), operand=ast.Name(id=found)) if found == name:
            return ("no",)
        case ast.Compare(
            left=ast.Name(id=found), ops=[ast.Eq()], comparators=[ast.Constant(value=str(word))]
        ) if found == name:
            return (word,)
        case ast.Compare(left=ast.Name(id=found), ops=[ast.In()], comparators=[ast.List(elts=listed)]) if (
            found == name
        ):
            return tuple(str(one.value) for one in listed if isinstance(one, ast.Constant))
    return None


def _range(clause: str, name: str) -> Range | None:
    match _tree(clause):
        case ast.Compare(left=low, ops=[ast.LtE(), ast.LtE()], comparators=[ast.Name(id=found), high]) if (
            found == name
        ):
            return Range(_end(low), _end(high))
        case ast.Compare(left=ast.Name(id=found), ops=[ast.GtE()], comparators=[low]) if found == name:
            return Range(_end(low), None)
        case ast.Compare(left=ast.Name(id=found), ops=[ast.LtE()], comparators=[high]) if found == name:
            return Range(None, _end(high))
    return None


def _end(node: ast.expr) -> float | str | None:
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return None
    return value if isinstance(value, str) else float(value) if type(value) in (int, float) else None


def _tree(clause: str) -> ast.expr | None:
    try:
        return parsed(clause)
    except QueryError:
        return None
