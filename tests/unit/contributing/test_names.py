"""Public names are words of the field, once a module; docstrings begin with the noun that the thing is."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
WORDS = re.compile("told|found|place|each|kept|known|asked|given|named|standing|around", re.IGNORECASE)
ROOMS = {"dashboards/views": "the kit replaces them"}
NAMES = {
    "deepvid/errors.py: DeepVIDError.found": "the second part of every error, between `must` and `action`",
}
FOLDERS = ("deepvid", "dashboards", "experiments", "tests", "benchmarks")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def targets(node: ast.AST) -> Iterator[ast.expr]:
    """Names and attributes that a statement assigns."""
    match node:
        case ast.Assign():
            among = node.targets
        case ast.AnnAssign():
            among = [node.target]
        case _:
            return
    for target in among:
        yield from (part for part in ast.walk(target) if isinstance(part, ast.expr))


def attributes_of_self(method: Function) -> Iterator[str]:
    for node in ast.walk(method):
        for part in targets(node):
            if (
                isinstance(part, ast.Attribute)
                and isinstance(part.value, ast.Name)
                and part.value.id == "self"
            ):
                yield part.attr


def public(body: list[ast.stmt], owner: str = "") -> Iterator[str]:
    """The names that a module or a class (`owner`, with a dot behind) gives to others."""
    for node in body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield owner + node.name
            yield from public(node.body, f"{owner}{node.name}.")
        elif isinstance(node, Function):
            yield owner + node.name
            if owner:
                yield from (owner + name for name in attributes_of_self(node))
        elif isinstance(node, ast.If | ast.Try | ast.With):
            yield from public(node.body, owner)
        yield from (owner + part.id for part in targets(node) if isinstance(part, ast.Name))


def vague(source: str) -> set[str]:
    return {name for name in public(ast.parse(source).body) if WORDS.fullmatch(name.rpartition(".")[2])}


def sources(*folders: str) -> Iterator[tuple[str, str]]:
    """Path and text of each file outside the rooms that are to be replaced."""
    for folder in folders:
        for file in sorted((ROOT / folder).rglob("*.py")):
            path = file.relative_to(ROOT).as_posix()
            if not path.startswith(tuple(f"{room}/" for room in ROOMS)):
                yield path, file.read_text()


def test_public_names_are_words_of_the_field() -> None:
    found = set()
    for path, text in sources("deepvid", "dashboards"):
        modules = {path} if WORDS.fullmatch(Path(path).stem) else set()
        found |= modules | {f"{path}: {name}" for name in vague(text)}
    assert found - set(NAMES) == set(), "CONTRIBUTING, Names and English: find the word of the field"
    assert set(NAMES) - found == set(), "these are gone: delete their lines"


def test_a_constant_of_a_module_is_assigned_once() -> None:
    twice = []
    for path, text in sources(*FOLDERS):
        names = [
            part for node in ast.parse(text).body for part in targets(node) if isinstance(part, ast.Name)
        ]
        constants = Counter(
            name.id for name in names if isinstance(name.ctx, ast.Store) and name.id.isupper()
        )
        twice += [f"{path}: {name}" for name, times in constants.items() if times > 1]
    assert twice == [], "give each a name of its own"


def test_docstrings_begin_with_the_noun_that_the_thing_is() -> None:
    found = [
        f"{path}:{number}"
        for path, text in sources(*FOLDERS)
        for number, line in enumerate(text.splitlines(), 1)
        if re.match(r'\s*r?"""What\b', line)
    ]
    assert found == [], "CONTRIBUTING, Names and English: never 'What …'"


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("KEPT = 3", {"KEPT"}),
        ("def told(): ...", {"told"}),
        ("async def told(): ...", {"told"}),
        ("class Known: ...", {"Known"}),
        ("class Row:\n    given: int", {"Row.given"}),
        ("class Row:\n    def __init__(self): self.x, self.named = 1, 2", {"Row.named"}),
        ("class Row:\n    @property\n    def place(self): ...", {"Row.place"}),
        ("if True:\n    around: int = 1", {"around"}),
        ("def told_of(asked): kept = asked", set()),
        ("class _Row:\n    known: int", set()),
        ("_told = 1", set()),
    ],
)
def test_a_vague_name_is_seen_wherever_others_can_read_it(source: str, names: set[str]) -> None:
    assert vague(source) == names
