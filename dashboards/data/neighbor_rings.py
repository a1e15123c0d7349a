"""The neighbors of one image as a map may show them."""

from typing import NamedTuple


class NeighborRings(NamedTuple):
    """Where they lie on one map of one run, with the color of each."""

    run: str
    map: str
    sample: int
    x: list[float]
    y: list[float]
    color: list[str]
    neighbors: int  # in all: as many or fewer are here
    exact: bool  # their places are those that the map's method gives

    @property
    def words(self) -> str:
        """What a map says of them."""
        count, total = len(self.x), self.neighbors
        number = f"{total:,}" if count == total else f"{count:,} of {total:,}"
        return f"rings: {number} neighbors of #{self.sample}{'' if self.exact else ', places approximate'}"
