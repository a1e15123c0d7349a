"""How true a tree is, in words."""

from collections.abc import Sequence

import numpy as np

from dashboards.data.hierarchy import HEAD, SOFT, Decisions, Returns, called
from dashboards.views.sunburst.table import Rings, Sectors, no_better
from deepvid import wording
from deepvid.hierarchy.tree import Tree
from deepvid.statistics import Interval

_OTHERS = {
    HEAD: "of runs that differ from this one by their seed alone",
    SOFT: "distilled from the same teacher, from other beginnings",
}


def sentence(shown: Sectors, node: int, *, labeled: bool = True) -> str:
    """`1,655 wrong turns` of the root: an image that ends at another class than its own has taken one.

    Of another node `74 % of 2,213 right`. Without labels an image's own class is the teacher's.
    """
    images, right = int(shown.images[node]), int(shown.right[node])
    if images == 0:
        return "No images on any branch" if node == len(shown.images) - 1 else "No images on this branch"
    if node == len(shown.images) - 1:
        away = images - right
        return wording.quantity(away, "wrong turn") if labeled else f"{away:,} unlike the teacher"
    return f"{wording.share(right, images)} of {images:,} {'right' if labeled else 'as the teacher'}"


def breadcrumb(
    decisions: Decisions,
    shown: Sectors,
    class_names: tuple[str, ...],
    node: int,
    returns: Returns | None = None,
) -> list[str]:
    """[text, hint] of the way to a node: `all › Shirt +3 › Shirt: 55 % of the step before`."""
    tree = decisions.tree
    path = " › ".join(called(tree, class_names, step) for step in tree.path(node))
    above = int(shown.images[tree.parent[node]]) if node != tree.root else 0
    share = f": {wording.share(int(shown.images[node]), above)} of the step before" if above else ""
    sure = decisions.node_probability[node]
    mean = f", mean node probability {sure:.2f}" if above and np.isfinite(sure) else ""
    again = _returning(decisions.tree, node, returns) if above else ""
    return [path + share + mean + again, "The mean is over all test images that come by."]


def ring_words(numbered: Rings, at: int) -> str:
    """`Decision 2: 312 images gone wrong there`."""
    images = wording.quantity(int(numbered.astray[at]), "image")
    what = "gone wrong there" if numbered.labeled else "that leave the teacher's class there"
    return f"Decision {numbered.depth[at]}: {images} {what}"


def scale(shown: Sectors, coloring: str, *, labeled: bool = True) -> list[str]:
    """[text, hint] of what the colors mean: a key of `plot.COLORINGS`."""
    if coloring == "class":
        whose = "True classes." if labeled else "Predicted classes: the images have no labels."
        return ["Color: the class most images have; paler: fewer have it.", whose]
    if coloring == "turn":
        most = int(shown.astray.max())
        if not labeled:
            return [f"Full color: {most:,} left the teacher's class by that step.", ""]
        return [
            f"Full color: {most:,} went wrong by that step.",
            "All wrong turns add up to the images above.",
        ]
    wrong, images = max(
        zip((shown.images - shown.right).tolist(), shown.images.tolist(), strict=True),
        key=lambda pair: pair[0] / max(pair[1], 1),
    )
    return [f"Full color: {wording.share(wrong, max(images, 1))} end at another class.", "Gray: none does."]


def truth(decisions: Decisions, class_names: Sequence[str], returns: Returns | None = None) -> list[str]:
    """[text, hint] of how true the tree's decisions are, and how firm its groups."""
    known, tree = decisions.accuracy, decisions.tree
    if tree.classes == 1:
        return ["One class: a tree of one node, and nothing to decide.", ""]
    if not decisions.labeled:
        return _as_the_teacher(decisions, class_names, returns)
    if tree.leaves == tree.classes == 2:
        return [f"Two classes: every tree is the same. Right: {_percent(known['hard'])} %.", _of(known)]
    shares = {"hard": "hard", "soft": "soft", "hard_agreement": "agreement"}
    hard, soft, agreement = (
        f"{word} {_percent(known[name])}{_beside(known, name)}" for name, word in shares.items()
    )
    right = f"Right: teacher {_percent(known['flat'])} %, {hard}, {soft}; {agreement}."
    plainly = "No better than random trees. " if no_better(decisions) else ""
    firm, why = _firmness(decisions, returns)
    return [plainly + right + firm + _leafless(tree, class_names), _of(known) + _chance(decisions) + why]


