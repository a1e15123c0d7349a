"""Stages of class hierarchies: the tree that the teacher's head implies, and the soft decision tree."""

from typing import Any

import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
import xarray as xr

from deepvid import config, fields
from deepvid.fitted import fitted
from deepvid.hierarchy.accuracy import accuracy, chance
from deepvid.hierarchy.decisions import Hierarchy, hard_leaves, node_probabilities, path_means
from deepvid.hierarchy.distilling import Schedule, depth_for, distill
from deepvid.hierarchy.induced import induced
from deepvid.hierarchy.tree import Tree, returns, turn
from deepvid.metrics import held_against
from deepvid.models import Classifier
from deepvid.pipeline.stage import Family, GroupStage, Result, StageContext, labels_of
from deepvid.store import dataset_of


def ways(
    hierarchy: Hierarchy, logits: np.ndarray, features: npt.ArrayLike, label: np.ndarray, test: np.ndarray
) -> dict[str, np.ndarray]:
    """The arrays of the tree and of all samples (sample, ...); means are over the test images."""
    tree, branching = hierarchy.tree, hierarchy.branching(logits, features)
    leaf, probability = hard_leaves(tree, branching), node_probabilities(tree, branching)
    return {
        "parent": tree.parent,
        "node_probability": _node_means(tree, probability[:, test], leaf[test]),
        "leaf": leaf,
        "path_probability": path_means(tree, probability, leaf),
        "turn": turn(tree)[label, leaf],
    }


def _node_means(tree: Tree, probability: np.ndarray, leaf: np.ndarray) -> np.ndarray:
    """(node,): the mean of P(node | its parent) over the samples that reach it; nan where none does."""
    reaches = tree.under[:, leaf]
    reached = reaches.sum(axis=1)
    total = np.where(reaches, probability, 0).sum(axis=1, dtype=np.float64)
    return np.divide(total, reached, out=np.full(tree.nodes, np.nan), where=reached > 0).astype(np.float32)


def hierarchy_stage(section: config.Hierarchy, *, seed: int) -> GroupStage:
    """Induces the tree, takes every sample down it, and measures that on the test images."""

    def work(context: StageContext) -> Result:
        dataset = context.open("dataset", "test")
        label, test = labels_of(dataset), dataset["test"].to_numpy()
        teacher = context.open("teacher", "logits", "features")
        logits, features = teacher["logits"].to_numpy(), teacher["features"]
        hierarchy = induced(_class_vectors(context, logits, features, test))
        asked = logits[test], features[test], None if label is None else label[test]
        measured = (
            accuracy(hierarchy, *asked).shares()
            | chance(
                hierarchy.tree, *asked, trees=section.random_trees, seed=seed, progress=context.progress
            ).shares()
        )
        shares: dict[str, Any] = {name: share._asdict() for name, share in measured.items()}
        attributes = {"source": "induced", "random_trees": section.random_trees, "accuracy": shares}
        group = dataset_of(
            fields.HIERARCHY, ways(hierarchy, logits, features, held_against(label, logits), test), attributes
        )
        told = {"hard_accuracy": "hard", "soft_accuracy": "soft", "random_hard_accuracy": "random_hard"}
        return Result(group, {name: shares[of]["value"] for name, of in told.items() if of in shares})

    return GroupStage(name="hierarchy", needs=("dataset", "teacher"), section=section, seed=seed, work=work)


def _class_vectors(
    context: StageContext, logits: np.ndarray, features: xr.DataArray, test: np.ndarray
) -> np.ndarray:
    """(class, ...): the weights of the last dense layer.

    Of a model that somebody else trained they are the affine map from its features to its logits, by least
    squares, which is the layer itself where that is the last one. A model that shows no features has the mean
    logits of the images it takes for a class: what it takes them for beside it.
    """
    attrs = context.open("teacher").attrs
    if "model" not in attrs:
        return _head(context.trained.network, features.sizes["feature"])
    rows = fitted(test)
    if attrs.get("features_of") == "logits":
        return _mean_logits(logits[rows])
    inputs = features.to_numpy()[rows]
    ones = np.ones((len(inputs), 1), inputs.dtype)
    return np.linalg.lstsq(np.hstack([inputs, ones]), logits[rows], rcond=None)[0][:-1].T


def _mean_logits(logits: np.ndarray) -> np.ndarray:
    """(class, class); of a class that is never the answer, those of no image: zeros."""
    centered = logits - logits.mean(axis=1, keepdims=True)
    taken = np.eye(logits.shape[1], dtype=np.float32)[logits.argmax(axis=1)]
    return taken.T @ centered / np.maximum(taken.sum(axis=0), 1)[:, None]


def _head(classifier: Classifier, features: int) -> np.ndarray:
    """(class, feature): the weights of the last dense layer, head(e_j) − head(0)."""
    units = jnp.vstack([jnp.zeros(features), jnp.eye(features)])
    answers = np.asarray(classifier.head(units))
    return (answers[1:] - answers[0]).T


HIERARCHY = Family(
    config.Hierarchy,
    lambda experiment: [hierarchy_stage(experiment.hierarchy, seed=experiment.seed)],
    fields.HIERARCHY,
)


def soft_tree_stage(section: config.SoftTree, *, seed: int) -> GroupStage:
    """Trains several, keeps the one of the least training loss, and measures it on the test images."""

    def work(context: StageContext) -> Result:
        dataset = context.open("dataset", "test")
        label, test = labels_of(dataset), dataset["test"].to_numpy()
        teacher = context.open("teacher", "logits", "features")
        logits, features = teacher["logits"].to_numpy(), teacher["features"].to_numpy()
        depth = depth_for(logits.shape[1]) if section.depth == "auto" else section.depth
        best, *others = distill(
            features[fitted(test)],
            logits[fitted(test)],
            Schedule(depth, section.epochs, section.learning_rate, section.penalty),
            trees=section.trees,
            seed=seed,
            progress=context.progress,
        )
        asked = logits[test], features[test], None if label is None else label[test]
        measured = accuracy(best, *asked)
        arrays = {
            **ways(best, logits, features, held_against(label, logits), test),
            "leaf_class": best.tree.label,
            "leaf_probability": best.leaf_probability,
            "weights": best.weights,
            "bias": best.bias,
            "returns": returns(best.tree, [other.tree for other in others]),
        }
        attributes = {
            "source": "distilled",
            "depth": depth,
            "accuracy": {name: share._asdict() for name, share in measured.shares().items()},
            "others": [
                {name: share.value for name, share in accuracy(other, *asked).shares().items()}
                for other in others
            ],
        }
        told = {"hard_accuracy": measured.hard, "soft_accuracy": measured.soft}
        return Result(
            dataset_of(fields.SOFT_TREE, arrays, attributes),
            {name: share.value for name, share in told.items() if share is not None},
        )

    return GroupStage(name=section.stage, needs=("dataset", "teacher"), section=section, seed=seed, work=work)


SOFT_TREE = Family(
    config.SoftTree,
    lambda experiment: [soft_tree_stage(experiment.soft_tree, seed=experiment.seed)],
    fields.SOFT_TREE,
)
