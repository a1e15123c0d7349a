"""Sentences of latents, and the axes that are drawn of them."""

import numpy as np
import pytest
import xarray as xr

from dashboards.data.latents import Latents, _read
from dashboards.views.latent.table import as_setting, axes, half_widths

RNG = np.random.default_rng(0)
MEAN = np.stack([RNG.normal(0, 1, 500), RNG.normal(0, 0.01, 500), RNG.normal(0, 2, 500)], axis=1).astype("f4")


@pytest.fixture
def known() -> Latents:
    return _read(
        xr.Dataset(
            {
                "mean": (("sample", "latent"), MEAN),
                "log_variance": (("sample", "latent"), np.full((500, 3), np.log(0.04), "f4")),
                "scale": ("latent", MEAN.std(axis=0)),
            }
        )
    )


def test_latents_stand_by_what_they_say_and_silent_ones_are_left_out(known: Latents) -> None:
    kl = 0.5 * (MEAN**2 + 0.04 - np.log(0.04) - 1).mean(axis=0)
    np.testing.assert_allclose(known.kl, kl, rtol=1e-5)
    assert known.order.tolist() == [2, 0, 1]
    assert known.active.tolist() == [True, False, True]
    shown = axes(known, 3, half_widths(known, 0.5), known.order)
    assert [axis.number for axis in shown] == [2, 0]
    assert shown[1].value == pytest.approx(MEAN[3, 0], rel=1e-4)
    assert shown[1].deviation == pytest.approx(0.2)
    assert shown[1].band == pytest.approx(0.5 * MEAN[:, 0].std(), rel=1e-4)
    assert (MEAN[:, 0] < shown[1].low).mean() == pytest.approx(0.05, abs=0.005)
    assert (MEAN[:, 0] > shown[1].high).mean() == pytest.approx(0.05, abs=0.005)


def test_a_v3_a_band_of_each_latent_becomes_a_setting_and_back(known: Latents) -> None:
    setting = as_setting(known, {0: 0.25, 2: 3.0}, 0.6)
    assert setting[1] == pytest.approx(0.6)  # nothing was said of it
    np.testing.assert_allclose(half_widths(known, setting)[[0, 2]], [0.25, 3.0], rtol=1e-3)
    assert as_setting(known, {0: -1.0}, (0.1, 0.2, 0.3)) == (0.0, pytest.approx(0.2), pytest.approx(0.3))
