"""Sentences that pages show of a student: how far it can be trusted, and what it was fitted with."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dashboards.data.students import Student
from deepvid.wording import number, percent


def fidelity(student: Student, fit: int) -> str:
    """How far one fit of a student agrees with its teacher, in plain words with its interval."""
    value, low, high, floor = (
        float(series[fit])
        for series in (student.agreement, student.agreement_low, student.agreement_high, student.floor)
    )
    text = (
        f"The student agrees with the teacher on {percent(value)} of {student.held_out:,} held-out "
        f"neighbors ({100 * low:.0f}–{percent(high)}); guessing the commonest class would reach "
        f"{percent(floor)}."
    )
    return text if student.agrees_on_sample[fit] else text + " On this image itself they disagree."


def resized(told: Mapping[str, Any] | None) -> str:
    """How often a model agrees with itself about images that are stored smaller; empty where none are."""
    if told is None:
        return ""
    size, taken = ("x".join(map(str, told[name])) for name in ("stored", "taken"))
    return (
        f"images are stored at {size}, and it takes {taken}: from these it gives "
        f"{percent(told['agreement'])} of {told['images']:,} images the class that it gives the originals "
        f"({100 * told['low']:.0f}–{percent(told['high'])})"
    )


def gate(student: Student, class_names: Sequence[str], predicted: int) -> str:
    """The warning to read before any weights; empty where there is nothing to warn of."""
    if student.gate:
        return ""
    seen, was = class_names[student.reconstruction_class], class_names[predicted]
    anchor = (
        "Neighbors keep this image's own detail, but their variation was learned around another point"
        if student.settings.get("neighborhood") == "residual"
        else "The neighborhood surrounds another image than this one"
    )
    return (
        f"The autoencoder's copy of this image looks like {seen} to the teacher, not {was}. "
        f"{anchor}: read the maps with care."
    )


def settings(student: Student) -> str:
    """The settings and certificate of a student on one line."""
    use = student.settings
    phrases = [
        f"{use.get('neighbors', '?')} {use.get('neighborhood', '')} neighbors",
        f"band {_band(use.get('band'))} sd",
        f"temperature {_short(use.get('temperature'))}",
        f"λ {_short(use.get('l2'))}",
        f"KL {_short(float(np.max(student.kl)))}",
        f"κ {_short(float(np.min(student.kappa)))}",
        f"R² {_short(float(np.min(student.r2)))}",
        f"within {_short(float(np.max(student.certificate)))} of the optimum",
    ]
    return " · ".join(phrases)


def settings_choice(use: Mapping[str, Any]) -> str:
    """How one student's settings are named in a menu."""
    band, temperature, l2 = _band(use.get("band")), _short(use.get("temperature")), _short(use.get("l2"))
    return f"{use.get('neighbors')} neighbors, band {band}, T {temperature}, λ {l2}"


def _short(value: Any) -> str:
    return number(value, 2) if isinstance(value, float) else str(value)


def _band(band: Any) -> str:
    return "per dimension" if isinstance(band, list | tuple) else _short(band)
