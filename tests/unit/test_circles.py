"""No module imports itself by way of others: not when it is loaded, nor for types, nor inside a function."""

import ast
from collections.abc import Collection, Iterator
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_imports_run_in_no_circle() -> None:
    paths = [path for package in ("deepvid", "dashboards") for path in (ROOT / package).rglob("*.py")]
    modules = {_name(path): ast.parse(path.read_text(encoding="utf-8")) for path in paths}
    graph = {name: {*_imported(tree, modules)} - {name} for name, tree in modules.items()}
    TopologicalSorter(graph).prepare()  # raises CycleError, with the circle


def _name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _imported(tree: ast.Module, modules: Collection[str]) -> Iterator[str]:
    """Of what a module imports, the modules of ours."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom):
            names = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from (name if name in modules else str(node.module) for name in names)
