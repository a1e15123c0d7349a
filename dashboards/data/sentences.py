"""Sentences that pages show: how far a student can be trusted, how long it will take."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from dashboards.data.students import Student


def fidelity(student: Student, fit: int) -> str:
    """How far one fit of a student agrees with its teacher, in plain words with its interval."""
    value, low, high, floor = (
        float(series[fit])
        for series in (student.agreement, student.agreement_low, student.agreement_high, student.floor)
    )
    text = (
        f"The student agrees with the teacher on {_percent(value)} of {student.held_out:,} held-out "
        f"neighbors ({100 * low:.0f}–{_percent(high)}); guessing the commonest class would reach "
        f"{_percent(floor)}."
    )
    return text if student.agrees_on_sample[fit] else text + " On this image itself they disagree."


def resized(told: Mapping[str, Any] | None) -> str:
    """How often a model agrees with itself about images that are stored smaller; empty where none are."""
    if told is None:
        return ""
    size, taken = ("x".join(map(str, told[name])) for name in ("stored", "taken"))
    return (
        f"images are stored at {size}, and it takes {taken}: from these it gives "
        f"{_percent(told['agreement'])} of {told['images']:,} images the class that it gives the originals "
        f"({100 * told['low']:.0f}–{_percent(told['high'])})"
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


def probability(value: float) -> str:
    """Two digits, and never one that it is not: "< .005" is no zero."""
    return "< .005" if value < 0.005 else "> .995" if value > 0.995 else f"{value:.2f}".removeprefix("0")


def duration(seconds: float) -> str:
    """ "40 s", "3 min", "1 h 20 min": as exact as an estimate deserves."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def moment(time: str) -> str:
    """ "20 November 2026, 11:02", in the server's time zone; what is no time is left as it is."""
    try:
        when = datetime.fromisoformat(time).astimezone()
    except ValueError:
        return time
    return f"{when.day} {when:%B %Y, %H:%M}"


def size(count: float) -> str:
    """Bytes in decimal units with three digits: "232 MB"."""
    units = ["B", "kB", "MB", "GB", "TB"]
    while count >= 999.5 and len(units) > 1:
        count, units = count / 1000, units[1:]
    return f"{count:.0f} B" if units[0] == "B" else f"{count:.3g} {units[0]}"


def number(value: float, digits: int = 4) -> str:
    """A metric with so many digits, or all before the point; a count with its thousands."""
    whole = isinstance(value, int) or abs(value) >= 10**digits - 0.5
    text = f"{value:,.0f}" if whole else f"{value:.{digits}g}"
    return text.replace("-", "−", 1) if text.startswith("-") else text


def signed(value: float) -> str:
    """ "+.42", "−1.20", and ".00" of what rounds to it."""
    if abs(value) < 0.005:
        return ".00"
    return f"{value:+.2f}".replace("-", "−").replace("+0.", "+.").replace("−0.", "−.")


def counted(count: int, one: str, many: str = "") -> str:
    """ "1 file", "12 files"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def listed(names: Sequence[str]) -> str:
    """ "a, b and c"."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def share(part: int, whole: int) -> str:
    """Two digits, and 100 % of nothing less than all; 0 % of nothing."""
    percent = 100 * part / max(whole, 1)
    return "more than 99 %" if 99.5 <= percent < 100 else f"{percent:.2g} %" if percent < 99.5 else "100 %"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _short(value: Any) -> str:
    return number(value, 2) if isinstance(value, float) else str(value)


def _band(band: Any) -> str:
    return "per dimension" if isinstance(band, list | tuple) else _short(band)
