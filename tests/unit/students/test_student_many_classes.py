"""Students of a teacher that knows many classes: most of them share the weights of one."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import log_softmax, softmax

from deepvid.students import listed as many
from deepvid.students.fitting import Method, Strengths, fit, predict
from deepvid.students.listed import MOST, OWN, joined, listed, rows_of

CLASSES = 400
T = jnp.float32(2.0)


def said(neighbors: int = 60) -> jax.Array:
    """Logits of 400 classes, of which the first 60 are far more probable than the others."""
    rng = np.random.default_rng(0)
    return jnp.asarray(rng.normal(size=(neighbors, CLASSES)) + 4 * (np.arange(CLASSES) < 60), jnp.float32)


WEIGHT = jnp.full(60, 1 / 60)
ASKED = jnp.array([399, 3, 398], jnp.int32)


def test_few_classes_have_a_row_each() -> None:
    assert listed(said()[:, :MOST], WEIGHT, ASKED, T) is None
    assert (rows_of(MOST), rows_of(MOST + 1)) == (MOST, OWN + 1)


def test_those_asked_of_come_first_then_the_most_probable() -> None:
    own = listed(said(), WEIGHT, ASKED, T)
    assert own is not None
    assert own.classes[:3].tolist() == [399, 3, 398]
    mean = np.array(WEIGHT @ jax.nn.softmax(said() / T, axis=1))
    mean[[399, 3, 398]] = -1
    assert own.classes[3:].tolist() == np.argsort(-mean)[: OWN - 3].tolist()
    assert own.row[own.classes].tolist() == list(range(OWN))
    assert np.sum(own.row == OWN) == CLASSES - OWN


def test_the_rest_has_the_probability_of_its_classes() -> None:
    own = listed(said(), WEIGHT, ASKED, T)
    assert own is not None
    found, probability = joined(said(), WEIGHT, own, T), softmax(said() / 2, axis=1)
    rest = np.asarray(own.row) == OWN
    together = softmax(found.logits / 2, axis=1)
    np.testing.assert_allclose(together[:, OWN], probability[:, rest].sum(axis=1), rtol=1e-4)
    np.testing.assert_allclose(together[:, 0], probability[:, 399], rtol=1e-4)
    # of all constant shares, the mean ones: they sum to one
    assert np.exp(found.share)[rest].sum() == pytest.approx(1, abs=1e-5)
    assert not np.asarray(found.share)[~rest].any()


def fitted(monkeypatch: pytest.MonkeyPatch, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Answers of the teacher and a student to 200 neighbors, the teacher linear in nine pixels."""
    monkeypatch.setattr(many, "MOST", most)
    rng = np.random.default_rng(1)
    images = jnp.asarray(rng.uniform(size=(200, 3, 3, 1)), jnp.float32)
    weights = rng.normal(size=(9, CLASSES)) * 3
    teacher = jnp.asarray(images.reshape(200, -1) @ weights, jnp.float32)
    weight, numbers = jnp.full(200, 1 / 200), [1.0, 1e-4, 0.0, 0.0, np.inf]
    strengths = Strengths(*map(jnp.float32, numbers), steps=jnp.int32(0), learning_rate=jnp.float32(0))
    own = many.listed(teacher, weight, ASKED, strengths.temperature)
    anchor = jnp.zeros((many.rows_of(CLASSES), 3, 3, 1))
    method = Method("exact", sparse=False)
    student = fit(images, teacher, weight, anchor, jnp.float32(0), strengths, method, own)
    assert len(student.weights) == many.rows_of(CLASSES)
    return np.asarray(teacher), np.asarray(predict(student, images, strengths.temperature, own))


def test_a_student_of_listed_classes_is_near_the_one_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    kl, agreement = [], []
    for most in (CLASSES, 100):
        teacher, student = (
            log_softmax(logits.astype(np.float64), axis=1) for logits in fitted(monkeypatch, most)
        )
        kl.append(float(np.sum(np.exp(teacher) * (teacher - student), axis=1).mean()))
        agreement.append(float(np.mean(teacher.argmax(axis=1) == student.argmax(axis=1))))
    guess = np.exp(teacher).mean(axis=0)
    blank = float(np.sum(np.exp(teacher) * (teacher - np.log(guess)), axis=1).mean())
    assert kl[0] < kl[1] < 0.2 * blank
    assert agreement[1] > agreement[0] - 0.1
