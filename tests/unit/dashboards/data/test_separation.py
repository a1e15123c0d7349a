"""Whether three dimensions separate classes better than two, from hits made by hand."""

import numpy as np
import pytest
from tables import a_table

from dashboards.data.maps import Hits, Map, Map3D, Measure
from dashboards.data.separation import Pair, pair_of, separation

SETTINGS = {"method": "tsne", "of": "features", "samples": "test"}


def a_pair(flat, deep, data=None):
    """Maps with these hits (row,), and the intervals that are as wide as hits of many rows vary."""
    both = []
    for dimensions, hit in ((2, flat), (3, deep)):
        mean = float(np.nanmean(hit))
        quality = {"neighborhood_hit": Measure(mean, mean - 0.05, mean + 0.05, 0.1)}
        hits = None if data is None else Hits(np.float32(hit), np.float32(data))
        both.append((f"tsne-features-{dimensions}d", quality, SETTINGS | {"dimensions": dimensions}, hits))
    (flat_name, *of_flat), (deep_name, *of_deep) = both
    nowhere = np.zeros(len(flat), np.float32)
    return Pair(
        Map(flat_name, nowhere, nowhere, *of_flat), Map3D(deep_name, np.zeros((len(flat), 3)), *of_deep)
    )


SPREAD = np.linspace(0.4, 0.9, 200)


def test_what_every_image_gains_is_a_gain_though_the_intervals_overlap():
    """Each of 200 images has .02 more: their mean does, and no draw of a bootstrap gives another one."""
    told = separation(a_pair(SPREAD, SPREAD + 0.02, SPREAD + 0.1))
    assert told.gain == pytest.approx((0.02, 0.02, 0.02), abs=1e-6)
    assert told.data.value == pytest.approx(0.75)
    assert told.better == 1
    assert separation(a_pair(SPREAD + 0.02, SPREAD, SPREAD)).better == -1


def test_where_some_gain_and_others_lose_nothing_is_better():
    other = SPREAD + np.where(np.arange(200) % 2, 0.1, -0.1)
    assert separation(a_pair(SPREAD, other, SPREAD)).better == 0


def test_images_that_were_not_measured_are_left_out():
    known = np.where(np.arange(200) < 100, SPREAD, np.nan)
    assert separation(a_pair(known, known + 0.02, known)).gain.value == pytest.approx(0.02)


@pytest.mark.parametrize(("gain", "better"), [(0.2, 1), (0.05, 0), (-0.05, 0), (-0.2, -1)])
def test_without_hits_of_each_image_intervals_must_not_overlap(gain, better):
    told = separation(a_pair(SPREAD, SPREAD + gain))
    assert (told.data, told.gain, told.better) == (None, None, better)


def test_a_map_and_its_counterpart_differ_in_dimensions_alone():
    pair = a_pair(SPREAD, SPREAD)
    table = a_table([0, 1])
    table.maps[pair.flat.name] = pair.flat
    assert pair_of(table, pair.flat) is None
    table.maps_3d[pair.deep.name] = pair.deep
    assert pair_of(table, pair.flat) == pair_of(table, pair.deep) == pair
    other = Map("pca", pair.flat.x, pair.flat.y, {}, SETTINGS | {"method": "pca"})
    assert pair_of(table, other) is None
    looser = Map("tsne", pair.flat.x, pair.flat.y, {}, SETTINGS | {"perplexity": 50.0})
    assert pair_of(table, looser) is None  # perplexity may be why it separates as it does


def test_what_was_not_measured_is_not_answered():
    flat, deep = a_pair(SPREAD, SPREAD)
    assert separation(Pair(flat, Map3D(deep.name, deep.position, {}, SETTINGS))) is None
