"""`deepvid causes`: why each misclassified image is wrong."""

from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from deepvid import config
from deepvid.cli.options import (
    READ_STORE,
    Json,
    Model,
    ReadRun,
    ReadStore,
    Weights,
    named_for,
    named_model,
    print_json,
    require_compute,
    writable,
)
from deepvid.cli.printing import Terminal, open_console, print_table
from deepvid.cli.running import run_options
from deepvid.config import experiment_from
from deepvid.config.reading import value_of
from deepvid.reasons import NEEDED, Classes, StoredCauses, planted_shares
from deepvid.wording import share

if TYPE_CHECKING:
    from deepvid.store import Run

STAGE = config.Causes.stage
FIELDS = config.Causes.model_fields
Limit = Annotated[str | None, typer.Option(metavar="VALUE", help=FIELDS["limit"].description)]
EXAMPLES = 3  # sentences a cause


def causes(
    run: ReadRun,
    store: ReadStore = READ_STORE,
    limit: Limit = None,
    model: Model = None,
    weights: Weights = None,
    as_json: Json = False,
) -> None:
    """Say why RUN's misclassified images are wrong: how many by each cause, of the test and of the training
    images, and the surest test images of each.

    What is computed is kept in the run; of an archive what it has is shown.
    """
    from deepvid.store import find_address, open_run

    console = Terminal(stderr=True) if as_json else open_console()
    address = find_address(store, run)
    if STAGE not in open_run(address).stages or limit is not None:
        _find(console, store, run, limit, model, weights)
    stored = open_run(address)
    found = StoredCauses(stored.stages[STAGE].open(*NEEDED))
    told = _told(stored, found, every=as_json)
    if as_json:
        print_json(told)
        return
    errors = sum(one["errors"] for one in told["causes"])
    rows = [
        {
            "cause": one["title"],
            "errors": f"{one['errors']:,}",
            "share": share(one["errors"], errors),
            "in training": f"{one['training_errors']:,}",
            "what to do": one["action"],
            "right, where planted": one["right"],
        }
        for one in told["causes"]
    ]
    print_table(console, tuple(rows[0]), rows, right={"errors", "share", "in training"})
    for one in told["causes"]:
        if one["surest"]:
            console.print()
        for error in one["surest"]:
            console.print(f"#{error['sample']}  {error['sentence']}", soft_wrap=True)
    for text in told["lacks"]:
        console.print(f"{text}.", soft_wrap=True)


def _find(
    console: Terminal, store: str, run: str, limit: str | None, model: str | None, weights: Any
) -> None:
    """Computes the stage. Raises StoreError for a run that cannot be written to."""
    require_compute("deepvid causes")
    from deepvid.pipeline.causes import causes_stage
    from deepvid.pipeline.runner import extend_run
    from deepvid.store import open_run

    path = writable(store, run, "Causes are")
    table = open_run(path).config
    given = {} if limit is None else {"limit": value_of(limit, [FIELDS["limit"]])}
    experiment = experiment_from(
        {**table, STAGE: {**(table.get(STAGE) or {}), **given}}, origin="the options"
    )
    section = experiment.causes
    assert section is not None  # it was asked for
    checked = config.DataCheck.stage in open_run(path).stages
    named = named_for(open_run(path), named_model(model, weights))
    with run_options(console, path, user_model=named) as options:
        extend_run(path, causes_stage(section, seed=experiment.seed, checked=checked), options)


def _told(run: "Run", found: StoredCauses, *, every: bool) -> dict[str, Any]:
    """The surest test errors of each cause; with `every` all errors, too, for machines."""
    dataset = run.stages["dataset"].open("test", "class_names")
    test = dataset["test"].to_numpy()[found.sample]
    names = [str(name) for name in dataset.attrs["class_names"]]
    logits = run.stages["teacher"].open("logits")["logits"]
    label = dataset["label"].to_numpy()[found.sample] if "label" in dataset else found.sample
    predicted = logits.isel(sample=found.sample).to_numpy().argmax(axis=1)

    def error(place: int) -> dict[str, Any]:
        classes = Classes(names[label[place]], names[predicted[place]], names)
        reasons = found.reasons(place, classes)
        return {
            "sample": int(found.sample[place]),
            "split": "test" if test[place] else "training",
            "label": classes.label,
            "predicted": classes.predicted,
            "cause": reasons[0].title,
            "sentence": reasons[0].text,
            "strength": reasons[0].strength,
            "further": [reason.title for reason in reasons[1:]],
        }

    listed = []
    for place, title in enumerate(found.titles):
        cause = found.causes[place] if place < len(found.causes) else None
        of, trained = (np.flatnonzero((found.first == place) & split) for split in (test, ~test))
        surest = of[np.argsort(-found.strength[of, place], kind="stable")][:EXAMPLES] if cause else of[:0]
        listed.append(
            {
                "title": title,
                "errors": len(of),
                "training_errors": len(trained),
                "action": cause.action if cause else "",
                "right": planted_shares(cause) if cause else "",
                "surest": [error(int(one)) for one in surest],
            }
        )
    return {
        "causes": listed,
        "errors": [error(one) for one in range(len(found.sample) if every else 0)],
        "lacks": found.lacks,
    }
