"""How classes are told apart: the class hierarchy as a sunburst, confusions as a chord diagram."""

import holoviews as hv
import numpy as np

from dashboards.data.hierarchy import HEAD, branch_words
from dashboards.data.population import population
from dashboards.theme import LIGHT, class_color
from deepvid.errors import DataError
from deepvid.hierarchy.tree import Tree
from deepvid.store import Run

CENTER = 0.16  # radius of the root's disc, of a circle of radius 1
POINTS = 200  # of a whole circle's outline
SIDE = 450  # px
CONTINUE = "Continue the run: deepvid run EXPERIMENT.toml --store STORE"


def sunburst(run: Run, hierarchy: str = HEAD) -> hv.Polygons:
    """Every node of a class hierarchy as a sector as wide as the share of the test images that come by it.

    The root is in the middle, a decision a ring further out, classes at the rim; a sector has the color of
    the class that most of its images have. `hierarchy`: "head", of the teacher's last layer, or "soft",
    distilled. Raises DataError where the run has none.
    """
    table = population(run)
    decisions = None if table is None else table.hierarchy(hierarchy)
    if table is None or decisions is None:
        stage = "hierarchy" if hierarchy == HEAD else "soft-tree"
        raise DataError(f"The run has the stage {stage}", f"none in {run.id}", CONTINUE)
    tree, count = decisions.tree, decisions.count()  # (true, leaf)
    images = tree.under @ count.sum(axis=0)
    right = tree.under @ count[tree.label, np.arange(tree.leaves)]
    majority = (tree.under @ count.T).argmax(axis=1)
    start, end = _arcs(tree, count.sum(axis=0))
    inner, outer = _rings(tree)
    sectors = [
        {
            **_outline(start[node], end[node], inner[node], outer[node]),
            "classes": branch_words(tree, table.class_names, node),
            "images": int(images[node]),
            "right": float(right[node] / images[node]),
            "color": LIGHT.line if node == tree.root else class_color(int(majority[node])),
        }
        for node in map(int, np.flatnonzero(images))
    ]
    return hv.Polygons(sectors, ["across", "up"], ["classes", "images", "right", "color"]).opts(
        color="color", line_color="white", tools=["hover"], width=SIDE, height=SIDE, data_aspect=1,
        xaxis=None, yaxis=None,
    )  # fmt: skip


def chord(run: Run) -> hv.Chord:
    """A ribbon a pair of confused classes, as wide as its test images. Raises DataError without a teacher."""
    table = population(run)
    if table is None or table.predicted is None:
        raise DataError("The run has a teacher's answers", f"none in {run.id}", CONTINUE)
    confused = table.confusion().copy()
    np.fill_diagonal(confused, 0)
    true, predicted = np.nonzero(confused)
    names = np.array(table.class_names)
    colors = {name: class_color(index) for index, name in enumerate(table.class_names)}
    edges = names[true], names[predicted], confused[true, predicted]
    return hv.Chord((edges, hv.Dataset(names, "class")), ["true", "predicted"], "images").opts(
        labels="class", node_color="class", edge_color="true", cmap=colors, edge_cmap=colors, axiswise=True,
        width=SIDE, height=SIDE,
    )  # fmt: skip


def _arcs(tree: Tree, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where each node's sector begins and ends, f64 (node,), in shares of the circle; `images` is (leaf,)."""
    before = np.concatenate([[0], np.cumsum(images[tree.order])]) / max(images.sum(), 1)
    rank = np.argsort(tree.order)  # of each leaf
    first = np.where(tree.under, rank, tree.leaves).min(axis=1)
    last = np.where(tree.under, rank, -1).max(axis=1)
    return before[first], before[last + 1]


def _rings(tree: Tree) -> tuple[np.ndarray, np.ndarray]:
    """Inner and outer radius of each node, f64 (node,); a leaf reaches to the rim."""
    edges = np.concatenate([[0], np.linspace(CENTER, 1, int(tree.depth.max()) + 1)])
    leaf = np.arange(tree.nodes) < tree.leaves
    return edges[tree.depth], np.where(leaf, 1.0, edges[tree.depth + 1])


def _outline(start: float, end: float, inner: float, outer: float) -> dict[str, np.ndarray]:
    """The corners of a sector, clockwise from the top."""
    turn = 2 * np.pi * np.linspace(start, end, max(2, int(POINTS * (end - start))))
    angle = np.concatenate([turn, turn[::-1]]) if inner else turn
    radius = np.repeat([outer, inner], len(turn))[: len(angle)]
    return {"across": radius * np.sin(angle), "up": radius * np.cos(angle)}
