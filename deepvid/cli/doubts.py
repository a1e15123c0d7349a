"""`deepvid doubts`: images whose label is probably wrong, as a list to review and to train with."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import numpy as np
import typer

from deepvid import config
from deepvid.cli.options import READ_STORE, Json, ReadRun, ReadStore, print_json
from deepvid.cli.printing import open_console, print_table
from deepvid.errors import StoreError, UserError
from deepvid.reasons import NEEDED, TRACKED, StoredCauses
from deepvid.wording import command, harmless

if TYPE_CHECKING:
    import xarray as xr

    from deepvid.store import Run

STAGE = config.Causes.stage
COLUMNS = ("sample", "file", "split", "label", "was", "doubt", "area")

Output = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="A CSV file for dataset.labels.")
]
Learned = Annotated[
    bool,
    typer.Option(
        "--learned",
        help="List training images learned by heart, too: right now, but behind on average while the teacher "
        "was trained, by the area under the margin.",
    ),
]
Least = Annotated[float, typer.Option(metavar="NUMBER", help="How far a doubt goes: 1 is its threshold.")]


class _Doubt(NamedTuple):
    sample: int
    label: int  # class that it is thought to be of
    doubt: str  # how far it goes; empty: of what is right


def doubts(
    run: ReadRun,
    store: ReadStore = READ_STORE,
    output: Output = None,
    least: Least = 1.0,
    learned: Learned = False,
    as_json: Json = False,
) -> None:
    """List misclassified images of RUN whose label is doubted, the surest first, with the class the teacher
    names, or would have named.

    Those whose label is marked as right on the page are not listed. Delete lines that you do not agree with,
    and train again: dataset.labels = "labels.csv" takes the labels of the others, dataset.leave_out leaves
    their images out.
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
    dataset = stored.stages["dataset"].open("test", "class_names")
    doubted, by_heart = [], []
    if "label" in dataset:
        doubted = _unsettled(stored, _doubted(stored, found, least))
        by_heart = _unsettled(stored, _learned(stored, found, dataset)) if learned else []
    rows = _rows(dataset, found, [*doubted, *by_heart]) if doubted or by_heart else []
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
        print_table(console, COLUMNS, rows, right={"sample", "doubt", "area"})
    training = sum(row["split"] == "training" for row in rows[: len(doubted)])
    console.print(
        f"{len(doubted):,} of {len(found.sample):,} misclassified images have a doubtful label, {training:,} "
        "of them training images"
    )
    if learned and found.tracked is None:
        console.print("How training images were learned is not known: this needs the epochs of a training")
    elif learned:
        console.print(f"{len(by_heart):,} training images are right by now, and were not on average")


def _unsettled(run: "Run", doubted: Sequence[_Doubt]) -> list[_Doubt]:
    """Those whose label nobody has marked as right."""
    from deepvid.store import kept_marks

    right = {sample for sample, mark in kept_marks(run).items() if mark.right}
    return [one for one in doubted if one.sample not in right]


def _doubted(run: "Run", found: StoredCauses, least: float) -> list[_Doubt]:
    """Misclassified images, the surest doubt first; the teacher names another class."""
    place = [cause.name for cause in found.causes].index("label_doubt")
    doubt = np.nan_to_num(found.strength[:, place])
    order = np.argsort(-doubt, kind="stable")
    chosen = order[doubt[order] >= least]
    samples = found.sample[chosen]
    logits = run.stages["teacher"].open("logits")["logits"].isel(sample=samples).to_numpy()
    of = zip(samples.tolist(), logits.argmax(axis=1).tolist(), doubt[chosen].tolist(), strict=True)
    return [_Doubt(sample, label, f"{value:.3g}") for sample, label, value in of]


def _learned(run: "Run", found: StoredCauses, dataset: "xr.Dataset") -> list[_Doubt]:
    """Training images that are right by now and were not on average, the smallest area first."""
    if found.tracked is None:
        return []
    tracked, area, rival = (found.tracked[name].to_numpy() for name in TRACKED)
    logits = run.stages["teacher"].open("logits")["logits"].isel(sample=tracked).to_numpy()
    right = logits.argmax(axis=1) == dataset["label"].to_numpy()[tracked]
    chosen = np.flatnonzero(right & ~dataset["test"].to_numpy()[tracked] & (area < 0))
    chosen = chosen[np.argsort(area[chosen], kind="stable")]
    of = zip(tracked[chosen].tolist(), rival[chosen].tolist(), strict=True)
    return [_Doubt(sample, label, "") for sample, label in of]


def _rows(dataset: "xr.Dataset", found: StoredCauses, doubted: Sequence[_Doubt]) -> list[dict[str, str]]:
    """Lines of the list; `label` is the class that is named instead, `was` the recorded one."""
    from deepvid.store import texts_from_bytes

    samples = np.array([one.sample for one in doubted], int)
    every = [str(name) for name in dataset.attrs["class_names"]]
    files = [""] * len(samples)
    if "file" in dataset and len(samples):
        files = texts_from_bytes(dataset["file"].isel(sample=samples).to_numpy())
    test, recorded = (dataset[name].to_numpy()[samples] for name in ("test", "label"))
    areas = {}
    if found.tracked is not None:
        areas = dict(zip(*(found.tracked[name].to_numpy().tolist() for name in TRACKED[:2]), strict=True))
    return [
        {
            "sample": str(one.sample),
            "file": harmless(file),
            "split": "test" if of_test else "training",
            "label": every[one.label],
            "was": every[was],
            "doubt": one.doubt,
            "area": f"{areas[one.sample]:.3g}" if one.sample in areas else "",
        }
        for one, file, of_test, was in zip(doubted, files, test, recorded, strict=True)
    ]
