"""What the way to the map and back makes of the image under study, in one line."""

from collections.abc import Sequence
from typing import NamedTuple, cast

import numpy as np

from dashboards.data.epochs import held
from dashboards.data.time_travel import PREFIX, Travel
from dashboards.session.engine_task import ResultStatus
from deepvid.config import names
from deepvid.engine.requests import Decoded, DecodeSample
from deepvid.store import Run
from deepvid.wording import probability

LEAD = "decoded from the map"


class Line(NamedTuple):
    """A line of the card."""

    text: str
    hint: str


def lacking(run: Run, travel: Travel, refusal: str) -> Line | None:
    """What decoding would need; None: it can be done."""
    needed: tuple[tuple[bool, str, str], ...] = (
        (not refusal, "a server that computes", refusal),
        (
            all(held(run, f"{PREFIX}{travel.form}", name) for name in ("model", "model_layout")),
            "the map's own networks",
            "This run has none of them. Map its epochs anew, or open the whole run.",
        ),
        (
            held(run, "teacher", "parameters") or held(run, "teacher", "head_weight"),
            "the teacher's parameters",
            "The run was archived without those of its epochs. Open the whole run.",
        ),
    )
    for met, what, hint in needed:
        if not met:
            return Line(f"{LEAD}: needs {what}", hint)
    return None


def request(run: Run, travel: Travel, epoch: int, point: int) -> DecodeSample:
    """What the engine is asked; `epoch` counts from 0."""
    form = cast(names.TimeTravelForm, travel.form)
    return DecodeSample(run.address, int(travel.samples[point]), form, epoch + 1)


def told(
    status: ResultStatus[DecodeSample, Decoded], asked: DecodeSample, label: int, class_names: Sequence[str]
) -> Line:
    """What came of it, or how it stands."""
    found = status.result(asked)
    if found is not None:
        return decoded(found, label, class_names)
    if error := status.error(asked):
        return Line(f"{LEAD}: failed", error)
    return Line(f"{LEAD}: …", "It is being decoded.")


def decoded(found: Decoded, label: int, class_names: Sequence[str]) -> Line:
    """`decoded from the map: ring .91 (was .97)`, or `cross .55 (was ring .97)`."""
    after, before = int(found.after.argmax()), int(found.before.argmax())
    name = "" if after == before else f"{class_names[before]} "
    was = f"was {name}{_of(found.before, before)}"
    return Line(
        f"{LEAD}: {class_names[after]} {_of(found.after, after)} ({was})",
        "What the classifier says of the features that are decoded where the image lies on the map, "
        f"and in brackets of its own. Of {class_names[label]}, its true class: "
        f"{_of(found.after, label)} (was {_of(found.before, label)}).",
    )


def neighbors_kept(travel: Travel, epoch: int, point: int) -> Line:
    """`4 of its 15 nearest kept on the map`."""
    return Line(
        f"{travel.preserved[epoch, point]} of its 15 nearest kept on the map",
        "How many of its 15 nearest in the features are among its 15 nearest on the map: training "
        "and test images.",
    )


def _of(answer: np.ndarray, index: int) -> str:
    return probability(float(answer[index]))
