"""The layers of a toy run: what its stage `network` would have stored, through the real writer."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from deepvid.network.influence import refit
from deepvid.store import open_run, open_writer


def column(name: str, accuracy: float = 0.8, **told: Any) -> dict[str, Any]:
    """A column of the stage; one without a receptive field sees all."""
    return {
        "name": name,
        "shape": [8],
        "parameters": 40,
        "units": 8,
        "receptive_field": None,
        "kept_variance": 0.9,
        "accuracy": [accuracy, accuracy - 0.02, accuracy + 0.02],
        "chance": 0.25,
        "residual": None if name == "pixels" else 0.3,
        "mirrored": False,
        "neighbors_kept": [0.2, 0.18, 0.22],
        "neighbors_chance": 0.02,
    } | told


PIXEL = {axis: {"size": 1, "stride": 1, "offset": 0} for axis in "yx"}
MLP = (
    column("pixels", 0.6, shape=[12, 12, 1], parameters=0, units=0, receptive_field=PIXEL),
    column("hidden1", 0.7, parameters=1160, mirrored=True),
    column("logits", 0.8, shape=[4], parameters=36, units=0),
)


def layers_group(
    said: np.ndarray,
    samples: np.ndarray,
    layout: np.ndarray | None = None,
    columns: Sequence[dict[str, Any]] = MLP,
    **told: Any,
) -> xr.Dataset:
    """`said` is (column, sample); without a `layout` (column, sample, 2) every image is at 0."""
    place = np.zeros((*said.shape, 2)) if layout is None else layout
    return xr.Dataset(
        {
            "probe": (("column", "sample"), said.astype("u1")),
            "probe_votes": (("column", "sample"), np.full(said.shape, 5, "u1")),
            "layout": (("column", "sample", "dimension"), place.astype("f4")),
            "depth": ("sample", np.zeros(len(samples), "u1")),
        },
        coords={"sample": samples.astype("i4")},
        attrs={
            "columns": list(columns),
            "settings": {},
            "training_images": 20,
            "neighbors": 5,
            "never": [0.5, 0.3, 0.7],
            "errors": 40,
            "depth_right": 0.5,
            "depth_wrong": 2.0,
            "influence": None,
        }
        | told,
    )


def commit_layers(store: Path, run: str, group: xr.Dataset) -> None:
    """Adds the stage to a run that is there."""
    with open_writer(store, run, config=open_run(store / run).config, provenance={}) as writer:
        writer.commit_stage("network", "7" * 12, group)
        writer.finish()


def unit_arrays(
    responses: Mapping[int, np.ndarray],
    spread: float = 0.5,
    peaks: Mapping[int, np.ndarray] | None = None,
    silenced: np.ndarray | None = None,
    unit_input: np.ndarray | None = None,
) -> dict[str, Any]:
    """The arrays of units by the number of their column, each (sample, unit): numbers 0, 1, ... in a layer.

    Places in the order of likeness are reversed numbers. `silenced` is (unit, class, logit), all layers after
    one another, with a standard error of a tenth; `unit_input` is (unit, unit).
    """
    widths = {column: each.shape[1] for column, each in responses.items()}
    every = np.concatenate(list(responses.values()), axis=1)
    peak = np.zeros(every.shape, "u2")
    for column, each in (peaks or {}).items():
        begin = sum(width for before, width in widths.items() if before < column)
        peak[:, begin : begin + widths[column]] = each
    arrays: dict[str, Any] = {
        "unit_column": ("unit", np.repeat(list(widths), list(widths.values())).astype("u1")),
        "unit_index": ("unit", np.concatenate([np.arange(width) for width in widths.values()]).astype("i4")),
        "unit_spread": ("unit", np.full(every.shape[1], spread, "f4")),
        "unit_leaf": (
            "unit",
            np.concatenate([np.arange(width)[::-1] for width in widths.values()]).astype("i4"),
        ),
        "response_mean": (("sample", "unit"), every.astype("f2")),
        "response_max": (("sample", "unit"), every.astype("f2")),
        "response_peak": (("sample", "unit"), peak),
    }
    if silenced is not None:
        arrays["silenced"] = (("unit", "class", "logit"), silenced.astype("f2"))
        arrays["silenced_error"] = (("unit", "class", "logit"), np.full(silenced.shape, 0.1, "f2"))
        source = np.zeros((every.shape[1],) * 2) if unit_input is None else unit_input
        arrays["unit_input"] = (("unit", "source"), source.astype("f2"))
    return arrays


def with_pictures(
    group: xr.Dataset, unit: list[int], picture: np.ndarray, response: np.ndarray, ratio: np.ndarray
) -> xr.Dataset:
    """The same with maximized pictures (picture, space, y, x, channel) of units, by their places."""
    arrays = {
        "maximized_unit": ("picture", np.array(unit, "i4")),
        "maximized": (("picture", "space", "y", "x", "channel"), picture.astype("u1")),
        "maximized_response": (("picture", "space"), response.astype("f4")),
        "maximized_ratio": (("picture", "space"), ratio.astype("f4")),
    }
    return group.assign(arrays).assign_attrs(maximized={"spaces": list(SPACES)})


def with_groups(
    group: xr.Dataset,
    answers: Mapping[int, np.ndarray],
    members: Mapping[int, np.ndarray],
    peaks: Mapping[int, np.ndarray] | None = None,
    windows: tuple[int, int] = (1, 1),
    adds: Mapping[int, np.ndarray] | None = None,
    classes: int = 4,
) -> xr.Dataset:
    """The same with groups of units by the number of their column: `answers` (sample, group), `members`
    (group, unit), `adds` (group, logit) where it adds up. Others lose a logit of 0.5 ± 0.1 on every class.
    """
    every = np.concatenate(list(answers.values()), axis=1)
    widest = max(each.shape[1] for each in members.values())
    padded = [np.pad(each, ((0, 0), (0, widest - each.shape[1]))) for each in members.values()]
    counts = {column: each.shape[1] for column, each in answers.items()}
    place = {column: np.zeros_like(each) for column, each in answers.items()} | dict(peaks or {})
    effect = {column: np.full((count, classes), np.nan) for column, count in counts.items()} | dict(
        adds or {}
    )
    names = [one["name"] for one in group.attrs["columns"]]
    told = [
        {
            "name": names[column],
            "groups": count,
            "windows": list(windows),
            "error": 0.51,
            "kept": [0.93, 0.9, 0.95],
            "kept_by_components": [0.96, 0.94, 0.97],
            "stability": 0.9,
            "stability_chance": 0.39,
            "adds_up": column in (adds or {}),
            "adds_up_within": 2e-6 if column in (adds or {}) else None,
        }
        for column, count in counts.items()
    ]
    three = ("group", "class", "logit")
    shape = (every.shape[1], classes, classes)
    return group.assign(
        group_column=("group", np.repeat(list(counts), list(counts.values())).astype("u1")),
        group_units=(("group", "member"), np.concatenate(padded).astype("f4")),
        group_stability=("group", np.linspace(1, 0.8, every.shape[1]).astype("f4")),
        group_spread=("group", np.full(every.shape[1], 0.7, "f4")),
        group_leaf=("group", np.concatenate([np.arange(count) for count in counts.values()]).astype("i4")),
        group_mean=(("sample", "group"), every.astype("f2")),
        group_max=(("sample", "group"), every.astype("f2")),
        group_peak=(("sample", "group"), np.concatenate(list(place.values()), axis=1).astype("u1")),
        group_effect=(
            ("group", "logit"),
            np.concatenate(list(effect.values())).astype("f4"),
        ),
        group_removed=(three, np.full(shape, -0.5, "f2")),
        group_removed_error=(three, np.full(shape, 0.1, "f2")),
    ).assign_attrs(
        groups={
            "images": 400,
            "of_class": [100] * classes,
            "training_images": 20,
            "floor": 0.11,
            "columns": told,
        }
    )


SPACES = ("latent", "pixel")
WAYS = ("latent", "smooth", "pixel")


def with_changes(
    group: xr.Dataset,
    distance: np.ndarray,
    flipped: np.ndarray,
    strips: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None,
    transfer: dict[str, Any] | None = None,
) -> xr.Dataset:
    """The same with distances (space, sample), classes there, and strips: samples, differences, logits."""
    asked = int(np.isfinite(distance).any(axis=0).sum())
    told = {"spaces": list(SPACES), "asked": asked, "transfer": transfer}
    changed = group.assign(
        flip_distance=(("space", "sample"), distance.astype("f4")),
        flip_class=(("space", "sample"), flipped.astype("i2")),
    )
    if strips is not None:
        samples, difference, logits = strips
        told |= {"ways": list(WAYS)}
        changed = changed.assign(
            strip_sample=("strip", samples.astype("i4")),
            strip_difference=(("strip", "way", "frame", "y", "x", "channel"), difference.astype("f2")),
            strip_logits=(("strip", "way", "frame", "class"), logits.astype("f4")),
        )
    return changed.assign_attrs(changes=told)


def asked_of_training(group: xr.Dataset, features: np.ndarray, label: np.ndarray, classes: int) -> xr.Dataset:
    """The same with a last layer that is fitted to the training images, samples 0 on, and no snapshots."""
    head = refit(features, label, classes)
    arrays = {
        "training": ("training", np.arange(len(label), dtype="i4")),
        "head": (("class", "input"), head.weight.astype("f4")),
        "inverse_hessian": (("number", "other"), head.inverse.astype("f4")),
    }
    known = {"l2": head.l2, "agreement": 0.9, "leave_one_out": 0.998, "left_out": 20, "queries": 8}
    firsts = {"queries": 400, "influence": 9, "tracin": 3}
    return group.assign(arrays).assign_attrs(influence=known, snapshots=[], firsts=firsts)


def with_maps(
    group: xr.Dataset, samples: np.ndarray, maps: np.ndarray, grids: Mapping[str, Any]
) -> xr.Dataset:
    """The same with maps (image, place, unit) of all units, in steps of a tenth, none below 0; two images
    usually differ by 1. `grids` are places (y, x) by layer, or None.
    """
    units = maps.shape[2]
    told = {"images": len(samples), "errors": 0, "grids": dict(grids)}
    arrays = {
        "response_map": (("mapped", "place", "unit"), np.rint(10 * maps).astype("u1")),
        "map_sample": ("mapped", samples.astype("i4")),
        "map_low": ("unit", np.zeros(units, "f4")),
        "map_step": ("unit", np.full(units, 0.1, "f4")),
        "map_deviation": ("unit", np.ones(units, "f4")),
    }
    return group.assign(arrays).assign_attrs(maps=told)
