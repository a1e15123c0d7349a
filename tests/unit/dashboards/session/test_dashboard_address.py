"""The address bar says the state, and a link gives it back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.data.hierarchy import STAGES
from dashboards.pages.catalogue import PAGES
from dashboards.session.address import read_address, write_address
from dashboards.session.gestures import (
    GESTURES,
    Branch,
    Cells,
    ClassChanges,
    EpochCells,
    EpochPolygon,
    FlipDistance,
    Flips,
    GroupResponse,
    LayerPolygon,
    Polygon,
    Polygon3D,
    Probe,
    Query,
    Response,
    Ring,
    Samples,
    Trusted,
)
from dashboards.session.navigation import Navigation
from dashboards.session.selection import Mode, Step
from dashboards.session.state import LONGEST, LinkedState
from deepvid.trust import Verdict

STEPS = (
    Step(Mode.REPLACE, Polygon.drawn("tsne", (0.0, 1.0, 2.5), (0.0, 1.0, -3.25))),
    Step(Mode.ADD, Cells(((0, 6), (6, 0)))),
    Step(Mode.SUBTRACT, Samples((4711,))),
)


def fresh(**values):
    """A session's state on the first page."""
    where, pages = Navigation([page.name for page in PAGES]), {page.name: page.state() for page in PAGES}
    where.param.update(**values)
    return where, pages


def there_and_back(where, pages, steps=()):
    """State of a fresh session that opens the link of another."""
    return read_address(write_address(where, pages, steps), *fresh())


def test_what_is_written_is_read_back():
    where, pages = fresh(
        run="demo-1a2b", page="archive", focus=4711, projection="tsne", color="error", theme="dark"
    )
    pages["archive"].param.update(chosen="demo-3c4d", tab="compare", other="demo-5e6f")
    address = there_and_back(where, pages, STEPS)
    assert address.steps == STEPS
    assert address.navigation == {
        "run": "demo-1a2b", "page": "archive", "focus": 4711, "projection": "tsne", "color": "error",
        "theme": "dark", "overlay": "", "method": "", "raw": False, "student": "", "pin": None,
        "layer": "", "filter": None, "tree": "head", "sectors": "class", "classes": "", "sort": "",
        "group": "", "axes": "information", "rings": True, "split": "test",
        "view": None, "space": "latent", "target": "", "silenced": "", "contours": False, "metric": "euclid",
    }  # fmt: skip
    assert address.state == {"chosen": "demo-3c4d", "tab": "compare", "other": "demo-5e6f"}


def test_a_page_says_its_own_state_alone():
    where, pages = fresh(run="a", page="archive")
    pages["archive"].param.update(chosen="b", tab="verify", other="c")
    assert write_address(where, pages, ()) == "?run=a&page=archive&chosen=b&tab=verify"  # nothing is compared
    where.page = "diagnose"
    assert write_address(where, pages, ()) == "?run=a"
    assert read_address("?page=archive&tab=nonsense", *fresh()).state["tab"] == "provenance"


def test_defaults_are_left_out():
    assert write_address(*fresh(run="a"), ()) == "?run=a"


def test_no_page_hides_what_everybody_shares():
    shared = {*Navigation([""]).linked, "select"}
    for page in PAGES:
        assert not shared & set(page.state().linked), page.name


def test_polygons_are_rounded_whatever_holds_their_corners():
    corners = np.array([1 / 3, 2 / 3, 1e-9])
    assert Polygon.drawn("m", corners, corners).x == (0.33333, 0.66667, 1e-9)


numbers = st.floats(allow_nan=False, allow_infinity=False, width=32)
index = st.integers(0, 2**31 - 1)
GIVEN = {
    "polygon": st.lists(st.tuples(numbers, numbers), min_size=3, max_size=9).map(
        lambda corners: Polygon.drawn("t-SNE & more", *zip(*corners, strict=True))
    ),
    "polygon3d": st.tuples(
        st.lists(numbers, min_size=12, max_size=12),
        st.lists(st.tuples(numbers, numbers), min_size=3, max_size=9),
    ).map(lambda drawn: Polygon3D.drawn("t-SNE & more", drawn[0], *zip(*drawn[1], strict=True))),
    "cells": st.lists(st.tuples(index, index)).map(lambda cells: Cells(tuple(cells))),
    "samples": st.lists(index).map(lambda samples: Samples(tuple(samples)))
    | st.builds(Samples, st.lists(index).map(tuple), st.text(max_size=120)),
    "trust": st.one_of(
        st.sampled_from(Verdict),
        st.lists(st.floats(0, 1), min_size=2, max_size=2, unique=True).map(lambda ends: tuple(sorted(ends))),
    ).map(Trusted),
    "query": st.sampled_from(['true == "a&b"', "confidence > .5 and not wrong"]).map(Query),
    "epoch-polygon": st.tuples(index, st.lists(st.tuples(numbers, numbers), min_size=3, max_size=9)).map(
        lambda drawn: EpochPolygon.drawn("layout", drawn[0], *zip(*drawn[1], strict=True))
    ),
    "epoch-cells": st.tuples(index, st.lists(st.tuples(index, index))).map(
        lambda cells: EpochCells("layout", cells[0], tuple(cells[1]))
    ),
    "changed": st.tuples(index, index, st.none() | index).map(
        lambda drawn: ClassChanges(min(drawn[:2]), max(drawn[:2]), drawn[2])
    ),
    "probe": st.lists(
        st.tuples(st.text(max_size=200), st.lists(index, min_size=1).map(tuple)), min_size=1, max_size=2
    ).map(lambda said: Probe(tuple(said))),
    "layer-polygon": st.tuples(
        st.text(max_size=200), st.lists(st.tuples(numbers, numbers), min_size=3, max_size=9)
    ).map(lambda drawn: LayerPolygon.drawn(drawn[0], *zip(*drawn[1], strict=True))),
    "response": st.tuples(st.text(max_size=200), index, numbers, numbers).map(
        lambda drawn: Response.drawn(*drawn)
    ),
    "group-response": st.tuples(st.text(max_size=200), index, numbers, numbers).map(
        lambda drawn: GroupResponse.drawn(*drawn)
    ),
    "flip-distance": st.tuples(
        st.sampled_from(["latent", "pixel"]),
        st.lists(st.floats(0, 1e6), min_size=2, max_size=2, unique=True).map(sorted),
    ).map(lambda drawn: FlipDistance(drawn[0], *drawn[1])),
    "flips": index.map(lambda epoch: Flips("parametric", epoch)),
    "branch": index.map(Branch),
    "ring": st.tuples(index, st.sampled_from(list(STAGES))).map(lambda place: Ring(*place)),
}


