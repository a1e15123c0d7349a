"""The stage of the class hierarchy: every sample's way down the tree that the teacher's head implies."""

from typing import Any

import jax.numpy as jnp
import numpy as np

from deepvid import config, fields
from deepvid.hierarchy.accuracy import accuracy, chance
from deepvid.hierarchy.induced import induced
from deepvid.models import Classifier
from deepvid.pipeline.group import GroupStage, Result
from deepvid.pipeline.stage import Bench, Family
from deepvid.pipeline.trained import load_teacher
from deepvid.pipeline.ways import ways
from deepvid.store import dataset_of


def hierarchy_stage(section: config.Hierarchy, *, seed: int) -> GroupStage:
    """Induces the tree, takes every sample down it, and measures that on the test images."""

    def work(bench: Bench) -> Result:
        dataset = bench.open("dataset", "label", "test").load()
        label, test = dataset["label"].to_numpy(), dataset["test"].to_numpy()
        teacher = bench.open("teacher", "logits", "features")
        logits, features = teacher["logits"].to_numpy(), teacher["features"]
        hierarchy = induced(_head(load_teacher(bench.run), features.sizes["feature"]))
        asked = logits[test], features[test], label[test]
        measured = (
            accuracy(hierarchy, *asked)._asdict()
            | chance(
                hierarchy.tree, *asked, trees=section.random_trees, seed=seed, progress=bench.progress
            )._asdict()
        )
        shares: dict[str, Any] = {name: share._asdict() for name, share in measured.items()}
        attributes = {"source": "induced", "random_trees": section.random_trees, "accuracy": shares}
        group = dataset_of(fields.HIERARCHY, ways(hierarchy, logits, features, label, test), attributes)
        told = {"hard_accuracy": "hard", "soft_accuracy": "soft", "random_hard_accuracy": "random_hard"}
        return Result(group, {name: measured[of].value for name, of in told.items()})

    return GroupStage(
        name="hierarchy", needs=("dataset", "teacher"), section=section, seed=seed, version=1, work=work
    )


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
