"""The power of the suite: 80 seeded faults in product code, and which of them its tests notice.

    python tests/mutants.py record RECORD [--tree DIR]
    python tests/mutants.py run RECORD RESULTS [--unless RESULTS]
    python tests/mutants.py compare RECORD RESULTS RESULTS

`record` runs the whole suite once on a copy of the tree in which a call before each statement notes the
test; what a fixture executes counts for every test that uses it. `run` sets each fault against these tests,
the quickest first, up to the first that fails. Both go on where they were stopped. To compare two suites of
one product, make a record of each, the older checkout by `--tree`, and run the newer suite first:
`--unless` leaves out the faults that are killed in its results. `compare` prints both, and exits 1 where a
fault that was killed before is not killed after.
"""

import argparse
import ast
import json
import os
import random
import re
import shutil
import subprocess
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue
from typing import Any, NamedTuple

import pytest

COUNT, SEED = 80, 0
PATIENCE = 300  # s for the tests of one mutant
SITES = "MUTANTS_SITES"  # names the file that calls before statements write to
FIXTURE = "MUTANTS_FIXTURE"  # the fixture of several tests that is being made
QUICKEST = "MUTANTS_QUICKEST"  # names the file that lists tests in the order in which they run
TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
PROBE = "__import__('builtins').__dict__.get('_mutant_site', int)"
SITECUSTOMIZE = f"""import builtins, os
_file, _seen = os.environ.get("{SITES}"), set()
def _mutant_site(number):
    test = os.environ.get("{FIXTURE}") or os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" (")[0]
    if _file and (number, test) not in _seen:
        _seen.add((number, test))
        with open(_file, "a") as file:
            file.write("%d\\t%s\\n" % (number, test))
builtins._mutant_site = _mutant_site
"""


class Mutant(NamedTuple):
    """A fault: in `file`, the text of `span` is replaced by `new`."""

    file: str
    line: int  # of the statement, from 1
    kind: str  # comparison (turned), constant (changed) or statement (dropped)
    span: tuple[int, int, int, int]  # first line, byte in it, last line, byte in it
    old: str
    new: str

    @property
    def room(self) -> str:
        """The package of the product: `deepvid/store`, `dashboards/views`."""
        return "/".join(Path(self.file).parts[:-1][:2])


class Result(NamedTuple):
    """The fate of a mutant: killed, survived, unfinished (out of patience) or not executed."""

    fate: str
    killer: str  # the test that failed
    tests: int  # that execute its statement
    seconds: float


# --- which faults


def choose(root: Path) -> list[Mutant]:
    """`COUNT` mutants: one of each room, the rest by the rooms' sizes; kinds in equal shares."""
    chance = random.Random(SEED)
    rooms: dict[str, dict[str, list[Mutant]]] = defaultdict(lambda: defaultdict(list))
    for package in ("deepvid", "dashboards"):
        for path in sorted((root / package).rglob("*.py")):
            for mutant in _mutants(path, str(path.relative_to(root))):
                rooms[mutant.room][mutant.kind].append(mutant)
    names = sorted(rooms)
    sizes = [sum(map(len, rooms[name].values())) for name in names]
    drawn = names + chance.choices(names, weights=sizes, k=COUNT - len(names))
    chosen: dict[tuple[str, int], Mutant] = {}
    for number, name in enumerate(drawn):
        kinds = sorted(rooms[name])
        mutants = rooms[name][kinds[number % len(kinds)]]
        mutant = chance.choice([each for each in mutants if (each.file, each.line) not in chosen])
        chosen[mutant.file, mutant.line] = mutant
    return list(chosen.values())


