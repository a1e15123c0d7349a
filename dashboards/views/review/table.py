"""Images whose label a person looks at, in the order of their doubt, and what is known of one of them."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from dashboards.data.feature_neighbors import space
from dashboards.data.population import Mask, Population
from dashboards.data.values import certainty, column_texts
from dashboards.session.needs import has_variable
from deepvid.caching import once_per_owner
from deepvid.reasons import Classes, StoredCauses
from deepvid.store import Mark, Run
from deepvid.wording import probability, sentence_case

DOUBT = "label_doubt"
NEAREST = 20  # training images
MOST = 10_000  # images of a list


class Tables(NamedTuple):
    """The images of a run: those that are shown, and those of each half."""

    run: Run
    shown: Population
    halves: Sequence[Population]
    mask: Mask | None
    marks: Mapping[int, Mark]

    def of(self, sample: int) -> tuple[Population, int] | None:
        """The table that has a sample, and its row there."""
        for table in self.halves:
            if (row := table.row_of(sample)) is not None:
                return table, row
        return None

    @property
    def causes(self) -> StoredCauses | None:
        """Of the errors of both halves."""
        return None if self.shown.causes is None else self.shown.causes.stored


def doubts(causes: StoredCauses | None) -> dict[int, float]:
    """How far the doubt of each error's label goes, by sample; 1 is the threshold."""
    places = [] if causes is None else [at for at, one in enumerate(causes.causes) if one.name == DOUBT]
    if causes is None or not places:
        return {}
    known = np.nan_to_num(causes.strength[:, places[0]])
    return dict(zip(causes.sample.tolist(), known.tolist(), strict=True))


def _doubted(tables: Tables) -> list[int]:
    known = {sample: doubt for sample, doubt in doubts(tables.causes).items() if doubt >= 1}
    return sorted(known, key=lambda sample: -known[sample])


def _learned(tables: Tables) -> list[int]:
    """Training images that are right by now and were behind on average, those that were farthest first."""
    areas = {sample: area for sample, (area, _) in tracked(tables.causes).items() if area < 0}
    return [sample for sample in sorted(areas, key=lambda one: areas[one]) if _is_right(tables, sample)]


def _is_right(tables: Tables, sample: int) -> bool:
    table, row = tables.of(sample) or (None, 0)
    return (
        table is not None and table.split == "training" and table.wrong is not None and not table.wrong[row]
    )


def _selected(tables: Tables) -> list[int]:
    """The most doubtful first; of what is not known the largest loss."""
    if tables.mask is None:
        return []
    rows = np.flatnonzero(tables.mask)
    known, sure = doubts(tables.causes), certainty(tables.shown)
    doubt = np.array([known.get(sample, 0.0) for sample in tables.shown.samples[rows].tolist()])
    loss = np.zeros(len(rows)) if sure is None else np.nan_to_num(sure.loss[rows])
    order = np.lexsort((-loss, -doubt))[:MOST]
    return [int(sample) for sample in tables.shown.samples[rows[order]]]


def _marked(tables: Tables) -> list[int]:
    return [sample for sample in sorted(tables.marks) if tables.of(sample) is not None]


class List(NamedTuple):
    """One choice of images."""

    title: str
    hint: str
    samples: Callable[[Tables], list[int]]
    none: str  # said where it has none


LISTS: Mapping[str, List] = {
    "doubted": List(
        "doubted",
        "Misclassified test and training images whose label is doubted",
        _doubted,
        "No label of a misclassified image is doubted.",
    ),
    "learned": List(
        "learned by heart",
        "Training images that are right now, but were behind on average while the teacher learned",
        _learned,
        "No training image was behind while it was learned, or the run did not follow any.",
    ),
    "selection": List(
        "selection", "The selected images, the most doubtful first", _selected, "Nothing is selected."
    ),
    "marked": List(
        "marked", "Images whose label is marked, as wrong or as right", _marked, "Nothing is marked yet."
    ),
}
"""By the name that an address has for it."""


def tracked(causes: StoredCauses | None) -> Mapping[int, tuple[float, int]]:
    """(area under the margin, strongest other class) of images that were followed, by sample."""
    return {} if causes is None else _tracked(causes)


