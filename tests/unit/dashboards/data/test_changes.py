"""Distances to another answer of a toy run: their rows, the histogram, and what they are worth."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from looks import commit_layers, layers_group, with_changes

from dashboards.data.population import Population, population
from dashboards.session.gestures import FlipDistance
from dashboards.session.layer_needs import MEASURED
from dashboards.session.needs import missing
from dashboards.session.scene import Scene
from dashboards.views.flip import (
    Distances,
    Own,
    detection,
    distances,
    edges_of,
    histogram,
    measured,
    of_focus,
    sentence,
    verdict,
)
from deepvid.errors import DataError
from deepvid.store import open_run, open_writer, write_archive

SAID = np.array([[1, 1, 1, 0], [0, 1, 1, 1], [0, 1, 1, 1]])
DISTANCE = np.array([[0.2, 0.4, np.nan, 1.3], [0.1, 0.3, 0.2, 0.5]])
FLIPPED = np.array([[1, 0, -1, 0], [1, 0, 0, 0]])
NAME = "toy-0123abcd"


def begun(store: Path, group: xr.Dataset | None) -> Population:
    """Two training images, and four test images 2 to 5, of which 3 is wrong."""
    dataset = xr.Dataset(
        {
            "image": (("sample", "y", "x", "channel"), np.zeros((6, 2, 2, 1), "u1")),
            "label": ("sample", np.array([0, 1, 0, 0, 1, 1], "i4")),
            "test": ("sample", np.arange(6) >= 2),
        },
        attrs={"class_names": ["cat", "dog"], "source": "drawn", "checksums": {}},
    )
    logits = np.array([[1, 0], [0, 1], [3, 0], [0, 1], [0, 2], [0, 4]], "f4")
    teacher = xr.Dataset({"logits": (("sample", "class"), logits)}, attrs={"class_names": ["cat", "dog"]})
    with open_writer(store, NAME, config={"name": "toy"}, provenance={}) as writer:
        writer.commit_stage("dataset", "a" * 12, dataset)
        writer.commit_stage("teacher", "b" * 12, teacher)
    if group is not None:
        commit_layers(store, NAME, group)
    found = population(open_run(store / NAME))
    assert found is not None
    return found


@pytest.fixture
def table(tmp_path: Path) -> Population:
    return begun(tmp_path, with_changes(layers_group(SAID, np.arange(2, 6)), DISTANCE, FLIPPED))


def shown_in(table: Population, space: str) -> Distances:
    assert table.changes is not None
    found = table.changes.changes
    assert found is not None
    return distances(table, found, space)


def test_a_range_means_the_images_whose_distance_lies_in_it(table: Population) -> None:
    def of(space: str, low: float, high: float) -> list[int]:
        return sorted(table.samples[FlipDistance(space, low, high).mask(table)].tolist())

    assert of("latent", 0.2, 0.4) == [2]  # from the first to below the second
    assert of("latent", 0, 9) == [2, 3, 5]  # 4 is not known there
    assert of("pixel", 0, 9) == [2, 3, 4, 5]
    assert of("pixel", 2, 9) == []
    told = FlipDistance("latent", 0.2, 0.45).sentence(table, 2)
    assert told == "2 images that flip at 0.2 to 0.45 standard deviations of the latents"


@pytest.mark.parametrize(
    "value",
    [
        ["smooth", 0, 1],
        ["pixel", 1, 1],
        ["pixel", -1, 1],
        ["pixel", 0, float("inf")],
        ["pixel", 0],
        [0, 1, 2],
    ],
)
def test_what_is_no_range_is_refused(value: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        FlipDistance.parse(value)


def test_bars_count_right_and_wrong_images_and_those_selected(table: Population) -> None:
    shown = shown_in(table, "latent")
    shown = shown._replace(edges=np.array([0, 0.3, 0.6, 1.5]))
    mask = np.isin(table.samples, [3, 5])
    found = histogram(shown, mask, None)
    assert found.counts == ((1, 0, 1), (0, 1, 0))  # right, and wrong
    assert found.lit == ((0, 0, 1), (0, 1, 0))
    assert histogram(shown, None, None).lit is None
    told = sentence(shown, mask)
    assert told == "Median distance to another answer in latents: right .750, wrong .400, selected .850"


@pytest.mark.parametrize("largest", [1e-6, 0.37, 1.0, 42.0, 9e5])
def test_edges_are_round_few_and_hold_every_distance(largest: float) -> None:
    distance = np.append(np.linspace(0, largest / 3, 300), largest)
    edges = edges_of(distance)
    assert edges[0] == 0
    assert edges[-1] > largest * (1 - 1e-9)
    assert 20 <= len(edges) - 1 <= 61
    assert np.histogram(distance, edges)[0].sum() == len(distance)
    assert edges_of(np.zeros(0)).tolist() == [0, 1]


def test_its_worth_stands_beside_that_of_margin_and_confidence(table: Population) -> None:
    """In pixels the error has .3, right ones .1, .2, .5: 1 of 3 pairs; its margin 1 is below 3, 2, 4: all."""
    shown = shown_in(table, "pixel")
    found = {name: area for name, area, _ in detection(table, shown)}
    assert found["distance"].startswith(".33 [")
    assert found["margin"].startswith("1.00 [")
    assert found["confidence"].startswith("1.00 [")
    assert verdict(table, shown).startswith("Distance is a worse detector of errors")
    alone = shown._replace(wrong=np.zeros(4, np.bool_))
    assert detection(table, alone) == []
    assert verdict(table, alone) == ""


def test_the_image_under_study_is_told(table: Population) -> None:
    assert table.changes is not None
    found = table.changes.changes
    assert found is not None
    shown = shown_in(table, "latent")
    assert of_focus(table, found, shown, table.row_of(3)) == Own(pytest.approx(0.4), "#3 is .400 from cat")
    assert of_focus(table, found, shown, table.row_of(4)) == Own(None, "#4 was not measured.")
    assert of_focus(table, found, shown, None) is None
    assert measured(table, found, shown).startswith(
        "Measured for 1 wrong and 2 right test images, drawn once; 1 of 4 were not flipped"
    )


def test_a_run_that_was_looked_into_without_them_says_what_to_do(tmp_path: Path) -> None:
    table = begun(tmp_path, layers_group(SAID, np.arange(2, 6)))
    assert table.changes is not None
    assert table.changes.changes is None
    run = open_run(tmp_path / NAME)
    lacks = missing(MEASURED, Scene(run=run, table=table))
    assert lacks is not None
    assert "by an earlier version" in lacks.text
    assert lacks.command.text.startswith(f"deepvid network {NAME}")
    with pytest.raises(DataError, match="deepvid network RUN"):
        FlipDistance("pixel", 0, 1).mask(table)
    write_archive(run, tmp_path / "run.zip")
    archived = open_run(tmp_path / "run.zip")
    lacks = missing(MEASURED, Scene(run=archived, table=population(archived)))
    assert lacks is not None
    assert lacks.text.startswith("This archive was made without distances")
