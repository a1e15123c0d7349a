"""How often the groups of the head's tree return in runs that differ by their seed alone."""

from collections.abc import Iterator

from dashboards.data.hierarchy import HEAD, STAGES, Returns
from deepvid.errors import DeepVIDError
from deepvid.hierarchy.stability import returns
from deepvid.hierarchy.tree import Tree, tree_of
from deepvid.store import Run, list_runs, open_run

MOST = 20  # runs that are looked at


def returning(run: Run, tree: Tree) -> Returns | None:
    """None where there is no such run in the store, or the run is in none that can be listed."""
    others = list(_others(run))
    return Returns(len(others), returns(tree, others)) if others else None


def _others(run: Run) -> Iterator[Tree]:
    """The trees of the runs that are this one but for their seed, the latest first."""
    if run.read_only:
        return
    name, left = f"{run.config.get('name')}-", MOST
    for listed in list_runs(run.path.parent):
        if left and listed.id != run.id and listed.id.startswith(name) and not listed.error:
            left -= 1
            try:
                other = open_run(listed.path)
                if _but_the_seed(other) == _but_the_seed(run) and STAGES[HEAD] in other.stages:
                    yield tree_of(other.stages[STAGES[HEAD]].open("parent")["parent"].to_numpy())
            except DeepVIDError:
                continue  # what cannot be read is told where it is looked at


def _but_the_seed(run: Run) -> dict[str, object]:
    return {key: value for key, value in run.config.items() if key != "seed"}
