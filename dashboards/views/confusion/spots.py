"""Where keys lead to in the matrix: the names of rows and columns, and every cell."""

from collections.abc import Sequence

import numpy as np

from dashboards.views.confusion.plot import Ends
from dashboards.views.confusion.table import Matrix
from dashboards.widgets.cursor import Spots
from deepvid import wording


def spots(table: Matrix, names: Sequence[str]) -> Spots[Ends]:
    """Of n groups cell (true i, predicted j) at (j, n - 1 - i), a name beside its row or above its column."""
    groups, called = table.groups.number, table.groups.names(names)
    row, column = (side.ravel() for side in np.indices((groups, groups)))
    number, against = np.arange(groups), "true" if table.groups.labeled else "runner-up"
    x = np.concatenate([column, np.full(groups, -1), number]).astype(np.float64)
    y = np.concatenate([groups - 1 - row, groups - 1 - number, np.full(groups, groups)]).astype(np.float64)

    def means(spot: int) -> Ends:
        i, j = groups - 1 - int(y[spot]), int(x[spot])
        return (None if i < 0 else i, None if j < 0 else j)

    def text(spot: int) -> str:
        i, j = means(spot)
        images = int(table.selected[slice(None) if i is None else i, slice(None) if j is None else j].sum())
        true, predicted = (
            at is not None and f"{side} {called[at]}" for side, at in ((against, i), ("predicted", j))
        )
        what = f"{true}, {predicted}" if true and predicted else f"all {true or predicted}"
        return f"{what}: {wording.quantity(images, 'image')}"

    return Spots(x, y, text, means)