def _mutants(path: Path, name: str) -> Iterator[Mutant]:
    text = path.read_text()
    tree = ast.parse(text)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    inner = {id(node) for outer in functions for node in ast.walk(outer) if node is not outer}
    unplaced = {  # Python 3.11 knows no position inside an f-string
        id(node) for outer in ast.walk(tree) if isinstance(outer, ast.JoinedStr) for node in ast.walk(outer)
    }
    for function in functions:
        if id(function) in inner or _is_compiled(function):
            continue
        for statement in _statements(function.body):
            for kind, node, new in _faults(statement):
                if id(node) not in unplaced:
                    span = (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
                    old = ast.get_source_segment(text, node) or ""
                    yield Mutant(name, statement.lineno, kind, span, old, new)


def _is_compiled(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether Numba compiles it: no call can be put into it."""
    return any("jit" in ast.unparse(decorator) for decorator in function.decorator_list)


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """A function's statements at any depth, without docstrings."""
    for statement in body:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield statement
        for name in ("body", "orelse", "finalbody"):
            yield from _statements(getattr(statement, name, []))
        for handler in getattr(statement, "handlers", []):
            yield from _statements(handler.body)


def _faults(statement: ast.stmt) -> Iterator[tuple[str, Any, str]]:
    """Kind, node and new text of the faults in what a statement evaluates itself."""
    for node in _expressions(statement):
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in TURNED:
            turned = ast.Compare(node.left, [TURNED[type(node.ops[0])]()], node.comparators)
            yield "comparison", node, f"({ast.unparse(turned)})"
        elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
            yield "constant", node, str(not node.value)
        elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            yield "constant", node, f"({node.value + 1})"
    call = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
    if call or isinstance(statement, ast.AugAssign | ast.Raise):
        yield "statement", statement, "pass"


def _expressions(statement: ast.stmt) -> Iterator[ast.expr]:
    for name, value in ast.iter_fields(statement):
        if name in ("body", "orelse", "finalbody", "handlers", "annotation"):
            continue
        for node in value if isinstance(value, list) else [value]:
            if isinstance(node, ast.AST):
                yield from (found for found in ast.walk(node) if isinstance(found, ast.expr))


def mutated(text: str, mutant: Mutant) -> str:
    """A file's text with the fault."""
    first, start, last, end = mutant.span
    lines = text.encode().splitlines(keepends=True)
    middle = lines[first - 1][:start] + mutant.new.encode() + lines[last - 1][end:]
    return b"".join([*lines[: first - 1], middle, *lines[last:]]).decode()


def probed(text: str, sites: list[tuple[int, int]]) -> str:
    """A file's text with a call before each statement: `sites` are numbers of mutants and lines."""
    lines = text.splitlines(keepends=True)
    for number, line in sorted(
        ((number, _callable_line(lines, line)) for number, line in sites), key=lambda site: -site[1]
    ):
        indent = lines[line - 1][: len(lines[line - 1]) - len(lines[line - 1].lstrip())]
        lines.insert(line - 1, f"{indent}{PROBE}({number})\n")
    return "".join(lines)


def _callable_line(lines: list[str], line: int) -> int:
    """Where a call can stand: of an `elif`, before the `if` that it belongs to."""
    indent = re.match(r" *", lines[line - 1])[0]  # type: ignore[index]
    while lines[line - 1].startswith(f"{indent}elif "):
        line -= 1
        while not re.match(rf"{indent}(el)?if ", lines[line - 1]):
            line -= 1
    return line


# --- which tests execute them; this half is a plugin of pytest, too


def record(out: Path, source: Path) -> None:
    """Runs the suite of `source` over a tree with calls before the statements."""
    tree = out / "tree"
    if not tree.exists():
        _copy(source, tree)
        chosen = choose(tree)
        (out / "mutants.json").write_text(json.dumps(chosen))
        sites = defaultdict(list)
        for number, mutant in enumerate(chosen):
            sites[mutant.file].append((number, mutant.line))
        for file, lines in sites.items():
            (tree / file).write_text(probed((tree / file).read_text(), lines))
        (out / "sitecustomize.py").write_text(SITECUSTOMIZE)
    command = ["-n", "2", "--dist", "loadfile", "-p", "mutants", "-q"]
    if "slow:" in (tree / "pyproject.toml").read_text():  # a suite may know no such mark
        command += ["-m", "not slow"]
    done = [f"--deselect={test}" for test in _seconds(out)[0]]
    (out / "done.txt").write_text("\n".join(done))
    _pytest(tree, *command, f"@{out / 'done.txt'}", **{SITES: str(out / "sites")})


def pytest_collection_finish(session: pytest.Session) -> None:
    """Writes which fixtures of several tests each test uses."""
    if SITES not in os.environ:
        return
    with Path(os.environ[SITES] + ".fixtures").open("a") as file:
        for item in session.items:
            fixtures = item._fixtureinfo.name2fixturedefs.values()  # type: ignore[attr-defined]
            wide = [_name(found[-1]) for found in fixtures if found[-1].scope != "function"]
            file.write(json.dumps([item.nodeid, wide]) + "\n")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The suite's own order has what is long first."""
    if QUICKEST in os.environ:
        order = {
            test: number for number, test in enumerate(Path(os.environ[QUICKEST]).read_text().split("\n"))
        }
        items.sort(key=lambda item: order.get(item.nodeid, len(order)))


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any]) -> Iterator[None]:
    """Notes under its name the sites that a fixture of several tests executes."""
    outer = os.environ.get(FIXTURE, "")
    if fixturedef.scope != "function":
        os.environ[FIXTURE] = _name(fixturedef)
    try:
        return (yield)
    finally:
        os.environ[FIXTURE] = outer


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Writes each phase's seconds."""
    if SITES in os.environ and "PYTEST_XDIST_WORKER" not in os.environ:
        with Path(os.environ[SITES] + ".seconds").open("a") as file:
            file.write(json.dumps([report.nodeid, report.when, report.outcome, report.duration]) + "\n")


