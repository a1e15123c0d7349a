"""Maps along axes of a person's own."""

from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xarray as xr
from tables import a_table

from dashboards.data.own_axes import CENTERED, SPHERE, Axis, OwnAxes, axes_of, own_map, project
from dashboards.data.population import FactsKey
from deepvid.errors import DataError
from deepvid.store import Mark

VALUES = np.array([[0, 0], [2, 0], [0, 4], [2, 4]], np.float32)
LEFT, RIGHT = VALUES[:, 0] == 0, VALUES[:, 0] == 2


def blocks() -> Iterator[np.ndarray]:
    return iter((VALUES[:3], VALUES[3:]))


def test_e5_an_axis_leads_from_the_middle_of_some_to_that_of_others() -> None:
    found = project(blocks, LEFT, RIGHT)
    assert found.along.tolist() == [0, 2, 0, 2]
    assert found.explained == pytest.approx(1 / 5)  # variances 1 and 4
    moved = project(blocks, LEFT, RIGHT, CENTERED)
    assert moved.along.tolist() == [-1, 1, -1, 1]
    assert moved.explained == pytest.approx(1 / 5)
    on_sphere = project(blocks, LEFT, RIGHT, SPHERE)
    assert on_sphere.along == pytest.approx(np.array([-1, 1, -1, 1]) / np.sqrt(5), abs=1e-6)
    with pytest.raises(DataError, match="two middles at one place"):
        project(blocks, LEFT, LEFT)


def test_e5_a_definition_stands_in_the_name_of_its_map() -> None:
    axes = OwnAxes("features", "sphere", "tsne", Axis('true == "a"', 'true == "b"'), None)
    assert axes_of(axes.name) == axes
    for name in ("tsne", "axes:", "axes:[]", 'axes:["features","plain","m",null,null]', "axes:{"):
        assert axes_of(name) is None
    assert axes_of('axes:["features","plain","m",["and","x == 1"],null]') is None  # no query


def test_e5_an_axis_from_marks_follows_them() -> None:
    run: Any = SimpleNamespace(stages={})
    pixels = xr.DataArray(
        np.array([0, 40, 90, 200], np.uint8)[:, None, None, None], dims=("sample", "y", "x", "channel")
    )
    table = replace(a_table([0, 1, 2, 0], [0, 0, 0, 0]), run=run, pictures=pixels, facts=FactsKey())
    name = OwnAxes("pixels", "plain", "", Axis("marked", 'true == "c0"'), None).name
    assert own_map(table, name) is None  # nothing is marked
    towards = []
    for marked in (1, 3):
        drawn = own_map(table.with_marks({marked: Mark("", "", 0)}), name)
        assert drawn is not None
        towards.append(float(np.sign(drawn.x[3] - drawn.x[0])))
    assert towards == [1, -1]
    assert own_map(table, name) is None
