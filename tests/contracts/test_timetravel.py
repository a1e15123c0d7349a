"""The contract of every form of time travel; a new one is tested the day it is added to its catalogue."""

from dataclasses import replace
from threading import Event
from typing import Any, get_args

import numpy as np
import pytest
from clouds import EACH, WIDTH, clouds

from deepvid.config import names
from deepvid.errors import Cancelled, DataError
from deepvid.progress import SILENT, Progress
from deepvid.timetravel.catalogue import FORMS
from deepvid.timetravel.contract import Epoch, Fitted
from deepvid.timetravel.layout import Phase
from deepvid.timetravel.measures.preservation import nn, ppr, shared_neighbors
from deepvid.timetravel.reference.published import Passes

PASSES = Passes(most=40, batch=100)
SMALL: dict[str, dict[str, Any]] = {
    "parametric": {"steps": 200, "batch": 60, "encoder": (32,), "decoder": (32,)},
    "layout": {"steps": 200, "batch": 60, "first": (Phase(50, 12, 0.5), Phase(50, 1, 0.8))},
    "published": {"passes": PASSES, "hidden": 16},
    "timevis": {"passes": PASSES, "hidden": 16, "chosen": 60},
}
EPOCHS = clouds()
COMPARED = ("published", "timevis")  # with which the others are compared
NAMES = [pytest.param(form, marks=[pytest.mark.slow] * (form in COMPARED)) for form in FORMS]


def fit(
    form: str, epochs: list[Epoch], *, before: Fitted | None = None, progress: Progress = SILENT
) -> list[Fitted]:
    small: Any = replace(FORMS[form], **SMALL[form])  # type: ignore[type-var, arg-type]
    return list(small.fit(epochs, before=before, seed=0, progress=progress))


@pytest.fixture(scope="module", params=NAMES)
def fitted(request: pytest.FixtureRequest) -> tuple[str, list[Fitted]]:
    return request.param, fit(request.param, EPOCHS)


def test_the_catalogue_has_every_form_an_experiment_may_name() -> None:
    assert set(FORMS) == set(get_args(names.TimeTravelForm)) == set(SMALL)


def test_every_epoch_has_a_map_of_all_its_points(fitted: tuple[str, list[Fitted]]) -> None:
    assert len(fitted[1]) == len(EPOCHS)
    for epoch, found in zip(EPOCHS, fitted[1], strict=True):
        assert found.position.shape == (len(epoch.features), 2)
        assert found.boundary_position.shape == (len(epoch.boundary), 2)
        assert found.position.dtype == np.float32
        assert np.isfinite(found.position).all()
        np.testing.assert_array_equal(found.sample, epoch.sample)
        assert found.nearest.shape == (len(epoch.features), 15)


def test_a_sample_is_projected_to_its_position_and_inverted_to_features(
    fitted: tuple[str, list[Fitted]],
) -> None:
    for epoch, found in zip(EPOCHS, fitted[1], strict=True):
        some = slice(0, None, EACH // 2)
        np.testing.assert_allclose(found.model.project(epoch.features[some]), found.position[some], atol=1e-4)
        assert found.model.invert(found.position).shape == (len(epoch.features), WIDTH)


def test_maps_keep_neighbors_and_predictions_better_than_chance(fitted: tuple[str, list[Fitted]]) -> None:
    epoch, found = EPOCHS[-1], fitted[1][-1]
    neighbors = nn(shared_neighbors(epoch.features, found.position), seed=0)
    assert neighbors.low > neighbors.chance
    decoded = epoch.head(found.model.invert(found.position))
    predicted = ppr(np.asarray(epoch.head(epoch.features)), np.asarray(decoded))
    assert predicted.low > predicted.chance


def test_the_same_seed_gives_the_same_maps_where_the_training_is_resumed(
    fitted: tuple[str, list[Fitted]],
) -> None:
    form, maps = fitted
    done = 0 if form == "timevis" else 1  # it reads all epochs at once
    again = [*maps[:done], *fit(form, EPOCHS[done:], before=maps[0])]
    for first, second in zip(maps, again, strict=True):
        assert first.position.tobytes() == second.position.tobytes()


@pytest.mark.parametrize("form", NAMES)
def test_a_request_to_stop_is_honored(form: str) -> None:
    cancel = Event()
    with pytest.raises(Cancelled):
        fit(form, EPOCHS, progress=Progress(lambda _: cancel.set(), cancel))


@pytest.mark.parametrize("form", NAMES)
def test_an_epoch_that_has_diverged_is_refused(form: str) -> None:
    diverged = EPOCHS[0]._replace(features=np.full_like(EPOCHS[0].features, np.nan))
    with pytest.raises(DataError, match="120 of 120 samples with NaN"):
        fit(form, [diverged])


@pytest.mark.long
@pytest.mark.parametrize("form", NAMES)
def test_a_classifier_that_predicts_one_class_has_a_map_without_boundary(form: str) -> None:
    alone = EPOCHS[0]._replace(boundary=EPOCHS[0].boundary[:0])
    (found,) = fit(form, [alone])
    assert found.boundary_position.shape == (0, 2)
    assert np.isfinite(found.position).all()


@pytest.mark.long
@pytest.mark.parametrize("form", NAMES)
def test_epochs_with_other_samples_are_joined_by_name(form: str) -> None:
    """The second epoch has lost the first 20 samples and has the others in another order."""
    order = np.random.default_rng(0).permutation(np.arange(20, 3 * EACH))
    later = EPOCHS[1]._replace(sample=order, features=EPOCHS[1].features[order])
    first, second = fit(form, [EPOCHS[0], later])
    assert len(first.position) == 3 * EACH
    np.testing.assert_array_equal(second.sample, order)
