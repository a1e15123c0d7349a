"""The geometry of a chord diagram whose classes have two arcs: what they sent, and what they received.

Angles are shares of the circle, clockwise from the top; the circle has radius 1.
"""

from typing import NamedTuple

import numpy as np

GAP = 0.014  # between two groups, of the circle
ROOM = 0.2  # of the circle, for all gaps together at most
RIM, FOOT, TIP = 0.9, 0.845, 0.885  # radii: a ribbon's sent end, the foot and the tip of its arrow
INNER, OUTER = 0.915, 1.0  # of the arcs
_ARC, _CURVE = 25, 16  # points of each of a ribbon's ends, and of each of its sides
_DEEP = 0.8  # of the radius: where the sides of a ribbon between neighbors turn, so that it leaves inwards
_NEAR = 0.012  # how far beside a ribbon a click may be: about two pixels

_SENT, _RECEIVED = 0, 1


class Layout(NamedTuple):
    """Where everything lies; a ribbon a row, the widest first, so that the narrow ones are on top."""

    pair: np.ndarray  # int64 (ribbon, 2): from which group, to which
    sent: np.ndarray  # f64 (ribbon, 2): start and end on the sent arc
    received: np.ndarray  # f64 (ribbon, 2)
    arcs: np.ndarray  # f64 (group, 2, 2): start and end of its sent, and of its received arc


def laid_out(width: np.ndarray) -> Layout:
    """Of widths f64 (true group, predicted group), in any unit: the circle is shared among their ends.

    In a group the sent arc comes first. On either arc the ribbons stand in the order that crosses fewest: to
    the group before it, on to the group after it, and its own where the two arcs meet.
    """
    groups = len(width)
    here, turn = np.arange(groups)[:, None], np.arange(groups)[None, :]
    to, of = (here - 1 - turn) % groups, (here - turn) % groups
    ends = np.concatenate([width[here, to], width[of, here]], axis=1).astype(np.float64)
    filled = ends.sum(axis=1) > 0
    gap = min(GAP, ROOM / max(filled.sum(), 1)) if filled.sum() > 1 else 0.0
    share = ends / max(ends.sum(), 1e-300) * (1 - gap * filled.sum())
    end = np.cumsum(share).reshape(share.shape) + gap * (np.cumsum(filled) - filled / 2)[:, None]
    start = end - share
    sent, received = np.empty((groups, groups, 2)), np.empty((groups, groups, 2))
    sent[here, to] = np.stack([start, end], axis=-1)[:, :groups]
    received[of, here] = np.stack([start, end], axis=-1)[:, groups:]
    arcs = np.stack(
        [np.stack([start[:, first], end[:, first + groups - 1]], axis=-1) for first in (0, groups)], axis=1
    )
    pair = np.argwhere(width > 0)
    pair = pair[np.argsort(-width[tuple(pair.T)], kind="stable")]
    return Layout(pair, sent[tuple(pair.T)], received[tuple(pair.T)], arcs)


def outlines(layout: Layout) -> np.ndarray:
    """f64 (ribbon, point, 2): the corners of each, from its sent end to its arrow and back."""
    along = np.linspace(0, 1, _ARC)
    (from_start, from_end), (to_start, to_end) = layout.sent.T, layout.received.T
    end = _point(RIM, from_start[:, None] + along * (from_end - from_start)[:, None])
    tip = FOOT + (TIP - FOOT) * (1 - np.abs(2 * along - 1))[:, None]
    arrow = _point(tip, to_start[:, None] + along * (to_end - to_start)[:, None])
    return np.concatenate(
        [
            end,
            _curve(RIM, from_end, FOOT, to_start),
            arrow,
            _curve(FOOT, to_end, RIM, from_start),
        ],
        axis=1,
    )


def ribbon_at(x: float, y: float, corners: np.ndarray) -> int | None:
    """The topmost ribbon at a point, or close beside it; None where there is none."""
    for right, up in ((0, 0), (_NEAR, 0), (-_NEAR, 0), (0, _NEAR), (0, -_NEAR)):
        hit = np.flatnonzero(_inside(x + right, y + up, corners))
        if len(hit):
            return int(hit[-1])
    return None


def arc_at(x: float, y: float, layout: Layout) -> tuple[int, bool] | None:
    """(group, whether it is the sent arc) at a point; None beside the ring."""
    if not RIM < np.hypot(x, y) <= OUTER + 2 * _NEAR:
        return None
    turned = np.arctan2(x, y) / (2 * np.pi) % 1
    hit = np.argwhere((layout.arcs[..., 0] <= turned) & (turned < layout.arcs[..., 1]))
    return (int(hit[0, 0]), bool(hit[0, 1] == _SENT)) if len(hit) else None


def _point(radius: float | np.ndarray, share: np.ndarray) -> np.ndarray:
    angle = 2 * np.pi * share
    return radius * np.stack([np.sin(angle), np.cos(angle)], axis=-1)


def _curve(from_radius: float, start: np.ndarray, to_radius: float, end: np.ndarray) -> np.ndarray:
    """f64 (ribbon, point, 2) of B(t) = (1 − t)² P + 2 t (1 − t) C + t² Q, without P and Q.

    C lies between the two, the closer to the rim the closer they are: at .8 R (1 − sin h), h half the angle.
    """
    turn = (end - start + 0.5) % 1 - 0.5
    control = (_DEEP * from_radius * (1 - np.sin(np.pi * np.abs(turn))))[:, None] * _point(
        1.0, start + turn / 2
    )
    t = np.linspace(0, 1, _CURVE + 2)[1:-1, None]
    first, last = _point(from_radius, start), _point(to_radius, end)
    return (1 - t) ** 2 * first[:, None] + 2 * t * (1 - t) * control[:, None] + t**2 * last[:, None]


def _inside(x: float, y: float, corners: np.ndarray) -> np.ndarray:
    """bool (ribbon,): an odd number of edges lies to the right of the point."""
    here, there = corners, np.roll(corners, -1, axis=1)
    crosses = (here[..., 1] > y) != (there[..., 1] > y)
    rise = np.where(crosses, there[..., 1] - here[..., 1], 1.0)
    at = here[..., 0] + (y - here[..., 1]) / rise * (there[..., 0] - here[..., 0])
    return np.asarray((crosses & (x < at)).sum(axis=1) % 2 == 1)
