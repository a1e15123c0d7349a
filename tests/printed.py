"""Every command that a page, a help text or a document prints, found where it is written."""

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
SOURCES = sorted([*(ROOT / "deepvid").rglob("*.py"), *(ROOT / "dashboards").rglob("*.py")])
PAGES = sorted({*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")} - {ROOT / "CHANGELOG.md"})
EXPERIMENTS = sorted((ROOT / "experiments").glob("*.toml"))

IN_TEXT = re.compile(
    r"(?:^|: |\()(deepvid [a-z-]+[^;()]*?)(?:\. |[;)]|$)"
)  # prose that names a command has no colon
IN_CODE = re.compile(r"(?:^|&& |# )(deepvid [a-z-]+.*)", re.MULTILINE)


class Printed(NamedTuple):
    """One command; what a program fills in stands in braces, as `{run.id}`."""

    where: str
    words: tuple[str, ...]


def printed() -> list[Printed]:
    """All of them, each once."""
    commands: dict[tuple[str, ...], str] = {}
    for where, words in [*_in_sources(), *_in_pages(), *_in_experiments()]:
        commands.setdefault(tuple(words), where)
    return [Printed(where, words) for words, where in commands.items()]


def _in_sources() -> Iterator[tuple[str, list[str]]]:
    for path in SOURCES:
        source = path.read_text(encoding="utf-8")
        if "deepvid " not in source and "command(" not in source:
            continue  # parsing all takes seconds
        tree = ast.parse(source)
        inside = {
            id(inner)
            for node in ast.walk(tree)
            for inner in ast.iter_child_nodes(node)
            if isinstance(node, ast.JoinedStr) or _names_a_package(node)
        }
        file = path.relative_to(ROOT)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _called(node) == "command":
                yield f"{file}:{node.lineno}", ["deepvid", *(_filled(argument) for argument in node.args)]
            elif isinstance(node, ast.JoinedStr | ast.Constant) and id(node) not in inside:
                for text in IN_TEXT.findall(_filled(node)):
                    yield f"{file}:{node.lineno}", shlex.split(text)


def _names_a_package(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and _called(node) == "require_compute"


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _filled(node: ast.AST) -> str:
    """A text as it is printed, with the expressions inside it in braces."""
    if isinstance(node, ast.Constant):
        return str(node.value) if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(map(_filled, node.values))
    if isinstance(node, ast.FormattedValue):
        return f"{{{_quoteless(node.value)}}}"
    return f"{{{_quoteless(node)}}}"


def _quoteless(node: ast.AST) -> str:
    return ast.unparse(node).replace(" ", "").replace("'", "").replace('"', "")


def _in_pages() -> Iterator[tuple[str, list[str]]]:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        fences = re.findall(r"^```\w*\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
        prose = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
        spans = [span.replace("\n", " ") for span in re.findall(r"`(deepvid [^`]*)`", prose)]
        for code in [*fences, *spans]:
            for found in IN_CODE.findall(code):
                yield str(page.relative_to(ROOT)), shlex.split(found, comments=True)


def _in_experiments() -> Iterator[tuple[str, list[str]]]:
    for path in EXPERIMENTS:
        for found in IN_CODE.findall(path.read_text(encoding="utf-8")):
            yield str(path.relative_to(ROOT)), shlex.split(found)