def _name(fixture: pytest.FixtureDef[Any]) -> str:
    return f"{fixture.baseid}::{fixture.argname}"


def _seconds(out: Path) -> tuple[Counter[str], set[str]]:
    """Seconds by test, and the tests that failed."""
    seconds, failed = Counter[str](), set()
    file = out / "sites.seconds"
    for line in file.read_text().splitlines() if file.exists() else []:
        test, _, outcome, took, *_ = json.loads(line)
        seconds[test] += took
        if outcome == "failed":
            failed.add(test)
    return seconds, failed


def covering(out: Path) -> dict[int, list[str]]:
    """The tests that execute each mutant's statement, quickest first; none that failed without a fault."""
    seconds, failed = _seconds(out)
    users, tests = defaultdict(set), defaultdict(set)
    for line in (out / "sites.fixtures").read_text().splitlines():
        test, fixtures = json.loads(line)
        for fixture in fixtures:
            users[fixture].add(test)
    for line in (out / "sites").read_text().splitlines():
        number, _, name = line.partition("\t")
        tests[int(number)] |= {name} if name in seconds else users[name]
    return {
        number: sorted(names & set(seconds) - failed, key=lambda test: seconds[test])
        for number, names in tests.items()
    }


# --- which tests notice them


def run(out: Path, results: Path, unless: Path | None) -> None:
    """Each mutant against its tests, two at a time; not those in `results`, nor those killed in `unless`."""
    mutants, tests = _mutants_of(out), covering(out)
    done = set(_results(results))
    if unless:
        done |= {number for number, result in _results(unless).items() if result.fate == "killed"}
    trees: Queue[Path] = Queue()
    for number in (1, 2):
        tree = out / f"mutated-{number}"
        if not tree.exists():
            _copy(out / "tree", tree)
            for file in {mutant.file for mutant in mutants}:
                (tree / file).write_text(_original(tree / file))
        shutil.copy2(__file__, tree / "tests" / "mutants.py")
        trees.put(tree)

    def judge(number: int) -> None:
        tree = trees.get()
        try:
            result = _fate(tree, mutants[number], tests.get(number, []))
        finally:
            trees.put(tree)
        with results.open("a") as file:
            file.write(json.dumps([number, *result]) + "\n")

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(judge, [number for number in range(len(mutants)) if number not in done]))


def _original(file: Path) -> str:
    """A file's text without the calls of `probed`."""
    return "".join(line for line in file.read_text().splitlines(keepends=True) if PROBE not in line)


