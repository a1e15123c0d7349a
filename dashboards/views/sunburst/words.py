"""How true a tree is, in words."""

import numpy as np

from dashboards.data import wording
from dashboards.data.hierarchy import Decisions, called
from dashboards.views.sunburst.table import Sectors, no_better
from deepvid.statistics import Interval


def sentence(shown: Sectors, node: int) -> str:
    """`1,655 wrong turns` of the root: an image that ends at another class than its own has taken one.

    Of another node `74 % of 2,213 right`.
    """
    images, right = int(shown.images[node]), int(shown.right[node])
    if images == 0:
        return "No images on any branch" if node == len(shown.images) - 1 else "No images on this branch"
    if node == len(shown.images) - 1:
        return wording.counted(images - right, "wrong turn")
    return f"{wording.share(right, images)} of {images:,} right"


def breadcrumb(decisions: Decisions, shown: Sectors, class_names: tuple[str, ...], node: int) -> list[str]:
    """[text, hint] of the way to a node: `all › Shirt +3 › Shirt: 55 % of the step before`."""
    tree = decisions.tree
    path = " › ".join(called(tree, class_names, step) for step in tree.path(node))
    above = int(shown.images[tree.parent[node]]) if node != tree.root else 0
    share = f": {wording.share(int(shown.images[node]), above)} of the step before" if above else ""
    sure = decisions.node_probability[node]
    mean = f", mean node probability {sure:.2f}" if above and np.isfinite(sure) else ""
    return [path + share + mean, "The mean is over all test images that come by."]


def scale(shown: Sectors, coloring: str) -> list[str]:
    """[text, hint] of what the colors mean: a key of `plot.COLORINGS`."""
    if coloring == "class":
        return ["Color: the class most images have; paler: fewer have it.", "True classes."]
    if coloring == "turn":
        most = int(shown.astray.max())
        return [
            f"Full color: {most:,} went wrong by that step.",
            "All wrong turns add up to the images above.",
        ]
    wrong, images = max(
        zip((shown.images - shown.right).tolist(), shown.images.tolist(), strict=True),
        key=lambda pair: pair[0] / max(pair[1], 1),
    )
    return [f"Full color: {wording.share(wrong, max(images, 1))} end at another class.", "Gray: none does."]


def truth(decisions: Decisions) -> list[str]:
    """[text, hint] of how true the tree's decisions are."""
    known, trees = decisions.accuracy, decisions.random_trees
    if decisions.tree.classes == 1:
        return ["One class: a tree of one node, and nothing to decide.", ""]
    if decisions.tree.classes == 2:
        return [f"Two classes: every tree is the same. Right: {_percent(known['hard'])} %.", _of(known)]
    right = (
        f"Right: teacher {_percent(known['flat'])} %, hard {_percent(known['hard'])} "
        f"(random {_percent(known['random_hard'])}), soft {_percent(known['soft'])} "
        f"({_percent(known['random_soft'])}); agreement {_percent(known['hard_agreement'])} "
        f"({_percent(known['random_hard_agreement'])})."
    )
    plainly = "No better than random trees. " if no_better(decisions) else ""
    return [plainly + right, _of(known) + _random(known, trees)]


def _of(known: dict[str, Interval]) -> str:
    """Every share of the test images with its interval."""
    rows = {
        "The teacher itself": "flat",
        "Hard decisions": "hard",
        "Soft decisions": "soft",
        "Hard agreement with the teacher": "hard_agreement",
        "Soft agreement": "soft_agreement",
    }
    lines = [f"{title}: {_percent(known[name])} % [{_range(known[name])}]" for title, name in rows.items()]
    return "Of the test images, with 95 % intervals\n" + "\n".join(lines)


def _random(known: dict[str, Interval], trees: int) -> str:
    agreement = known["random_hard_agreement"]
    return (
        f"\n{trees} trees of the same shape with shuffled classes, and the range of 95 % of them\n"
        f"Hard: {_percent(known['random_hard'])} % [{_range(known['random_hard'])}]\n"
        f"Soft: {_percent(known['random_soft'])} % [{_range(known['random_soft'])}]\n"
        f"Hard agreement: {_percent(agreement)} % [{_range(agreement)}]"
    )


def _percent(share: Interval) -> str:
    return f"{100 * share.value:.1f}"


def _range(share: Interval) -> str:
    return f"{100 * share.low:.1f}–{100 * share.high:.1f}"
