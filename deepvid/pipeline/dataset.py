"""The first stage: images and labels enter the run, so that it stands alone."""

from pathlib import Path

from deepvid import config, datasets, fields, store
from deepvid.pipeline.group import GroupStage, Result
from deepvid.pipeline.stage import Bench, Family
from deepvid.store import dataset_of

METRICS = ("train_images", "test_images")


def dataset_stage(section: config.Dataset, *, seed: int) -> GroupStage:
    """Loads images from where the section says."""

    def work(bench: Bench) -> Result:
        data = datasets.load(section, data=bench.data, seed=seed, progress=bench.progress)
        group = dataset_of(
            fields.DATASET,
            {"image": data.images, "label": data.labels, "test": data.test},
            {"class_names": list(data.class_names), "source": section.source, "checksums": data.checksums},
        )
        return Result(group, {"train_images": int((~data.test).sum()), "test_images": int(data.test.sum())})

    def stale(committed: store.Stage, data: Path | None) -> bool:
        return datasets.changed(section, committed.open().attrs["checksums"], data=data)

    return GroupStage(
        name="dataset",
        needs=(),
        section=section,
        seed=seed,
        version=1,
        work=work,
        facts={"source": section.source},
        listed=METRICS,
        stale=stale,
    )


DATASET = Family(
    config.Dataset,
    lambda experiment: [dataset_stage(experiment.dataset, seed=experiment.seed)],
    fields.DATASET,
)