def _as_the_teacher(decisions: Decisions, class_names: Sequence[str], returns: Returns | None) -> list[str]:
    """The same without labels: how often the tree decides as the teacher does."""
    known = decisions.accuracy
    hard, soft = (
        f"{word} {_percent(known[name])}{_beside(known, name)}"
        for name, word in (("hard_agreement", "hard"), ("soft_agreement", "soft"))
    )
    plainly = "No better than random trees. " if no_better(decisions) else ""
    firm, why = _firmness(decisions, returns)
    text = f"{plainly}As the teacher: {hard}, {soft} %; without labels nothing says what is right."
    return [text + firm + _leafless(decisions.tree, class_names), _of(known) + _chance(decisions) + why]


def _beside(known: dict[str, Interval], name: str) -> str:
    """What random trees have of a share, in brackets; nothing where there are none."""
    random = known.get(f"random_{name}")
    word = "random " if name == "hard" or (name == "hard_agreement" and "hard" not in known) else ""
    return f" ({word}{_percent(random)})" if random else ""


def _firmness(decisions: Decisions, returns: Returns | None) -> tuple[str, str]:
    """How many groups return in other trees, and a hint of what that means; nothing where it is not known."""
    tree = decisions.tree
    if returns is None:
        return "", ""
    groups = np.arange(tree.leaves, tree.root)
    groups = groups[(tree.has[groups].sum(axis=1) > 1) & ~tree.has[groups].all(axis=1)]
    firm = int((2 * returns.times[groups] >= returns.trees).sum())
    text = f" {firm} of {len(groups)} groups return in at least half of {returns.trees} other trees."
    return (
        text,
        f"\nOther trees: {_OTHERS[decisions.name]}; a group returns where a node has the same classes.",
    )


def _returning(tree: Tree, node: int, returns: Returns | None) -> str:
    if returns is None or node < tree.leaves:
        return ""
    return f", in {int(returns.times[node])} of {returns.trees} other trees"


def _leafless(tree: Tree, class_names: Sequence[str]) -> str:
    """The classes at which no path ends."""
    missing = [name for name, has in zip(class_names, tree.has[tree.root], strict=True) if not has]
    if not missing:
        return ""
    return f" No leaf: {', '.join(missing[:3])}{f' and {len(missing) - 3} more' if len(missing) > 3 else ''}."


def _of(known: dict[str, Interval]) -> str:
    """Every share of the test images with its interval."""
    rows = {
        "The teacher itself": "flat",
        "Hard decisions": "hard",
        "Soft decisions": "soft",
        "Hard agreement with the teacher": "hard_agreement",
        "Soft agreement": "soft_agreement",
    }
    lines = [
        f"{title}: {_percent(known[name])} % [{_range(known[name])}]"
        for title, name in rows.items()
        if name in known
    ]
    return "Of the test images, with 95 % intervals\n" + "\n".join(lines)


def _chance(decisions: Decisions) -> str:
    known, trees = decisions.accuracy, decisions.random_trees
    if not trees:
        return ""
    rows = {"Hard": "random_hard", "Soft": "random_soft", "Hard agreement": "random_hard_agreement"}
    lines = [
        f"{title}: {_percent(known[name])} % [{_range(known[name])}]"
        for title, name in rows.items()
        if name in known
    ]
    told = f"\n{trees} trees of the same shape with shuffled classes, and the range of 95 % of them\n"
    return told + "\n".join(lines)


def _percent(share: Interval) -> str:
    return f"{100 * share.value:.1f}"


def _range(share: Interval) -> str:
    return f"{100 * share.low:.1f}–{100 * share.high:.1f}"
