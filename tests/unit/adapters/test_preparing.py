"""A model's inputs are made of images in [0, 1], and its slopes come back by their pixels."""

from itertools import product
from typing import Any

import numpy as np
import pytest
from planes import NAMES, Plane, drawn

from deepvid.adapters.contract import Model
from deepvid.adapters.preparing import Prepared, prepared
from deepvid.config import Input, Output
from deepvid.errors import ConfigError, DataError
from deepvid.tier import Tier


def asked(
    adapter: Any, input: dict[str, Any] | None = None, output: dict[str, Any] | None = None
) -> Prepared:
    shape = adapter.image_shape
    return prepared(adapter, Input(**input or {}), Output(**output or {}), shape, NAMES[: adapter.classes])


def images(shape: tuple[int, ...], count: int = 3) -> np.ndarray:
    return np.random.default_rng(0).uniform(0.1, 0.9, (count, *shape)).astype(np.float32)


def test_a_prepared_model_is_one() -> None:
    model = asked(drawn((4, 5, 1)))
    assert isinstance(model, Model)
    assert model.tier is Tier.GRADIENTS


def test_a_model_of_answers_alone_is_asked_for_no_derivatives() -> None:
    plane = drawn((4, 5, 1))
    plane.tier = Tier.PREDICT
    with pytest.raises(DataError, match="plane, which gives only answers"):
        asked(plane).slopes(images((4, 5, 1)), np.array([0]))


def test_range_mean_and_std_by_hand() -> None:
    # One pixel .4: 255 · .4 = 102, minus 2, by 50 is 2; the plane takes it twice: 4.
    plane = Plane(np.array([[[[2.0, 0.0]]]]))
    model = asked(plane, {"range": 255, "mean": 2, "std": 50})
    logits, slopes = model.slopes(np.full((1, 1, 1, 1), 0.4, np.float32), np.array([0]))
    assert logits == pytest.approx(np.array([[4.0, 0.0]]))
    assert slopes.item() == pytest.approx(2 * 255 / 50)


TRANSFORMS = [
    ((4, 5, 1), {}),
    ((4, 5, 3), {"layout": "NHWC"}),
    ((4, 5, 3), {"range": 255, "mean": [0.1, 20, 30], "std": [1, 2, 50]}),
    ((4, 5, 3), {"channels": "gray"}),
    ((4, 5, 1), {"channels": "gray"}),
    ((4, 5, 1), {"channels": "rgb", "mean": [0.1, 0.2, 0.3], "std": [0.5, 0.6, 0.7]}),
    ((4, 5, 3), {"channels": "rgb"}),
    ((4, 5, 1), {"channels": "bgr"}),
    ((4, 5, 3), {"channels": "bgr", "mean": [0.1, 0.2, 0.3]}),
    ((4, 5, 1), {"size": [7, 3]}),
    ((6, 4, 3), {"size": 2, "channels": "gray", "std": 0.25}),
]


@pytest.mark.parametrize(("shape", "input"), TRANSFORMS)
@pytest.mark.parametrize(
    "kind", ["logits", "probabilities", "independent sigmoid", "one sigmoid", "one logit"]
)
def test_slopes_are_those_by_the_pixels(
    shape: tuple[int, int, int], input: dict[str, Any], kind: str
) -> None:
    declared = {"one sigmoid": "sigmoid", "one logit": "logits", "independent sigmoid": "independent"}
    settings = declared.get(kind, kind)
    taken = Input(**input)
    model = asked(drawn(shape, taken, kind), input, {"kind": settings})
    given, classes = images(shape), np.arange(2)
    logits, slopes = model.slopes(given, classes)
    assert slopes.shape == (3, 2, *shape)
    assert logits == pytest.approx(model.answers(given).logits, abs=1e-6)
    step = 1e-2
    for y, x, c in product(range(shape[0]), range(shape[1]), range(shape[2])):
        up, down = given.copy(), given.copy()
        up[:, y, x, c] += step
        down[:, y, x, c] -= step
        moved = (model.answers(up).logits - model.answers(down).logits)[:, classes] / (2 * step)
        assert slopes[:, :, y, x, c] == pytest.approx(moved, rel=2e-2, abs=2e-3)


