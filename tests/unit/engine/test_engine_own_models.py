"""Questions of the Network page to a model that somebody else has trained: drawn images, squares, strips."""

from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from explained import described
from foreign import Wrapped, models
from micro import Recorder, looked_into
from nets import linear_onnx

from deepvid.attribution.called import Followed
from deepvid.engine.requests import DrawStrip, EditImage, Superpixels
from deepvid.engine.strips import draw_strip
from deepvid.engine.superpixels import superpixels
from deepvid.engine.what_if import what_if
from deepvid.errors import ConfigError, StoreError
from deepvid.fields import PARTS
from deepvid.network.adversarial_distance import excess
from deepvid.network.counterfactual_strip import AWAY, FRAMES, counterfactual_strips
from deepvid.network.spaces import Latents, slope, space_of
from deepvid.pipeline.runner import RunOptions, run_experiment
from deepvid.pipeline.user_model import named_in
from deepvid.progress import SILENT
from deepvid.store import Run

pytestmark = pytest.mark.long

COUNT, K, SIDE = 30, 5, 8


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(5).integers(0, 256, (COUNT, SIDE, SIDE, 1), dtype=np.uint8)


@pytest.fixture(scope="module")
def weight() -> np.ndarray:
    """(number, class): as `linear_onnx` draws them."""
    return np.random.default_rng(6).normal(size=(SIDE * SIDE, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, images: np.ndarray) -> Run:
    """A linear model, whose file the run holds; it was looked into. Every image is a test image."""
    pytest.importorskip("onnxruntime")
    folder = tmp_path_factory.mktemp("own")
    (folder / "linear.onnx").write_bytes(linear_onnx((1, SIDE, SIDE), 3))
    np.savez(folder / "images.npz", images=images, labels=np.arange(COUNT) % 3)
    dataset = {"source": "arrays", "path": str(folder / "images.npz"), "test_share": 1}
    wanted = described(folder, {"source": "onnx", "path": str(folder / "linear.onnx")}, dataset=dataset)
    recorder, named = Recorder(), named_in(wanted)
    assert named is not None
    order = RunOptions(recorder, recorder.cancel, stop_after="teacher", user_model=named)
    path = run_experiment(named.of(wanted), folder / "runs", order)
    return looked_into(path, components=64, neighbors=K, left_out=5)


def stored(run: Run, sample: int) -> np.ndarray:
    return run.stages["dataset"].open()["image"][sample].to_numpy()


def test_a_drawn_image_is_shown_to_the_model_and_held_against_all_other_images(
    run: Run, weight: np.ndarray
) -> None:
    """Components of a linear model's inputs are its pixels: what it reads is what it is given."""
    sample, group = 3, run.together(*PARTS)
    drawn = stored(run, sample).copy()
    drawn[2:6, 2:6] = 255
    found = what_if(EditImage(run.path, sample, drawn.tobytes()), SILENT)
    pixels = np.stack([stored(run, sample), drawn]).reshape(2, -1) / np.float32(255)
    np.testing.assert_allclose(found.logits, pixels @ weight, rtol=1e-4, atol=1e-4)
    assert found.among == "other images"
    for number, voted in enumerate(found.columns):
        assert voted.before == (group["probe"][number, sample], group["probe_votes"][number, sample])
        assert voted.after is not None
    assert {unit.column for unit in found.units} == {"features"}


def test_squares_of_a_linear_model_are_what_covering_them_takes(run: Run, weight: np.ndarray) -> None:
    sample = 4
    pixels = stored(run, sample)[..., 0] / np.float32(255)
    answer, target = np.argsort(-(pixels.ravel() @ weight))[:2].tolist()
    found = superpixels(Superpixels(run.path, sample, target), SILENT)
    margin = (weight[:, answer] - weight[:, target]).reshape(SIDE, SIDE)
    squares = pixels.reshape(4, 2, 4, 2)
    centered = (squares - squares.mean(axis=(1, 3), keepdims=True)).reshape(SIDE, SIDE)
    expected = (margin * centered).reshape(4, 2, 4, 2).sum(axis=(1, 3))
    assert found.r2 > 0.95
    assert np.corrcoef(found.weight.ravel(), expected.ravel())[0, 1] > 0.99


def test_a_strip_of_a_model_without_gradients_is_refused(run: Run) -> None:
    with pytest.raises(ConfigError, match=r"needs a classifier's gradients.*linear\.onnx.*Explain the"):
        draw_strip(DrawStrip(run.path, 3, None, "pixel"), SILENT)


IMAGE = np.random.default_rng(1).integers(0, 256, (1, 8, 9, 1), dtype=np.uint8)


@pytest.mark.parametrize(("space", "target"), [("pixel", AWAY), ("smooth", 2)])
def test_d_1_a_strip_through_a_model_that_is_called_is_that_through_the_network(
    space: Any, target: int
) -> None:
    network, _ = models()
    expected = counterfactual_strips(network, None, space, IMAGE, np.array([target]))
    asked: list[None] = []
    with jax.disable_jit():
        found = counterfactual_strips(
            Followed(Wrapped(network), lambda: asked.append(None)), None, space, IMAGE, np.array([target])
        )
    np.testing.assert_allclose(found.picture, expected.picture, atol=1e-3)
    np.testing.assert_allclose(found.logits, expected.logits, atol=1e-3)
    assert np.abs(found.picture[0, -1] - found.picture[0, 0]).max() > 1e-3
    assert len(asked) > FRAMES


def test_d_1_through_latents_each_step_is_as_steep() -> None:
    """∂f/∂u of a change of latents, through a VAE of ours and a model that is called."""
    network, vae = models()
    images = jnp.asarray(IMAGE / np.float32(255))
    place = space_of("latent", images, Latents(vae, np.ones(3, np.float32)))
    expected = slope(place, place.start, partial(excess, network, jnp.array([1])))
    with jax.disable_jit():
        found = slope(place, place.start, partial(excess, Followed(Wrapped(network)), jnp.array([1])))
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


def test_a_model_that_nobody_names_is_not_asked(tmp_path: Path, images: np.ndarray) -> None:
    (tmp_path / "my_linear.py").write_text(
        "def logits(images): return 9 * images.reshape(len(images), -1)[:, :3]\n"
    )
    np.savez(tmp_path / "images.npz", images=images, labels=np.arange(COUNT) % 3)
    dataset = {"source": "arrays", "path": str(tmp_path / "images.npz"), "test_share": 1}
    wanted = described(tmp_path, {"source": "function", "entry": "my_linear:logits"}, dataset=dataset)
    recorder, named = Recorder(), named_in(wanted)
    assert named is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(tmp_path))
        order = RunOptions(recorder, recorder.cancel, stop_after="teacher", user_model=named)
        path = run_experiment(named.of(wanted), tmp_path / "runs", order)
    with pytest.raises(StoreError, match=r"my_linear:logits and does not hold it.*--model"):
        superpixels(Superpixels(path, 3, 0), SILENT)
