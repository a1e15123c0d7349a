"""Elements of HTML; every text is escaped."""

from html import escape

VOID = frozenset({"meta", "img"})  # elements without an end


class Html(str):
    """A text that is HTML already."""


def element(tag: str, *children: "Html | str | None", look: str = "", **attributes: str) -> Html:
    """One element; `look` are its classes of style."""
    given = attributes | ({"class": look} if look else {})
    told = "".join(f' {name}="{escape(value)}"' for name, value in given.items())
    inside = "".join(one if isinstance(one, Html) else escape(one) for one in children if one is not None)
    return Html(f"<{tag}{told}>" if tag in VOID else f"<{tag}{told}>{inside}</{tag}>")
