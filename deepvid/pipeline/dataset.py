"""The first stage: images and labels enter the run, so that it stands alone."""

from typing import Any

import numpy as np

from deepvid import config, datasets, fields, store
from deepvid.column_format import ATTRIBUTE, pack_columns
from deepvid.config.sections.dataset import OWN
from deepvid.datasets import ImageData
from deepvid.datasets.white import White
from deepvid.errors import DataError
from deepvid.pipeline.stage import Family, GroupStage, Result, StageContext
from deepvid.store import dataset_of, texts_as_bytes
from deepvid.wording import command, first_few

METRICS = ("train_images", "test_images")
VERSION_OF_OWN = 2  # see `Stage`


def dataset_stage(section: config.Dataset, *, seed: int) -> GroupStage:
    """Loads images from where the section says."""

    def work(context: StageContext) -> Result:
        if section.source == "given" and context.images is not None:
            return Result(context.images, _counts(context.images["test"].to_numpy()))
        data = datasets.load(
            section, data=context.data, beside=context.beside, seed=seed, progress=context.progress
        )
        for note in (*data.notes, *_fewer(section, data)):
            context.progress.note(note)
        kept = data if section.own else data._replace(rows=None)
        group = dataset_of(fields.DATASET, _arrays(kept), _attrs(kept, section))
        metrics = _counts(data.test)
        if data.skipped:
            metrics["skipped_files"] = len(data.skipped)
        return Result(group, metrics)

    def require_same(committed: store.Stage, context: StageContext) -> None:
        checksums = committed.open("checksums").attrs["checksums"]
        if datasets.changed(section, checksums, data=context.data, beside=context.beside):
            run = context.run
            removal = command("rm", run.id, "--store", run.path.parent)
            raise DataError(
                "A run keeps the images it began with",
                f"images that were changed since {committed.time[:19]}",
                f"Give the experiment another name, or remove the run first: {removal}",
            )
        _require_columns(committed, section, context)

    return GroupStage(
        name="dataset",
        needs=(),
        section=section,
        seed=seed,
        version=VERSION_OF_OWN if section.source in OWN else 1,
        work=work,
        facts={"source": section.source},
        listed=METRICS,
        require_same=require_same,
    )


def _require_columns(committed: store.Stage, section: config.Dataset, context: StageContext) -> None:
    """A run that an older DeepVID began goes on without its table's columns, and says so.

    Raises DataError where it is another run, whose images would be copied.
    """
    if ATTRIBUTE in committed.open().attrs:
        return
    names = datasets.further_columns(section, data=context.data, beside=context.beside)
    if names and committed != context.run.stages.get("dataset"):
        raise DataError(
            "Images that are copied have the columns of their table",
            f"none of {first_few(names)}",
            "Read the table",
        )
    if names:
        context.progress.note(
            f"This run began without the further columns of its table: {first_few(names)}. "
            "Give the experiment another name to have them"
        )


def _counts(test: np.ndarray) -> dict[str, int]:
    return {"train_images": int((~test).sum()), "test_images": int(test.sum())}


def _arrays(data: ImageData) -> dict[str, np.ndarray]:
    arrays = {"image": data.images, "test": data.test}
    if data.labels is not None:
        arrays["label"] = data.labels
    if data.original is not None:
        arrays["original_label"] = data.original
    if data.rows is not None:
        arrays["row"] = data.rows.of.astype(np.int32)
    if data.sizes is not None:
        arrays["file_size"] = data.sizes
    if data.files is not None:
        arrays["file"] = texts_as_bytes(data.files)
    return {**arrays, **pack_columns(data.columns)[0]}


def _attrs(data: ImageData, section: config.Dataset) -> dict[str, Any]:
    """Attributes of the group; changes and omissions are among them only where there are some."""
    attrs: dict[str, Any] = {
        "class_names": list(data.class_names),
        "source": section.source,
        "checksums": data.checksums,
    }
    if data.rows is not None:
        attrs["rows"] = data.rows.total
    if data.white != White():
        attrs["white"] = list(data.white)
    if data.columns:
        attrs[ATTRIBUTE] = pack_columns(data.columns)[1]
    if data.notes:
        attrs["notes"] = list(data.notes)
    if data.skipped:
        attrs["skipped"] = dict(data.skipped)
    return attrs


DATASET = Family(
    config.Dataset,
    lambda experiment: [dataset_stage(experiment.dataset, seed=experiment.seed)],
    fields.DATASET,
)


def _fewer(section: config.Dataset, data: ImageData) -> list[str]:
    """Says which images are asked for and not there."""
    asked = (("train", section.train, ~data.test), ("test", section.test, data.test))
    return [
        f"dataset.{name} asks for {count:,} images, and there are {there.sum():,}: all of them are used"
        for name, count, there in asked
        if count is not None and count > there.sum()
    ]
