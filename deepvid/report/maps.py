"""Maps of one image out of a batch of explanations, with what they are worth."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from deepvid.faithfulness import Row
from deepvid.map_smoothing import resolution, smoothed
from deepvid.map_words import facts_of_maps, in_words, representatives, share_sentence
from deepvid.report.case import MAPS, Map
from deepvid.trust import MapEvidence

Maps = tuple[tuple[Map, ...], tuple[str, str]]
"""Those of methods that can explain, the one that is worth the most first, and the classes they speak of."""

LEVELS = 127  # of a stored map on either side of zero


def maps_of(
    batch: xr.Dataset, row: int, logits: np.ndarray, names: Sequence[str], over_run: Mapping[str, Row]
) -> Maps:
    """Of the image in this row of a batch, to which the classifier gives these logits (class,)."""
    one = batch.isel(explained=row)
    first, second = (int(index) for index in one["contrast"].to_numpy())
    difference, classes = float(logits[first]) - float(logits[second]), (names[first], names[second])
    methods, evidence = list(batch.attrs["methods"]), map_evidence(one)
    facts, shown = facts_of_maps(methods, evidence), representatives(methods, evidence.worth.tolist())
    read = one[["map", "scale", "total"]].isel(method=shown[:MAPS]).load()
    of_each = zip(shown, *(read[name].to_numpy() for name in ("map", "scale", "total")), strict=False)
    return tuple(
        Map(
            *in_words(methods[at], str(batch.attrs["labels"][at])),
            smoothed(values * (scale / LEVELS), resolution(methods[at], values.shape)),
            facts[at],
            share_sentence(methods[at], float(total), difference, classes),
            over_run.get(methods[at]),
        )
        for at, values, scale, total in of_each
    ), classes


def map_evidence(one: Any) -> MapEvidence:
    """Of an image's maps; earlier versions asked one judge."""
    nan = xr.full_like(one["margin_lost"], np.nan)
    names = ("margin_lost", "margin_chance", "infill_lost", "infill_chance")
    return MapEvidence(*(one.get(name, nan).to_numpy() for name in names))
