"""Cases that are explained side by side, as on an accelerator, have what each has alone."""

from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from linear import Multiples, drawn

from deepvid.attribution import METHODS, Case, Method
from deepvid.attribution.judges import JUDGES
from deepvid.engine.requests import ExplainImage
from deepvid.pipeline import explanation_batches
from deepvid.progress import Progress
from deepvid.trust import Infill

SHAPE = (6, 8, 1)
TEACHER, OF = drawn(SHAPE)
PICTURE = np.random.default_rng(1).uniform(0.3, 0.9, SHAPE).astype(np.float32)
ASKED = ("random", "student", "pixels_and_places", "places", "gradient")


def cases() -> list[Case]:
    """Three images of one linear teacher, each with a leading axis; the VAE knows the last."""
    rng = np.random.default_rng(1)
    each = [
        OF._replace(
            image=jnp.asarray(0.8 * PICTURE if number == 2 else rng.uniform(size=SHAPE), jnp.float32),
            key=jax.random.key(number),
            student=TEACHER.weight,
            neighborhood_mean=jnp.full(SHAPE, 0.5),
            neighbor=jnp.full(SHAPE, 0.4),
        )
        for number in range(3)
    ]
    return [jax.tree.map(lambda leaf: leaf[None], case) for case in each]


def procedure(names: Sequence[str], curves: list[bool]) -> explanation_batches._Procedure:
    methods = [METHODS[name] for name in names]  # type: ignore[index]
    return explanation_batches._Procedure(TEACHER, Multiples(PICTURE), methods, curves, curves)  # type: ignore[arg-type]


def test_three_together_have_what_each_has_alone() -> None:
    curves = [False, True, True]
    together = explanation_batches._explained(cases(), procedure(ASKED, curves))
    for row, (case, judged) in enumerate(zip(cases(), curves, strict=True)):
        alone = explanation_batches._explained([case], procedure(ASKED, [judged]))
        for name, values in alone.items():
            np.testing.assert_allclose(together[name][row], values[0], rtol=1e-4, atol=1e-4, err_msg=name)
    assert np.isnan(together["faithfulness"][0]).all()
    assert together["infill"].tolist() == [Infill.NOT_ASKED, Infill.KNOWS_NOTHING, Infill.JUDGED]
    asked = np.isfinite(together["faithfulness"]).all(axis=1)
    assert asked[1].tolist() == [judge != "infill" for judge in JUDGES]
    assert asked[2].all()


def test_a_sum_of_maps_that_are_there_asks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def explain(method: Method, *arguments: object) -> jax.Array:
        asked.append(method.name)
        return explain_really(method, *arguments)  # type: ignore[arg-type]

    explain_really = explanation_batches.explain
    monkeypatch.setattr(explanation_batches, "explain", explain)
    methods = [METHODS[name] for name in ASKED]  # type: ignore[index]
    found = explanation_batches._maps(TEACHER, cases()[0], methods)  # type: ignore[arg-type]
    assert sorted(asked) == ["gradient", "random", "student"]
    asked.clear()
    both = METHODS["pixels_and_places"]
    (alone,) = explanation_batches._maps(TEACHER, cases()[0], [both]).values()  # type: ignore[arg-type]
    assert asked == ["pixels_and_places"]
    np.testing.assert_allclose(alone.map, found[both].map, rtol=1e-5, atol=1e-6)


def test_how_far_removal_is_linear_is_stored_where_places_are_asked_for() -> None:
    found = explanation_batches._explained(cases(), procedure(("places", "gradient"), [False] * 3))
    assert (found["places_r2"] > 0.2).all()  # of a linear teacher; what fills differs
    found = explanation_batches._explained(cases(), procedure(("gradient",), [False] * 3))
    assert "places_r2" not in found


class Counted(Progress):
    """A progress that counts its safe points."""

    points = 0

    def check(self) -> None:
        self.points += 1
        super().check()


def test_a_pages_other_questions_go_first_between_two_methods() -> None:
    assert ExplainImage.patient
    with Counted().active() as progress:
        explanation_batches._explained(cases()[:1], procedure(ASKED, [False]))
    assert isinstance(progress, Counted)
    assert progress.points == len(ASKED) + 1  # and after the judge
