"""What a view needs, and the sentence that stands there without it."""

from dashboards.session.needs import ENGINE, FOCUS, IMAGES, PREDICTED, missing
from dashboards.session.scene import Scene


def test_the_first_unmet_need_speaks() -> None:
    assert missing([IMAGES.saying("first"), FOCUS], Scene()) == ("first", "", "", "")
    assert missing([], Scene()) is None


def test_without_an_engine_its_own_refusal_is_said() -> None:
    refusal = "Computing needs {jax}. Found: none. Install it."
    assert missing([ENGINE], Scene()) is None
    assert missing([ENGINE], Scene(refusal=refusal)) == (refusal, "", "", "")


def test_an_image_that_is_not_predicted_is_missed_before_anything_is_read() -> None:
    assert missing([PREDICTED.saying("not yet")], Scene(focus=3)) == ("not yet", "", "", "")
