"""Where keys lead to in the chord diagram: every arc, and every ribbon where it leaves its sender."""

from collections.abc import Sequence

import numpy as np

from dashboards.views.chord.ribbons import INNER, OUTER, RIM, Layout
from dashboards.views.chord.table import Exchange
from dashboards.views.chord.words import arc_words, ribbon_words
from dashboards.widgets.cursor import Spots

Ends = tuple[int | None, int | None]
"""Groups (sent, received) of a ribbon; of an arc the other one is None."""


def spots(shown: Exchange, layout: Layout, names: Sequence[str]) -> Spots[Ends]:
    """Ribbons first; an arc without images has none."""
    ribbons = len(layout.pair)
    arcs = np.argwhere(layout.arcs[..., 1] > layout.arcs[..., 0])  # (group, side), side 0 is sent
    middle = np.concatenate([layout.sent.mean(axis=1), layout.arcs[tuple(arcs.T)].mean(axis=1)])
    radius = np.repeat([RIM, (INNER + OUTER) / 2], [ribbons, len(arcs)])
    angle = 2 * np.pi * middle
    everything = bool(shown.shared.sum() == shown.total.sum())

    def means(spot: int) -> Ends:
        if spot < ribbons:
            sender, receiver = layout.pair[spot].tolist()
            return sender, receiver
        group, side = arcs[spot - ribbons].tolist()
        return (group, None) if side == 0 else (None, group)

    def text(spot: int) -> str:
        if spot < ribbons:
            (head,), (number,) = ribbon_words(shown, names, layout.pair[[spot]], everything=everything)
        else:
            group, side = arcs[spot - ribbons].tolist()
            head, number = arc_words(shown, names, group, sent=side == 0)
        return f"{head}: {number}"

    return Spots(radius * np.sin(angle), radius * np.cos(angle), text, means)
