"""Help of a view for who reads it for the first time."""

from typing import TypedDict


class Help(TypedDict):
    """A sentence or two each; `source` is where its numbers are defined."""

    what: str
    use: str
    beware: str
    source: str
