"""Where keys lead to in the sunburst: the middle of every sector."""

from collections.abc import Sequence

import numpy as np

from dashboards.data import wording
from dashboards.data.hierarchy import Decisions, branch_words
from dashboards.views.sunburst.table import Sectors
from dashboards.widgets.spots import Spots


def spots(decisions: Decisions, shown: Sectors, names: Sequence[str]) -> Spots[int]:
    """Of the sectors with images, each a node; the root's is the middle of the circle."""
    tree = decisions.tree
    at = np.flatnonzero(shown.images)
    turned = np.pi * (shown.start + shown.end)[at]
    radius = np.where(at == tree.root, 0, (shown.inner + shown.outer)[at] / 2)

    def text(spot: int) -> str:
        node = int(at[spot])
        images, right = int(shown.images[node]), int(shown.right[node])
        what = branch_words(tree, tuple(names), node)
        return f"{what}: {wording.counted(images, 'image')}, {wording.share(right, images)} right"

    return Spots(radius * np.sin(turned), radius * np.cos(turned), text, lambda spot: int(at[spot]))
