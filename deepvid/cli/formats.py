"""Numbers as people read them: three digits at most, with their unit."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any


def duration(seconds: float) -> str:
    """`0.4 s`, `38 s`, `4 min 05 s`, `2 h 07 min`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 100:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def about(seconds: float) -> str:
    """As exact as an estimate deserves: `about 20 s`, `about 4 min`, `about 2 h 10 min`."""
    if seconds < 90:
        return f"about {10 * max(1, round(seconds / 10))} s"
    minutes = round(seconds / 60)
    return (
        f"about {minutes} min" if minutes < 90 else f"about {minutes // 60} h {minutes % 60 // 10 * 10} min"
    )


def number(value: Any) -> str:
    """Three digits; whole numbers whole."""
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def moment(time: str) -> str:
    """An ISO 8601 time as local date and minute."""
    return datetime.fromisoformat(time).astimezone().strftime("%Y-%m-%d %H:%M")


def ago(time: str) -> str:
    """How long ago an ISO 8601 time was, in its largest unit."""
    seconds = (datetime.now(UTC) - datetime.fromisoformat(time)).total_seconds()
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            count = int(seconds // length)
            return f"{count} {unit}{'s' * (count > 1)} ago"
    return "just now"


def metrics_line(metrics: Mapping[str, Any]) -> str:
    """`test accuracy 0.874 · test loss 0.36`."""
    return " · ".join(f"{name.replace('_', ' ')} {number(value)}" for name, value in metrics.items())
