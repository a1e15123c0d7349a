"""Needs of a view, and the sentence that stands there without it."""

from typing import Any, cast

from dashboards.session.needs import ENGINE, FOCUS, IMAGES, PREDICTED, QUERIES, Missing, missing
from dashboards.session.scene import Scene


def test_the_first_unmet_need_speaks() -> None:
    assert missing([IMAGES.saying("first"), FOCUS], Scene()) == Missing("first")
    assert missing([], Scene()) is None


def test_without_an_engine_its_own_refusal_is_said() -> None:
    refusal = "Computing needs {jax}. Found: none. Install it."
    assert missing([ENGINE], Scene()) is None
    assert missing([ENGINE], Scene(refusal=refusal)) == Missing(refusal)


def test_an_image_that_is_not_predicted_is_missed_before_anything_is_read() -> None:
    assert missing([PREDICTED.saying("not yet")], Scene(focus=3)) == Missing("not yet")


class Answered:
    """A run whose teacher is a table of answers; it counts how often that is opened."""

    teacher_source, key, opened = "predictions", "a", 0

    @property
    def stages(self) -> dict[str, Any]:
        return {"teacher": self}

    def open(self) -> Any:
        self.opened += 1
        return type("Group", (), {"attrs": {"tier": "predictions"}})


def test_what_a_classifier_can_do_is_looked_up_once_for_gestures_ask_it_every_time() -> None:
    run = Answered()
    scene = Scene(run=cast(Any, run))
    lacks = [missing([QUERIES], scene) for _ in range(3)]
    assert all(lack is not None and lack.title == "No classifier to ask" for lack in lacks)
    assert run.opened == 1
