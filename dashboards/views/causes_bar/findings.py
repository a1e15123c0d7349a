"""Chips of what is wrong with the data, which take no room where nothing is."""

from collections.abc import Collection
from typing import NamedTuple

from dashboards.data.population import Population
from dashboards.kit.elements import Box, Button, text
from deepvid.data_check.kinds import KINDS, LEAKS
from deepvid.wording import bare


class Finding(NamedTuple):
    """One kind that some of the shown images are of."""

    word: str  # in a query
    text: str
    hint: str
    grave: bool  # it makes the test accuracy too good


def findings(table: Population) -> list[Finding]:
    """The gravest first; none where nothing was found or looked for."""
    known = table.findings
    if known is None:
        return []
    counts = {name: int(flag.sum()) for name, flag in known.flags.items()}
    z = "" if known.z is None else f", z {bare(known.z, 1)}"
    return [
        Finding(
            name,
            f"{count:,} {KINDS[name].short}{z if name == 'near_copy' else ''}",
            f"{KINDS[name].sentence(count)}. A click selects them; a query says {name}",
            name in LEAKS,
        )
        for name, count in counts.items()
    ]


def chips(found: list[Finding], chosen: Collection[str]) -> Box | None:
    """A button a kind, pressed where its word is `chosen`; nothing where there is none."""
    if not found:
        return None
    parts = (
        Button(
            (each.text,),
            "select",
            {"query": each.word},
            keys=True,
            pressed=each.word in chosen,
            look=f"part{' grave' * each.grave}",
            hint=each.hint,
            data={"word": each.word},
        )
        for each in found
    )
    return Box(
        (text("Data", tag="b"), *parts), look="findings", role="group", label="What is wrong with the data"
    )
