"""Moving the latents of an image, on the tiny run that the real pipeline made."""

from pathlib import Path

import numpy as np
import pytest

from deepvid.engine.handlers import edit_latents
from deepvid.engine.requests import EditLatents
from deepvid.errors import ConfigError
from deepvid.pipeline.trained import load_trained
from deepvid.progress import SILENT
from deepvid.store import open_run

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def latents(tiny_run: Path) -> int:
    return int(open_run(tiny_run).stages["vae"].open()["scale"].size)


def test_an_image_that_is_not_moved_is_itself(tiny_run: Path, latents: int) -> None:
    run = open_run(tiny_run)
    edited = edit_latents(EditLatents(tiny_run, 7, (0.0,) * latents), SILENT)
    assert edited.sample == 7
    np.testing.assert_array_equal(edited.image, run.stages["dataset"].open()["image"][7].to_numpy())
    stored = run.stages["teacher"].open()["logits"][7].to_numpy()
    np.testing.assert_allclose(edited.logits, stored, atol=1e-3)


def test_a_plain_one_is_what_the_autoencoder_makes_of_the_moved_latent(tiny_run: Path, latents: int) -> None:
    trained, run = load_trained(open_run(tiny_run)), open_run(tiny_run)
    image = run.stages["dataset"].open()["image"][7].to_numpy() / np.float32(255)
    shift = np.zeros(latents, np.float32)
    shift[1] = 2.0
    decoded = np.asarray(trained.vae.decode(trained.vae.encode(image[None])[0] + shift))[0]
    edited = edit_latents(EditLatents(tiny_run, 7, tuple(shift.tolist()), "plain"), SILENT)
    np.testing.assert_allclose(edited.image / 255, decoded, atol=0.5 / 255 + 1e-4)
    logits = np.asarray(trained.classifier.logits(decoded[None]))[0]
    np.testing.assert_allclose(edited.logits, logits, atol=1e-3)


@pytest.mark.parametrize("shift", [(), (0.0,), (float("nan"),)])
def test_a_shift_of_another_length_or_of_no_numbers_is_refused(
    tiny_run: Path, latents: int, shift: tuple[float, ...]
) -> None:
    wrong = shift * latents if shift and np.isnan(shift[0]) else shift
    with pytest.raises(ConfigError, match="for each of the"):
        edit_latents(EditLatents(tiny_run, 7, wrong), SILENT)
    with pytest.raises(ConfigError, match="numbered from 0"):
        edit_latents(EditLatents(tiny_run, 10**9, (0.0,) * latents), SILENT)
