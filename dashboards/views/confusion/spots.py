"""Where keys lead to in the matrix: the names of rows and columns, and every cell."""

from collections.abc import Sequence

import numpy as np

from dashboards.data import wording
from dashboards.views.confusion.plot import cell_at
from dashboards.views.confusion.table import Matrix
from dashboards.widgets.spots import Spots


def spots(table: Matrix, names: Sequence[str]) -> Spots[list[tuple[int, int]]]:
    """Cell (true i, predicted j) at (j, classes - 1 - i), a name beside its row or above its column."""
    classes = len(names)
    row, column = (side.ravel() for side in np.indices((classes, classes)))
    number = np.arange(classes)
    x = np.concatenate([column, np.full(classes, -1), number]).astype(np.float64)
    y = np.concatenate([classes - 1 - row, classes - 1 - number, np.full(classes, classes)]).astype(
        np.float64
    )

    def means(spot: int) -> list[tuple[int, int]]:
        return cell_at(float(x[spot]), float(y[spot]), classes)

    def text(spot: int) -> str:
        cells = means(spot)
        (true, predicted), images = cells[0], sum(int(table.selected[cell]) for cell in cells)
        if x[spot] < 0:
            what = f"all true {names[true]}"
        elif y[spot] == classes:
            what = f"all predicted {names[predicted]}"
        else:
            what = f"true {names[true]}, predicted {names[predicted]}"
        return f"{what}: {wording.counted(images, 'image')}"

    return Spots(x, y, text, means)