def _fate(tree: Path, mutant: Mutant, tests: list[str]) -> Result:
    """A test that fails beside others, but not alone, kills nothing: the rest goes on without it."""
    if not tests:
        return Result("not executed", "", 0, 0.0)
    file, count, began = tree / mutant.file, len(tests), time.monotonic()
    original = file.read_text()
    file.write_text(mutated(original, mutant))
    try:
        while tests:
            killer = _first_failure(tree, tests, PATIENCE - (time.monotonic() - began))
            if killer is None or killer not in tests or _first_failure(tree, [killer], PATIENCE) is not None:
                break
            tests = [test for test in tests if test != killer]
        fate = "survived" if killer is None or not tests else "killed"
    except subprocess.TimeoutExpired:
        fate, killer = "unfinished", None
    finally:
        file.write_text(original)
    return Result(fate, (fate == "killed" and killer) or "", count, round(time.monotonic() - began, 1))


def _first_failure(tree: Path, tests: list[str], patience: float) -> str | None:
    """The test that fails first, the quickest going first; `collection` where none can begin."""
    listed = tree.with_suffix(".txt")
    listed.write_text("\n".join(tests))
    plugins = ("-p", "no:cacheprovider", "-p", "mutants")
    done = _pytest(tree, "-x", "-q", *plugins, f"@{listed}", timeout=patience, **{QUICKEST: str(listed)})
    failures = re.findall(r"^(?:FAILED|ERROR) (tests/.+?)(?: - .*)?$", done.stdout, re.MULTILINE)
    return next(iter(failures), "collection") if done.returncode else None


def compare(out: Path, before: Path, after: Path) -> bool:
    """Prints a table; whether all that was killed before is killed after."""
    old, new = _results(before), _results(after)
    for number, mutant in enumerate(_mutants_of(out)):
        fates = [known[number].fate if number in known else "-" for known in (old, new)]
        print(f"{number:3} {fates[0]:14}{fates[1]:14}{mutant.kind:12}{mutant.file}:{mutant.line}")
    for name, known in (("before", old), ("after", new)):
        print(f"{name}: {dict(Counter(result.fate for result in known.values()))}")
    return all(
        number in new and new[number].fate == "killed" for number in old if old[number].fate == "killed"
    )


def _mutants_of(out: Path) -> list[Mutant]:
    return [Mutant(*row) for row in json.loads((out / "mutants.json").read_text())]


def _results(file: Path) -> dict[int, Result]:
    lines = file.read_text().splitlines() if file.exists() else []
    return {number: Result(*rest) for number, *rest in map(json.loads, lines)}


def _copy(source: Path, tree: Path) -> None:
    """The files that git tracks, in a repository of their own, with the environment of `source`."""
    for name in subprocess.check_output(["git", "ls-files"], cwd=source, text=True).splitlines():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source / name, tree / name)
    shutil.copy2(__file__, tree / "tests" / "mutants.py")
    subprocess.run(["git", "init", "-q"], cwd=tree, check=True)
    subprocess.run(["git", "add", "-A"], cwd=tree, check=True)
    (tree / ".venv").symlink_to((source / ".venv").resolve())


def _pytest(
    tree: Path, *arguments: str, timeout: float | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join(map(str, (tree.parent, tree, tree / "tests")))
    cache = {
        "JAX_COMPILATION_CACHE_DIR": str(tree.parent / "jax"),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0.1",
    }
    environment = {**os.environ, **cache, "PYTHONPATH": paths, **variables}
    command = [str(tree / ".venv/bin/python"), "-m", "pytest", *arguments]
    return subprocess.run(
        command,
        cwd=tree,
        env=environment,
        stdout=subprocess.PIPE if timeout else None,
        text=True,
        timeout=timeout,
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    recording = commands.add_parser("record")
    recording.add_argument("record", type=Path)
    recording.add_argument("--tree", type=Path, default=Path(__file__).parents[1])
    running = commands.add_parser("run")
    running.add_argument("record", type=Path)
    running.add_argument("results", type=Path)
    running.add_argument("--unless", type=Path)
    comparing = commands.add_parser("compare")
    for name in ("record", "before", "after"):
        comparing.add_argument(name, type=Path)
    given = parser.parse_args()
    if given.command == "record":
        record(given.record.resolve(), given.tree.resolve())
    elif given.command == "run":
        run(given.record.resolve(), given.results, given.unless)
    elif not compare(given.record, given.before, given.after):
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