def test_resizing_is_bilinear() -> None:
    # 2 -> 4: the new centers lie at .25, .75, 1.25, 1.75 of old pixels with centers .5 and 1.5.
    taken = seen((2, 1, 1), {"size": [4, 1]}, np.array([0.0, 1.0]).reshape(1, 2, 1, 1))
    assert taken.ravel() == pytest.approx([0, 0.25, 0.75, 1])


def test_shrinking_averages() -> None:
    # 4 -> 2: triangles of half-width 2 about 1 and 3; weights .75, .75, .25 by their sum.
    pixels = np.array([1.0, 0, 0, 0]).reshape(1, 4, 1, 1)
    assert seen((4, 1, 1), {"size": [2, 1]}, pixels).ravel() == pytest.approx([0.75 / 1.75, 0])


def test_resizing_is_that_of_jax() -> None:
    jax = pytest.importorskip("jax")
    given = images((9, 6, 1))
    taken = seen((9, 6, 1), {"size": [4, 11], "layout": "NHWC"}, given)
    assert taken == pytest.approx(np.asarray(jax.image.resize(given, (3, 4, 11, 1), "bilinear")), abs=1e-6)


def test_colors_in_the_other_order_and_in_gray() -> None:
    red = np.array([1.0, 0, 0]).reshape(1, 1, 1, 3)
    assert seen((1, 1, 3), {"channels": "bgr"}, red).ravel().tolist() == [0, 0, 1]
    assert seen((1, 1, 3), {"channels": "gray"}, red).item() == pytest.approx(0.299)
    assert seen((1, 1, 1), {"channels": "rgb"}, red[..., :1]).ravel().tolist() == [1, 1, 1]


def seen(shape: tuple[int, int, int], input: dict[str, Any], pixels: np.ndarray) -> np.ndarray:
    """Inputs of the model."""
    plane = drawn(shape, Input(**input))
    asked(plane, input).answers(pixels.astype(np.float32))
    return plane.seen[0]


def test_probabilities_are_seen_to_be_some_and_their_logs_are_the_logits() -> None:
    model = asked(drawn((4, 5, 1), kind="probabilities"))
    twin = asked(drawn((4, 5, 1), kind="logits"))
    given = images((4, 5, 1))
    found, exact = model.answers(given).logits, twin.answers(given).logits
    assert (model.kind, twin.kind) == ("probabilities", "logits")
    assert np.exp(found).sum(axis=1) == pytest.approx(np.ones(3))
    # the same but for one number a row
    assert found - found[:, :1] == pytest.approx(exact - exact[:, :1], abs=1e-5)


def test_a_probability_of_zero_has_a_finite_logit_without_a_slope() -> None:
    weight = np.zeros((1, 1, 1, 2))
    weight[..., 1] = 1000
    model = asked(Plane(weight, kind="probabilities"), output={"kind": "probabilities"})
    logits, slopes = model.slopes(np.ones((1, 1, 1, 1), np.float32), np.array([0, 1]))
    assert logits[0].tolist() == pytest.approx([np.log(1e-12), 0])
    assert slopes.ravel().tolist() == [0, 0]


def test_the_order_of_the_classes_is_that_of_the_images() -> None:
    plane = drawn((4, 5, 1), classes=3)
    names, given = NAMES[:3], images((4, 5, 1))
    as_is = asked(plane).slopes(given, np.array([0, 2]))
    other = asked(plane, output={"classes": [names[2], names[0], names[1]]}).slopes(given, np.array([1, 0]))
    # The model's output 0 is now class 2, 1 is class 0, 2 is class 1.
    assert np.array_equal(other.logits, as_is.logits[:, [1, 2, 0]])
    assert np.array_equal(other.slopes[:, 0], as_is.slopes[:, 1])


@pytest.mark.parametrize(("count", "batches"), [(0, []), (25, [25]), (60, [25, 25, 10])])
def test_images_are_given_in_batches(count: int, batches: list[int]) -> None:
    plane = drawn((4, 5, 1))
    answers = asked(plane).answers(images((4, 5, 1), count))
    assert [len(inputs) for inputs in plane.seen] == batches
    assert answers.logits.shape == (count, 2)


