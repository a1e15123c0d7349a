"""How often the groups of the head's tree return in runs that differ by their seed alone."""

import time
from collections.abc import Iterator
from weakref import WeakKeyDictionary

from dashboards.data.hierarchy import HEAD, STAGES, Decisions, Returns
from deepvid.errors import DeepVIDError
from deepvid.hierarchy.stability import returns
from deepvid.hierarchy.tree import Tree, tree_of
from deepvid.store import Address, Run, list_runs, open_run

MOST = 20  # runs that are compared with
FRESH = 60.0  # s that an answer is given again: listing a store reads the end of every journal
_known: WeakKeyDictionary[Decisions, tuple[float, Returns | None]] = WeakKeyDictionary()


def returning(run: Run, decisions: Decisions) -> Returns | None:
    """Of the head's tree of a run; None where its store has no such runs, or cannot be listed."""
    when, found = _known.get(decisions, (0.0, None))
    if not when or time.monotonic() - when > FRESH:
        found = compared(run, decisions.tree)
        _known[decisions] = time.monotonic(), found
    return found


def compared(run: Run, tree: Tree) -> Returns | None:
    """The same, looked up anew."""
    others = list(_others(run))
    return Returns(len(others), returns(tree, others)) if others else None


def _others(run: Run) -> Iterator[Tree]:
    """The trees of the runs that are this one but for their seed, the latest first."""
    left, own = MOST, _but_the_seed(run)
    for path in _named_alike(run):
        try:
            other = open_run(path)
            if left and _but_the_seed(other) == own and STAGES[HEAD] in other.stages:
                left -= 1
                yield tree_of(other.stages[STAGES[HEAD]].open("parent")["parent"].to_numpy())
        except DeepVIDError:
            continue  # what cannot be read is told where it is looked at


def _named_alike(run: Run) -> list[Address]:
    if run.read_only:
        return []
    try:
        listed = list_runs(run.path.parent)
    except DeepVIDError:
        return []
    name = f"{run.config.get('name')}-"
    return [one.path for one in listed if one.id != run.id and one.id.startswith(name) and not one.error]


def _but_the_seed(run: Run) -> dict[str, object]:
    return {key: value for key, value in run.config.items() if key != "seed"}
