"""`fit_students` from end to end on small untrained networks."""

from functools import cache
from threading import Event
from typing import Any

import jax
import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from deepvid import config, statistics
from deepvid.errors import Cancelled
from deepvid.models import VAE, Classifier, build, build_vae
from deepvid.progress import Progress, Tick
from deepvid.students import Students, fit_students
from deepvid.students.chain import explain_many
from deepvid.students.decoding import Inputs
from deepvid.students.fidelity import fidelity
from deepvid.students.students import plan_of, values_of

pytestmark = pytest.mark.long

SHAPE = (8, 9, 3)
CLASSES = 4
SETTINGS = config.Students(neighbors=40, gradient_neighbors=6, held_out=0.25)
BAND = np.full(3, 4.0, np.float32)


@cache
def models() -> tuple[Classifier, VAE]:
    keys = jax.random.split(jax.random.key(0))
    names = tuple("abcd")
    classifier = build(
        config.Mlp(hidden=(12,)), image_shape=SHAPE, class_names=names, dropout=0.0, key=keys[0]
    )
    vae = build_vae(config.Vae(latent=3, width=4, hidden=16), image_shape=SHAPE, key=keys[1])
    classifier.eval()
    vae.eval()
    return classifier, vae


@cache
def inputs() -> Inputs:
    images = np.random.default_rng(0).integers(0, 256, (4, *SHAPE), dtype=np.uint8)
    return Inputs(images, np.array([11, 5, 7, 2], np.int32), np.array([0, 1, 2, 3], np.int32))


def explain(rows: slice, **arguments: Any) -> Students:
    part = (array[rows] for array in inputs())
    return fit_students(*models(), *part, BAND, SETTINGS, seed=3, **arguments)


@cache
def four() -> Students:
    return explain(slice(None))


def test_shapes_and_types_are_those_that_are_stored() -> None:
    weights = (4, 2, CLASSES, *SHAPE)
    found = {name: (array.shape, array.dtype.name) for name, array in four().arrays().items()}
    per_fit = dict.fromkeys(FIT_MEASURES, ((4, 2), "float32"))
    assert found == per_fit | {
        "sample": ((4,), "int32"),
        "smoothness": ((2,), "float32"),
        "weights": (weights, "float16"),
        "intercept": ((4, 2, CLASSES), "float32"),
        "agrees_on_sample": ((4, 2), "bool"),
        "held_out": ((4,), "int32"),
        "gate": ((4,), "bool"),
        "reconstruction_class": ((4,), "int32"),
        "neighborhood_gradient": ((4, *SHAPE), "float16"),
        "neighborhood_mean": ((4, *SHAPE), "uint8"),
        "contrast": ((4, 2), "int32"),
        "widening": ((4,), "float32"),
        "commonest": ((4,), "float32"),
        "commonest_class": ((4,), "int32"),
        "stability": ((4,), "float32"),
        "teacher_logits": ((4, CLASSES), "float32"),
        "labels": ((4, 40, CLASSES), "float16"),
        "jacobian": ((4, CLASSES, *SHAPE), "float16"),
    }


FIT_MEASURES = (
    "kl",
    "agreement",
    "agreement_low",
    "agreement_high",
    "floor",
    "kappa",
    "r2",
    "certificate",
)


def test_a_student_does_not_depend_on_the_others_of_the_call() -> None:
    alone = explain(slice(2, 3))
    for whole, one in zip(four().arrays().values(), alone.arrays().values(), strict=True):
        part = whole[2:3] if len(whole) == 4 else whole  # smoothness has no student axis
        assert part.tobytes() == one.tobytes()


def test_batches_of_an_accelerator_give_the_same_students() -> None:
    many = explain_many(*models(), inputs(), values_of(SETTINGS, BAND, 3), plan_of(SETTINGS))
    scale = np.abs(four().weights).max()
    assert np.abs(np.asarray(many.arrays["weights"]) - four().weights).max() < 0.02 * scale
    np.testing.assert_allclose(many.arrays["teacher_logits"], four().teacher_logits, atol=1e-5)
    found = fidelity(np.asarray(many.held_out)[:, None], np.asarray(many.logits))
    np.testing.assert_allclose(found.kl, four().kl, rtol=0.02, atol=1e-6)


def test_what_is_said_of_the_images_themselves() -> None:
    classifier, vae = models()
    images = inputs().image.astype(np.float32) / 255
    logits = np.asarray(classifier.logits(images))
    predicted = logits.argmax(axis=1)
    reconstructed = np.asarray(classifier.logits(vae.decode(vae.encode(images)[0]))).argmax(axis=1)
    np.testing.assert_allclose(four().teacher_logits, logits, atol=1e-4)
    np.testing.assert_array_equal(four().reconstruction_class, reconstructed)
    np.testing.assert_array_equal(four().gate, reconstructed == predicted)
    np.testing.assert_array_equal(four().contrast[:, 0], predicted)
    student = np.einsum("syxc,sfkyxc->sfk", images, four().weights.astype(np.float32)) + four().intercept
    np.testing.assert_array_equal(four().agrees_on_sample, student.argmax(axis=-1) == predicted[:, None])


def test_the_agreement_comes_with_its_interval_and_floor() -> None:
    found = four()
    assert found.held_out.tolist() == [10] * 4
    for place in np.ndindex(found.agreement.shape):
        expected = statistics.wilson(round(10 * float(found.agreement[place])), 10)
        measured = [getattr(found, name)[place] for name in ("agreement", "agreement_low", "agreement_high")]
        assert measured == pytest.approx(expected, abs=1e-6)
    assert found.floor.min() >= 1 / CLASSES
    assert (found.floor == found.floor[:, :1]).all()  # the teacher's share is one for both fits


def test_blas_has_one_thread_while_students_are_fitted_and_what_it_had_afterwards() -> None:
    def threads() -> set[int]:
        return {found["num_threads"] for found in threadpool_info() if found["user_api"] == "blas"}

    seen: list[set[int]] = []
    with threadpool_limits(2, "blas"):
        explain(slice(0, 2), progress=Progress(lambda tick: seen.append(threads())))
        assert threads() == {2}
    assert seen[:2] == [{1}, {1}]  # the third says that all is done


def test_it_reports_each_student_and_stops_when_asked() -> None:
    ticks: list[Tick] = []
    explain(slice(0, 2), progress=Progress(ticks.append))
    assert [tick.done for tick in ticks] == [0, 1, 2]
    cancel = Event()
    with pytest.raises(Cancelled):
        explain(slice(None), progress=Progress(lambda tick: cancel.set(), cancel))
