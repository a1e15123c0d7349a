"""Which images a selection holds that was given a name, for who has no page: the command line."""

import numpy as np

from dashboards.data.population import population
from dashboards.data.trust import judge
from dashboards.session.address import steps_of
from dashboards.session.selection import fold
from deepvid.errors import StoreError
from deepvid.store import Run, kept_named


def samples_named(run: Run, name: str) -> list[int]:
    """The samples of the selection `name` in the run's notes, by index.

    Raises StoreError where there is none.
    """
    kept = kept_named(run)
    if name not in kept:
        raise StoreError(
            "A selection is kept in the notes of its run under its name",
            f"{', '.join(map(repr, kept)) or 'no selection'} in {run.id}, and not {name!r}",
            "Name one of those, or give a selection that name on the page",
        )
    judge(run)  # a gesture may select by trust
    table = population(run)
    mask = None if table is None else fold(steps_of(kept[name]), table)
    if table is None or mask is None:
        raise StoreError(
            "A selection is made of gestures that this DeepVID knows",
            f"none in {name!r} of {run.id}",
            "Select on the page again, and keep it under that name",
        )
    return sorted(np.asarray(table.samples)[mask].tolist())
