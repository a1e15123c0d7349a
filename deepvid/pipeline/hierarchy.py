"""The stage of the class hierarchy: every sample's way down the tree that the teacher's head implies."""

import jax.numpy as jnp
import numpy as np

from deepvid import config, fields
from deepvid.hierarchy.accuracy import Accuracy, accuracy
from deepvid.hierarchy.decisions import hard_leaves, node_probabilities, path_means
from deepvid.hierarchy.induced import induced
from deepvid.hierarchy.tree import Tree, turn
from deepvid.models import Classifier
from deepvid.pipeline.group import GroupStage, Result
from deepvid.pipeline.stage import Bench, Family
from deepvid.pipeline.trained import load_teacher
from deepvid.store import dataset_of


def hierarchy_stage(section: config.Hierarchy, *, seed: int) -> GroupStage:
    """Induces the tree, takes every sample down it, and measures that on the test images."""

    def work(bench: Bench) -> Result:
        dataset = bench.open("dataset", "label", "test").load()
        label, test = dataset["label"].to_numpy(), dataset["test"].to_numpy()
        teacher = bench.open("teacher", "logits", "features")
        logits, features = teacher["logits"].to_numpy(), teacher["features"]
        hierarchy = induced(_head(load_teacher(bench.run), features.sizes["feature"]))
        tree, branching = hierarchy.tree, hierarchy.branching(logits, features)
        leaf, probability = hard_leaves(tree, branching), node_probabilities(tree, branching)
        measured = accuracy(
            hierarchy,
            logits[test],
            features[test],
            label[test],
            random_trees=section.random_trees,
            seed=seed,
            progress=bench.progress,
        )
        arrays = {
            "parent": tree.parent,
            "node_probability": _node_means(tree, probability[:, test], leaf[test]),
            "leaf": leaf,
            "path_probability": path_means(tree, probability, leaf),
            "turn": turn(tree)[label, leaf],
        }
        shares = {name: share._asdict() for name, share in measured._asdict().items()}
        attributes = {"source": "induced", "random_trees": section.random_trees, "accuracy": shares}
        return Result(dataset_of(fields.HIERARCHY, arrays, attributes), _metrics(measured))

    return GroupStage(
        name="hierarchy", needs=("dataset", "teacher"), section=section, seed=seed, version=1, work=work
    )


def _head(classifier: Classifier, features: int) -> np.ndarray:
    """(class, feature): the weights of the last dense layer, head(e_j) − head(0)."""
    units = jnp.vstack([jnp.zeros(features), jnp.eye(features)])
    answers = np.asarray(classifier.head(units))
    return (answers[1:] - answers[0]).T


def _node_means(tree: Tree, probability: np.ndarray, leaf: np.ndarray) -> np.ndarray:
    """(node,): the mean of P(node | its parent) over the samples that reach it; nan where none does."""
    reaches = tree.under[:, leaf]
    reached = reaches.sum(axis=1)
    total = np.where(reaches, probability, 0).sum(axis=1, dtype=np.float64)
    return np.divide(total, reached, out=np.full(tree.nodes, np.nan), where=reached > 0).astype(np.float32)


def _metrics(measured: Accuracy) -> dict[str, float]:
    """What a person reads when the stage ends."""
    return {
        "hard_accuracy": measured.hard.value,
        "soft_accuracy": measured.soft.value,
        "random_hard_accuracy": measured.random_hard.value,
    }


HIERARCHY = Family(
    config.Hierarchy,
    lambda experiment: [hierarchy_stage(experiment.hierarchy, seed=experiment.seed)],
    fields.HIERARCHY,
)
