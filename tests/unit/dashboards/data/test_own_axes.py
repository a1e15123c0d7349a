"""Maps along axes of a person's own."""

from collections.abc import Iterator

import numpy as np
import pytest

from dashboards.data.own_axes import CENTERED, SPHERE, Axis, OwnAxes, axes_of, project
from deepvid.errors import DataError

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