def test_every_registered_gesture_is_tried():
    assert GIVEN.keys() == GESTURES.keys()


@given(st.lists(st.tuples(st.sampled_from(Mode), st.one_of(*GIVEN.values())), max_size=5))
def test_every_gesture_survives_a_link(gestures):
    steps = tuple(Step(*gesture) for gesture in gestures)
    assert there_and_back(*fresh(), steps).steps == steps


spans = st.lists(st.floats(-1e11, 1e11), min_size=2, max_size=2, unique=True).map(sorted)


def values_of(state: LinkedState) -> st.SearchStrategy:
    """Any values that the linked parameters of a state may have."""
    kinds = {
        "Selector": lambda parameter: st.sampled_from(parameter.objects),
        "String": lambda _: st.text(),
        "Integer": lambda _: st.none() | st.integers(0, 10**11),
        "Boolean": lambda _: st.booleans(),
        "NumericTuple": lambda _: st.none() | st.tuples(spans, spans).map(lambda pair: (*pair[0], *pair[1])),
    }
    parameters = {name: state.param[name] for name in state.linked}
    return st.fixed_dictionaries(
        {name: kinds[type(parameter).__name__](parameter) for name, parameter in parameters.items()}
    )


@pytest.mark.parametrize("page", [page.name for page in PAGES])
@given(data=st.data())
def test_every_page_s_state_survives_a_link(page, data):
    where, pages = fresh()
    where.param.update(**data.draw(values_of(where)) | {"page": page})
    pages[page].param.update(**data.draw(values_of(pages[page])))
    said = pages[page].to_query()
    address = there_and_back(where, pages)
    assert address.misread == {}
    assert address.navigation == {name: getattr(where, name) for name in where.linked}
    assert address.state == {
        name: getattr(pages[page], name) if name in said else pages[page].param[name].default
        for name in pages[page].linked
    }


def test_the_longest_number_of_a_link_is_read_and_a_longer_one_is_not():
    navigation, pages = fresh()
    longest = "9" * LONGEST
    assert read_address(f"?focus={longest}", navigation, pages).navigation["focus"] == int(longest)
    assert read_address(f"?focus={longest}9", navigation, pages).navigation["focus"] is None


def test_leading_zeros_make_no_other_number():
    address = read_address("?focus=007&pin=000", *fresh())
    assert (address.navigation["focus"], address.navigation["pin"]) == (7, 0)
    assert address.misread == {}


def test_the_part_of_the_map_in_sight_is_left_with_the_map():
    where, _ = fresh(projection="tsne", view=(-1.5, 2.0, 0.0, 3e-7))
    assert there_and_back(where, fresh()[1]).navigation["view"] == (-1.5, 2.0, 0.0, 3e-7)
    assert read_address("?view=1,2.50,3,4e0", *fresh()).misread == {}
    where.color = "error"
    assert where.view is not None
    where.projection = "pca"
    assert where.view is None
    where.param.update(projection="tsne", view=(0.0, 1.0, 0.0, 1.0))
    assert where.view == (0.0, 1.0, 0.0, 1.0)


@pytest.mark.parametrize(
    "query",
    [
        "select=[",
        "select=" + "[" * 100_000,
        'select=[["replace","polygon",{"map":"m","x":[1,2],"y":[1,2]}]]',
        'select=[["replace","polygon",{"map":"m","x":[1,2,NaN],"y":[1,2,3]}]]',
        f'select=[["replace","polygon",{{"map":"m","x":[1,2,{"9" * 400}],"y":[1,2,3]}}]]',
        'select=[["replace","cells",[[0,-1]]]]',
        'select=[["replace","cells",[[0,99999999999999999999]]]]',
        'select=[["replace","samples",["0"]]]',
        'select=[["sideways","samples",[0]]]',
        'select=[["replace","magic",[0]]]',
        'select=[["replace","probe",[]]]',
        'select=[["replace","layer-polygon",{"layer":7,"x":[0,1,1],"y":[0,0,1]}]]',
        'select=[["replace","probe",[["stem",[]]]]]',
        'select=[["replace","probe",[[7,[0]]]]]',
        "focus=-1&page=nowhere",
        "focus=999999999999999999",
        "rings=maybe",
        "view=1,2,3",
        "view=2,1,0,1",
        "view=0,1,5,5",
        "view=nan,1,0,1",
        "view=0,1e999,0,1",
        "view=0,1,0,one",
        "tab=nowhere",
    ],
)
def test_nonsense_is_ignored_and_told(query):
    address = read_address("?" + query, *fresh())
    assert address.steps == ()
    assert address.misread == dict(said.split("=", 1) for said in query.split("&"))
    assert (address.navigation["focus"], address.navigation["page"], address.navigation["color"]) == (
        None, "diagnose", "label",
    )  # fmt: skip
