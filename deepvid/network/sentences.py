"""Sentences of the river about a whole run."""

from collections.abc import Mapping
from typing import Any

from deepvid.wording import percent


def sentence(told: Mapping[str, Any]) -> str:
    """From the attributes of the stage `network`: `errors`, and `never` with its 95 % interval."""
    errors = told["errors"]
    if not errors:
        return "No test image is taken for another class."
    share, low, high = (round(100 * value) for value in told["never"])
    of = f"the {errors:,} errors" if errors > 1 else "the one error"
    return f"{share} % [{low}, {high}] of {of} never look like their class in any layer."


def influence(told: Mapping[str, Any]) -> str | None:
    """How well influence on the last layer foretells what leaving an image out does; None where unknown."""
    found = told["influence"]
    if found is None or found["leave_one_out"] is None:
        return None
    foretold = f"Spearman {found['leave_one_out']:.3f} with leaving each of {found['left_out']} out"
    agrees = f"fitted again, it agrees with the teacher on {percent(found['agreement'])}"
    return f"Influence of training images on the last layer: {foretold}; {agrees}."


def depths(told: Mapping[str, Any]) -> str:
    """Mean prediction depth of the images that the teacher has right, and of the others."""
    means = {"right": told["depth_right"], "wrong": told["depth_wrong"]}
    said = [f"{value:.1f} of {kind} images" for kind, value in means.items() if value is not None]
    return f"Prediction depth, from 0 (pixels) to {len(told['columns'])} (never): {', '.join(said)}."
