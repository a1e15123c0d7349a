"""The stage of a teacher that somebody else has trained: what it says of every image."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from deepvid import config, fields, store
from deepvid.adapters.checking import Checked, check, check_table
from deepvid.adapters.contract import Answers, Model
from deepvid.adapters.input_checks import classes_of, size_agreement
from deepvid.adapters.preparing import Prepared
from deepvid.adapters.table import open_table
from deepvid.config.sections.dataset import LARGEST
from deepvid.datasets.contract import Rows
from deepvid.datasets.originals import Stored, originals
from deepvid.datasets.white import White
from deepvid.metrics import LISTED, classification_metrics
from deepvid.pipeline.stage import GroupStage, Images, Result, StageContext, load_images
from deepvid.pipeline.trained import answers_of
from deepvid.pipeline.user_model import UserModel, require_answers, require_named
from deepvid.store import dataset_of, texts_from_bytes
from deepvid.tier import Tier

MOST_EMBEDDED = 64 * 2**20  # bytes of a file that travels inside the run
LOGITS = "logits"
NONE: Mapping[str, Any] = {}


def external_teacher_stage(
    section: config.ExternalModel, dataset: config.Dataset, *, seed: int
) -> GroupStage:
    """Checks the model, then asks it about every image that `dataset` has; of a table, takes its rows."""

    def work(context: StageContext) -> Result:
        images = load_images(context)
        named = require_named(context.run, "The answers of a teacher come from", context.user_model)
        if isinstance(named.section, config.Table):
            return _of_table(named.section, images, context)
        model = named.open(images.shape, images.class_names)
        checked = check(model, images.image, images.label, images.class_names)
        _tell(context, checked)
        told = _told(named, model, checked.tier)
        answers = answers_of(model, images.image, progress=context.progress)
        of_file = _classes_of_files(model, images, dataset, context)
        if of_file is not None and isinstance(model, Prepared):
            asked = of_file >= 0
            agreement = size_agreement(model, of_file[asked], answers.logits.argmax(axis=1)[asked])
            context.progress.note(agreement.sentence(LARGEST))
            told["resized"] = agreement.attrs()
        further = {"class_of_file": of_file, "model": _embedded(named.section)}
        return _result(answers, images, told, further, independent=checked.kind == "independent")

    def require_same(committed: store.Stage, context: StageContext) -> None:
        """Of a model that is named again: that it is the one whose answers are committed."""
        if context.user_model is None or isinstance(section, config.Table):
            return
        images = load_images(context)
        require_answers(
            context.user_model.open(images.shape, images.class_names),
            images.image,
            committed.open("logits")["logits"].to_numpy(),
        )

    return GroupStage(
        name="teacher",
        needs=("dataset",),
        section=section,
        seed=seed,
        work=work,
        listed=LISTED,
        require_same=require_same,
    )


def _rows(context: StageContext) -> Rows:
    dataset = context.open("dataset")
    if "row" in dataset:
        return Rows(dataset["row"].to_numpy(), int(dataset.attrs["rows"]))
    count = dataset.sizes["sample"]
    return Rows(np.arange(count), count)


def _of_table(section: config.Table, images: Images, context: StageContext) -> Result:
    rows = _rows(context)
    table = open_table(section, class_names=images.class_names, images=rows.total)
    features = table.answers.features
    answers = Answers(table.answers.logits[rows.of], None if features is None else features[rows.of])
    _tell(context, check_table(table._replace(answers=answers), images.label, images.class_names))
    told = {"source": section.source, "name": table.name, "sha256": table.digest}
    independent = table.kind == "independent"
    return _result(answers, images, {"tier": table.tier.word, "model": told}, independent=independent)


def _classes_of_files(
    model: Model, images: Images, dataset: config.Dataset, context: StageContext
) -> np.ndarray | None:
    """int32 (sample,): classes that the model gives images that are stored smaller, as they were.

    -1 of one that it was not asked about; None where it was asked about none.
    """
    if not isinstance(model, Prepared) or model.size == images.shape[:2]:
        return None
    if context.originals is not None:
        parts = context.originals.parts(model.size)
    else:
        group = context.open("dataset")
        files = texts_from_bytes(group["file"].to_numpy()) if "file" in group else None
        stored = Stored(images.shape, _rows(context).of, files, White(*group.attrs.get("white", White())))
        parts = originals(dataset, stored, model.size, data=context.data, beside=context.beside)
    found, count = np.full(len(images.image), -1, np.int32), len(images.image)
    for part in parts:
        first = int(part.sample[0])
        context.progress.update(first, count, f"{first:,} of {count:,} images at {model.size}")
        found[part.sample] = classes_of(model, part.image)
    return found if (found >= 0).any() else None


def _tell(context: StageContext, checked: Checked) -> None:
    for note in checked.notes:
        context.progress.note(note.rstrip("."))


def _told(named: UserModel, model: Model, tier: Tier) -> dict[str, Any]:
    """Attributes of a model in a run: its name, never its code."""
    told = {
        "source": named.section.source,
        "name": named.name,
        "sha256": model.digest(),
        "input": named.section.input.model_dump(mode="json"),
        "output": named.section.output.model_dump(mode="json"),
    }
    return {"tier": tier.word, "model": told}


def _embedded(section: config.ExternalModel) -> np.ndarray | None:
    """uint8 (byte,): the file of a model that is data, where it is not too large to travel along."""
    if not isinstance(section, config.Onnx):
        return None
    content = section.path.read_bytes()
    return np.frombuffer(content, np.uint8) if len(content) <= MOST_EMBEDDED else None


def _result(
    answers: Answers,
    images: Images,
    attrs: dict[str, Any],
    further: Mapping[str, np.ndarray | None] = NONE,
    *,
    independent: bool,
) -> Result:
    """`further` are variables that a teacher may have."""
    arrays = {
        "logits": answers.logits,
        "features": answers.logits if answers.features is None else answers.features,
    }
    if answers.features is None:
        attrs = {**attrs, "features_of": LOGITS}
    arrays |= {name: array for name, array in further.items() if array is not None}
    described = {"class_names": list(images.class_names), "image_shape": list(images.shape)}
    return Result(
        dataset_of(fields.TEACHER, arrays, {**attrs, **described}),
        _listed(answers, images, independent=independent),
    )


def _listed(answers: Answers, images: Images, *, independent: bool) -> dict[str, float]:
    """Without labels nothing is known of how good it is."""
    if images.label is None:
        return {}
    test = images.test
    metrics = classification_metrics(answers.logits[test], images.label[test], independent=independent)
    return {name: metrics[name.removeprefix("test_")] for name in LISTED}
