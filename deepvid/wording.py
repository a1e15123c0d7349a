"""Numbers, lists and commands as people read them, on pages and in the terminal."""

import re
import shlex
from collections.abc import Iterable, Sequence
from datetime import datetime


def percent(part: float, whole: float = 1, *, digits: int = 0) -> str:
    """ "83 %"."""
    return f"{100 * part / whole:.{digits}f} %"


def percents(share: float) -> str:
    """ "83", and "4.2" of what is less than ten: of a hundred, with no sign yet."""
    return f"{100 * share:.{int(share < 0.095)}f}"


def percent_interval(interval: Iterable[float], *, digits: int = 0, to: str = ", ") -> str:
    """Of a share and the ends of its interval: "83 % [80, 85]"."""
    share, low, high = (100 * value for value in interval)
    return f"{share:.{digits}f} % [{low:.{digits}f}{to}{high:.{digits}f}]"


def share(part: int, whole: int) -> str:
    """Two digits, and 100 % of nothing less than all; 0 % of nothing."""
    percent = 100 * part / max(whole, 1)
    return "more than 99 %" if 99.5 <= percent < 100 else f"{percent:.2g} %" if percent < 99.5 else "100 %"


def probability(value: float) -> str:
    """Two digits, and never one that it is not: "< .005" is no zero."""
    return "< .005" if value < 0.005 else "> .995" if value > 0.995 else bare(value)


def bare(value: float, digits: int = 2) -> str:
    """ ".42", "−.30", "1.20": the zero before the point says nothing."""
    return minus(f"{value:.{digits}f}").replace("−0.", "−.").removeprefix("0")


def signed(value: float) -> str:
    """ "+.42", "−1.20", and ".00" of what rounds to it."""
    if abs(value) < 0.005:
        return ".00"
    return change(value).replace("+0.", "+.").replace("−0.", "−.")


def change(value: float, digits: int = 2) -> str:
    """ "+0.42", "−1.20"."""
    return minus(f"{value:+.{digits}f}")


def minus(text: str) -> str:
    """Its hyphens as minus signs."""
    return text.replace("-", "−")


def number(value: float, digits: int = 4) -> str:
    """A metric with so many digits, or all before the point; a count with its thousands."""
    whole = isinstance(value, int) or abs(value) >= 10**digits - 0.5
    text = f"{value:,.0f}" if whole else f"{value:.{digits}g}"
    return text.replace("-", "−", 1) if text.startswith("-") else text


def two_digits(value: float) -> str:
    """Two significant ones, a zero too: "2.0", ".25" as "0.25"."""
    return f"{value:#.2g}".rstrip(".")


def quantity(count: int, one: str, many: str = "") -> str:
    """ "1 file", "12 files"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def enumeration(names: Sequence[str]) -> str:
    """ "a, b and c"."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def shorten(text: str, most: int) -> str:
    """With at most so many letters: without its middle, if that is too many."""
    if len(text) <= most:
        return text
    gap = f" ... {len(text):,} letters ... "
    end = (most - len(gap)) // 3
    return f"{text[: most - len(gap) - end]}{gap}{text[-end:]}"


def first_few(names: Sequence[str], most: int = 5) -> str:
    """ "a, b, c, d, e and 1,234 more", with 200 letters of each."""
    return ", ".join(shorten(name, 200) for name in names[:most]) + (
        f" and {len(names) - most:,} more" if len(names) > most else ""
    )


def path_hint(text: str) -> str:
    """ " (a path of Windows ...)": why a path leads nowhere here; empty where its form does not tell."""
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:/", text):  # pathlib makes one slash of two
        return " (an address: download the files, and give their path)"
    if "\\" in text:
        return " (a path of Windows, where it is to be written with /)"
    if text.startswith("~"):
        return " (~ stands for a home folder in a shell alone: write the whole path)"
    return ""


def size(count: float) -> str:
    """Bytes in decimal units with three digits: "232 MB"."""
    units = ["B", "kB", "MB", "GB", "TB"]
    while count >= 999.5 and len(units) > 1:
        count, units = count / 1000, units[1:]
    return f"{count:.0f} B" if units[0] == "B" else f"{count:.3g} {units[0]}"


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


def sentence_case(text: str) -> str:
    """The text with a capital first letter; names in it stay as they are."""
    return f"{text[:1].upper()}{text[1:]}"


def command(name: str, *arguments: object) -> str:
    """`deepvid <name> ...`, quoted for a shell: it works as it stands, in whatever folder it is pasted."""
    return shlex.join(["deepvid", name, *map(str, arguments)])


def harmless(text: str) -> str:
    """A text that no spreadsheet runs: an apostrophe stands before one that begins like a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


_FORMULA = ("=", "+", "-", "@", "\t", "\r")
