"""An optimizer's way in words and in numbers for a page."""

import numpy as np

from dashboards.views.explain.curve import charts, in_words, texts_of
from deepvid import config
from deepvid.engine.requests import Followed, Optimum


def followed(*, objective: float = 1.04, steps: int = 2) -> Followed:
    """Two points, of which the second is after two steps."""
    return Followed(
        7,
        config.Students(solver="adam", steps=steps, learning_rate=0.05),
        np.array([0, 2]),
        fitted=np.array([0.8, 0.1], "f4"),
        held_out=np.array([0.9, 0.123456], "f4"),
        agreement=np.array([0.25, 0.9], "f4"),
        objective=np.array([1.5, objective], "f4"),
        optimum=Optimum(0.05, 0.08, 0.94, 1.0),
        floor=0.7,
        neighbors=50,
    )


def test_the_last_step_is_compared_with_the_optimum_and_with_guessing() -> None:
    assert in_words(followed()) == (
        "After 2 steps adam is 0.04 nats above the least objective, which the exact solver finds. On 50 "
        "held-out neighbors its loss is 0.123 nats, at the optimum 0.080; it agrees on 90 % [79–96], "
        "the optimum on 94 %, guessing on 70 %."
    )


def test_one_that_went_away_from_the_optimum_says_so() -> None:
    assert "worse than where it began: choose a smaller learning rate" in in_words(followed(objective=9.0))


def test_one_that_diverged_says_when() -> None:
    assert in_words(followed(steps=9)).startswith("adam diverges: after step 2 no number is finite")


def test_rounding_never_puts_it_below_the_optimum() -> None:
    assert "adam is 0 nats above" in in_words(followed(objective=0.99999))


def test_what_is_drawn_has_four_digits_and_what_was_asked() -> None:
    loss, agreement = charts(followed())
    assert loss.marks == ((0, "0"), (1, "2"))
    assert loss.lines[1].values == (0.9, 0.1235)
    assert [level.value for level in (*loss.levels, *agreement.levels)] == [0.05, 0.08, 0.7, 0.94]
    assert loss.says[1].startswith("Step 2: loss 0.100 nats fitted, 0.123 held out")
    assert texts_of(followed(), {}) == {"solver": "adam", "learning_rate": "0.05", "steps": "2"}


def test_a_person_begins_with_an_optimizer_and_the_texts_of_the_student() -> None:
    typed = {"solver": "exact", "learning_rate": "0.3", "steps": "70", "band": "0.9"}
    assert texts_of(None, typed) == {"solver": "adam", "learning_rate": "0.01", "steps": "70"}
    assert texts_of(None, typed | {"solver": "sgd"}) == {
        "solver": "sgd",
        "learning_rate": "0.3",
        "steps": "70",
    }
