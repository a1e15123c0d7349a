"""The first stage: images and labels enter the run, so that it stands alone."""

from pathlib import Path

import xarray as xr

from deepvid import config, datasets, store
from deepvid.pipeline.stage import Bench, Stage

METRICS = ("train_images", "test_images")


def dataset_stage(section: config.Dataset, *, seed: int) -> Stage:
    """Loads images from where the section says."""

    def work(bench: Bench) -> None:
        data = datasets.load(section, data=bench.data, seed=seed, progress=bench.progress)
        group = xr.Dataset(
            {
                "image": (["sample", "y", "x", "channel"], data.images),
                "label": ("sample", data.labels),
                "test": ("sample", data.test),
            },
            attrs={
                "class_names": list(data.class_names),
                "source": section.source,
                "checksums": data.checksums,
            },
        )
        counts = {"train_images": int((~data.test).sum()), "test_images": int(data.test.sum())}
        bench.commit(group, counts)

    def stale(found: store.Stage, data: Path | None) -> bool:
        return datasets.changed(section, found.open().attrs["checksums"], data=data)

    facts = {"source": section.source}
    return Stage("dataset", (), section, seed, 1, work, facts, METRICS, stale)
