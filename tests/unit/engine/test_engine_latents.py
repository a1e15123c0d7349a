"""An image moved, its neighbors, its way to another: on the tiny run that the real pipeline made."""

from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from deepvid import config
from deepvid.engine.handlers import edit_latents, morph, neighbors_of, weigh_latents
from deepvid.engine.requests import DrawNeighbors, EditLatents, Morph, WeighLatents
from deepvid.errors import ConfigError
from deepvid.pipeline.trained import TrainedRun
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
    trained, run = TrainedRun.open(tiny_run), open_run(tiny_run)
    image = run.stages["dataset"].open()["image"][7].to_numpy() / np.float32(255)
    shift = np.zeros(latents, np.float32)
    shift[1] = 2.0
    decoded = np.asarray(trained.vae.decode(trained.vae.encode(image[None])[0] + shift))[0]
    edited = edit_latents(EditLatents(tiny_run, 7, tuple(shift.tolist()), "plain"), SILENT)
    np.testing.assert_allclose(edited.image / 255, decoded, atol=0.5 / 255 + 1e-4)
    logits = np.asarray(trained.teacher.logits(decoded[None]))[0]
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


def test_a_shift_so_far_that_the_teacher_has_no_answer_is_refused(tiny_run: Path, latents: int) -> None:
    with pytest.raises(ConfigError, match="Move it less far"):
        edit_latents(EditLatents(tiny_run, 7, (1e300,) * latents), SILENT)


def test_a_latent_weighs_what_its_band_changes_of_the_predicted_class(tiny_run: Path, latents: int) -> None:
    band = np.linspace(0, 2, latents)
    weighed = weigh_latents(WeighLatents(tiny_run, 7, tuple(band.tolist())), SILENT)
    assert weighed.sensitivity.shape == (latents,)
    assert weighed.sensitivity[0] == 0  # a band of no width
    shift = np.zeros(latents)
    shift[-1] = band[-1]
    ends = [
        edit_latents(EditLatents(tiny_run, 7, tuple(side.tolist())), SILENT).logits
        for side in (shift, -shift)
    ]
    up, down = (np.exp(end - end.max()) / np.exp(end - end.max()).sum() for end in ends)
    predicted = open_run(tiny_run).stages["teacher"].open()["logits"][7].to_numpy().argmax()
    change = abs(up[predicted] - down[predicted]) / 2
    assert weighed.sensitivity[-1] == pytest.approx(change, abs=1e-4)
    with pytest.raises(ConfigError, match="A band has a number for each"):
        weigh_latents(WeighLatents(tiny_run, 7, (1.0,)), SILENT)


def test_neighbors_are_those_that_the_stored_student_was_fitted_on(tiny_run: Path) -> None:
    run = open_run(tiny_run)
    students = run.batches("students")[0].open()
    settings = config.Students.model_validate(students.attrs["settings"])
    for row in range(2):
        sample = int(students["sample"][row])
        drawn = neighbors_of(DrawNeighbors(tiny_run, sample, settings, run.config["seed"]), SILENT)
        image = run.stages["dataset"].open()["image"][sample].to_numpy()
        assert len(drawn.image) == len(drawn.logits) == settings.neighbors
        np.testing.assert_array_equal(drawn.image[0], image)
        assert drawn.held_out == int(students["held_out"][row])
        assert drawn.widening == pytest.approx(float(students["widening"][row]))
        counts = np.bincount(drawn.logits.argmax(axis=1))
        assert counts.argmax() == int(students["commonest_class"][row])
        assert counts.max() / len(drawn.logits) == pytest.approx(float(students["commonest"][row]))
        mean = drawn.image[: -drawn.held_out].mean(axis=0)
        assert np.abs(mean - students["neighborhood_mean"][row].to_numpy()).max() < 1.5
    other = neighbors_of(DrawNeighbors(tiny_run, sample, settings, run.config["seed"] + 1), SILENT)
    assert (other.image[2:] != drawn.image[2:]).any()


@pytest.mark.parametrize("way", ["linear", "spherical"])
def test_a_morph_begins_and_ends_with_the_images_themselves(tiny_run: Path, way: Literal["linear"]) -> None:
    run = open_run(tiny_run)
    images = run.stages["dataset"].open()["image"]
    logits = run.stages["teacher"].open()["logits"].to_numpy()
    answers = logits.argmax(axis=1)
    other = int(np.flatnonzero(answers != answers[7])[0])
    found = morph(Morph(tiny_run, 7, other, 11, way), SILENT)
    assert found.position.tolist() == pytest.approx([step / 10 for step in range(11)])
    np.testing.assert_array_equal(found.image[[0, -1]], images[[7, other]].to_numpy())
    np.testing.assert_allclose(found.logits[[0, -1]], logits[[7, other]], atol=1e-3)
    assert found.flips[0].before == answers[7]
    assert found.flips[-1].after == answers[other]
    for flip in found.flips:
        first, second = np.sort(flip.logits)[-2:]
        assert second - first < 0.5  # within a thousandth of the way both are as likely
        assert flip.logits.argmax() == flip.after


def test_plain_ends_are_what_the_autoencoder_makes_of_them(tiny_run: Path) -> None:
    trained = TrainedRun.open(tiny_run)
    images = open_run(tiny_run).stages["dataset"].open()["image"][[7, 9]].to_numpy() / np.float32(255)
    copies = np.asarray(trained.vae.decode(trained.vae.encode(images)[0]))
    found = morph(Morph(tiny_run, 7, 9, 3, neighborhood="plain"), SILENT)
    np.testing.assert_allclose(found.image[[0, -1]] / 255, copies, atol=0.5 / 255 + 1e-4)


def test_a_morph_of_one_step_or_to_no_image_is_refused(tiny_run: Path) -> None:
    with pytest.raises(ConfigError, match="2 to"):
        morph(Morph(tiny_run, 7, 8, 1), SILENT)
    with pytest.raises(ConfigError, match="numbered from 0"):
        morph(Morph(tiny_run, 7, 10**9), SILENT)
