"""Each row of the table of checks, on a teacher of four classes whose images are one bright quadrant."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from deepvid.adapters.checking import Checked, check, check_order, check_table, same_model
from deepvid.adapters.contract import Answers
from deepvid.adapters.function import Called
from deepvid.adapters.preparing import Prepared, prepared
from deepvid.adapters.table import Tabled
from deepvid.config import Input, Output
from deepvid.errors import DataError
from deepvid.tier import Tier

NAMES = ("Shirt", "Bag", "Coat", "Boot")


def _drawn() -> tuple[np.ndarray, np.ndarray]:
    """Labels in turn; the quadrant of the label is brighter by about .3."""
    rng = np.random.default_rng(0)
    labels = np.arange(200) % 4
    images = rng.uniform(0.2, 0.6, (200, 8, 8, 1))
    for image, label in zip(images, labels, strict=True):
        image[4 * (label // 2) : 4 * (label // 2) + 4, 4 * (label % 2) : 4 * (label % 2) + 4] += 0.3
    return images.astype(np.float32), labels


IMAGES, LABELS = _drawn()


def logits(images: np.ndarray) -> np.ndarray:
    """Brightness of the quadrants, times ten."""
    quadrants = images[..., 0].reshape(-1, 2, 4, 2, 4).mean(axis=(2, 4)).reshape(-1, 4)
    return 10 * (quadrants - quadrants.mean(axis=1, keepdims=True))


def probabilities(images: np.ndarray) -> np.ndarray:
    given = logits(images)
    powers = np.exp(given - given.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def model(function: Callable[[np.ndarray], Any], **settings: Any) -> Prepared:
    output = {name: settings.pop(name) for name in ("kind", "classes") if name in settings}
    return prepared(Called(function, "toy"), Input(**settings), Output(**output), (8, 8, 1), NAMES)


def checked(function: Callable[[np.ndarray], Any], labels: Any = LABELS, **settings: Any) -> Checked:
    return check(model(function, **settings), IMAGES, labels, NAMES)


def told(function: Callable[[np.ndarray], Any], **settings: Any) -> str:
    """The message about a model that is refused."""
    with pytest.raises(DataError) as caught:
        checked(function, **settings)
    return str(caught.value)


def test_a_good_model() -> None:
    found = checked(logits)
    assert found == Checked(Tier.PREDICT, "logits", 200, 1.0, None, found.notes)
    assert [note.split(":")[0] for note in found.notes] == ["It shows no features", "It has no gradients"]
    assert checked(probabilities)[:4] == (Tier.PREDICT, "probabilities", 200, 1.0)


def test_at_most_500_images_are_asked_and_bytes_are_images_too() -> None:
    seen = []

    def counted(images: np.ndarray) -> np.ndarray:
        seen.append(images)
        return logits(images)

    images = np.rint(255 * np.repeat(IMAGES, 6, axis=0)).astype(np.uint8)
    found = check(model(counted), images, None, NAMES)
    assert found.images == 500
    assert max(batch.max() for batch in seen) <= 1


def test_nan_names_the_first_image() -> None:
    def nan_for_two(images: np.ndarray) -> np.ndarray:
        rows = images.reshape(len(images), -1)
        odd = [any(np.array_equal(row, IMAGES[number].ravel()) for number in (7, 90)) for row in rows]
        return np.where(np.array(odd)[:, None], np.nan, logits(images))

    assert "Logits are finite. Found: NaN for 2 of 200 images, first 7 of 200" in told(nan_for_two)


def test_a_model_in_training_differs_from_call_to_call() -> None:
    rng = np.random.default_rng(0)
    found = told(lambda images: logits(images) + rng.normal(size=(len(images), 4)))
    assert "differ from call to call by up to" in found
    assert "Call model.eval()" in found


def test_a_model_that_uses_the_batch() -> None:
    found = told(lambda images: logits(images) - logits(images).mean(axis=0))
    assert "logits of an image alone and among 8 that differ by up to" in found


def test_noise_of_rounding_is_allowed() -> None:
    checked(lambda images: logits(images) + 1e-5 * len(images))


def test_another_range_is_listed_and_never_applied() -> None:
    # Inputs that are 255 times too small look all alike: their logits are rounded to 0.
    def wants_255(inputs: np.ndarray) -> np.ndarray:
        return np.round(logits(inputs) / 255, 1) + np.array([0.04, 0, 0, 0])

    found = told(wants_255, kind="logits")
    assert "25.0 % of 200 as it is set" in found
    for usual in ("[0, 1] 25.0 %", "[0, 255] 100.0 %", "[-1, 1]", "ImageNet's", "of these images", "MNIST's"):
        assert usual in found
    assert "set teacher.input to range = 255" in found
    assert checked(wants_255, range=255).accuracy == 1


def test_a_range_that_is_a_little_better_is_a_note() -> None:
    def wants_more(inputs: np.ndarray) -> np.ndarray:
        """Sees no image that is darker than a third of them are, and raises where pixels are negative."""
        if inputs.min() < 0:
            raise ValueError("negative")
        dark = inputs.max(axis=(1, 2, 3)) < np.quantile(IMAGES.max(axis=(1, 2, 3)), 1 / 3)
        return np.where(dark[:, None], np.array([1.0, 0, 0, 0]), logits(inputs))

    found = checked(wants_more)
    assert found.accuracy == pytest.approx(0.75, abs=0.1)
    assert any(
        "100.0 % with [0, 255]. If it was trained so, set teacher.input to range = 255" in note
        for note in found.notes
    )


@pytest.mark.parametrize(("white", "misled"), [(1, False), (1, True), (255, False)])
def test_a_network_of_bgr_is_noticed(white: int, misled: bool) -> None:
    # Classes are whether red and green are bright; blue is random.
    colors = np.random.default_rng(3).integers(0, 2, (200, 3)) * 0.6 + 0.2
    images = np.broadcast_to(colors[:, None, None], (200, 8, 8, 3)).astype(np.float32)
    labels = 2 * (colors[:, 0] > 0.5) + (colors[:, 1] > 0.5)

    def wants_bgr(inputs: np.ndarray) -> np.ndarray:
        if misled and inputs.min() < 0:  # in another range it is right about three quarters, and not reversed
            red, green, _ = inputs.mean(axis=(1, 2)).T > 0
            green &= red
        else:
            _, green, red = inputs.mean(axis=(1, 2)).T / white > 0.5
        return 9 * np.eye(4)[2 * red + green]

    def asked(**settings: Any) -> Checked:
        toy = prepared(Called(wants_bgr, "toy"), Input(**settings), Output(), (8, 8, 3), NAMES)
        return check(toy, images, labels, NAMES)

    if white == 1:
        noted = (
            "% as its input is set, 100.0 % with the colors reversed. "
            'If it was trained so, set teacher.input to channels = "bgr"'
        )
        assert any(noted in note for note in asked().notes)
    else:
        with pytest.raises(DataError, match=r'set teacher.input to range = 255, channels = "bgr"'):
            asked()
    mended = asked(channels="bgr", range=white)
    assert mended.accuracy == 1
    assert not any("trained so" in note for note in mended.notes)


def test_a_model_below_half_is_told_that_its_order_is_not_known() -> None:
    shifted = np.where(np.arange(200) % 5 < 3, (LABELS + 1) % 4, LABELS)  # right about 40 %
    predicted = {image.tobytes(): np.eye(4)[label] * 9 for image, label in zip(IMAGES, shifted, strict=True)}
    answer = lambda images: np.array([predicted.get(image.tobytes(), np.ones(4)) for image in images])  # noqa: E731
    found = checked(answer)
    assert found.accuracy == 0.4
    assert any("Below 50 % of right answers, classes in another order cannot" in note for note in found.notes)


def test_an_order_is_shown_by_outputs_that_are_seen() -> None:
    # 1 and 2 are exchanged, 4 is taken for 0, and 0 for 3, as 3 itself is: nothing is taken for 4.
    labels = np.repeat([0, 1, 2, 3, 4], [10, 10, 10, 12, 10])
    with pytest.raises(DataError) as caught:
        check_order(np.array([3, 2, 1, 3, 0])[labels], labels, tuple("abcde"), np.arange(5))
    assert "0 of 0" not in caught.value.found
    assert "output 0 is mostly e (10 of 10 images), not a" in caught.value.found


SHUFFLED = [2, 0, 1, 3]


def test_another_order_of_the_classes_is_proposed() -> None:
    found = told(lambda images: logits(images)[:, SHUFFLED])
    assert "output 0 is mostly Coat (50 of 50 images), not Shirt" in found
    assert "150 of 150 images of these are right in another order, 0 in this" in found
    assert 'set teacher.output.classes = ["Coat", "Shirt", "Bag", "Boot"]' in found
    proposed = ["Coat", "Shirt", "Bag", "Boot"]
    assert checked(lambda images: logits(images)[:, SHUFFLED], classes=proposed).accuracy == 1


def test_an_order_that_was_set_wrongly_is_corrected_in_the_models_own() -> None:
    found = told(logits, classes=["Bag", "Shirt", "Coat", "Boot"])
    assert 'set teacher.output.classes = ["Shirt", "Bag", "Coat", "Boot"]' in found


def test_two_classes_of_50_images_are_enough() -> None:
    with pytest.raises(DataError, match="output 2 is mostly Boot"):
        check(model(lambda images: logits(images)[:, [0, 1, 3, 2]]), IMAGES[:50], LABELS[:50], NAMES)


def test_errors_of_classes_with_one_image_each_are_no_order() -> None:
    # 100 classes of 3 images, and 20 that are seen once and taken for one that is not seen: an order that
    # has these 20 right is always there.
    labels = np.concatenate([np.repeat(np.arange(100), 3), np.arange(100, 120)])
    predicted = np.concatenate([labels[:300], np.arange(120, 140)])
    names = tuple(map(str, range(140)))
    check_order(predicted, labels, names, np.arange(140))
    with pytest.raises(DataError, match="40 of 40 images of these are right in another order, 0 in this"):
        check_order(np.repeat(predicted, 2), np.repeat(labels, 2), names, np.arange(140))


def test_a_model_that_guesses_has_no_order() -> None:
    rng = np.random.default_rng(1)
    guesses = {image.tobytes(): rng.normal(size=4) for image in IMAGES}
    found = checked(lambda images: np.array([guesses.get(image.tobytes(), np.zeros(4)) for image in images]))
    assert found.accuracy is not None
    assert found.accuracy < 0.5


def test_the_same_class_for_all_is_noted() -> None:
    found = checked(lambda images: 0 * logits(images) + [1, 0, 0, 0])
    assert "It is right about 25.0 % of 200, no more than one class for all would be." in found.notes


def test_classes_alone_are_a_table() -> None:
    found = checked(lambda images: np.eye(4)[logits(images).argmax(axis=1)])
    assert found.tier is Tier.PREDICTIONS
    assert "It says classes alone" in found.notes[-1]


@pytest.mark.parametrize(
    ("places", "tier", "note"),
    [
        (2, Tier.PREDICTIONS, "rounded to 2 decimals, too few"),
        (4, Tier.PREDICTIONS, "rounded to 4 decimals, too few"),
        (6, Tier.PREDICT, "rounded to 6 decimals: students may be coarser"),
        (8, Tier.PREDICT, None),
    ],
)
def test_rounded_probabilities(places: int, tier: Tier, note: str | None) -> None:
    found = checked(lambda images: np.round(probabilities(images), places), kind="probabilities")
    assert found.tier is tier
    assert (note is None) != any(note or "" in text for text in found.notes if note)


def test_without_labels() -> None:
    found = checked(logits, labels=None)
    assert found.accuracy is None
    assert found.notes[0].startswith("There are no labels")


def table(logits: np.ndarray, kind: Any = "logits") -> Tabled:
    return Tabled(Answers(logits, None), kind, np.arange(4), None, "table.npz", "")


def test_a_table_is_checked_too() -> None:
    found = check_table(table(logits(IMAGES)), LABELS, NAMES)
    assert found[:4] == (Tier.PREDICTIONS, "logits", 200, 1.0)
    assert "no students" in found.notes[0]
    with pytest.raises(DataError, match="output 0 is mostly Coat"):
        check_table(table(logits(IMAGES)[:, SHUFFLED]), LABELS, NAMES)


def test_another_model_later() -> None:
    held = logits(IMAGES[:64])
    samples = range(1000, 1064)
    same_model(model(logits), IMAGES[:64], held, samples)
    same_model(model(lambda images: logits(images) + 1e-4), IMAGES[:64], held, samples)
    other = held.copy()
    other[3, 2] += 3.1
    with pytest.raises(DataError, match=r"another, toy: logits of sample 1,003 differ by 3\.1"):
        same_model(model(logits), IMAGES[:64], other, samples)
    with pytest.raises(DataError, match="differ by nan"):
        same_model(model(lambda images: np.full((len(images), 4), np.nan)), IMAGES[:64], held)


def sigmoids(images: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-logits(images)))


def one_of(images: np.ndarray) -> np.ndarray:
    return logits(images)[:, :1]


KINDS: list[tuple[Callable[[np.ndarray], Any], str, str | None]] = [
    # what it gives, the declared kind, and the kind to set where that is refused
    (logits, "auto", None),
    (logits, "logits", None),
    (logits, "probabilities", "logits"),
    (logits, "independent", "logits"),
    (logits, "sigmoid", "logits"),
    (probabilities, "auto", None),
    (probabilities, "logits", "probabilities"),
    (probabilities, "independent", "probabilities"),
    (probabilities, "sigmoid", "probabilities"),
    (lambda images: probabilities(images).round(2), "auto", None),
    (lambda images: np.float16(probabilities(images)), "auto", None),
    (sigmoids, "auto", "independent"),
    (sigmoids, "logits", None),  # logits may lie there
    (sigmoids, "probabilities", "independent"),
    (sigmoids, "sigmoid", "independent"),
    (sigmoids, "independent", None),
    (one_of, "sigmoid", "logits"),
    (one_of, "logits", None),
    (lambda images: sigmoids(images)[:, :1], "sigmoid", None),
    (lambda images: sigmoids(images)[:, :1], "independent", "sigmoid"),
]


def test_outputs_are_of_the_kind_that_is_declared() -> None:
    for number, (function, declared, mended) in enumerate(KINDS):
        count = function(IMAGES).shape[1]
        asked = prepared(
            Called(function, "toy"), Input(), Output(kind=declared), (8, 8, 1), NAMES[: max(2, count)]
        )
        try:
            check(asked, IMAGES, None, NAMES[: max(2, count)])
            refused = None
        except DataError as error:
            refused = error
        assert (refused is None) == (mended is None), (number, refused)
        assert refused is None or f'teacher.output.kind = "{mended}"' in refused.action, (number, refused)


def test_independent_probabilities_are_the_models_own() -> None:
    answers = np.full((200, 4), 0.01, np.float32)
    answers[:, 2] = 0.99
    answers[1] = (1, 0.98, 0, 0.5)
    asked = model(lambda images: answers[: len(images)], kind="independent")
    found = asked.checked_answers(IMAGES).logits
    assert 1 / (1 + np.exp(-found[:2])) == pytest.approx(answers[:2], abs=1e-6)


@pytest.mark.parametrize(
    ("slope", "fault"),
    [
        (1.0, None),
        (0.0, "all are zero"),
        (np.nan, "not finite"),
        (RuntimeError("donated buffers"), "RuntimeError at images 0 to 7 of 8: donated buffers"),
    ],
)
def test_a_model_without_usable_derivatives_is_asked_for_answers_alone(slope: Any, fault: str | None) -> None:
    def function(images: np.ndarray) -> np.ndarray:
        return logits(images)

    def gradient(images: np.ndarray, outputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if isinstance(slope, Exception):
            raise slope
        return logits(images), np.full((len(images), len(outputs), *images.shape[1:]), slope)

    function.gradient = gradient  # type: ignore[attr-defined]
    found = checked(function)
    assert found.tier is (Tier.GRADIENTS if fault is None else Tier.PREDICT)
    assert (fault is None) == all("no gradients" not in note for note in found.notes)
    assert fault is None or any(
        f"It has no gradients ({fault}" in note or fault in note for note in found.notes
    )
