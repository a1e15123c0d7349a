"""`deepvid doubts`: images whose label is probably wrong, as a list to review and to train with."""

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer

from deepvid import config
from deepvid.cli.options import READ_STORE, Json, ReadRun, ReadStore, print_json
from deepvid.cli.printing import open_console, print_table
from deepvid.errors import StoreError, UserError
from deepvid.reasons import NEEDED, StoredCauses
from deepvid.wording import command, harmless

if TYPE_CHECKING:
    from deepvid.store import Run

STAGE = config.Causes.stage
COLUMNS = ("sample", "file", "split", "label", "was", "doubt")

Output = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="A CSV file for dataset.labels.")
]
Least = Annotated[float, typer.Option(metavar="NUMBER", help="How far a doubt goes: 1 is its threshold.")]


def doubts(
    run: ReadRun,
    store: ReadStore = READ_STORE,
    output: Output = None,
    least: Least = 1.0,
    as_json: Json = False,
) -> None:
    """List misclassified images of RUN whose label is doubted, the surest first, with the class the teacher
    names; training images, too, but not those that it has learned by heart.

    Delete lines that you do not agree with, and train again: dataset.labels = "labels.csv" takes the labels
    of the others, dataset.leave_out leaves their images out.
    """
    from deepvid.store import find_address, open_run

    if output is not None and output.exists():
        raise UserError("A list of doubts is a new file", f"{output}, which is there", "Name another")
    stored = open_run(find_address(store, run))
    if STAGE not in stored.stages:
        raise StoreError(
            "Labels are doubted in runs whose causes of errors are known",
            f"{stored.id} without them",
            f"Find them first: {command('causes', run, '--store', store)}",
        )
    found = StoredCauses(stored.stages[STAGE].open(*NEEDED))
    rows = _rows(stored, found, least)
    if output is not None:
        with output.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(rows)
    if as_json:
        print_json(rows)
        return
    console = open_console()
    if rows:
        print_table(console, COLUMNS, rows, right={"sample", "doubt"})
    training = sum(row["split"] == "training" for row in rows)
    console.print(
        f"{len(rows):,} of {len(found.sample):,} misclassified images have a doubtful label, {training:,} "
        "of them training images"
    )


def _rows(run: "Run", found: StoredCauses, least: float) -> list[dict[str, str]]:
    """Lines of the list; `label` is the class that the teacher names, `was` the recorded one."""
    from deepvid.store import texts_from_bytes

    dataset = run.stages["dataset"].open("test", "class_names")
    if "label" not in dataset:
        return []
    place = [cause.name for cause in found.causes].index("label_doubt")
    doubt = np.nan_to_num(found.strength[:, place])
    order = np.argsort(-doubt, kind="stable")
    chosen = order[doubt[order] >= least]
    samples = found.sample[chosen]
    every = [str(name) for name in dataset.attrs["class_names"]]
    files = [""] * len(samples)
    if "file" in dataset:
        files = texts_from_bytes(dataset["file"].isel(sample=samples).to_numpy())
    logits = run.stages["teacher"].open("logits")["logits"].isel(sample=samples).to_numpy()
    test = dataset["test"].to_numpy()[samples]
    recorded = dataset["label"].isel(sample=samples).to_numpy()
    return [
        {
            "sample": str(samples[row]),
            "file": harmless(files[row]),
            "split": "test" if test[row] else "training",
            "label": every[int(logits[row].argmax())],
            "was": every[int(recorded[row])],
            "doubt": f"{doubt[chosen[row]]:.3g}",
        }
        for row in range(len(samples))
    ]