def test_an_adapter_may_take_more_images_a_call() -> None:
    plane, given = drawn((4, 5, 1)), images((4, 5, 1), 60)
    plane.batch = 40  # type: ignore[attr-defined]
    model = asked(plane)
    model.answers(given)
    model.slopes(given, np.array([0]))  # which take more memory
    assert [len(inputs) for inputs in plane.seen] == [40, 20, 25, 25, 10]


def test_a_fixed_batch_is_filled_up_and_cut() -> None:
    given = images((4, 5, 1), 7)
    free, fixed = drawn((4, 5, 1)), drawn((4, 5, 1))
    fixed.takes = (4, 1, 4, 5)
    model = asked(fixed)
    assert np.array_equal(model.answers(given).logits, asked(free).answers(given).logits)
    assert model.answers(given).features is not None
    assert model.slopes(given, np.array([1])).slopes.shape == (7, 1, 4, 5, 1)
    assert {len(inputs) for inputs in fixed.seen} == {4}


def test_a_model_of_rows_gets_rows() -> None:
    plane = drawn((4, 5, 1), Input(layout="NHWC"))
    plane.takes = (None, 20)
    given = images((4, 5, 1))
    logits, slopes = asked(plane, {"layout": "NHWC"}).slopes(given, np.array([0]))
    assert plane.seen[0].shape == (3, 20)
    assert np.sum(slopes[:, 0] * given, axis=(1, 2, 3)) == pytest.approx(logits[:, 0], abs=1e-4)


@pytest.mark.parametrize(
    ("input", "output", "found"),
    [
        ({"mean": [1, 2]}, {}, "2 numbers"),
        ({"channels": "rgb", "std": [1, 2]}, {}, "one for each channel that the model takes (3)"),
        ({}, {"classes": ["Shirt"]}, "1 names, and Bag in one of the two alone"),
        ({}, {"classes": ["Shirt", "Coat"]}, "Bag, Coat"),
        ({}, {"classes": ["Shirt", "Bag", "Bag"]}, "3 names"),
    ],
)
def test_settings_that_do_not_fit(input: dict[str, Any], output: dict[str, Any], found: str) -> None:
    with pytest.raises(ConfigError) as caught:
        asked(drawn((4, 5, 1)), input, output)
    assert found in str(caught.value)


def test_a_model_of_another_size_says_what_it_takes() -> None:
    plane = drawn((28, 28, 1))
    plane.takes = (None, 3, 32, 32)
    with pytest.raises(DataError) as caught:
        asked(plane)
    assert "The model takes (n, 3, 32, 32). Found: images 28x28x1" in str(caught.value)
    assert "teacher.input.size and channels" in caught.value.action
    with pytest.raises(DataError, match=r"\(n, 32, 32, 3\)"):
        asked(plane, {"size": 32, "channels": "rgb", "layout": "NHWC"})
    asked(plane, {"size": 32, "channels": "rgb"})


@pytest.mark.parametrize(
    ("outputs", "classes", "found"),
    [
        (1, 2, "one output, of an unknown kind"),
        (1, 3, "1 output"),
        (1000, 3, "1,000 outputs"),
        (4, 3, "4 outputs"),
    ],
)
def test_other_numbers_of_outputs(outputs: int, classes: int, found: str) -> None:
    plane = drawn((4, 5, 1), classes=outputs)
    plane.classes = classes
    with pytest.raises(DataError) as caught:
        asked(plane).answers(images((4, 5, 1)))
    assert found in str(caught.value)


def test_what_a_model_raises_names_the_image() -> None:
    plane, given = drawn((4, 5, 1)), images((4, 5, 1), 60)
    plane.fails_above = 0.95
    model = asked(plane)
    assert len(model.answers(given).logits) == 60
    given[33, 0, 0, 0] = 1
    with pytest.raises(DataError) as caught:
        model.answers(given)
    assert "ValueError at image 33 of 60: too bright" in str(caught.value)
    plane.fails_above = 0
    with pytest.raises(DataError, match="at images 0 to 24 of 60"):
        model.answers(given)
    with pytest.raises(DataError, match="at images 0 to 24 of 60"):
        model.slopes(given, np.array([0]))


def test_fewer_rows_than_images() -> None:
    plane = drawn((4, 5, 1))
    plane.rows = 2
    with pytest.raises(DataError, match="2 for 3 images"):
        asked(plane).answers(images((4, 5, 1)))
