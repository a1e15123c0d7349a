"""What stands below a map colored by trust, counted under the selection."""

from dashboards.data.population import Mask, Population
from dashboards.data.trust import BINS, EDGES, WORDS
from dashboards.session.gestures import Trusted
from dashboards.session.selection import Mode, Steps
from dashboards.theme import VERDICT_COLORS
from dashboards.views.map.trust_bar import Bin, Chip, Trusting

_ORDER = tuple(WORDS)  # the most trusted first
_TICKED = (0.0, 0.1, 0.2, 0.3, 0.4)
_ENDS = (-1.0, *EDGES, 1.0)


def trusting(table: Population, mask: Mask | None, steps: Steps) -> Trusting | None:
    """Counts O(students) but for a count of the mask; None where no student is known."""
    trust = table.trust
    if trust is None:
        return None
    only = steps[0].gesture if len(steps) == 1 and steps[0].mode is Mode.REPLACE else None
    counts, every = trust.counts(mask), trust.histogram(None)
    under = every if mask is None else trust.histogram(mask)
    chips: list[Chip] = [
        {
            "verdict": int(verdict),
            "name": WORDS[verdict],
            "color": VERDICT_COLORS[verdict],
            "count": int(counts[verdict]),
            "what": verdict.name.lower(),
            "chosen": only == Trusted(verdict),
        }
        for verdict in _ORDER
    ]
    bins: list[Bin] = []
    for place in range(BINS):
        gesture = Trusted((_ENDS[place], _ENDS[place + 1]))
        bins.append(
            {
                "all": every[place, list(_ORDER)].tolist(),
                "selected": under[place, list(_ORDER)].tolist(),
                "hint": gesture.sentence(table, int(every[place].sum())),
                "what": list(gesture.what),  # type: ignore[arg-type]
                "chosen": only == gesture,
            }
        )
    ticks = [(_tick(edge), (EDGES.index(edge) + 1) / BINS) for edge in _TICKED]
    return {"chips": chips, "bins": bins, "ticks": ticks, "masked": mask is not None}


def _tick(edge: float) -> str:
    return f"+{100 * edge:.0f}" + (" points" if edge == _TICKED[-1] else "") if edge else "guessing"