@once_per_owner
def _tracked(causes: StoredCauses) -> Mapping[int, tuple[float, int]]:
    group = causes.tracked
    if group is None:
        return {}
    columns = (group[name].to_numpy().tolist() for name in ("tracked", "area", "rival"))
    return {sample: (area, rival) for sample, area, rival in zip(*columns, strict=True)}


class Case(NamedTuple):
    """One image, and what speaks for and against its label."""

    sample: int
    pixels: np.ndarray  # uint8 (y, x, channel)
    training: bool
    label: int
    predicted: int  # -1: not known
    proposed: int | None  # class that it probably is of
    mark: Mark | None
    evidence: tuple[str, ...]  # sentences
    near: tuple[tuple[int, int], ...]  # (sample, label) of the nearest training images


def case(tables: Tables, sample: int) -> Case | None:
    """None of a sample that the run has no image of."""
    table, row = tables.of(sample) or (None, 0)
    if table is None:
        return None
    mark, label = tables.marks.get(sample), int(table.label[row])
    predicted = -1 if table.predicted is None else int(table.predicted[row])
    rival, proposed, near = (
        tracked(tables.causes).get(sample),
        proposal(tables, sample),
        _near(tables, sample),
    )
    said = (
        *_reasons(table, row, label, predicted),
        _probabilities(table, row),
        _neighbors(near, label, proposed, table.class_names),
        _learning(rival, table.class_names),
        *(table.findings.sentences(row, table.class_names) if table.findings else ()),
        " · ".join(column_texts(table, row)),
        table.files.of([sample])[0] if table.files else "",
    )
    return Case(
        sample,
        table.images([row])[0],
        table.split == "training",
        label,
        predicted,
        proposed,
        mark,
        tuple(filter(None, said)),
        near,
    )


def proposal(tables: Tables, sample: int) -> int | None:
    """The class that a sample probably is of: by a mark that its label is wrong, by the teacher, or by how it
    was learned."""
    table, row = tables.of(sample) or (None, 0)
    if table is None:
        return None
    mark, rival = tables.marks.get(sample), tracked(tables.causes).get(sample)
    if (
        mark is not None
        and not mark.right
        and mark.label is not None
        and 0 <= mark.label < len(table.class_names)
    ):
        return mark.label
    if table.wrong is not None and table.wrong[row] and table.predicted is not None:
        return int(table.predicted[row])
    return None if rival is None or not 0 <= rival[1] < len(table.class_names) else rival[1]


def _reasons(table: Population, row: int, label: int, predicted: int) -> list[str]:
    """The cause that is named first, and how often that is right."""
    if table.causes is None or predicted < 0:
        return []
    names = table.class_names
    found = table.causes.reasons(row, Classes(names[label], names[predicted], names))[:1]
    return [f"{one.text} {f'{sentence_case(one.right)}.' if one.right else ''}".strip() for one in found]


def _probabilities(table: Population, row: int) -> str:
    given = table.probabilities(row)
    if given is None:
        return ""
    label, names = int(table.label[row]), table.class_names
    first = int(given.argmax())
    also = "" if first == label else f" and {names[label]} {probability(float(given[label]))}"
    seen = "was trained on this image" if table.split == "training" else "has not seen this image before"
    return f"The teacher, which {seen}, gives {names[first]} {probability(float(given[first]))}{also}."


def _near(tables: Tables, sample: int) -> tuple[tuple[int, int], ...]:
    run = tables.run
    if not has_variable(run, "teacher", "features"):
        return ()
    known = space(run)
    samples = known.neighbors(sample, NEAREST).training.sample
    return tuple(zip(samples.tolist(), known.label[samples].tolist(), strict=True))


def _neighbors(
    near: Sequence[tuple[int, int]], label: int, proposed: int | None, names: Sequence[str]
) -> str:
    if not near:
        return ""
    own, other = (sum(of == wanted for _, of in near) for wanted in (label, proposed))
    also = "" if proposed is None or proposed == label else f", {other or 'none'} {names[proposed]}"
    is_are = "is" if own < 2 else "are"
    return (
        f"Of its {len(near)} nearest training images {own or 'none'} {is_are} labeled {names[label]}{also}."
    )


def _learning(rival: tuple[float, int] | None, names: Sequence[str]) -> str:
    if rival is None:
        return ""
    area, other = rival
    side = f"{-area:.1f} logits behind {names[other]}" if area < 0 else f"{area:.1f} logits ahead"
    return f"While the teacher learned, its label was {side} on average."
