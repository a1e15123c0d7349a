"""Names on a map, moved apart so that each can be read."""

from collections.abc import Iterable

from dashboards.kernels.shading import Viewport
from dashboards.views.map.coloring import Label

_HEIGHT, _LETTER, _PADDING = 20, 7, 10  # px: a line of text, one letter, both sides together
_SHIFTS = (0, 1, -1, 2, -2, 3, -3)  # in heights; up is positive


def spread_labels(labels: Iterable[Label], view: Viewport) -> list[Label]:
    """Those of the labels in view that can be read, moved up or down by whole lines where one covers another.

    The first keep their positions; one that no move makes room for is left out.
    """
    placed: list[tuple[Label, float, float, float]] = []
    unit_x, unit_y = view.width / (view.right - view.left), view.height / (view.top - view.bottom)
    for label in labels:
        x, y = (label.x - view.left) * unit_x, (label.y - view.bottom) * unit_y
        if not (0 <= x <= view.width and 0 <= y <= view.height):
            continue
        half = (len(label.text) * _LETTER + _PADDING) / 2
        x = min(max(x, half), view.width - half)
        for shift in _SHIFTS:
            at = y + shift * _HEIGHT
            if all(abs(x - x0) >= half + half0 or abs(at - y0) >= _HEIGHT for _, x0, y0, half0 in placed):
                moved = label._replace(x=view.left + x / unit_x, y=view.bottom + at / unit_y)
                placed.append((moved, x, at, half))
                break
    return [label for label, *_ in placed]
