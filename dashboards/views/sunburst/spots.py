"""Where keys lead to in the sunburst: the middle of every sector, and the numbers of the rings."""

from collections.abc import Sequence

import numpy as np

from dashboards.data.hierarchy import Decisions, branch_words
from dashboards.session.gestures import Branch, Ring
from dashboards.views.sunburst.table import Rings, Sectors
from dashboards.views.sunburst.words import ring_words
from dashboards.widgets.cursor import Spots
from deepvid import wording


def spots(
    decisions: Decisions, shown: Sectors, numbered: Rings, names: Sequence[str]
) -> Spots[Branch | Ring]:
    """Of the sectors with images, each a branch, the root's in the middle of the circle; then the rings."""
    tree, name = decisions.tree, decisions.name
    at = np.flatnonzero(shown.images)
    turned = np.pi * (shown.start + shown.end)[at]
    radius = np.where(at == tree.root, 0, (shown.inner + shown.outer)[at] / 2)

    def means(spot: int) -> Branch | Ring:
        if spot < len(at):
            return Branch(int(at[spot]), name)
        return Ring(int(numbered.depth[spot - len(at)]), name)

    def text(spot: int) -> str:
        if spot >= len(at):
            return ring_words(numbered, spot - len(at))
        node = int(at[spot])
        images, right = int(shown.images[node]), int(shown.right[node])
        right_words = "right" if numbered.labeled else "as the teacher"
        what = branch_words(tree, tuple(names), node)
        return f"{what}: {wording.quantity(images, 'image')}, {wording.share(right, images)} {right_words}"

    x = np.append(radius * np.sin(turned), np.zeros(len(numbered.depth)))
    return Spots(x, np.append(radius * np.cos(turned), numbered.radius), text, means)
