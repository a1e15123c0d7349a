"""Cases that are explained side by side, as on an accelerator, have what each has alone."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from linear import drawn

from deepvid.attribution import METHODS, Case, Method
from deepvid.pipeline import explanations

SHAPE = (6, 8, 1)
TEACHER, OF = drawn(SHAPE)
ASKED = ("random", "student", "pixels_and_places", "places", "gradient")


def cases() -> list[Case]:
    """Three images of one linear teacher, each with a leading axis."""
    rng = np.random.default_rng(1)
    each = [
        OF._replace(
            image=jnp.asarray(rng.uniform(size=SHAPE), jnp.float32),
            key=jax.random.key(number),
            student=TEACHER.weight,
            neighborhood_mean=jnp.full(SHAPE, 0.5),
        )
        for number in range(3)
    ]
    return [jax.tree.map(lambda leaf: leaf[None], case) for case in each]


def test_three_together_have_what_each_has_alone() -> None:
    methods = [METHODS[name] for name in ASKED]  # type: ignore[index]
    curves = [False, True, True]
    together = explanations._explained(TEACHER, cases(), methods, curves)  # type: ignore[arg-type]
    for row, (case, judged) in enumerate(zip(cases(), curves, strict=True)):
        alone = explanations._explained(TEACHER, [case], methods, [judged])  # type: ignore[arg-type]
        for name, values in alone.items():
            np.testing.assert_allclose(together[name][row], values[0], rtol=1e-4, atol=1e-4, err_msg=name)
    assert np.isnan(together["faithfulness"][0]).all()
    assert np.isfinite(together["faithfulness"][1:]).all()


def test_a_sum_of_maps_that_are_there_asks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def explain(method: Method, *arguments: object) -> jax.Array:
        asked.append(method.name)
        return explain_really(method, *arguments)  # type: ignore[arg-type]

    explain_really = explanations.explain
    monkeypatch.setattr(explanations, "explain", explain)
    methods = [METHODS[name] for name in ASKED]  # type: ignore[index]
    found = explanations._maps(TEACHER, cases()[0], methods)  # type: ignore[arg-type]
    assert sorted(asked) == ["gradient", "random", "student"]
    asked.clear()
    both = METHODS["pixels_and_places"]
    (alone,) = explanations._maps(TEACHER, cases()[0], [both]).values()  # type: ignore[arg-type]
    assert asked == ["pixels_and_places"]
    np.testing.assert_allclose(alone.map, found[both].map, rtol=1e-5, atol=1e-6)


def test_how_far_removal_is_linear_is_stored_where_places_are_asked_for() -> None:
    methods = [METHODS[name] for name in ("places", "gradient")]  # type: ignore[index]
    found = explanations._explained(TEACHER, cases(), methods, [False] * 3)  # type: ignore[arg-type]
    assert (found["places_r2"] > 0.2).all()  # of a linear teacher; what fills differs
    found = explanations._explained(TEACHER, cases(), methods[1:], [False] * 3)  # type: ignore[arg-type]
    assert "places_r2" not in found
