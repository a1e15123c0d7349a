"""The stage of the soft decision tree: distilled from the teacher's answers, every sample's way down it."""

from deepvid import config, fields
from deepvid.fitted import fitted
from deepvid.hierarchy.accuracy import accuracy
from deepvid.hierarchy.distilling import Schedule, depth_for, distill
from deepvid.hierarchy.stability import returns
from deepvid.pipeline.group import GroupStage, Result
from deepvid.pipeline.images import labels_of
from deepvid.pipeline.stage import Family, StageContext
from deepvid.pipeline.ways import ways
from deepvid.runner_up import held_against
from deepvid.store import dataset_of


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

    return GroupStage(
        name=section.stage, needs=("dataset", "teacher"), section=section, seed=seed, version=1, work=work
    )


SOFT_TREE = Family(
    config.SoftTree,
    lambda experiment: [soft_tree_stage(experiment.soft_tree, seed=experiment.seed)],
    fields.SOFT_TREE,
)
